"""The JSON of `/v1/responses/{id}/context`: what the model of one response was shown. Pure data."""

from typing import Literal

import msgspec

TurnState = Literal["sent", "pinned", "summarised", "left_out"]


class ContextItem(msgspec.Struct, frozen=True, kw_only=True):
    """An item of the branch, by name only: its words are in the conversation."""

    id: str
    type: str
    role: str | None = None


class ContextTurn(msgspec.Struct, frozen=True, kw_only=True):
    """A turn of the branch, which was shown as a whole or not at all.

    Attributes:
        state: `pinned`: sent although it stands before the cut; `summarised`: a summary or a compaction stands for it.
        tokens: of its messages; None where the engine cannot be asked now.
    """

    state: TurnState
    tokens: int | None
    items: tuple[ContextItem, ...]


class ContextBody(msgspec.Struct, frozen=True, kw_only=True):
    """What a model was shown for one response.

    Attributes:
        policy: of the window, from the model's settings.
        window: tokens of prompt and answer together.
        budget: tokens of it that the prompt may have.
        used: tokens of the prompt.
        cached: those of them that the engine had in its cache.
        is_exact: `used` was counted by the engine that answered.
        template: hash of the chat template; None where the engine does not tell.
        instructions: the client's.
        notes: what was shown after them: facts about the person, the summary, quotes.
        summary: id of that summary.
        compaction: id of the compaction item that stands for what came before it.
        turns: the whole branch, oldest first, the newest turn last.
    """

    object: Literal["maru.context"] = "maru.context"
    response_id: str
    model: str
    policy: str
    window: int
    budget: int
    used: int
    cached: int
    is_exact: bool
    template: str | None
    instructions: str | None
    notes: str | None
    summary: str | None
    compaction: str | None
    turns: tuple[ContextTurn, ...]
