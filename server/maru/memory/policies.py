"""The policies that settings name."""

from importlib.metadata import entry_points
from typing import cast

from maru.memory.window import Block, KeepAll, Policy
from maru.memory_settings import GROUP, MemorySettings


def policy_of(settings: MemorySettings) -> Policy:
    """The policy of a model's window.

    Raises:
        Exception: whatever a plug-in raises.
    """
    match settings.policy:
        case "block":
            return Block(settings.retention_ratio)
        case "sliding":
            return Block(1.0)
        case "keep-all":
            return KeepAll()
        case "summarise":
            return Block(settings.retention_ratio, summarises=True)
        case name:
            (point,) = entry_points(group=GROUP, name=name)
            return cast("Policy", point.load()(settings.retention_ratio))
