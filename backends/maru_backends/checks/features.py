"""Checks of what a model may offer: tools, answers in JSON, images. What it does not claim is not asked of it."""

import base64
import json
import struct
import zlib
from dataclasses import replace
from typing import cast

from maru_backends.base import ChatMessage, ChatRequest, ImagePart, JsonFormat, NamedTool, Tool, ToolCall
from maru_backends.checks.outcome import Outcome, PromiseBrokenError, not_offered, ok, shortened
from maru_backends.checks.subject import GREEDY, Subject, asked, said
from maru_backends.errors import BackendError

TOOL_TOKENS = 512  # a thinking model thinks before it calls
JSON_TOKENS = 512
PICTURE_SIDE = 64  # pixels
_WEATHER = Tool(
    "get_weather",
    "The weather of a city, now.",
    {
        "type": "object",
        "properties": {"city": {"type": "string", "maxLength": 40}},
        "required": ["city"],
        "additionalProperties": False,
    },
)
_PLACE = JsonFormat(
    "place",
    {
        "type": "object",
        "properties": {
            "city": {"type": "string", "maxLength": 40},
            "continent": {"type": "string", "enum": ["Asia", "Europe", "Africa", "America", "Oceania"]},
        },
        "required": ["city", "continent"],
        "additionalProperties": False,
    },
)


async def tools(subject: Subject) -> Outcome:
    """A tool that must be called is called, with arguments that fit, and its result is answered."""
    if "tools" not in subject.limits.features:
        return not_offered(
            "Chats have no tools with this model; vLLM offers them with --enable-auto-tool-choice and a "
            "--tool-call-parser, other servers with `features`."
        )
    free = replace(asked("What is the weather in Seoul?", max_tokens=TOOL_TOKENS), tools=(_WEATHER,))
    try:
        heard = await subject.heard(replace(free, tool_choice=NamedTool(_WEATHER.name)))
    except BackendError as error:
        raise PromiseBrokenError(f"The engine refused a tool ({error}); {_no_tools()}") from error
    if not heard.calls:
        raise PromiseBrokenError(
            f"A tool that had to be called was not; the model wrote {shortened(heard.text)}; {_no_tools()}"
        )
    call = heard.calls[min(heard.calls)]
    if call.name != _WEATHER.name or not call.id or not _fits_weather(call.arguments):
        raise PromiseBrokenError(
            f"The call of {_WEATHER.name} came as {call.name}({shortened(call.arguments)}), which does not fit its "
            "schema; take the tool call parser of this family of models, or, if it calls none, tools out of `features`."
        )
    await _answer_of_result(subject, free, ToolCall(call.id, _WEATHER.name, call.arguments))
    is_called = bool((await subject.heard(free)).calls)
    return ok(
        f"{call.name}({shortened(call.arguments)}) was called when it had to be, and its result answered; "
        f"left to itself, the model {'called it too' if is_called else 'did not call it'}."
    )


async def structured_output(subject: Subject) -> Outcome:
    """An answer that must be JSON of a shape is."""
    if "json" not in subject.limits.features:
        return not_offered("Answers in JSON are not promised by this model; see `features` in its settings.")
    request = replace(asked("Tell me about Seoul, as JSON.", max_tokens=JSON_TOKENS), json_format=_PLACE)
    try:
        text = (await subject.heard(request)).text
    except BackendError as error:
        raise PromiseBrokenError(f"The engine refused a JSON schema ({error}); take json out of `features`.") from error
    try:
        found = json.loads(text)
    except ValueError:
        raise PromiseBrokenError(
            f"An answer that had to be JSON was {shortened(text)}; take json out of `features`, or turn on the "
            "engine's structured outputs."
        ) from None
    if not _fits_place(found):
        raise PromiseBrokenError(
            f"An answer had to be JSON of a shape and was {shortened(text)}; the engine does not hold to the schema: "
            "take json out of `features`."
        )
    return ok(f"It held to a schema: {shortened(text)}.")


async def images(subject: Subject) -> Outcome:
    """An image is taken, and reaches the model."""
    if "images" not in subject.limits.features:
        return not_offered("The model sees no images, or its engine does not say that it does (`features`).")
    question = "Which colour has this picture? Answer in one word."
    blind = (await subject.heard(asked(question))).usage.input_tokens
    try:
        heard = await subject.heard(asked(question, ImagePart(_red_picture())))
    except BackendError as error:
        raise PromiseBrokenError(
            f"The engine refused an image ({error}); take images out of `features`, or start it for images (vLLM: "
            "--limit-mm-per-prompt)."
        ) from error
    cost = heard.usage.input_tokens - blind
    if cost < 1 and "red" not in heard.text.lower():
        raise PromiseBrokenError(
            f"An image cost no token, and asked for its colour (red) the model said {shortened(heard.text)}: it did "
            "not reach the model; take images out of `features`."
        )
    return ok(f"An image cost {cost} tokens; of a red one it said {shortened(heard.text)}.", {"image_tokens": cost})


async def _answer_of_result(subject: Subject, request: ChatRequest, call: ToolCall) -> None:
    result = replace(said("tool", '{"sky": "clear", "celsius": 21}'), tool_call_id=call.id)
    turns = (*request.messages, ChatMessage("assistant", (), (call,)), result)
    try:
        await subject.heard(replace(request, messages=turns, sampling=GREEDY))
    except BackendError as error:
        raise PromiseBrokenError(
            f"The result of a tool was refused ({error}); the chat template has no place for it: take one that has, or "
            "take tools out of `features`."
        ) from error


def _no_tools() -> str:
    return (
        "take tools out of `features`, or start the engine with tools (vLLM: --enable-auto-tool-choice and "
        "--tool-call-parser)."
    )


def _object(text: str) -> dict[str, object] | None:
    try:
        found: object = json.loads(text)
    except ValueError:
        return None
    return cast("dict[str, object]", found) if isinstance(found, dict) else None


def _fits_weather(arguments: str) -> bool:
    found = _object(arguments)
    return found is not None and set(found) == {"city"} and isinstance(found["city"], str)


def _fits_place(found: object) -> bool:
    if not isinstance(found, dict):
        return False
    place = cast("dict[str, object]", found)
    return (
        set(place) == {"city", "continent"}
        and isinstance(place["city"], str)
        and place["continent"] in {"Asia", "Europe", "Africa", "America", "Oceania"}
    )


def _red_picture() -> str:
    """A red PNG as a `data:` URL."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", PICTURE_SIDE, PICTURE_SIDE, 8, 2, 0, 0, 0)
    rows = (b"\0" + b"\xff\0\0" * PICTURE_SIDE) * PICTURE_SIDE
    png = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return f"data:image/png;base64,{base64.b64encode(png).decode()}"
