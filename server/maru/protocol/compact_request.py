"""What `POST /v1/responses/compact` takes. Parsed like every request: see `requests.py`."""

from collections.abc import Mapping
from types import MappingProxyType

from pydantic import Field, model_validator

from maru.protocol.incoming import ID_PATTERN, Incoming, Many, Text, as_object
from maru.protocol.requests import CompactionTriggerIn, CreateRequest, ItemIn, MessageIn
from maru.protocol.unhonoured import refuse_unhonoured

# What a create has and would change what comes out; a conversation is compacted by a `compaction_trigger`.
UNHONOURED: Mapping[str, tuple[object, ...]] = MappingProxyType(
    {"conversation": (), "stream": (False,), "background": (False,)}
)


class CompactRequest(Incoming):
    """`POST /v1/responses/compact`: what a create has that says which items are meant, and by which model."""

    model: str = Field(min_length=1, max_length=256)
    input: Text | Many[ItemIn] = Field(default=())
    instructions: Text | None = None
    previous_response_id: str | None = Field(default=None, pattern=ID_PATTERN)
    prompt_cache_key: str | None = Field(default=None, max_length=64)

    @model_validator(mode="before")
    @classmethod
    def _nothing_is_dropped(cls, raw: object) -> object:
        refuse_unhonoured(as_object(raw) or {}, UNHONOURED)
        return raw

    def as_create(self) -> CreateRequest:
        """The create that compacts the same items, storing nothing."""
        said = (MessageIn(role="user", content=self.input),) if isinstance(self.input, str) else self.input
        checked = {name: getattr(self, name) for name in type(self).model_fields}
        sent = (*said, CompactionTriggerIn(type="compaction_trigger"))
        return CreateRequest(store=False).model_copy(update={**checked, "input": sent})
