"""Claude's Messages API as data: our request out, their body. Pure.

`claude_answer.py` reads what comes back, `claude_errors.py` what goes wrong.
"""

import hashlib
import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence

from maru_backends.base import ChatMessage, ChatRequest, ImagePart, JsonFormat, NamedTool, TextPart, Tool, ToolCall
from maru_backends.claude_model import ClaudeModel
from maru_backends.control_tokens import neutralise
from maru_backends.errors import RequestRefusedError
from maru_backends.foreign_json import json_object, mended
from maru_backends.openai_chat import neutral_json

Json = dict[str, object]
Thoughts = Callable[[str], Sequence[Json] | None]

HIGHEST_TEMPERATURE = 1.0
LEAST_BUDGET = 1024
LEAST_ANSWER = 1024  # tokens that a budget of thinking leaves for the answer itself
IMAGE_TYPES = frozenset({"image/jpeg", "image/png", "image/gif", "image/webp"})

_ADAPTIVE: Json = {"type": "adaptive", "display": "summarized"}
_EPHEMERAL: Json = {"type": "ephemeral"}
_MARKED_TURNS = 2  # with tools and system: four marks, the most that are taken
_NO_FIELDS: Json = {"type": "object", "properties": {}}
_OPENING: Json = {"role": "user", "content": [{"type": "text", "text": "(The conversation goes on.)"}]}
_DATA_URL = re.compile(r"data:([\w.+/-]+);base64,", re.IGNORECASE)
_NOT_IN_IDS = re.compile(r"[^a-zA-Z0-9_-]")
_BUDGETS = {"minimal": 1024, "low": 2048, "medium": 8192, "high": 16_384, "xhigh": 32_768, "max": 65_536}
_WORDS = {"none": "low", "minimal": "low"}


def claude_body(
    request: ChatRequest, model: ClaudeModel, *, max_tokens: int, thoughts: Thoughts, with_caching: bool = True
) -> Json:
    """The body of a streaming message.

    Args:
        request: what the server asks.
        model: what the model takes.
        max_tokens: most tokens of the answer, thinking included; this API must be told.
        thoughts: the thinking that led to a call, by its id; see `KeptThinking.of`.
        with_caching: whether places are marked up to which the provider should keep the prompt.

    Raises:
        RequestRefusedError: something that this API has no shape for.
    """
    body = prompt_body(request, model, max_tokens=max_tokens, thoughts=thoughts, with_caching=with_caching)
    body |= {"max_tokens": max_tokens, "stream": True}
    if request.sampling.stop:
        if not all(stop.strip() for stop in request.sampling.stop):
            raise RequestRefusedError("Claude takes no stop sequence of white space alone.", param="stop")
        body["stop_sequences"] = [mended(stop) for stop in request.sampling.stop]
    if model.takes_sampling and not _is_thinking(body):
        body |= _sampling(request)
    return body


def prompt_body(
    request: ChatRequest, model: ClaudeModel, *, max_tokens: int, thoughts: Thoughts, with_caching: bool = True
) -> Json:
    """What of the body costs prompt tokens, which is what `count_tokens` takes; see `claude_body`."""
    system = _texts(m.text for m in request.messages if m.role == "system")
    messages = _messages([m for m in request.messages if m.role != "system"], thoughts)
    body: Json = {"model": model.name, "messages": messages}
    if system:
        body["system"] = system
    tools = _tools(request, is_strict="json" in model.features)
    if tools:
        body["tools"] = tools
        body["tool_choice"] = _tool_choice(request)
    if with_caching:
        _mark(system, tools, messages)
    thinking = _thinking(request, model, max_tokens=max_tokens, thoughts=thoughts)
    if thinking:
        body["thinking"] = thinking
    output = _output(request, model)
    if output:
        body["output_config"] = output
    return body


def known_id(call_id: str) -> str:
    """The id as this API takes it: other providers' have signs in them that it refuses."""
    fit = _NOT_IN_IDS.sub("_", call_id)
    if fit == call_id and fit:
        return fit
    return f"{fit[:40]}_{hashlib.blake2b(call_id.encode(errors='replace'), digest_size=6).hexdigest()}"


# Messages


def _messages(messages: Sequence[ChatMessage], thoughts: Thoughts) -> list[Json]:
    """Turns of alternating roles, the user's first and last; what is empty is left out."""
    turns: list[tuple[str, list[Json]]] = []
    since = _cycle_start(messages)
    for place, message in enumerate(messages):
        role = "assistant" if message.role == "assistant" else "user"
        blocks = _blocks(message, thoughts if place >= since else _no_thoughts)
        if not blocks:
            continue
        if turns and turns[-1][0] == role:
            turns[-1][1].extend(blocks)
        else:
            turns.append((role, blocks))
    if not turns or turns[-1][0] != "user":
        raise RequestRefusedError("The newest message is empty.", param="input")
    # Outputs come before words in a turn, whatever the order was in which they were told.
    said: list[Json] = [
        {"role": role, "content": sorted(blocks, key=lambda block: block["type"] != "tool_result")}
        if role == "user"
        else {"role": role, "content": blocks}
        for role, blocks in turns
    ]
    return said if turns[0][0] == "user" else [_OPENING, *said]


def _cycle_start(messages: Sequence[ChatMessage]) -> int:
    """Where the words stand that the newest calls answer: thinking before them is not asked for any more."""
    spoken = [place for place, message in enumerate(messages) if message.role == "user"]
    return spoken[-1] if spoken else 0


def _no_thoughts(_call_id: str) -> Sequence[Json] | None:
    return None


def _blocks(message: ChatMessage, thoughts: Thoughts) -> list[Json]:
    if message.role == "tool":
        result: Json = {"type": "tool_result", "tool_use_id": known_id(message.tool_call_id or "")}
        content = _content(message)
        return [result | {"content": content}] if content else [result]
    blocks = _content(message)
    for place, call in enumerate(message.tool_calls):
        thinking = [dict(block) for block in thoughts(call.id) or ()]
        # The first call's thinking came before the words, each later one's before its call.
        blocks = [*thinking, *blocks] if place == 0 else [*blocks, *thinking]
        blocks.append(
            {"type": "tool_use", "id": known_id(call.id), "name": call.name, "input": _arguments(call.arguments)}
        )
    return blocks


def _content(message: ChatMessage) -> list[Json]:
    content: list[Json] = []
    text = ""
    for part in message.parts:
        if isinstance(part, TextPart):
            text += part.text  # joined first: a control token split over two parts would be whole for the engine
            continue
        content += _texts([text])
        text = ""
        content.append({"type": "image", "source": _image(part)})
    return content + _texts([text])


def _texts(texts: Iterable[str]) -> list[Json]:
    """A block for each text that says something; others are refused there."""
    return [{"type": "text", "text": neutralise(mended(text))} for text in texts if text.strip()]


def _image(part: ImagePart) -> Json:
    found = _DATA_URL.match(part.url)
    if found is None:
        if part.url.startswith(("https://", "http://")):
            return {"type": "url", "url": part.url}
        raise RequestRefusedError("An image must be a data URL with base64, or an http address.", param="input")
    media_type = found.group(1).lower()
    if media_type not in IMAGE_TYPES:
        raise RequestRefusedError("Claude reads images in JPEG, PNG, GIF and WebP.", param="input")
    return {"type": "base64", "media_type": media_type, "data": part.url[found.end() :]}


def _arguments(text: str) -> object:
    found = json_object(text)
    if found is None:
        return {"text": neutralise(mended(text))} if text.strip() else {}
    return neutral_json(found)


# Tools


def _tools(request: ChatRequest, *, is_strict: bool) -> list[Json]:
    tools = [_tool(tool, is_strict=is_strict) for tool in request.tools]
    if tools:
        return tools
    # Calls in the history are refused where no tool is told of; what they took is not known any more.
    names = dict.fromkeys(call.name for message in request.messages for call in message.tool_calls)
    return [{"name": name, "input_schema": _NO_FIELDS} for name in names]


def _tool(tool: Tool, *, is_strict: bool) -> Json:
    schema = neutral_json(tool.parameters or _NO_FIELDS)
    told: Json = {"name": tool.name, "input_schema": {"type": "object", **schema} if isinstance(schema, dict) else {}}
    if tool.description is not None:
        told["description"] = neutralise(mended(tool.description))
    if tool.strict and is_strict:
        told["strict"] = True
    return told


def _tool_choice(request: ChatRequest) -> Json:
    if not request.tools or request.tool_choice == "none":
        return {"type": "none"}
    single: Json = {} if request.parallel_tool_calls else {"disable_parallel_tool_use": True}
    if isinstance(request.tool_choice, NamedTool):
        return {"type": "tool", "name": request.tool_choice.name, **single}
    return {"type": "any" if request.tool_choice == "required" else "auto", **single}


def _is_forced(request: ChatRequest) -> bool:
    return bool(request.tools) and (request.tool_choice == "required" or isinstance(request.tool_choice, NamedTool))


# Thinking, output, sampling


def _thinking(request: ChatRequest, model: ClaudeModel, *, max_tokens: int, thoughts: Thoughts) -> Json | None:
    effort = request.reasoning_effort
    if model.thinking == "off":
        return None
    if effort == "none" or _is_forced(request):  # a forced call and thinking exclude each other there
        return {"type": "disabled"} if model.may_rest else None
    if effort is None:  # a model that thinks in any case would do so in silence
        return _ADAPTIVE if model.thinking == "adaptive" and not model.may_rest else None
    if model.thinking == "adaptive":
        return _ADAPTIVE
    if any(thoughts(call.id) is None for call in _newest_calls(request.messages)):
        return None  # a budget is refused where a call of this cycle has lost its thinking
    budget = min(_BUDGETS.get(effort, LEAST_BUDGET), max_tokens - LEAST_ANSWER)
    return {"type": "enabled", "budget_tokens": budget} if budget >= LEAST_BUDGET else None


def _newest_calls(messages: Sequence[ChatMessage]) -> list[ToolCall]:
    """The calls since the user last spoke."""
    return [call for message in messages[_cycle_start(messages) :] for call in message.tool_calls]


def _output(request: ChatRequest, model: ClaudeModel) -> Json:
    output: Json = {}
    if request.reasoning_effort is not None and model.efforts:
        output["effort"] = _effort(request.reasoning_effort, model.efforts)
    if request.json_format is not None:
        output["format"] = _format(request.json_format)
    return output


def _effort(effort: str, words: Sequence[str]) -> str:
    """The word itself, or the next smaller one that the model has."""
    order = list(_BUDGETS)
    wished = order.index(_WORDS.get(effort, effort)) if effort in {*_WORDS, *order} else len(order)
    smaller = [word for word in words if order.index(word) <= wished]
    return smaller[-1] if smaller else words[0]


def _format(wanted: JsonFormat) -> Json:
    if wanted.schema is None:
        raise RequestRefusedError(
            "Claude writes JSON by a schema only. Give one ('json_schema'), or ask for JSON in words.",
            param="text.format",
        )
    return {"type": "json_schema", "schema": neutral_json(wanted.schema)}


def _sampling(request: ChatRequest) -> Json:
    """The temperature, or else `top_p`: both together are refused there."""
    for name, value in (("temperature", request.sampling.temperature), ("top_p", request.sampling.top_p)):
        if value is not None and not math.isfinite(value):
            raise RequestRefusedError(f"{name} must be a finite number, not {value}.", param=name)
        if value is not None:
            return {name: min(value, HIGHEST_TEMPERATURE)}
    return {}


def _is_thinking(body: Mapping[str, object]) -> bool:
    thinking = body.get("thinking")
    return isinstance(thinking, dict) and thinking != {"type": "disabled"}


# Marks for the cache


def _mark(system: list[Json], tools: list[Json], messages: list[Json]) -> None:
    """Mark the ends of what stays the same: tools, instructions, the turn before the newest, the newest."""
    for blocks in (tools, system):
        if blocks:
            blocks[-1] = blocks[-1] | {"cache_control": _EPHEMERAL}
    spoken = [message for message in messages if message["role"] == "user"]
    for message in spoken[-_MARKED_TURNS:]:
        content = message["content"]
        if isinstance(content, list):
            content[-1] = content[-1] | {"cache_control": _EPHEMERAL}
