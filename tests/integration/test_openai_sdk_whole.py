"""Every call of the official `openai` SDK that concerns responses, without a patch, on scripted models."""

from collections.abc import Generator
from typing import Any, cast

import openai
import pytest
from openai import OpenAI
from openai.lib.responses_websocket import (
    ResponsesWebSocketAccumulator,
    ResponsesWebSocketError,
    ResponsesWebSocketLimits,
    ResponsesWebSocketSession,
)
from openai.types.chat import ChatCompletionMessageParam
from openai.types.responses import (
    FunctionToolParam,
    Response,
    ResponseCompletedEvent,
    ResponseFunctionToolCall,
    ResponseOutputMessage,
    ResponseOutputRefusal,
    ResponseOutputText,
    ResponseReasoningItem,
    ResponseRefusalDeltaEvent,
    ResponseTextDeltaEvent,
)
from pydantic import BaseModel

from support.live_server import LiveServer
from support.scripted_server import scripted_server

ENDS = {"response.completed", "response.incomplete", "response.failed", "error"}
TOOL: FunctionToolParam = {
    "type": "function",
    "name": "look_up",
    "description": None,
    "parameters": {"type": "object", "properties": {"word": {"type": "string"}}},
    "strict": False,
}


class Answer(BaseModel):
    """A shape of JSON."""

    word: str
    count: int


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Generator[LiveServer]:
    """One server for all tests here."""
    with scripted_server(tmp_path_factory.mktemp("scripted")) as server:
        yield server


def _text_part(response: Response) -> ResponseOutputText:
    message = response.output[-1]
    assert isinstance(message, ResponseOutputMessage)
    part = message.content[0]
    assert isinstance(part, ResponseOutputText)
    return part


def test_structured_output_is_parsed(client: OpenAI) -> None:
    """`parse` sends the schema and reads the answer with it, plain and streamed."""
    parsed = client.responses.parse(model="echo", input="hi", text_format=Answer)
    assert parsed.output_parsed == Answer(word="echo", count=0)
    with client.responses.stream(model="echo", input="hi", text_format=Answer) as stream:
        assert stream.get_final_response().output_parsed == Answer(word="echo", count=0)


@pytest.mark.parametrize("model", ["echo", "caller", "thinker", "refuser"])
def test_the_stream_helper_takes_every_kind_of_item(client: OpenAI, model: str) -> None:
    """It raises when an id, an index or the order is not as the SDK expects it."""
    with client.responses.stream(model=model, input="a b c", tools=[TOOL]) as stream:
        events = list(stream)
        final = stream.get_final_response()
    assert final.status == "completed"
    assert events[0].type == "response.created"
    stored = client.responses.retrieve(final.id)
    assert [item.to_dict()["id"] for item in final.output] == [item.to_dict()["id"] for item in stored.output]


def test_a_tool_loop(client: OpenAI) -> None:
    """A call, its output, the answer; ids go out and come back."""
    first = client.responses.create(model="caller", input="tide", tools=[TOOL])
    (call,) = first.output
    assert isinstance(call, ResponseFunctionToolCall)
    assert (call.name, call.arguments) == ("look_up", '{"word": "echo"}')
    output = {"type": "function_call_output", "call_id": call.call_id, "output": "high at noon"}
    second = client.responses.create(
        model="caller", previous_response_id=first.id, input=cast("Any", [output]), tools=[TOOL]
    )
    assert second.output_text == "high at noon"
    replayed = [{"role": "user", "content": "tide"}, *(item.to_dict() for item in first.output), output]
    third = client.responses.create(model="caller", input=cast("Any", replayed), tools=[TOOL], store=False)
    assert third.output_text == "high at noon"


def test_tools_outside_of_the_choice_are_not_called(client: OpenAI) -> None:
    """`allowed_tools` is a limit that the server keeps."""
    other: FunctionToolParam = {**TOOL, "name": "other"}
    choice: Any = {"type": "allowed_tools", "mode": "auto", "tools": [{"type": "function", "name": "other"}]}
    response = client.responses.create(model="caller", input="x", tools=[TOOL, other], tool_choice=choice)
    assert [getattr(item, "name", None) for item in response.output] == ["other"]
    nothing = client.responses.create(model="caller", input="x", tools=[TOOL], tool_choice="none")
    assert nothing.output_text == "x"


def test_thinking_is_an_item_of_its_own(client: OpenAI) -> None:
    """And is counted."""
    response = client.responses.create(model="thinker", input="hello")
    thought, message = response.output
    assert isinstance(thought, ResponseReasoningItem)
    assert thought.content
    assert isinstance(message, ResponseOutputMessage)
    assert response.output_text == "hello"
    assert response.usage is not None
    assert response.usage.output_tokens_details.reasoning_tokens > 5
    again: list[Any] = [{"role": "user", "content": "hello"}, thought.to_dict(), message.to_dict()]
    assert client.responses.create(model="echo", input=[*again, {"role": "user", "content": "x"}]).output_text == "x"


def test_a_refusal_is_a_part_of_its_own(client: OpenAI) -> None:
    """Plain, streamed, and in the words of chat completions; and it may be replayed."""
    response = client.responses.create(model="refuser", input="say it")
    (message,) = response.output
    assert isinstance(message, ResponseOutputMessage)
    (part,) = message.content
    assert isinstance(part, ResponseOutputRefusal)
    assert part.refusal == "I will not repeat that."
    stream = client.responses.create(model="refuser", input="say it", stream=True)
    assert "".join(event.delta for event in stream if isinstance(event, ResponseRefusalDeltaEvent)) == part.refusal
    asked: list[ChatCompletionMessageParam] = [{"role": "user", "content": "say it"}]
    chat = client.chat.completions.create(model="refuser", messages=asked).choices[0].message
    assert (chat.content, chat.refusal) == (None, part.refusal)
    chunks = client.chat.completions.create(model="refuser", messages=asked, stream=True)
    assert "".join(chunk.choices[0].delta.refusal or "" for chunk in chunks) == part.refusal
    again: list[Any] = [{"role": "user", "content": "say it"}, message.to_dict(), {"role": "user", "content": "x"}]
    assert client.responses.create(model="echo", input=again).output_text == "x"


def test_logprobs_are_typed_by_the_sdk(client: OpenAI) -> None:
    """Whole at the end, and beside the deltas."""
    asked: Any = {"model": "echo", "input": "안녕 you", "include": ["message.output_text.logprobs"], "top_logprobs": 2}
    logprobs = _text_part(cast("Response", client.responses.create(**asked))).logprobs
    assert logprobs is not None
    assert b"".join(bytes(token.bytes) for token in logprobs).decode() == "안녕 you"
    assert all(token.logprob <= 0 and token.top_logprobs for token in logprobs)
    deltas = [e for e in client.responses.create(**asked, stream=True) if isinstance(e, ResponseTextDeltaEvent)]
    assert [token.token for delta in deltas for token in delta.logprobs] == [token.token for token in logprobs]
    assert _text_part(client.responses.create(model="echo", input="x")).logprobs is None
    chat = client.chat.completions.create(
        model="echo", messages=[{"role": "user", "content": "a b"}], logprobs=True, top_logprobs=1
    )
    told = chat.choices[0].logprobs
    assert told is not None
    assert [token.token for token in told.content or ()] == ["a", " b"]


def test_padding_is_refused_not_forgotten(client: OpenAI) -> None:
    """Whoever asks for it counts on it against eavesdroppers."""
    with pytest.raises(openai.BadRequestError) as caught:
        client.responses.create(model="echo", input="x", stream=True, stream_options={"include_obfuscation": True})
    assert caught.value.param == "stream_options.include_obfuscation"
    response = client.responses.create(model="echo", input="x")
    with pytest.raises(openai.BadRequestError) as caught:
        client.responses.retrieve(response.id, include_obfuscation=True)
    assert caught.value.param == "include_obfuscation"


def test_a_stream_is_resumed_by_number(client: OpenAI) -> None:
    """`retrieve` asks the server for the rest; `stream` asks for all and drops the first ones itself."""
    created = list(client.responses.create(model="echo", input="one two three four", stream=True, background=True))
    ended = created[-1]
    assert isinstance(ended, ResponseCompletedEvent)
    id_ = ended.response.id
    for after in (0, 4, len(created) - 2):
        rest = list(client.responses.retrieve(id_, stream=True, starting_after=after))
        assert [event.to_dict() for event in rest] == [event.to_dict() for event in created[after + 1 :]]
    with client.responses.stream(response_id=id_, starting_after=4) as stream:
        numbers = [cast("int", getattr(event, "sequence_number", -1)) for event in stream]
        assert stream.get_final_response().output_text == "one two three four"
    assert min(numbers) == 5


def test_input_items_are_paged(client: OpenAI) -> None:
    """The pager goes on with the id of the last element."""
    messages: Any = [{"role": "user", "content": f"line {number}"} for number in range(5)]
    response = client.responses.create(model="echo", input=messages)
    items = list(client.responses.input_items.list(response.id, limit=2, order="asc"))
    assert [cast("Any", item).content[0].text for item in items] == [f"line {number}" for number in range(5)]
    newest = next(iter(client.responses.input_items.list(response.id, limit=1)))
    assert cast("Any", newest).content[0].text == "line 4"


def test_tokens_are_counted_as_they_are_used(client: OpenAI) -> None:
    """The count is what the same create is charged."""
    asked: Any = {"model": "echo", "input": "how many are these", "instructions": "be brief", "tools": [TOOL]}
    counted = client.responses.input_tokens.count(**asked)
    used = cast("Response", client.responses.create(**asked)).usage
    assert used is not None
    assert (counted.object, counted.input_tokens) == ("response.input_tokens", used.input_tokens)


def test_a_deleted_response_is_gone(client: OpenAI) -> None:
    """Retrieve, input items and a continuation do not find it."""
    response = client.responses.create(model="echo", input="x")
    client.responses.delete(response.id)
    with pytest.raises(openai.NotFoundError):
        client.responses.retrieve(response.id)
    with pytest.raises(openai.NotFoundError):
        list(client.responses.input_items.list(response.id))
    with pytest.raises(openai.BadRequestError, match="not found"):
        client.responses.create(model="echo", input="y", previous_response_id=response.id)


def test_the_raw_answer_tells_its_request_id(client: OpenAI) -> None:
    """The SDK shows it as `_request_id`; operators search for it."""
    assert client.responses.create(model="echo", input="x")._request_id


def test_every_call_on_conversations(client: OpenAI) -> None:
    """Create with items, page both ways, retrieve, delete, update, forget."""
    items: Any = [{"role": "user", "content": f"line {number}"} for number in range(5)]
    conversation = client.conversations.create(items=items, metadata={"topic": "sea"})
    id_ = conversation.id
    assert client.conversations.retrieve(id_).metadata == {"topic": "sea"}
    listed = list(client.conversations.items.list(id_, limit=2, order="asc"))
    texts = [cast("Any", item).content[0].text for item in listed]
    assert texts == [f"line {number}" for number in range(5)]
    backwards = [item.id for item in client.conversations.items.list(id_, limit=2)]
    assert backwards == [item.id for item in reversed(listed)]
    added = client.conversations.items.create(id_, items=[{"role": "user", "content": "more"}])
    item_id = str(added.data[0].id)
    assert client.conversations.items.retrieve(item_id, conversation_id=id_).id == item_id
    assert client.conversations.items.delete(item_id, conversation_id=id_).id == id_
    with pytest.raises(openai.NotFoundError):
        client.conversations.items.retrieve(item_id, conversation_id=id_)
    answered = client.responses.create(model="echo", input="and now", conversation=id_)
    assert answered.conversation is not None
    assert answered.conversation.id == id_
    after = [cast("Any", item).content[0].text for item in client.conversations.items.list(id_, order="asc")]
    assert after == [*texts, "and now", "and now"]
    assert client.conversations.update(id_, metadata={"topic": "sky"}).metadata == {"topic": "sky"}
    assert client.conversations.delete(id_).deleted
    with pytest.raises(openai.NotFoundError):
        list(client.conversations.items.list(id_))


def test_a_warm_up_can_be_continued(client: OpenAI) -> None:
    """`generate: false` answers with nothing, at once, under an id that the next turn builds on."""
    with client.responses.connect() as connection:
        connection.response.create(model="echo", input="remember", store=False, generate=False)
        warm = _ended(connection)
        assert (warm.status, warm.output) == ("completed", [])
        connection.response.create(model="echo", input="go", store=False, previous_response_id=warm.id)
        assert _ended(connection).output_text == "go"


def test_lanes_answer_each_its_own(client: OpenAI) -> None:
    """The SDK's session routes frames by `stream_id`; a refused create fails its lane only."""
    limits = ResponsesWebSocketLimits(
        max_lanes=4, max_events_per_lane=100, max_events=400, max_bytes_per_lane=10**6, max_bytes=10**6
    )
    with client.responses.connect() as connection, ResponsesWebSocketSession(connection, limits=limits) as session:
        lanes = {name: session.lane(name) for name in ("a", "b")}
        for name, lane in lanes.items():
            lane.send({"type": "response.create", "model": "echo", "input": f"for {name}"})
        bad = session.lane("bad")
        bad.send({"type": "response.create", "model": "nope", "input": "x"})
        for name, lane in lanes.items():
            assert lane.get_final_response(timeout=30).output_text == f"for {name}"
        with pytest.raises(ResponsesWebSocketError):
            bad.get_final_response(timeout=30)


@pytest.mark.parametrize("model", ["echo", "caller", "thinker", "refuser", "slow", "broken"])
def test_the_strict_folder_takes_every_stream(client: OpenAI, model: str) -> None:
    """The SDK's own accumulator, whatever the end: its text is the server's."""
    folder = ResponsesWebSocketAccumulator()
    with client.responses.connect() as connection:
        connection.response.create(model=model, input="a b c d", tools=[TOOL], max_output_tokens=16)
        while True:
            event = connection.recv()
            folder.add_event(event)
            if event.type in ENDS:
                break
    final = cast("Response", cast("Any", event).response)
    snapshot = folder.snapshot()
    assert snapshot.output_text == final.output_text
    assert snapshot.response_id == final.id
    assert final.status == {"slow": "incomplete", "broken": "failed"}.get(model, "completed")


def _ended(connection: Any) -> Response:
    """The response that the next completed event carries."""
    for event in connection:
        if isinstance(event, ResponseCompletedEvent):
            return event.response
        assert event.type not in ENDS, event
    message = "the socket closed before the answer was complete"
    raise AssertionError(message)
