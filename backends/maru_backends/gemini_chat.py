"""Gemini's API as data: our request out, the body of its REST protocol. Pure.

`gemini_answer.py` reads what comes back, `gemini_errors.py` what goes wrong; `gemini_http.py` hands the body to
Google's SDK in the SDK's own types.
"""

import base64
import binascii
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from maru_backends.base import (
    ChatMessage,
    ChatRequest,
    Feature,
    ImagePart,
    JsonFormat,
    NamedTool,
    Sampling,
    TextPart,
    Tool,
)
from maru_backends.control_tokens import neutralise
from maru_backends.errors import RequestRefusedError
from maru_backends.foreign_json import json_object, mended
from maru_backends.openai_chat import neutral_json

Json = dict[str, object]
Thinking = Literal["level", "budget", "off"]
Signatures = Callable[[str], Sequence[Mapping[str, object]] | None]

IMAGE_TYPES = frozenset({"image/jpeg", "image/png", "image/webp", "image/heic", "image/heif"})
# Stands for the signature of a call that this server did not see made; Google documents it for such histories.
UNSIGNED = base64.b64encode(b"skip_thought_signature_validator").decode()
LEAST_PRO_BUDGET = 128  # the models whose thinking cannot be turned off

_OPENING: Json = {"role": "user", "parts": [{"text": "(The conversation goes on.)"}]}
_DATA_URL = re.compile(r"data:([\w.+/-]+);base64,", re.IGNORECASE)
_BUDGETS = {"none": 0, "minimal": 512, "low": 2048, "medium": 8192}
_HIGHEST_BUDGET = 24_576  # the most that every model with budgets takes
_LEVELS = {"low": "LOW", "medium": "MEDIUM"}


@dataclass(frozen=True, slots=True)
class GeminiModel:
    """One model.

    Attributes:
        name: the provider's, without `models/`.
        context_window: most tokens of a prompt; the provider bounds the answer apart.
        max_output_tokens: most tokens of one answer, thinking included.
        thinking: how it is asked for: by a level (Gemini 3 and later), by a budget of tokens (2.5), or not at all.
        features: see `Limits.features`.
    """

    name: str
    context_window: int
    max_output_tokens: int
    thinking: Thinking
    features: frozenset[Feature]


def gemini_body(request: ChatRequest, model: GeminiModel, *, max_tokens: int, signatures: Signatures) -> Json:
    """The body of `streamGenerateContent`.

    Args:
        request: what the server asks.
        model: what the model takes.
        max_tokens: most tokens of the answer, thinking included.
        signatures: what came with a call, by its id; see `KeptThinking.of`.

    Raises:
        RequestRefusedError: something that this API has no shape for.
    """
    config: Json = {"maxOutputTokens": max_tokens, **_sampling(request.sampling), **_format(request.json_format)}
    thinking = _thinking(request.reasoning_effort, model)
    if thinking:
        config["thinkingConfig"] = thinking
    return {**prompt_body(request, model, signatures=signatures), "generationConfig": config}


def prompt_body(request: ChatRequest, model: GeminiModel, *, signatures: Signatures) -> Json:
    """What of the body costs prompt tokens; see `gemini_body`."""
    system = [part for m in request.messages if m.role == "system" for part in _text_parts(m.text)]
    body: Json = {"contents": _contents(request.messages, model, signatures)}
    if system:
        body["systemInstruction"] = {"parts": system}
    if request.tools:
        body["tools"] = [{"functionDeclarations": [_declaration(tool) for tool in request.tools]}]
        body["toolConfig"] = {"functionCallingConfig": _tool_choice(request)}
    return body


# Messages


def _contents(messages: Sequence[ChatMessage], model: GeminiModel, signatures: Signatures) -> list[Json]:
    """Turns of alternating roles, the user's first and last; what is empty is left out."""
    names = {call.id: call.name for message in messages for call in message.tool_calls}
    turns: list[tuple[str, list[Json]]] = []
    for message in messages:
        if message.role == "system":
            continue
        role = "model" if message.role == "assistant" else "user"
        parts = _parts(message, names, signatures, signs=model.thinking == "level")
        if not parts:
            continue
        if turns and turns[-1][0] == role:
            turns[-1][1].extend(parts)
        else:
            turns.append((role, parts))
    if not turns or turns[-1][0] != "user":
        raise RequestRefusedError("The newest message is empty.", param="input")
    said: list[Json] = [{"role": role, "parts": parts} for role, parts in turns]
    return said if turns[0][0] == "user" else [_OPENING, *said]


def _parts(message: ChatMessage, names: Mapping[str, str], signatures: Signatures, *, signs: bool) -> list[Json]:
    if message.role == "tool":
        call_id = message.tool_call_id or ""
        output: Json = {"output": neutralise(mended(message.text))}
        answer: Json = {"id": mended(call_id), "name": names.get(call_id, "unknown"), "response": output}
        return [{"functionResponse": answer}, *(_image(part) for part in message.parts if isinstance(part, ImagePart))]
    parts = _content(message)
    for place, call in enumerate(message.tool_calls):
        said: Json = {"id": mended(call.id), "name": call.name, "args": _arguments(call.arguments)}
        part: Json = {"functionCall": said}
        kept = signatures(call.id)
        if kept:
            part |= kept[0]
        elif signs and place == 0 and kept is None:  # of parallel calls the first alone is signed
            part["thoughtSignature"] = UNSIGNED
        parts.append(part)
    return parts


def _content(message: ChatMessage) -> list[Json]:
    content: list[Json] = []
    text = ""
    for part in message.parts:
        if isinstance(part, TextPart):
            text += part.text  # joined first: a control token split over two parts would be whole for the engine
            continue
        content += [*_text_parts(text), _image(part)]
        text = ""
    return content + _text_parts(text)


def _text_parts(text: str) -> list[Json]:
    return [{"text": neutralise(mended(text))}] if text.strip() else []


def _image(part: ImagePart) -> Json:
    found = _DATA_URL.match(part.url)
    if found is None:
        raise RequestRefusedError("Gemini takes an image as a data URL with base64.", param="input")
    media_type = found.group(1).lower()
    if media_type not in IMAGE_TYPES:
        raise RequestRefusedError("Gemini reads images in JPEG, PNG, WebP, HEIC and HEIF.", param="input")
    data = part.url[found.end() :]
    try:
        base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError) as error:
        raise RequestRefusedError("The image is not base64.", param="input") from error
    return {"inlineData": {"mimeType": media_type, "data": data}}


def _arguments(text: str) -> object:
    found = json_object(text)
    if found is None:
        return {"text": neutralise(mended(text))} if text.strip() else {}
    return neutral_json(found)


# Tools


def _declaration(tool: Tool) -> Json:
    told: Json = {"name": tool.name}
    if tool.description is not None:
        told["description"] = neutralise(mended(tool.description))
    if tool.parameters:
        told["parametersJsonSchema"] = neutral_json(tool.parameters)
    return told


def _tool_choice(request: ChatRequest) -> Json:
    if isinstance(request.tool_choice, NamedTool):
        return {"mode": "ANY", "allowedFunctionNames": [request.tool_choice.name]}
    return {"mode": {"auto": "AUTO", "none": "NONE", "required": "ANY"}[request.tool_choice]}


# Thinking, output, sampling


def _thinking(effort: str | None, model: GeminiModel) -> Json:
    if model.thinking == "off":
        return {}
    # Without an effort the model thinks as it sees fit; its thoughts are asked for all the same.
    asked: Json = {"includeThoughts": effort != "none"}
    if effort is None:
        return asked
    if model.thinking == "budget":
        budget = _BUDGETS.get(effort, _HIGHEST_BUDGET)
        return asked | {"thinkingBudget": max(budget, LEAST_PRO_BUDGET) if "pro" in model.name else budget}
    if effort in {"none", "minimal"}:
        return asked | {"thinkingLevel": "MINIMAL" if "flash" in model.name else "LOW"}
    return asked | {"thinkingLevel": _LEVELS.get(effort, "HIGH")}


def _format(wanted: JsonFormat | None) -> Json:
    if wanted is None:
        return {}
    asked: Json = {"responseMimeType": "application/json"}
    if wanted.schema is not None:
        asked["responseJsonSchema"] = neutral_json(wanted.schema)
    return asked


def _sampling(sampling: Sampling) -> Json:
    wishes = {
        "temperature": sampling.temperature,
        "topP": sampling.top_p,
        "presencePenalty": sampling.presence_penalty,
        "frequencyPenalty": sampling.frequency_penalty,
        "seed": sampling.seed,
    }
    for name, value in wishes.items():
        if value is not None and not math.isfinite(value):
            raise RequestRefusedError(f"{name} must be a finite number, not {value}.", param=name)
    body: Json = {name: value for name, value in wishes.items() if value is not None}
    if sampling.stop:
        body["stopSequences"] = [mended(stop) for stop in sampling.stop]
    return body
