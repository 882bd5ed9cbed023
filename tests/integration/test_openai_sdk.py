"""The official `openai` SDK is a client without a patch, on the house model in transformers and in vLLM."""

from collections.abc import Generator

import openai
import pytest
from openai import OpenAI
from openai.resources.responses.responses import ResponsesConnection
from openai.types.responses import ResponseCompletedEvent, ResponseTextDeltaEvent

from support.live_server import LiveServer


@pytest.fixture(params=["house", "vllm"])
def model(request: pytest.FixtureRequest) -> str:
    """Both engines in turn."""
    name: str = request.param
    return name


@pytest.fixture
def client(request: pytest.FixtureRequest, model: str) -> Generator[OpenAI]:
    """A client of the server that has this model."""
    server: LiveServer = request.getfixturevalue("maru" if model == "house" else "maru_on_vllm")
    with OpenAI(base_url=f"{server.url}/v1", api_key="not-needed-here", max_retries=0) as client:
        yield client


def test_a_plain_answer(client: OpenAI, model: str) -> None:
    """The first call of every program."""
    response = client.responses.create(model=model, input="Hello!", max_output_tokens=200)
    assert response.status == "completed"
    assert response.output_text
    assert response.usage is not None
    assert response.usage.input_tokens > 0
    assert client.responses.retrieve(response.id).output_text == response.output_text


def test_a_streamed_answer_is_its_deltas(client: OpenAI, model: str) -> None:
    """What streams is what is kept."""
    events = list(client.responses.create(model=model, input="안녕!", stream=True, max_output_tokens=200))
    text = "".join(event.delta for event in events if isinstance(event, ResponseTextDeltaEvent))
    last = events[-1]
    assert isinstance(last, ResponseCompletedEvent)
    assert last.response.output_text == text
    assert [event.sequence_number for event in events] == list(range(len(events)))


def test_the_strict_stream_wrapper_accepts_our_stream(client: OpenAI, model: str) -> None:
    """It checks order, ids and indexes of every event."""
    with client.responses.stream(model=model, input="Hello!", max_output_tokens=200) as stream:
        for _ in stream:
            pass
        assert stream.get_final_response().status == "completed"


@pytest.mark.parametrize(
    ("told", "asked", "answer"),
    [
        ("My name is Jihoon.", "What is my name?", "Jihoon"),
        ("내 이름은 지훈이야.", "내 이름이 뭐야?", "지훈"),
    ],
)
def test_two_turns_on_one_socket(client: OpenAI, model: str, told: str, asked: str, answer: str) -> None:
    """The socket remembers through `previous_response_id`, and the model answers from what it was told."""
    with client.responses.connect() as connection:
        connection.response.create(model=model, input=told, max_output_tokens=200)
        first = _completed(connection)
        connection.response.create(
            model=model, input=asked, previous_response_id=first.response.id, temperature=0, max_output_tokens=200
        )
        assert answer in _completed(connection).response.output_text


def test_a_conversation_from_birth_to_death(client: OpenAI, model: str) -> None:
    """Every conversation call of the SDK."""
    conversation = client.conversations.create(metadata={"topic": "test"})
    client.responses.create(
        model=model, input="My name is Mina.", conversation=conversation.id, temperature=0, max_output_tokens=200
    )
    asked = client.responses.create(
        model=model, input="What is my name?", conversation=conversation.id, temperature=0, max_output_tokens=200
    )
    assert "Mina" in asked.output_text
    roles = [
        getattr(item, "role", None) for item in client.conversations.items.list(conversation.id, order="asc", limit=2)
    ]
    assert roles == ["user", "assistant", "user", "assistant"]
    added = client.conversations.items.create(
        conversation.id, items=[{"type": "message", "role": "user", "content": "one more"}]
    )
    item_id = str(added.data[0].id)
    assert client.conversations.items.retrieve(item_id, conversation_id=conversation.id).id == item_id
    client.conversations.items.delete(item_id, conversation_id=conversation.id)
    assert client.conversations.update(conversation.id, metadata={"topic": "new"}).metadata == {"topic": "new"}
    assert client.conversations.delete(conversation.id).deleted
    with pytest.raises(openai.NotFoundError):
        client.conversations.retrieve(conversation.id)


def test_errors_have_the_shape_that_the_sdk_reads(client: OpenAI, model: str) -> None:
    """Programs branch on type, code and param."""
    with pytest.raises(openai.BadRequestError) as caught:
        client.responses.create(model="nope", input="hi")
    assert (caught.value.code, caught.value.param) == ("model_not_found", "model")
    with pytest.raises(openai.BadRequestError) as caught:
        client.responses.create(model=model, input="hi", previous_response_id="resp_nope")
    assert caught.value.code == "previous_response_not_found"


def test_background_answers_can_be_cancelled(maru: LiveServer) -> None:
    """A long job is started, looked at and stopped from elsewhere."""
    with OpenAI(base_url=f"{maru.url}/v1", api_key="x", max_retries=0) as client:
        started = client.responses.create(model="slow", input="go", background=True)
        assert started.status in {"queued", "in_progress"}
        assert client.responses.cancel(started.id).status == "cancelled"
        assert client.responses.retrieve(started.id).status == "cancelled"


def test_the_models_are_listed(maru: LiveServer) -> None:
    """Clients choose from it."""
    with OpenAI(base_url=f"{maru.url}/v1", api_key="x") as client:
        assert [model.id for model in client.models.list()] == ["house", "echo", "slow"]


def _completed(connection: ResponsesConnection) -> ResponseCompletedEvent:
    for event in connection:
        if isinstance(event, ResponseCompletedEvent):
            return event
        assert event.type != "error", event
    message = "the socket closed before the answer was complete"
    raise AssertionError(message)
