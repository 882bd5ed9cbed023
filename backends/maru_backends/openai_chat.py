"""OpenAI's chat completions as data: our request out, their body; shared by every backend that speaks them.

Pure: no IO. `openai_answer.py` reads what comes back, `openai_errors.py` what goes wrong.
"""

import math
import string
from collections.abc import Callable, Sequence
from dataclasses import asdict
from urllib.parse import quote

from maru_backends.base import ChatMessage, ChatRequest, ImagePart, JsonFormat, NamedTool, Sampling, TextPart, Tool
from maru_backends.control_tokens import changed_within, neutralise, neutralise_json
from maru_backends.errors import RequestRefusedError
from maru_backends.openai_quirks import NO_QUIRKS, Quirks, same_id

Json = dict[str, object]

MAX_SESSION_ID_CHARS = 200  # engines choke on huge headers (CVE-2025-48956)
MAX_ENGINE_TOKENS = 1_000_000  # for an engine whose window nobody knows; some take 10**9 without a word

_LETTERS = (string.ascii_letters + " ").encode()
_BEYOND_ASCII = bytes(range(0x80, 0x100))


def chat_body(request: ChatRequest, *, model: str, max_tokens: int | None, quirks: Quirks = NO_QUIRKS) -> Json:
    """The body of a streaming chat completion.

    Args:
        request: what the server asks.
        model: the name the engine uses.
        max_tokens: the request's wish after the backend bounded it; None leaves it to the engine.
        quirks: what this server wants in its own way.

    Raises:
        RequestRefusedError: a number that JSON cannot carry.
    """
    body: Json = {
        "model": model,
        "messages": chat_messages(request.messages, call_id=quirks.call_id),
        "stream": True,
        **sampling_body(request.sampling),
    }
    if quirks.asks_for_usage:
        body["stream_options"] = {"include_usage": True}
    if "seed" in body:
        body[quirks.seed_field] = body.pop("seed")
    if max_tokens is not None:
        body[quirks.max_tokens_field] = max_tokens
    if request.tools:
        body["tools"] = chat_tools(request.tools)
        body["tool_choice"] = _tool_choice(request)
        if not request.parallel_tool_calls:
            body["parallel_tool_calls"] = False
    if request.json_format is not None:
        body["response_format"] = _response_format(request.json_format)
    if request.top_logprobs is not None:
        body["logprobs"] = True
        body["top_logprobs"] = request.top_logprobs
    if request.reasoning_effort is not None:
        body |= _effort(request.reasoning_effort, quirks)
    return body


def chat_messages(messages: Sequence[ChatMessage], *, call_id: Callable[[str], str] = same_id) -> list[Json]:
    """Messages in OpenAI's shape; no text in them can pose as a control token."""
    return [_message(message, call_id) for message in messages]


def chat_tools(tools: Sequence[Tool]) -> list[Json]:
    """Functions in OpenAI's shape; descriptions and schemas reach the prompt, so they are neutralised too."""
    return [{"type": "function", "function": _function(tool)} for tool in tools]


def bounded_max_tokens(wished: int | None, *, context_window: int | None, max_output_tokens: int | None) -> int | None:
    """The wish within what the engine can hold; None, "as many as fit", when it asks for the whole window or more.

    Engines accept a wish of 10**9 without a word, or refuse one that leaves no room for the prompt.
    """
    if wished is not None and context_window is not None and wished >= context_window:
        wished = None
    if max_output_tokens is not None:
        wished = min(wished or max_output_tokens, max_output_tokens)
    return wished if wished is None else min(wished, MAX_ENGINE_TOKENS)


def session_headers(request: ChatRequest) -> dict[str, str]:
    """`x-session-id`, on which routers hash; an id from outside must not break the header."""
    if request.session_id is None:
        return {}
    return {"x-session-id": quote(request.session_id, safe="")[:MAX_SESSION_ID_CHARS]}


def estimated_tokens(request: ChatRequest) -> int:
    """A cautious guess at the prompt's tokens for engines that cannot be asked; meant to be too high."""
    text = "".join(_prompt_texts(request))
    letters, others, wide = _counted(text)
    images = sum(isinstance(part, ImagePart) for message in request.messages for part in message.parts)
    # English runs at 4 to 5 characters a token, signs and digits at 1 to 2, Hangul at up to 1.5 tokens a syllable.
    return math.ceil(letters / 3 + others * 0.75 + wide * 1.5) + 8 * len(request.messages) + 1500 * images


def _counted(text: str) -> tuple[int, int, int]:
    """Letters and spaces of ASCII, its other characters, and those of other scripts."""
    # As bytes, from which a table takes some out at once: ten megabytes are counted while others wait for a token.
    data = text.encode(errors="replace")
    without_letters = data.translate(None, _LETTERS)
    letters = len(data) - len(without_letters)
    others = len(without_letters.translate(None, _BEYOND_ASCII))
    return letters, others, len(text) - letters - others


def _prompt_texts(request: ChatRequest) -> list[str]:
    texts = [request.raw or "", *(message.text for message in request.messages)]
    texts += [call.name + call.arguments for message in request.messages for call in message.tool_calls]
    texts += [str(_function(tool)) for tool in request.tools]
    return texts


def _message(message: ChatMessage, call_id: Callable[[str], str]) -> Json:
    body: Json = {"role": message.role, "content": _content(message)}
    if message.tool_calls:
        body["content"] = body["content"] or None
        body["tool_calls"] = [
            {
                "id": call_id(call.id),
                "type": "function",
                "function": {"name": call.name, "arguments": neutralise_json(call.arguments)},
            }
            for call in message.tool_calls
        ]
    if message.tool_call_id is not None:
        body["tool_call_id"] = call_id(message.tool_call_id)
    return body


def content_of(
    message: ChatMessage, *, text: Callable[[str], list[Json]], image: Callable[[ImagePart], Json]
) -> str | list[Json]:
    """What a message says, in an API's own parts; plain text where it shows no image.

    Args:
        message: its parts in their order.
        text: the parts of some text; none for an empty one.
        image: the part of an image.
    """
    if not any(isinstance(part, ImagePart) for part in message.parts):
        return neutralise(message.text)
    content: list[Json] = []
    words = ""
    for part in message.parts:
        if isinstance(part, TextPart):
            words += part.text  # joined first: a control token split over two parts would be whole for the engine
            continue
        content += text(words)
        words = ""
        content.append(image(part))
    return content + text(words)


def _content(message: ChatMessage) -> str | list[Json]:
    return content_of(message, text=_text_content, image=lambda part: {"type": "image_url", "image_url": _image(part)})


def _image(part: ImagePart) -> Json:
    # Engines that do not know the word get it only when somebody said it.
    return {"url": part.url} if part.detail == "auto" else {"url": part.url, "detail": part.detail}


def _text_content(text: str) -> list[Json]:
    return [{"type": "text", "text": neutralise(text)}] if text else []


def _function(tool: Tool) -> Json:
    function: Json = {"name": tool.name}
    if tool.description is not None:
        function["description"] = neutralise(tool.description)
    if tool.parameters is not None:
        function["parameters"] = neutral_json(tool.parameters)
    if tool.strict is not None:
        function["strict"] = tool.strict
    return function


def neutral_json(value: object) -> object:
    """The same JSON, with no text in it that can pose as a control token.

    Raises:
        RequestRefusedError: it is nested too deep to be looked through.
    """
    try:
        return changed_within(value, neutralise)
    except RecursionError as error:
        raise RequestRefusedError("The request is nested too deep.") from error


def _tool_choice(request: ChatRequest) -> object:
    if isinstance(request.tool_choice, NamedTool):
        return {"type": "function", "function": {"name": request.tool_choice.name}}
    return request.tool_choice


def _effort(effort: str, quirks: Quirks) -> Json:
    return {"reasoning": {"effort": effort}} if quirks.nests_effort else {"reasoning_effort": effort}


def _response_format(json_format: JsonFormat) -> Json:
    if json_format.schema is None:
        return {"type": "json_object"}
    schema: Json = {"name": json_format.name, "schema": json_format.schema, "strict": json_format.strict}
    if json_format.description is not None:
        schema["description"] = neutralise(json_format.description)
    return {"type": "json_schema", "json_schema": schema}


def sampling_body(sampling: Sampling) -> Json:
    """What was wished of the dice, in OpenAI's words.

    Raises:
        RequestRefusedError: a number that JSON cannot carry.
    """
    body: Json = {}
    wishes: dict[str, float | tuple[str, ...] | None] = asdict(sampling)
    for name, value in wishes.items():
        if isinstance(value, float) and not math.isfinite(value):
            raise RequestRefusedError(f"{name} must be a finite number, not {value}.", param=name)
        if value is not None and value != ():
            body[name] = value
    return body
