"""A model that calls tools of its own choice, on transformers and on a vLLM that Maru starts: the whole way round.

The model is tiny and of our own making (`support/calling_model.py`).
"""

import json
import random
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import pytest
from openai import OpenAI
from openai.types.responses import Response, ResponseFunctionToolCall

from maru_backends.base import Backend
from maru_backends.checks.features import tools
from maru_backends.checks.subject import Subject
from maru_backends.transformers_local import TransformersSettings
from maru_backends.transformers_local import open_backend as open_transformers
from maru_backends.vllm import VllmSettings
from maru_backends.vllm import open_backend as open_vllm
from support.calling_model import CITIES, CLOCK, HERE, WEATHER, answer, question, result_of
from support.live_server import free_port, live_server
from support.vllm_server import require_vllm

QUESTIONS = 20
RIGHT = 17
CALLER = """
[[models]]
id = "caller"
"""
IN_PROCESS = f"""{CALLER}
backend = "transformers"
source = "{HERE}"
threads = 1
"""
STARTED = f"""{CALLER}
backend = "vllm"
source = "{HERE}"
model = "caller"
port = {{port}}

[models.engine_args]
tool-call-parser = "hermes"

[models.env]
VLLM_API_KEY = ""
"""


def flat(tool: dict[str, Any]) -> dict[str, Any]:
    """A tool as responses tell of it."""
    return {"type": "function", **tool["function"]}


TOOLS = [flat(WEATHER), flat(CLOCK)]


@dataclass(frozen=True, slots=True)
class Served:
    """The SDK on a server with the model; and how to open its backend beside the server."""

    client: OpenAI
    open: Callable[[], Awaitable[Backend]]

    def ask(self, said: Any, tools: list[dict[str, Any]] = TOOLS, **more: Any) -> Response:
        """A response to that; tools may be called, and need not."""
        responses: Any = self.client.responses
        found: Response = responses.create(model="caller", input=said, tools=tools, temperature=0, **more)
        return found


@pytest.fixture(scope="module", params=["transformers", "vllm"])
def served(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """In process, or on the one engine of this module, which the server starts."""
    is_vllm = request.param == "vllm"
    port = free_port()
    if is_vllm:
        require_vllm()
    config = STARTED.format(port=port) if is_vllm else IN_PROCESS
    with live_server(tmp_path_factory.mktemp("calling"), config) as server:
        client = OpenAI(base_url=f"{server.url}/v1", api_key="none", max_retries=0, timeout=240)
        yield Served(client, lambda: _opened(port if is_vllm else None))


async def _opened(port: int | None) -> Backend:
    if port is None:
        return await open_transformers(TransformersSettings(source=str(HERE), threads=1))
    return await open_vllm(VllmSettings(base_url=f"http://127.0.0.1:{port}/v1"))


def calls_in(response: Response) -> list[ResponseFunctionToolCall]:
    """All of them, in their order."""
    return [item for item in response.output if isinstance(item, ResponseFunctionToolCall)]


def called(response: Response) -> list[tuple[str, object]]:
    """Names and arguments."""
    return [(call.name, json.loads(call.arguments)) for call in calls_in(response)]


def outputs(calls: list[ResponseFunctionToolCall], results: Sequence[Mapping[str, int]]) -> list[dict[str, Any]]:
    """What the program found out."""
    return [
        {"type": "function_call_output", "call_id": call.call_id, "output": json.dumps(result)}
        for call, result in zip(calls, results, strict=True)
    ]


def test_it_calls_and_says_what_came_back(served: Served) -> None:
    """One city or two at once, two tools: the right calls of its own choice, and then what the tools found."""
    chance = random.Random(11)
    right = 0
    for number in range(QUESTIONS):
        name = ("get_weather", "get_time")[number % 2]
        cities = chance.sample(CITIES, 1 + number % 4 // 2)
        first = served.ask(question(name, *cities), chance.sample(TOOLS, 2))
        if called(first) != [(name, {"city": city}) for city in cities] or first.output_text:
            continue
        results = [result_of(chance, name) for _ in cities]
        second = served.ask(outputs(calls_in(first), results), previous_response_id=first.id)
        right += second.output_text == answer(name, cities, results) and not calls_in(second)
    assert right >= RIGHT


def test_it_calls_nothing_where_nothing_is_to_be_called(served: Served) -> None:
    """A greeting is answered; without the tool it says so."""
    assert served.ask("Hello!").output_text == "Hello! How can I help?"
    assert served.ask(question("get_time", "Paris"), [flat(WEATHER)]).output_text == "I have no tool for that."
    assert served.ask(question("get_weather", "Paris"), tool_choice="none").output


def test_call_is_streamed_as_the_protocol_says(served: Served) -> None:
    """Each call is an item that is added, told piece by piece, whole and done; the SDK's own sum is the same."""
    asked: Any = {"model": "caller", "input": question("get_weather", "Seoul", "Oslo"), "tools": TOOLS}
    with served.client.responses.stream(**asked, temperature=0) as stream:
        events: list[Any] = list(stream)
        last = stream.get_final_response()
    assert called(last) == [("get_weather", {"city": "Seoul"}), ("get_weather", {"city": "Oslo"})]
    assert len({call.call_id for call in calls_in(last)}) == 2
    assert [event.sequence_number for event in events] == list(range(len(events)))
    begin, *_, end = (event.type for event in events)
    assert (begin, end) == ("response.created", "response.completed")
    for place, call in enumerate(calls_in(last)):
        own: list[Any] = [event for event in events if getattr(event, "output_index", None) == place]
        added, *pieces, whole, done = own
        assert (added.type, whole.type, done.type) == (
            "response.output_item.added",
            "response.function_call_arguments.done",
            "response.output_item.done",
        )
        assert {piece.type for piece in pieces} == {"response.function_call_arguments.delta"}
        assert (added.item.name, added.item.call_id, added.item.arguments) == (call.name, call.call_id, "")
        assert "".join(piece.delta for piece in pieces) == whole.arguments == done.item.arguments == call.arguments
        assert {event.item_id for event in (*pieces, whole)} == {call.id}


def test_one_call_at_a_time_where_more_are_not_wanted(served: Served) -> None:
    """Two would be made."""
    asked = question("get_weather", "Seoul", "Oslo")
    assert len(calls_in(served.ask(asked))) == 2
    assert called(served.ask(asked, parallel_tool_calls=False)) == [("get_weather", {"city": "Seoul"})]


def test_result_is_told_again_where_nothing_is_kept(served: Served) -> None:
    """A program that keeps the conversation itself."""
    asked = {"role": "user", "content": question("get_time", "Rome")}
    first = served.ask([asked], store=False)
    (call,) = calls_in(first)
    told = {"type": "function_call", "call_id": call.call_id, "name": call.name, "arguments": call.arguments}
    second = served.ask([asked, told, *outputs([call], [{"hour": 9}])], store=False)
    assert second.output_text == "It is 9 o'clock in Rome."


def test_json_may_be_asked_for_beside_tools(served: Served) -> None:
    """It calls; and where it may not call, it is held to the shape."""
    shape = {"type": "object", "properties": {"celsius": {"type": "integer", "enum": [21]}}, "required": ["celsius"]}
    form = {"format": {"type": "json_schema", "name": "weather", "schema": {**shape, "additionalProperties": False}}}
    asked = question("get_weather", "Seoul")
    assert called(served.ask(asked, text=form)) == [("get_weather", {"city": "Seoul"})]
    held = served.ask(asked, text=form, tool_choice="none", max_output_tokens=200)
    assert held.status == "incomplete" or json.loads(held.output_text) == {"celsius": 21}


def test_tools_are_counted_as_the_engine_counts_them(served: Served) -> None:
    """Where one may be called, where one must, and with a call and its result in the history."""
    asked: Any = {"model": "caller", "input": question("get_weather", "Busan"), "tools": TOOLS}
    for choice in ("auto", "required", "none"):
        counted = served.client.responses.input_tokens.count(**asked, tool_choice=choice).input_tokens
        first = served.ask(asked["input"], tool_choice=choice, max_output_tokens=100)
        assert first.usage is not None
        assert first.usage.input_tokens == counted
    first = served.ask(asked["input"])
    results = outputs(calls_in(first), [{"celsius": 1}])
    counted = served.client.responses.input_tokens.count(
        model="caller", input=cast("Any", results), tools=asked["tools"], previous_response_id=first.id
    ).input_tokens
    second = served.ask(results, previous_response_id=first.id)
    assert second.usage is not None
    assert second.usage.input_tokens == counted


def test_chat_completions_call_as_well(served: Served) -> None:
    """The same engine by the older API: a call, its result, an answer."""
    create: Any = served.client.chat.completions.create
    messages: list[Any] = [{"role": "user", "content": question("get_weather", "Lima")}]
    first = create(model="caller", messages=messages, tools=[WEATHER], temperature=0).choices[0]
    assert first.finish_reason == "tool_calls"
    (call,) = first.message.tool_calls
    assert (call.function.name, json.loads(call.function.arguments)) == ("get_weather", {"city": "Lima"})
    result = {"role": "tool", "tool_call_id": call.id, "content": json.dumps({"celsius": 21})}
    second = create(model="caller", messages=[*messages, first.message, result], tools=[WEATHER], temperature=0)
    assert second.choices[0].message.content == "It is 21 degrees in Lima."


async def test_check_of_the_model_says_that_it_calls(served: Served) -> None:
    """What `maru models test` tells of tools: they work, and the model calls them unasked."""
    backend = await served.open()
    found = await tools(Subject(backend, await backend.limits()))
    await backend.close()
    assert found.state == "ok"
    assert "left to itself, the model called it too" in found.detail
