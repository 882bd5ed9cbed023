"""A conversation as it was found in a file, by whichever program, and how it becomes one of ours.

Keys are the names that things have in the file; here they become ids of ours. What does not fit together is mended:
an item whose parent is not there is a root, a circle is cut, what is named twice counts once.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol, TypeVar

import msgspec

from maru.ids import new_id
from maru.protocol.exports import ExportedResponse
from maru.protocol.feedback import FEWEST_RANKED, AnswerBody, FeedbackBody, RankingBody
from maru.protocol.image_urls import is_inline
from maru.protocol.items import (
    FunctionCallOutput,
    InputFile,
    InputImage,
    InputText,
    Item,
    Message,
)
from maru.protocol.response import ConversationRef, encode_response, unasked_response
from maru.protocol.summary_bodies import SummaryBody
from maru.store.base import Conversation, StoredItem, StoredResponse
from maru.store.feedback import Demonstration, Feedback, Ranking, RatedAnswer, Rating
from maru.store.moving import MovedConversation
from maru.store.summaries import Summary

PREFIXES: Mapping[str, str] = {
    "message": "msg",
    "function_call": "fc",
    "function_call_output": "fco",
    "reasoning": "rs",
    "compaction": "cmp",
}
NOTHING_SAID = FeedbackBody(ratings=(), rankings=(), demonstrations=())
T = TypeVar("T")


class UnreadableError(Exception):
    """What was found cannot be taken in; the message says why."""


@dataclass(frozen=True, slots=True)
class FoundItem:
    """An item and its place; its own id means nothing."""

    key: str
    parent: str | None
    item: Item
    created_at: int
    response: str | None = None
    is_pinned: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """A conversation as it stands in a file.

    Attributes:
        source: the program that wrote it, e.g. "chatgpt".
        source_id: what it is called there.
        head: key of the item that is shown last.
        folder: the name of the one that it lies in.
        responses: by which items name them; leaves are keys of items, and found where both are None.
        notes: what could not be taken in as it was.
    """

    source: str
    source_id: str
    title: str | None
    created_at: int
    updated_at: int
    head: str | None
    items: tuple[FoundItem, ...]
    responses: tuple[ExportedResponse, ...] = ()
    metadata: dict[str, str] = field(default_factory=dict[str, str])
    is_pinned: bool = False
    is_archived: bool = False
    folder: str | None = None
    summaries: tuple[SummaryBody, ...] = ()
    feedback: FeedbackBody = NOTHING_SAID
    notes: tuple[str, ...] = ()


def moved(found: Found, *, now: int) -> MovedConversation:
    """The conversation with ids of ours; nothing in it is later than now (Unix seconds)."""
    conversation_id = new_id("conv")
    rows = in_order(found.items)
    items = {row.key: new_id(PREFIXES[str(row.item.__struct_config__.tag)]) for row in rows}
    named = {response.id: response for response in found.responses}
    responses = {id_: new_id("resp") for id_ in named}
    stored = tuple(
        StoredItem(
            item=msgspec.structs.replace(_harmless(row.item), id=items[row.key]),
            parent_id=items.get(row.parent or ""),
            conversation_id=conversation_id,
            response_id=responses.get(row.response or ""),
            created_at=_past(row.created_at, now),
            is_pinned=row.is_pinned,
        )
        for row in rows
    )
    written = _written(stored)
    conversation = Conversation(
        id=conversation_id,
        created_at=_past(found.created_at, now),
        updated_at=_past(found.updated_at, now),
        title=found.title,
        metadata=found.metadata,
        head_id=items.get(found.head or ""),
        is_pinned=found.is_pinned,
        is_archived=found.is_archived,
    )
    return MovedConversation(
        source=found.source,
        source_id=found.source_id,
        conversation=conversation,
        items=stored,
        responses=tuple(
            _response(_with_leaves(response, items, written.get(responses[id_], ())), responses, conversation_id, now)
            for id_, response in named.items()
        ),
        summaries=tuple(
            Summary(
                new_id("sum"),
                conversation_id,
                items[summary.last_item],
                summary.text,
                summary.model,
                _past(summary.created_at, now),
                None if summary.edited_at is None else _past(summary.edited_at, now),
            )
            for summary in found.summaries
            if summary.last_item in items
        ),
        feedback=_feedback(found.feedback, _Names(conversation_id, items, responses), now),
    )


class Row(Protocol):
    """What stands below something else of its kind; a dataclass."""

    @property
    def key(self) -> str:
        """Its name."""
        ...

    @property
    def parent(self) -> str | None:
        """Name of what it stands below."""
        ...


R = TypeVar("R", bound=Row)


def in_order(found: Iterable[R]) -> list[R]:
    """Parents before children, siblings as they were found; mended as the module says."""
    rows: dict[str, R] = {}
    for one in found:
        rows.setdefault(one.key, one)
    ordered: dict[str, R] = {}
    for start in rows.values():
        way: dict[str, R] = {}
        row: R | None = start
        while row is not None and row.key not in ordered and row.key not in way:
            way[row.key] = row
            row = rows.get(row.parent or "")
        top = next(reversed(way.values()), None)
        if top is not None and top.parent not in ordered:  # its parent is missing, or below it
            way[top.key] = replace(top, parent=None)  # type: ignore[type-var]
        ordered.update(reversed(way.items()))
    return list(ordered.values())


@dataclass(frozen=True, slots=True)
class _Ended:
    """A response with its leaves and the items of its answer, by ids of ours."""

    response: ExportedResponse
    input_leaf_id: str | None
    output_leaf_id: str | None
    output: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class _Names:
    """Ids of ours, by key."""

    conversation_id: str
    items: Mapping[str, str]
    responses: Mapping[str, str]


def _written(stored: Iterable[StoredItem]) -> dict[str, list[StoredItem]]:
    """What each response wrote, without what it was asked."""
    written: defaultdict[str, list[StoredItem]] = defaultdict(list)
    for one in stored:
        if one.response_id is not None and not (isinstance(one.item, Message) and one.item.role != "assistant"):
            written[one.response_id].append(one)
    return written


def _with_leaves(response: ExportedResponse, items: Mapping[str, str], written: Sequence[StoredItem]) -> _Ended:
    """Where an answer stands: as it is told, or else found by what it wrote."""
    input_leaf, output_leaf = items.get(response.input_leaf or ""), items.get(response.output_leaf or "")
    if response.input_leaf is None and response.output_leaf is None and written:
        input_leaf, output_leaf = written[0].parent_id, written[-1].item.id
    return _Ended(response, input_leaf, output_leaf, tuple(one.item for one in written))


def _response(ended: _Ended, ids: Mapping[str, str], conversation_id: str, now: int) -> StoredResponse:
    found = ended.response
    created_at, conversation = _past(found.created_at, now), ConversationRef(id=conversation_id)
    body = msgspec.structs.replace(
        unasked_response(ids[found.id], created_at, found.model, conversation),
        completed_at=found.completed_at,
        status=found.status,
        incomplete_details=found.incomplete_details,
        output=ended.output,
        error=found.error,
        truncation="auto",
        usage=found.usage,
        maru_parent=ended.input_leaf_id,
        maru_timing=found.timing,
    )
    return StoredResponse(
        id=body.id,
        status=found.status,
        model=found.model,
        created_at=body.created_at,
        body=encode_response(body),
        conversation_id=conversation_id,
        previous_response_id=None,
        input_leaf_id=ended.input_leaf_id,
        output_leaf_id=ended.output_leaf_id,
        server_id=None,
        is_stop_asked=False,
        is_streamed=True,
    )


def _feedback(found: FeedbackBody, names: _Names, now: int) -> Feedback:
    ratings = (
        Rating(
            new_id("rating"),
            names.conversation_id,
            _answer(one.answer, names),
            one.value == "up",
            one.reasons,
            one.comment,
            _past(one.created_at, now),
            _past(one.updated_at, now),
        )
        for one in _first({one.answer.item: one for one in reversed(found.ratings)}, names)
    )
    demonstrations = (
        Demonstration(
            new_id("demo"),
            names.conversation_id,
            _answer(one.answer, names),
            one.text,
            _past(one.created_at, now),
            _past(one.updated_at, now),
        )
        for one in _first({one.answer.item: one for one in reversed(found.demonstrations)}, names)
    )
    rankings = (
        _ranking(one, names, now) for one in _first({one.prompt: one for one in reversed(found.rankings)}, names)
    )
    return Feedback(tuple(ratings), tuple(filter(None, rankings)), tuple(demonstrations))


def _ranking(found: RankingBody, names: _Names, now: int) -> Ranking | None:
    """None: it has not two answers any more."""
    known: dict[str, RatedAnswer] = {}
    places: list[tuple[RatedAnswer, ...]] = []
    for place in found.places:
        new = {one.item: _answer(one, names) for one in place if one.item in names.items and one.item not in known}
        known |= new
        if new:
            places.append(tuple(new.values()))
    if len(known) < FEWEST_RANKED:
        return None
    id_, prompt_id = new_id("ranking"), names.items[found.prompt]
    times = _past(found.created_at, now), _past(found.updated_at, now)
    return Ranking(id_, names.conversation_id, prompt_id, tuple(places), *times)


def _first(by_item: Mapping[str, T], names: _Names) -> Iterable[T]:
    """Of several about the same item the first, in the order in which they were said, of those that are there."""
    return reversed([one for item, one in by_item.items() if item in names.items])


def _answer(answer: AnswerBody, names: _Names) -> RatedAnswer:
    return RatedAnswer(names.items[answer.item], names.responses.get(answer.response or ""), answer.model)


def _past(time_s: int, now: int) -> int:
    return max(0, min(time_s, now))


def _harmless(item: Item) -> Item:
    """The item as it may be shown to engines: whole, and with nothing in it that they would have to fetch."""
    match item:
        case Message():
            content = tuple(
                _inline(part) if isinstance(part, InputImage | InputFile) else part for part in item.content
            )
            return msgspec.structs.replace(item, content=content, status=_ended(item.status))
        case FunctionCallOutput():
            output = item.output if isinstance(item.output, str) else tuple(_inline(part) for part in item.output)
            return msgspec.structs.replace(item, output=output, status=_ended(item.status))
        case _:
            return item


def _ended(status: str) -> str:
    return "incomplete" if status == "in_progress" else status


def _inline(part: InputText | InputImage | InputFile) -> InputText | InputImage | InputFile:
    match part:
        case InputImage(image_url=str(url)) if not is_inline(url):
            return InputText(text=f"[image: {url[:200]}]")
        case InputFile(file_id=None, file_data=None):
            return InputText(text=f"[file: {part.filename or 'unnamed'}]")
        case InputFile():
            return msgspec.structs.replace(part, file_url=None)
        case _:
            return part
