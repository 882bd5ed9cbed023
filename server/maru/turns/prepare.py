"""From a parsed create to a plan: who continues what, with which model; everything that can be refused is refused here.

Reads the store; writes nothing.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import partial
from itertools import islice
from typing import Any

from maru.engines import Engines
from maru.ids import new_id
from maru.memory.custom import with_custom
from maru.memory.facts import facts_block
from maru.memory.sealing import Sealer
from maru.memory.titles import plain
from maru.memory.view import View
from maru.protocol.compaction import Compacted
from maru.protocol.errors import ApiError, invalid
from maru.protocol.image_urls import refuse_fetched_images, refuse_kept_fetched_images
from maru.protocol.items import InputFile, InputImage, InputText, Item, Message, attachments, file_ids
from maru.protocol.normalise import check_answered, check_pairs, normalise_input, without_trigger
from maru.protocol.requests import (
    ROOT_PARENT,
    AllowedToolsIn,
    CreateRequest,
    FunctionToolIn,
    ItemIn,
    NamedChoiceIn,
)
from maru.protocol.response import ConversationRef, Response
from maru.store.base import NotFoundError, Store, StoredItem
from maru.turns.attachments import Attachments
from maru.turns.chains import History, LocalChains
from maru.turns.features import check_features, check_wishes, needs_of
from maru.turns.input_rules import InputRules
from maru.turns.plan import CompactNow, CompactOver, RunPlan
from maru.turns.references import referenced_items
from maru.turns.remembered import ANSWERS_LOOKED_AT, remembered
from maru.turns.seals import checked_seals, seen_of
from maru_backends.base import ChatRequest, JsonFormat, NamedTool, Sampling, Tool, ToolChoice

TITLE_CHARS = 60


class Preparer:
    """Makes plans; one per process."""

    def __init__(
        self,
        store: Store,
        engines: Engines,
        sealer: Sealer,
        clock: Callable[[], float],
        rules: InputRules,
        attachments: Attachments,
    ) -> None:
        """`clock` gives Unix seconds."""
        self._store = store
        self._engines = engines
        self._sealer = sealer
        self._clock = clock
        self._rules = rules
        self._attachments = attachments

    async def plan(self, owner: str, request: CreateRequest, *, local: LocalChains | None = None) -> RunPlan:
        """Resolve and check one create.

        Args:
            owner: who asks.
            request: the parsed body.
            local: histories of this connection, for a WebSocket.

        Raises:
            ApiError: the request is refused; nothing was begun.
            BackendError: the engine that should say whether it can do this cannot be asked.
        """
        model = self._model(request)
        _check_combinations(request)
        check_wishes(request)
        request = await self._told(owner, request)
        history = await self._history(owner, request, local)
        sent, compacts_now = without_trigger(request.input)
        new, compacted = await self._checked(owner, sent, local.unstored() if local is not None else None)
        if not new and not history.items:
            message = "There is nothing to answer: send a message in 'input'."
            raise ApiError(400, message, code="missing_required_parameter", param="input")
        view = await seen_of(self._sealer, owner, history.items, new, compacted)
        if request.conversation is not None:
            facts = await self._store.shown_facts(owner)
            view = replace(view, facts=facts_block([fact.text for fact in facts]))
        if not self._rules.fetches_images:
            refuse_kept_fetched_images(view.history)
        first = len(new) - len(view.new)
        check_pairs(view.history, view.new, first=first)
        if not compacts_now:
            check_answered(view.history, view.new, first=first)
        needs = tuple(needs_of(request, view.items, model))
        if needs:
            check_features(needs, await self._features(model))
        view = await self._filled(owner, view, model)
        start = self._start(request, model, history.leaf_id, new)
        session = start.conversation.id if start.conversation else _session_of(owner, request.prompt_cache_key)
        return RunPlan(
            owner=owner,
            start=start,
            request=_chat_request(request, session),
            history=history.items,
            new=new,
            view=view,
            parent_id=history.leaf_id,
            may_cut=request.truncation == "auto",
            is_detached=bool(request.detach) or request.background,
            ends_with_its_tab=request.detach == "until_closed",
            generates=request.generate,
            new_title=None if history.has_title else title_of(new) or _name_of_first(new),
            compaction=CompactNow() if compacts_now else _rule(request),
            is_streamed=request.stream or local is not None,
            pinned=history.pinned,
            remembered=partial(remembered, self._store, owner, history, model=model, conversation=request.conversation),
        )

    async def items(self, owner: str, sent: str | tuple[ItemIn, ...], *, field: str) -> tuple[Item, ...]:
        """The items that a request sent, found, numbered anew and checked.

        Args:
            owner: who sent them.
            sent: as parsed.
            field: the request's name for them, for errors.

        Raises:
            ApiError: an item is not found, an image would be fetched, or a compaction item does not open.
        """
        items, _ = await self._checked(owner, sent, None, field)
        return items

    async def _checked(
        self,
        owner: str,
        sent: str | tuple[ItemIn, ...],
        unstored: Mapping[str, Item] | None,
        field: str = "input",
    ) -> tuple[tuple[Item, ...], Compacted | None]:
        """The same, and what the last compaction item among them stands for."""
        most = self._rules.max_copied_bytes
        referenced = await referenced_items(self._store, owner, sent, unstored, max_bytes=most, field=field)
        items = normalise_input(sent, new_id, referenced, field=field)
        if not self._rules.fetches_images:
            refuse_fetched_images(items, field)
        items = await self._attachments.taken(owner, sent, items, field)
        return items, await checked_seals(self._sealer, owner, items, field)

    async def _filled(self, owner: str, view: View, model: str) -> View:
        """The view with what is in its files; without its images, where the model does not see."""
        held = [part for item in view.items for part in attachments(item)]
        if not held:
            return view
        sees = _images(held) > 0 and "images" in await self._features(model)
        items = await self._attachments.shown(owner, view.items, sees=sees)
        count = len(view.history)
        told = _images(held) - _images(part for item in items for part in attachments(item))
        unfilled = tuple(item for item in view.items if file_ids((item,)))
        return replace(view, history=items[:count], new=items[count:], images_left_out=told, unfilled=unfilled)

    async def _told(self, owner: str, request: CreateRequest) -> CreateRequest:
        """The request with what its person tells all models in its instructions, if it asks for that."""
        if not request.custom_instructions:
            return request
        custom = await self._store.custom_instructions_of(owner)
        if not custom.is_on:
            return request
        told = with_custom(request.instructions, about=custom.about, style=custom.style)
        return request.model_copy(update={"instructions": told})

    def _model(self, request: CreateRequest) -> str:
        model = request.model or self._engines.default_model
        if not self._engines.has(model):
            there = ", ".join(self._engines.ids)
            message = f"The model {model!r} does not exist here. Models: {there}."
            raise ApiError(400, message, code="model_not_found", param="model")
        return model

    async def _features(self, model: str) -> frozenset[str]:
        """What the engine can do; one that still loads is waited for, because it would ignore what it lacks."""
        limits = self._engines.known_limits(model) or await (await self._engines.ready(model)).limits()
        return limits.features

    async def _history(self, owner: str, request: CreateRequest, local: LocalChains | None) -> History:
        if request.conversation is not None:
            return await self._conversation_history(owner, request.conversation, request.parent)
        if request.parent is not None:
            raise invalid("'maru:parent' needs a 'conversation' whose item it is.", "maru:parent")
        if request.previous_response_id is not None:
            return await self._previous_history(owner, request.previous_response_id, local, store=request.store)
        return History()

    async def _conversation_history(self, owner: str, conversation_id: str, parent: str | None) -> History:
        try:
            conversation = await self._store.conversation_for(owner, conversation_id)
            has_title = conversation.title is not None
            if parent == ROOT_PARENT:
                return History(has_title=has_title)
            if parent is None:
                leaf = conversation.head_id
            else:
                leaf = (await self._store.item_for(owner, conversation_id, parent)).item.id
            return _history_of(await self._store.branch_for(owner, leaf), leaf, has_title=has_title)
        except NotFoundError as error:
            param = "maru:parent" if error.kind == "item" else "conversation"
            raise ApiError(404, f"{error}.", param=param) from error

    async def _previous_history(
        self, owner: str, response_id: str, local: LocalChains | None, *, store: bool
    ) -> History:
        kept = local.get(response_id) if local is not None else None
        if kept is not None and (kept.leaf_id is not None or not store):
            return kept
        if kept is not None:
            # The chain so far was not to be stored; this turn is. Its own items start a tree of their own.
            return History(kept.items, None, pinned=kept.pinned, ledger=kept.ledger)
        try:
            previous = await self._store.response_for(owner, response_id)
            if previous.status in {"queued", "in_progress"}:
                message = f"Response {response_id!r} is still running; wait for its end."
                raise invalid(message, "previous_response_id", "response_not_finished")
            branch = await self._store.branch_for(owner, previous.output_leaf_id)
        except NotFoundError as error:
            message = f"Previous response with id {response_id!r} not found."
            raise ApiError(400, message, code="previous_response_not_found", param="previous_response_id") from error
        return _history_of(branch, previous.output_leaf_id)

    def _start(self, request: CreateRequest, model: str, parent: str | None, new: tuple[Item, ...]) -> Response:
        return Response(
            id=new_id("resp"),
            created_at=int(self._clock()),
            status="queued" if request.background else "in_progress",
            model=model,
            previous_response_id=request.previous_response_id,
            instructions=request.instructions,
            tools=tuple(_echoed_tool(tool) for tool in request.tools),
            tool_choice=_echoed_choice(request),
            truncation=request.truncation,
            parallel_tool_calls=request.parallel_tool_calls,
            text={"format": _echoed_format(request)},
            top_p=1.0 if request.top_p is None else request.top_p,
            presence_penalty=request.presence_penalty or 0.0,
            frequency_penalty=request.frequency_penalty or 0.0,
            temperature=1.0 if request.temperature is None else request.temperature,
            top_logprobs=request.top_logprobs or 0,
            reasoning=request.reasoning.model_dump() if request.reasoning else None,
            max_output_tokens=request.max_output_tokens,
            max_tool_calls=request.max_tool_calls,
            store=request.store,
            background=request.background,
            service_tier=request.service_tier or "default",
            metadata=request.metadata,
            safety_identifier=request.safety_identifier,
            prompt_cache_key=request.prompt_cache_key,
            conversation=ConversationRef(id=request.conversation) if request.conversation else None,
            maru_parent=parent,
            maru_input=tuple(item.id for item in new),
        )


def _rule(request: CreateRequest) -> CompactOver | None:
    return next((CompactOver(rule.compact_threshold) for rule in request.context_management), None)


_FORMAT_KEYS: dict[str, set[str]] = {
    "text": {"type"},
    "json_object": {"type"},
    "json_schema": {"type", "name", "description", "schema_", "strict"},
}


def _check_combinations(request: CreateRequest) -> None:
    if request.conversation is not None and request.previous_response_id is not None:
        message = "Send either 'conversation' or 'previous_response_id', not both."
        raise invalid(message, "previous_response_id", "mutually_exclusive_parameters")
    if request.background and not request.store:
        raise invalid("'background' needs 'store', because the answer is fetched later.", "background")
    if request.conversation is not None and not request.store:
        raise invalid("A conversation keeps its items: send it with 'store': true.", "store")
    if not request.generate and (request.context_management or without_trigger(request.input)[1]):
        message = "Nothing is compacted by a warm-up. Leave 'generate': false out, or the wish to compact."
        raise invalid(message, "generate")
    if request.text.format.type == "json_schema" and request.text.format.schema_ is None:
        message = "Missing required parameter: 'text.format.schema'."
        raise ApiError(400, message, code="missing_required_parameter", param="text.format.schema")


def _history_of(branch: tuple[StoredItem, ...], leaf: str | None, *, has_title: bool = True) -> History:
    pinned = frozenset(stored.item.id for stored in branch if stored.is_pinned)
    answered_by = islice(dict.fromkeys(stored.response_id for stored in reversed(branch)), ANSWERS_LOOKED_AT)
    return History(
        tuple(stored.item for stored in branch), leaf, has_title, pinned, tuple(id_ for id_ in answered_by if id_)
    )


def title_of(items: tuple[Item, ...]) -> str | None:
    """A title from the first words that a person wrote, until somebody gives a better one."""
    for item in items:
        if isinstance(item, Message) and item.role == "user":
            words = " ".join(part.text for part in item.content if isinstance(part, InputText))
            words = plain(words)
            return (words if len(words) <= TITLE_CHARS else words[: TITLE_CHARS - 1].rstrip() + "…") or None
    return None


def _images(parts: Iterable[InputImage | InputFile]) -> int:
    return sum(isinstance(part, InputImage) for part in parts)


def _name_of_first(items: tuple[Item, ...]) -> str | None:
    """A title for a conversation that begins with a file or an image and no word; not for others' eyes."""
    names = (part.filename for item in items for part in attachments(item))
    return next((plain(name)[:TITLE_CHARS] for name in names if name), None)


def _session_of(owner: str, key: str | None) -> str | None:
    """Another for every person: whoever guessed a key could else tell by its cached tokens what was asked with it."""
    return None if key is None else hashlib.blake2b(f"{owner}\0{key}".encode(), digest_size=16).hexdigest()


def _chat_request(request: CreateRequest, session: str | None) -> ChatRequest:
    tools, choice = _tools(request)
    return ChatRequest(
        messages=(),
        sampling=Sampling(
            temperature=request.temperature,
            top_p=request.top_p,
            presence_penalty=request.presence_penalty,
            frequency_penalty=request.frequency_penalty,
        ),
        max_tokens=request.max_output_tokens,
        session_id=session,
        tools=tools,
        tool_choice=choice,
        parallel_tool_calls=request.parallel_tool_calls,
        json_format=_json_format(request),
        top_logprobs=(request.top_logprobs or 0) if request.wants_logprobs else None,
        reasoning_effort=request.reasoning.effort if request.reasoning else None,
    )


def _tools(request: CreateRequest) -> tuple[tuple[Tool, ...], ToolChoice | NamedTool]:
    """The tools that may be called: a subset is enforced by not showing the others to the engine."""
    tools = tuple(Tool(t.name, t.description, t.parameters, t.strict) for t in request.tools)
    known = {tool.name for tool in tools}
    match request.tool_choice:
        case NamedChoiceIn(name=name):
            _check_known(name, known)
            return tools, NamedTool(name)
        case AllowedToolsIn(tools=allowed, mode=mode):
            for choice in allowed:
                _check_known(choice.name, known)
            names = {choice.name for choice in allowed}
            return tuple(tool for tool in tools if tool.name in names), mode
        case mode:
            return tools, mode


def _check_known(name: str, known: set[str]) -> None:
    if name not in known:
        raise invalid(f"The tool {name!r} is not in 'tools'.", "tool_choice")


def _json_format(request: CreateRequest) -> JsonFormat | None:
    form = request.text.format
    match form.type:
        case "text":
            return None
        case "json_object":
            return JsonFormat(schema=None)
        case "json_schema":
            return JsonFormat(form.name, form.schema_, form.strict, form.description)


def _echoed_tool(tool: FunctionToolIn) -> dict[str, Any]:
    return tool.model_dump()


def _echoed_format(request: CreateRequest) -> dict[str, Any]:
    form = request.text.format
    return form.model_dump(by_alias=True, include=_FORMAT_KEYS[form.type])


def _echoed_choice(request: CreateRequest) -> str | dict[str, Any]:
    choice = request.tool_choice
    return choice if isinstance(choice, str) else choice.model_dump()
