"""What `POST /v1/responses/compact` takes. Parsed like every request: see `requests.py`."""

from pydantic import Field

from maru.protocol.requests import (
    ID_PATTERN,
    MAX_INPUT_CHARS,
    CompactionTriggerIn,
    CreateRequest,
    Incoming,
    ItemIn,
    Many,
    MessageIn,
)


class CompactRequest(Incoming):
    """`POST /v1/responses/compact`: what a create has that says which items are meant, and by which model."""

    model: str = Field(min_length=1, max_length=256)
    input: str | Many[ItemIn] = Field(default=())
    instructions: str | None = Field(default=None, max_length=MAX_INPUT_CHARS)
    previous_response_id: str | None = Field(default=None, pattern=ID_PATTERN)
    prompt_cache_key: str | None = Field(default=None, max_length=64)

    def as_create(self) -> CreateRequest:
        """The create that compacts the same items, storing nothing."""
        said = (MessageIn(role="user", content=self.input),) if isinstance(self.input, str) else self.input
        checked = {name: getattr(self, name) for name in type(self).model_fields}
        sent = (*said, CompactionTriggerIn(type="compaction_trigger"))
        return CreateRequest(store=False).model_copy(update={**checked, "input": sent})
