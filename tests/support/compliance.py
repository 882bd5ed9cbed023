"""The 17 assertions of the Open Responses compliance suite, in our own words, with the specification's own schemas.

The suite itself is no package of any registry. Schemas are read from the specification's OpenAPI file where it lies
beside the project; without it only the assertions are made.
"""

import base64
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import jsonschema_rs

ROOT = Path(__file__).parents[2]
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="
)
IMAGE_URL = "data:image/png;base64," + base64.b64encode(PIXEL).decode()
ENDS = {"response.completed", "response.incomplete", "response.failed", "error"}
TURN_S = 120  # the suite waits 30 seconds; a machine that trains a model is slower
WEATHER = {
    "type": "function",
    "name": "get_weather",
    "description": "The weather of a place.",
    "parameters": {"type": "object", "properties": {"place": {"type": "string"}}, "required": ["place"]},
}

Body = dict[str, Any]


def specification() -> Path | None:
    """The specification's OpenAPI file, if it lies in a folder `shared` beside the project."""
    places = (parent / "shared" / "openresponses" / "openapi.json" for parent in ROOT.parents)
    return next((place for place in places if place.is_file()), None)


class Schemas:
    """Checks what the server sends against the specification; without the file every check passes."""

    def __init__(self, path: Path | None) -> None:
        """Read the file, if there is one."""
        self._document: Body | None = json.loads(path.read_text(encoding="utf-8")) if path is not None else None
        self._known: dict[str, Any] = {}
        if self._document is not None:
            answers = self._document["paths"]["/responses"]["post"]["responses"]["200"]["content"]
            self._known["event"] = self._validator(answers["text/event-stream"]["schema"])

    def check(self, name: str, body: object) -> None:
        """Raise unless `body` is what the component `name` says; `event` is any event of a stream."""
        if self._document is None:
            return
        if name not in self._known:
            self._known[name] = self._validator({"$ref": f"#/components/schemas/{name}"})
        errors = [f"{error.instance_path}: {error.message}"[:300] for error in self._known[name].iter_errors(body)]
        assert not errors, f"no {name}: {errors} in {json.dumps(body)[:600]}"

    def _validator(self, schema: Body) -> Any:
        assert self._document is not None
        return jsonschema_rs.Draft202012Validator({**schema, "components": self._document["components"]})


@dataclass(frozen=True, slots=True)
class Suite:
    """A server under test.

    Attributes:
        session: talks to its root.
        model: what is asked.
        caller: a model that calls tools; None where there is none.
        seer: a model that sees; None where there is none.
    """

    session: aiohttp.ClientSession
    schemas: Schemas
    model: str
    caller: str | None
    seer: str | None

    async def ask(self, model: str | None = None, **fields: Any) -> Body:
        """One plain answer, validated, which must be whole."""
        async with self.session.post("/v1/responses", json={"model": model or self.model, **fields}) as answer:
            body: Body = await answer.json()
            assert answer.status == 200, body
        self.schemas.check("ResponseResource", body)
        return body

    async def completed(self, model: str | None = None, **fields: Any) -> Body:
        """A plain answer that is completed and holds something."""
        body = await self.ask(model, **fields)
        assert body["status"] == "completed"
        assert body["output"]
        return body

    async def compacted(self, **fields: Any) -> Body:
        """A conversation, compacted."""
        async with self.session.post("/v1/responses/compact", json={"model": self.model, **fields}) as answer:
            body: Body = await answer.json()
            assert answer.status == 200, body
        self.schemas.check("CompactResource", body)
        assert body["object"] == "response.compaction"
        assert "compaction" in [item["type"] for item in body["output"]]
        return body

    async def turn(self, socket: aiohttp.ClientWebSocketResponse, **fields: Any) -> Body:
        """The last frame of one create on a socket; each event before it is validated."""
        await socket.send_json({"type": "response.create", "model": self.model, **fields})
        while True:
            frame: Body = await socket.receive_json(timeout=TURN_S)
            self.schemas.check("WebSocketErrorEvent" if frame["type"] == "error" else "event", frame)
            if frame["type"] in ENDS:
                return frame

    async def whole_turn(self, socket: aiohttp.ClientWebSocketResponse, **fields: Any) -> Body:
        """The response of a create that must be completed."""
        frame = await self.turn(socket, **fields)
        assert frame["type"] == "response.completed", frame
        response: Body = frame["response"]
        self.schemas.check("ResponseResource", response)
        return response

    def socket(self) -> Any:
        """A new socket."""
        return self.session.ws_connect("/v1/responses", max_msg_size=0)


def _message(role: str, content: object, **fields: object) -> Body:
    return {"type": "message", "role": role, "content": content, **fields}


async def _basic(suite: Suite) -> None:
    await suite.completed(input=[_message("user", "Say hello in exactly 3 words.")])


async def _phases(suite: Suite) -> None:
    """The history begins with the assistant, as a cut one may."""
    said = [
        _message("assistant", "Let me think about trains.", phase="commentary"),
        _message("assistant", "Take the train.", phase="final_answer"),
        _message("user", "Why?"),
    ]
    await suite.completed(input=said)


async def _phase_in_output(suite: Suite) -> None:
    """The suite judges a fixture here and asks nothing: messages of an answer may carry phases."""
    body = await suite.completed(input=[_message("user", "Say hello.")])
    part: Body = {"type": "output_text", "text": "x", "annotations": []}
    body["output"] = [
        {"id": f"msg_{phase}", "status": "completed", "phase": phase, **_message("assistant", [part])}
        for phase in ("commentary", "final_answer")
    ]
    suite.schemas.check("ResponseResource", body)


async def _stream(suite: Suite) -> None:
    asked = {"model": suite.model, "input": [_message("user", "Count from 1 to 5.")], "stream": True}
    async with suite.session.post("/v1/responses", json=asked) as answer:
        assert answer.headers["content-type"].partition(";")[0] == "text/event-stream"
        text = await answer.text()
    assert "\r" not in text
    *events, mark, rest = text.split("\n\n")
    assert (mark, rest) == ("data: [DONE]", "")
    bodies: list[Body] = []
    for event in events:
        name, data = event.split("\n")
        body: Body = json.loads(data.removeprefix("data: "))
        assert name == f"event: {body['type']}"
        suite.schemas.check("event", body)
        bodies.append(body)
    assert bodies[-1]["response"]["status"] == "completed"


async def _system_prompt(suite: Suite) -> None:
    await suite.completed(input=[_message("system", "You are a pirate."), _message("user", "Say hello.")])


async def _tool_call(suite: Suite) -> None:
    body = await suite.ask(suite.caller, input=[_message("user", "How is the weather in Seoul?")], tools=[WEATHER])
    assert "function_call" in [item["type"] for item in body["output"]]


async def _image(suite: Suite) -> None:
    parts = [{"type": "input_text", "text": "What is this?"}, {"type": "input_image", "image_url": IMAGE_URL}]
    await suite.completed(suite.seer, input=[_message("user", parts)])


async def _turns(suite: Suite) -> None:
    said = [_message("user", "My name is Alice."), _message("assistant", "Hello Alice!"), _message("user", "My name?")]
    await suite.completed(input=said)


async def _compact(suite: Suite) -> None:
    said = [_message("user", "We launch on Tuesday."), _message("assistant", "Tuesday it is.")]
    await suite.compacted(input=said, prompt_cache_key="compliance")


async def _compact_without_model(suite: Suite) -> None:
    async with suite.session.post("/v1/responses/compact", json={"input": [_message("user", "Hi.")]}) as answer:
        assert answer.status in {400, 422}


async def _on_a_socket(suite: Suite) -> None:
    async with suite.socket() as socket:
        await suite.whole_turn(socket, input=[_message("user", "Say hello.")])


async def _one_after_another(suite: Suite) -> None:
    async with suite.socket() as socket:
        for text in ("Say hello.", "Say goodbye."):
            await suite.whole_turn(socket, store=False, input=text)


async def _continued(suite: Suite) -> None:
    async with suite.socket() as socket:
        first = await suite.whole_turn(socket, store=False, input="Say hello.")
        await suite.whole_turn(socket, store=False, previous_response_id=first["id"], input="Again.")


async def _recovered(suite: Suite) -> None:
    async with suite.socket() as one:
        first = await suite.whole_turn(one, store=False, input="Say hello.")
    async with suite.socket() as other:
        frame = await suite.turn(other, store=False, previous_response_id=first["id"], input="Again.")
        assert frame["error"]["code"] == "previous_response_not_found"
        await suite.whole_turn(other, store=False, input=[_message("user", "From the beginning.")])


async def _unknown_previous(suite: Suite) -> None:
    async with suite.socket() as socket:
        frame = await suite.turn(socket, store=False, previous_response_id="resp_nobody_made_this", input="Hi.")
        assert frame["error"]["code"] == "previous_response_not_found"


async def _evicted(suite: Suite) -> None:
    async with suite.socket() as socket:
        first = await suite.whole_turn(socket, store=False, input="Say hello.")
        output = {"type": "function_call_output", "call_id": "call_nobody_made", "output": "4"}
        failed = await suite.turn(socket, store=False, previous_response_id=first["id"], input=[output])
        assert failed["type"] in {"error", "response.failed"}
        frame = await suite.turn(socket, store=False, previous_response_id=first["id"], input="Again.")
        assert frame["error"]["code"] == "previous_response_not_found"


async def _compacted_chain(suite: Suite) -> None:
    said = [
        _message("user", [{"type": "input_text", "text": "My favourite colour is teal."}]),
        _message("assistant", [{"type": "output_text", "text": "Noted."}]),
        _message("user", [{"type": "input_text", "text": "Keep this for later."}]),
    ]
    window = (await suite.compacted(input=said))["output"]
    async with suite.socket() as socket:
        said = [*window, _message("user", "Which colour?")]
        await suite.whole_turn(socket, store=False, input=said, tools=[])


CASES: Mapping[str, Callable[[Suite], Awaitable[None]]] = {
    "basic-response": _basic,
    "assistant-phase": _phases,
    "response-output-phase-schema": _phase_in_output,
    "streaming-response": _stream,
    "system-prompt": _system_prompt,
    "tool-calling": _tool_call,
    "image-input": _image,
    "multi-turn": _turns,
    "compact-response": _compact,
    "compact-missing-model": _compact_without_model,
    "websocket-response": _on_a_socket,
    "websocket-sequential-responses": _one_after_another,
    "websocket-continuation": _continued,
    "websocket-reconnect-store-false-recovery": _recovered,
    "websocket-previous-response-not-found": _unknown_previous,
    "websocket-failed-continuation-evicts-cache": _evicted,
    "websocket-compact-new-chain": _compacted_chain,
}
NEEDS = {"tool-calling": "caller", "image-input": "seer"}
