"""The table `[models.memory]`: what an operator says of one model's window."""

from importlib.metadata import entry_points
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator

GROUP = "maru.memory"
OWN_POLICIES = ("block", "sliding", "keep-all", "summarise")
AHEAD_SHARE = 0.2  # of the way from what a cut leaves to what is full


def no_bool(value: object) -> object:
    """Refuse true and false where a number is needed, which pydantic would take for 1 and 0."""
    if isinstance(value, bool):
        raise ValueError("a number is needed")  # noqa: TRY004 (pydantic turns only ValueError into its own)
    return value


class MemorySettings(BaseModel):
    """One `[models.memory]` table; each description completes the sentence "Write ..."."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    policy: str = Field(
        default="block", description='"block", "sliding", "keep-all", "summarise" or the name of a plug-in'
    )
    window: Annotated[int, BeforeValidator(no_bool)] | None = Field(
        default=None, ge=64, description="a number of tokens: the most that prompt and answer together may have"
    )
    retention_ratio: Annotated[float, BeforeValidator(no_bool)] = Field(
        default=0.7, gt=0, le=1, description="a number from 0 to 1: the share of the room that a cut leaves filled"
    )
    summary_model: str | None = Field(default=None, description="the id of the model that writes summaries")

    @field_validator("policy")
    @classmethod
    def _known(cls, name: str) -> str:
        if name not in (known := policy_names()):
            raise ValueError(f"there are: {', '.join(known)}")
        return name

    @property
    def ahead_ratio(self) -> float:
        """The share of the room from which on the next cut's summary is made."""
        return self.retention_ratio + (1 - self.retention_ratio) * AHEAD_SHARE


def policy_names() -> tuple[str, ...]:
    """Every policy that can be chosen; imports no plug-in."""
    plugged = {point.name for point in entry_points(group=GROUP)}
    return (*OWN_POLICIES, *sorted(plugged.difference(OWN_POLICIES)))
