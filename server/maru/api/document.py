"""`/v1/openapi.json`: every call over HTTP with every answer and error, made from the types that the routes use."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from types import MappingProxyType
from typing import Any

import msgspec
from fastapi import APIRouter, FastAPI, Request
from fastapi.openapi.utils import get_openapi
from fastapi.responses import Response as HttpResponse
from pydantic import BaseModel

from maru.api.http import json_response
from maru.protocol.bodies import (
    ConversationBody,
    ConversationPage,
    Deleted,
    ErrorBody,
    InputTokens,
    ItemPage,
    Liveness,
    ModelBody,
    ModelList,
    Place,
    Readiness,
    Tree,
)
from maru.protocol.chat_answers import ChatCompletion
from maru.protocol.chat_requests import ChatCompletionRequest
from maru.protocol.compact_request import CompactRequest
from maru.protocol.compaction import CompactedResponse
from maru.protocol.context_body import ContextBody
from maru.protocol.conversation_requests import ConversationCreate, ConversationFork, ConversationUpdate, ItemsRequest
from maru.protocol.custom import CustomBody, CustomUpdate
from maru.protocol.engines import EngineList, EngineOrder, EngineRestart, EngineTakeOut
from maru.protocol.exports import ExportedConversation, ExportHeader
from maru.protocol.facts import FactBody, FactCreate, FactUpdate, MemoryBody, MemoryUpdate
from maru.protocol.feedback import (
    DemonstrationBody,
    DemonstrationUpdate,
    FeedbackBody,
    RankingBody,
    RankingUpdate,
    RatingBody,
    RatingUpdate,
)
from maru.protocol.files import FileBody, FilePage, FilesDeleted
from maru.protocol.folders import FolderBody, FolderCreate, FolderList, FolderUpdate
from maru.protocol.idempotency import HEADER, MAX_CHARS
from maru.protocol.imports import ImportRecord, ImportReport
from maru.protocol.memory_requests import ItemUpdate, SummaryUpdate
from maru.protocol.prompts import PromptBody, PromptCreate, PromptList, PromptUpdate, PromptVersionList
from maru.protocol.raw_completions import RawCompletion, RawCompletionRequest
from maru.protocol.requests import CreateRequest
from maru.protocol.response import Response
from maru.protocol.schemas import PREFIX, Schema, components, reference
from maru.protocol.search_bodies import HitPage
from maru.protocol.shares import ShareBody, ShareCreate, SharedBody, ShareList
from maru.protocol.summary_bodies import SummaryBody, SummaryList
from maru.protocol.voice import TranscriptionBody, VoiceBody

router = APIRouter()

Document = dict[str, Any]
DOOR = (401, 403)
TAKING = (400, 413)  # of calls with a body
ASKING = (404, 429, 503)  # of calls that ask an engine
ERRORS: Mapping[int, str] = MappingProxyType(
    {
        400: "Something in the request is wrong, or does not go together; `param` names it.",
        401: "No key, or a wrong one.",
        403: "The address or the page that asks may not.",
        404: "It does not exist, or it is not yours.",
        409: "Not in its present state.",
        413: "The body is too large.",
        429: "Too much at once; try again after `retry-after`.",
        500: "The server's own fault.",
        503: "The engine or the store cannot be used now.",
    }
)


@dataclass(frozen=True, slots=True)
class Operation:
    """What one call takes and gives.

    Attributes:
        answer: of a success; a name of `components` where it is no type of its own.
        takes: its body.
        streams: what the events of its stream are, in a sentence; None: it has no stream.
        errors: statuses beside those of the door and 500.
        not_now: what a 503 holds, where that is no error.
        also: other media types of a success, each with what it holds.
        takes_file: its body is a file as it is.
        takes_form: its body is a form of this shape.
    """

    answer: type[msgspec.Struct] | str
    takes: type[BaseModel] | None = None
    streams: str | None = None
    errors: tuple[int, ...] = ()
    not_now: type[msgspec.Struct] | None = None
    also: tuple[tuple[str, str], ...] = ()
    takes_file: bool = False
    takes_form: Schema | None = None


_EVENTS = "Server-sent events, each an `Event`, then `[DONE]`."
_CHUNKS = "Server-sent events, each a chunk as OpenAI's API has it, then `[DONE]`."
_LINES = (
    "application/x-ndjson",
    "The only form: an `ExportHeader`, then a line for each `ExportedConversation`, after lines with its files.",
)
_AFTER_FILES = ("application/x-ndjson", "Of a conversation with files: lines with these, then the conversation.")
_RECORDS = ("application/x-ndjson", "The only form: a line for each `ImportRecord`, then an `ImportReport`.")
_MARKDOWN = ("text/markdown", "With `format=markdown`: the branch that the conversation shows.")
_BYTES = (("application/octet-stream", "The only form: the bytes, under the type of the file."),)
_TRANSCRIPT = ("text/plain", "With `response_format` `text`, `srt` or `vtt`.")
_FIGURES = ("text/plain", "The only form: Prometheus' text format.")
UPLOAD_FORM: Schema = {
    "type": "object",
    "required": ["file", "purpose"],
    "properties": {
        "file": {"type": "string", "format": "binary"},
        "purpose": {"type": "string", "enum": ["user_data", "vision"]},
        "maru:goes_with_chat": {"type": "string", "enum": ["true", "false"], "default": "false"},
    },
}
SPEECH_FORM: Schema = {
    "type": "object",
    "required": ["file"],
    "properties": {
        "file": {"type": "string", "format": "binary"},
        "model": {"type": "string"},
        "language": {"type": "string"},
        "prompt": {"type": "string"},
        "temperature": {"type": "number", "minimum": 0, "maximum": 1},
        "response_format": {"type": "string", "enum": ["json", "text", "srt", "verbose_json", "vtt"]},
    },
}
_ITEM = "/v1/conversations/{conversation_id}/items/{item_id}"
_SUMMARIES = "/v1/conversations/{conversation_id}/summaries"
OPERATIONS: Mapping[str, Operation] = MappingProxyType(
    {
        "GET /healthz": Operation(Liveness),
        "GET /readyz": Operation(Readiness, not_now=Readiness),
        "GET /metrics": Operation("object", also=(_FIGURES,)),
        "GET /v1/openapi.json": Operation("object"),
        "GET /v1/models": Operation(ModelList),
        "GET /v1/models/{model_id}": Operation(ModelBody, errors=(404,)),
        "GET /v1/engines": Operation(EngineList),
        "POST /v1/engines/take_out": Operation(EngineList, EngineTakeOut, errors=(*TAKING, 404, 409)),
        "POST /v1/engines/take_in": Operation(EngineList, EngineOrder, errors=(*TAKING, 404, 409)),
        "POST /v1/engines/restart": Operation(EngineList, EngineRestart, errors=(*TAKING, 404, 409)),
        "POST /v1/responses": Operation(Response, CreateRequest, _EVENTS, (*TAKING, *ASKING)),
        "GET /v1/responses/{response_id}": Operation(Response, streams=_EVENTS, errors=(400, 404)),
        "DELETE /v1/responses/{response_id}": Operation(Deleted, errors=(404,)),
        "POST /v1/responses/{response_id}/cancel": Operation(Response, errors=(404,)),
        "GET /v1/responses/{response_id}/context": Operation(ContextBody, errors=(400, 404)),
        "GET /v1/responses/{response_id}/input_items": Operation(ItemPage, errors=(400, 404)),
        "POST /v1/responses/compact": Operation(CompactedResponse, CompactRequest, errors=(*TAKING, *ASKING)),
        "POST /v1/responses/input_tokens": Operation(InputTokens, CreateRequest, errors=(*TAKING, *ASKING)),
        "POST /v1/chat/completions": Operation(ChatCompletion, ChatCompletionRequest, _CHUNKS, (*TAKING, *ASKING)),
        "POST /v1/completions": Operation(RawCompletion, RawCompletionRequest, _CHUNKS, (*TAKING, *ASKING)),
        "POST /v1/conversations": Operation(ConversationBody, ConversationCreate, errors=(*TAKING, 404, 503)),
        "GET /v1/conversations": Operation(ConversationPage, errors=(400, 404)),
        "GET /v1/conversations/search": Operation(HitPage, errors=(400, 404)),
        "GET /v1/conversations/{conversation_id}": Operation(ConversationBody, errors=(404,)),
        "POST /v1/conversations/{conversation_id}": Operation(
            ConversationBody, ConversationUpdate, errors=(*TAKING, 404, 503)
        ),
        "DELETE /v1/conversations/{conversation_id}": Operation(Deleted, errors=(404, 503)),
        "POST /v1/conversations/{conversation_id}/fork": Operation(
            ConversationBody, ConversationFork, errors=(*TAKING, 404, 503)
        ),
        "GET /v1/conversations/{conversation_id}/tree": Operation(Tree, errors=(404,)),
        "POST /v1/conversations/{conversation_id}/items": Operation(ItemPage, ItemsRequest, errors=(*TAKING, 404, 503)),
        "GET /v1/conversations/{conversation_id}/items": Operation(ItemPage, errors=(400, 404)),
        "GET /v1/conversations/{conversation_id}/items/{item_id}": Operation("Item", errors=(404,)),
        "POST /v1/conversations/{conversation_id}/items/{item_id}": Operation(
            "PlacedItem", ItemUpdate, errors=(*TAKING, 404, 503)
        ),
        "DELETE /v1/conversations/{conversation_id}/items/{item_id}": Operation(
            ConversationBody, errors=(400, 404, 503)
        ),
        f"GET {_SUMMARIES}": Operation(SummaryList, errors=(404,)),
        f"GET {_SUMMARIES}/{{summary_id}}": Operation(SummaryBody, errors=(404,)),
        f"POST {_SUMMARIES}/{{summary_id}}": Operation(SummaryBody, SummaryUpdate, errors=(*TAKING, 404, 503)),
        f"POST {_SUMMARIES}/{{summary_id}}/regenerate": Operation(SummaryBody, errors=(400, *ASKING)),
        f"DELETE {_SUMMARIES}/{{summary_id}}": Operation(Deleted, errors=(404, 503)),
        "POST /v1/conversations/{conversation_id}/shares": Operation(
            ShareBody, ShareCreate, errors=(*TAKING, 404, 503)
        ),
        "GET /v1/shares": Operation(ShareList),
        "DELETE /v1/shares/{share_id}": Operation(Deleted, errors=(404, 503)),
        "GET /v1/shared/{token}": Operation(SharedBody, errors=(404, 429)),
        "POST /v1/import": Operation(ImportRecord, also=(_RECORDS,), errors=(400, 413, 429, 503), takes_file=True),
        "GET /v1/export": Operation(ExportHeader, also=(_LINES,)),
        "GET /v1/conversations/{conversation_id}/export": Operation(
            ExportedConversation, also=(_AFTER_FILES, _MARKDOWN), errors=(400, 404)
        ),
        "GET /v1/conversations/{conversation_id}/feedback": Operation(FeedbackBody, errors=(404,)),
        f"POST {_ITEM}/rating": Operation(RatingBody, RatingUpdate, errors=(*TAKING, 404, 503)),
        f"DELETE {_ITEM}/rating": Operation(Deleted, errors=(404, 503)),
        f"POST {_ITEM}/ranking": Operation(RankingBody, RankingUpdate, errors=(*TAKING, 404, 503)),
        f"DELETE {_ITEM}/ranking": Operation(Deleted, errors=(404, 503)),
        f"POST {_ITEM}/demonstration": Operation(DemonstrationBody, DemonstrationUpdate, errors=(*TAKING, 404, 503)),
        f"DELETE {_ITEM}/demonstration": Operation(Deleted, errors=(404, 503)),
        "POST /v1/files": Operation(FileBody, takes_form=UPLOAD_FORM, errors=TAKING),
        "GET /v1/files": Operation(FilePage, errors=(400, 404)),
        "DELETE /v1/files": Operation(FilesDeleted, errors=(400, 503)),
        "GET /v1/files/{file_id}": Operation(FileBody, errors=(404,)),
        "GET /v1/files/{file_id}/content": Operation("object", also=_BYTES, errors=(404,)),
        "DELETE /v1/files/{file_id}": Operation(Deleted, errors=(404, 503)),
        "GET /v1/folders": Operation(FolderList),
        "POST /v1/folders": Operation(FolderBody, FolderCreate, errors=(*TAKING, 404, 503)),
        "POST /v1/folders/{folder_id}": Operation(FolderBody, FolderUpdate, errors=(*TAKING, 404, 503)),
        "DELETE /v1/folders/{folder_id}": Operation(Deleted, errors=(404, 503)),
        "GET /v1/instructions": Operation(CustomBody),
        "POST /v1/instructions": Operation(CustomBody, CustomUpdate, errors=(*TAKING, 404, 503)),
        "GET /v1/prompts": Operation(PromptList),
        "POST /v1/prompts": Operation(PromptBody, PromptCreate, errors=(*TAKING, 404, 503)),
        "POST /v1/prompts/{prompt_id}": Operation(PromptBody, PromptUpdate, errors=(*TAKING, 404, 503)),
        "DELETE /v1/prompts/{prompt_id}": Operation(Deleted, errors=(404, 503)),
        "GET /v1/prompts/{prompt_id}/versions": Operation(PromptVersionList, errors=(404,)),
        "GET /v1/memory": Operation(MemoryBody),
        "POST /v1/memory": Operation(MemoryBody, MemoryUpdate, errors=(*TAKING, 503)),
        "DELETE /v1/memory": Operation(MemoryBody, errors=(503,)),
        "POST /v1/memory/facts": Operation(FactBody, FactCreate, errors=(*TAKING, 404, 503)),
        "POST /v1/memory/facts/{fact_id}": Operation(FactBody, FactUpdate, errors=(*TAKING, 404, 503)),
        "DELETE /v1/memory/facts/{fact_id}": Operation(Deleted, errors=(404, 503)),
        "GET /v1/voice": Operation(VoiceBody),
        "POST /v1/audio/transcriptions": Operation(
            TranscriptionBody, also=(_TRANSCRIPT,), errors=(*TAKING, *ASKING), takes_form=SPEECH_FORM
        ),
    }
)
OPEN = frozenset({"GET /healthz", "GET /readyz", "GET /v1/openapi.json", "GET /v1/shared/{token}"})


@router.get("/v1/openapi.json")
async def openapi(request: Request) -> HttpResponse:
    """This document; needs no key."""
    return json_response(_encoded(request.app))


@cache
def _encoded(app: FastAPI) -> bytes:
    return msgspec.json.encode(document(app))


def document(app: FastAPI) -> Document:
    """The OpenAPI document of an application.

    Raises:
        KeyError: it has a call that `OPERATIONS` does not tell of.
    """
    made: Document = get_openapi(
        title="Maru",
        version=version("maru"),
        routes=app.routes,
        description="Open Responses, and what a chat page needs.",
    )
    for path, calls in made["paths"].items():
        for method, call in calls.items():
            name = f"{method.upper()} {path.replace(':path', '')}"
            _describe(call, name, OPERATIONS[name])
    made["paths"] = {path.replace(":path", ""): calls for path, calls in made["paths"].items()}
    made["paths"]["/v1/responses"]["post"].setdefault("parameters", []).append(_key_header())
    made["components"] = {
        "schemas": _components(),
        "securitySchemes": {"key": {"type": "http", "scheme": "bearer", "description": "Not needed on this computer."}},
    }
    return made


def _components() -> dict[str, Schema]:
    answers = (operation.answer for operation in OPERATIONS.values())
    sent = [answer for answer in answers if not isinstance(answer, str)]
    taken = [operation.takes for operation in OPERATIONS.values() if operation.takes is not None]
    schemas = components([*dict.fromkeys(sent), ErrorBody, ImportReport, Place], list(dict.fromkeys(taken)))
    schemas["PlacedItem"] = {"allOf": [{"$ref": PREFIX + "Item"}, reference(Place)]}
    schemas["Tree"]["properties"]["items"]["items"] = {"$ref": PREFIX + "PlacedItem"}
    return schemas


def _describe(call: Document, name: str, operation: Operation) -> None:
    call["operationId"] = _words(name)
    call["security"] = [] if name in OPEN else [{"key": []}, {}]
    if operation.takes is not None:
        schema = reference(operation.takes)
        call["requestBody"] = {"required": True, "content": {"application/json": {"schema": schema}}}
    if operation.takes_file:
        file = {"schema": {"type": "string", "format": "binary"}}
        call["requestBody"] = {"required": True, "content": {"application/octet-stream": file}}
    if operation.takes_form is not None:
        call["requestBody"] = {"required": True, "content": {"multipart/form-data": {"schema": operation.takes_form}}}
    content: Document = {"application/json": {"schema": _answer(operation.answer)}}
    if operation.streams is not None:
        content["text/event-stream"] = {"schema": {"type": "string", "description": operation.streams}}
    for media_type, holds in operation.also:
        content[media_type] = {"schema": {"type": "string", "description": holds}}
    statuses = (*(() if name in OPEN else DOOR), *operation.errors, 500)
    call["responses"] = {
        "200": {"description": "Success.", "content": content},
        **{str(status): _json(ERRORS[status], ErrorBody) for status in sorted(set(statuses))},
    }
    if operation.not_now is not None:
        call["responses"]["503"] = _json("Not now.", operation.not_now)


def _answer(answer: type[msgspec.Struct] | str) -> Schema:
    if isinstance(answer, str):
        return {"type": "object"} if answer == "object" else {"$ref": PREFIX + answer}
    return reference(answer)


def _json(description: str, body: type[msgspec.Struct]) -> Document:
    return {"description": description, "content": {"application/json": {"schema": reference(body)}}}


def _key_header() -> Document:
    return {
        "name": HEADER,
        "in": "header",
        "required": False,
        "description": "A name for this one request: sent again, it is answered once.",
        "schema": {"type": "string", "minLength": 1, "maxLength": MAX_CHARS, "pattern": "^[ -~]+$"},
    }


def _words(name: str) -> str:
    method, path = name.split(" ")
    words = [word.strip("{}") for word in path.removeprefix("/v1/").strip("/").replace(".", "/").split("/")]
    return "_".join([method.lower(), *words])
