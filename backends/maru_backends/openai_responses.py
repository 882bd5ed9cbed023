"""OpenAI's Responses API as data: our request out, their body; for OpenAI, vLLM, another Maru and whoever speaks it.

Pure. `openai_responses_answer.py` reads what comes back, `openai_errors.py` what goes wrong. Nothing is stored there:
the whole window goes along each time, and what a model thought before a call goes back sealed, as it came.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Literal

from maru_backends.base import ChatMessage, ChatRequest, JsonFormat, NamedTool, Tool
from maru_backends.control_tokens import neutralise, neutralise_json
from maru_backends.openai_chat import Json, content_of, neutral_json, sampling_body

PATH = "responses"
LEAST_TOKENS = 16  # less is refused by OpenAI
MAX_KEY_CHARS = 64
SEALED = "reasoning.encrypted_content"

Summary = Literal["auto", "concise", "detailed", "off"]
Thoughts = Callable[[str], Sequence[Mapping[str, object]] | None]

# What this API has no word for: stop strings are looked for by ourselves, a seed is a wish that it cannot grant.
_NOT_THERE = ("seed", "stop")
_NO_FIELDS: Json = {"type": "object", "properties": {}}


def responses_body(
    request: ChatRequest, *, model: str, max_tokens: int | None, summary: Summary | None, thoughts: Thoughts
) -> Json:
    """The body of a streaming response that is not stored.

    Args:
        request: what the server asks.
        model: the name the engine uses.
        max_tokens: the request's wish after the backend bounded it; under 16 it is asked for 16.
        summary: how a model that reasons is to tell of it; None: the model does not reason, and refuses the question.
        thoughts: the reasoning items that led to a call, by its id; see `KeptThinking.of`.

    Raises:
        RequestRefusedError: a number that JSON cannot carry.
    """
    sampling = {name: value for name, value in sampling_body(request.sampling).items() if name not in _NOT_THERE}
    body: Json = {
        "model": model,
        "input": [item for message in request.messages for item in _items(message, thoughts)],
        "stream": True,
        "store": False,
        **sampling,
    }
    if max_tokens is not None:
        body["max_output_tokens"] = max(max_tokens, LEAST_TOKENS)
    if request.session_id is not None:
        body["prompt_cache_key"] = _bounded(request.session_id)
    if request.tools:
        body["tools"] = [_function(tool) for tool in request.tools]
        body["tool_choice"] = _tool_choice(request)
        if not request.parallel_tool_calls:
            body["parallel_tool_calls"] = False
    if request.json_format is not None:
        body["text"] = {"format": _format(request.json_format)}
    reasoning = _reasoning(request.reasoning_effort, summary)
    if reasoning:
        body["reasoning"] = reasoning
    return body | _included(request, seals=summary is not None)


def _included(request: ChatRequest, *, seals: bool) -> Json:
    wanted = [SEALED] if seals else []
    if request.top_logprobs is None:
        return {"include": wanted} if wanted else {}
    return {"include": [*wanted, "message.output_text.logprobs"], "top_logprobs": request.top_logprobs}


def _reasoning(effort: str | None, summary: Summary | None) -> Json:
    reasoning: Json = {} if effort is None else {"effort": effort}
    return reasoning if summary in {None, "off"} else {**reasoning, "summary": summary}


# Messages


def _items(message: ChatMessage, thoughts: Thoughts) -> list[Json]:
    if message.role == "tool":
        call_id = _bounded(message.tool_call_id or "")
        return [{"type": "function_call_output", "call_id": call_id, "output": _content(message)}]
    content = _content(message)
    said: list[Json] = [{"type": "message", "role": message.role, "content": content}] if content else []
    for place, call in enumerate(message.tool_calls):
        thinking = [dict(item) for item in thoughts(call.id) or ()]
        # The first call's thinking came before the words, each later one's before its call.
        said = [*thinking, *said] if place == 0 else [*said, *thinking]
        arguments = neutralise_json(call.arguments)
        said.append({"type": "function_call", "call_id": _bounded(call.id), "name": call.name, "arguments": arguments})
    return said


def _content(message: ChatMessage) -> str | list[Json]:
    return content_of(
        message,
        text=_text,
        image=lambda part: {"type": "input_image", "image_url": part.url, "detail": part.detail},
    )


def _text(text: str) -> list[Json]:
    return [{"type": "input_text", "text": neutralise(text)}] if text else []


def _bounded(name: str) -> str:
    """The name of a call or of a conversation as this API takes it: not empty, and not too long."""
    if 1 <= len(name) <= MAX_KEY_CHARS:
        return name
    return f"{name[:40]}_{hashlib.blake2b(name.encode(errors='replace'), digest_size=6).hexdigest()}"


# Tools and form


def _function(tool: Tool) -> Json:
    function: Json = {
        "type": "function",
        "name": tool.name,
        "parameters": _NO_FIELDS if tool.parameters is None else neutral_json(tool.parameters),
        "strict": tool.strict is True,  # what is not said here would mean yes
    }
    if tool.description is not None:
        function["description"] = neutralise(tool.description)
    return function


def _tool_choice(request: ChatRequest) -> object:
    if isinstance(request.tool_choice, NamedTool):
        return {"type": "function", "name": request.tool_choice.name}
    return request.tool_choice


def _format(json_format: JsonFormat) -> Json:
    if json_format.schema is None:
        return {"type": "json_object"}
    told: Json = {
        "type": "json_schema",
        "name": json_format.name,
        "schema": json_format.schema,
        "strict": json_format.strict,
    }
    if json_format.description is not None:
        told["description"] = neutralise(json_format.description)
    return told
