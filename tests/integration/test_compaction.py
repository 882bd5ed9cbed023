"""Compaction with the official SDK against a running server: the house model's memory, and the seal over restarts."""

import json
import signal
import stat
from collections.abc import Generator
from pathlib import Path
from typing import Any

import openai
import pytest
from agents import (
    Agent,
    OpenAIResponsesCompactionSession,
    OpenAIResponsesModel,
    Runner,
    SQLiteSession,
    set_tracing_disabled,
)
from openai import AsyncOpenAI, OpenAI
from openai.types.responses import ResponseCompletedEvent, ResponseOutputItemDoneEvent

from support.echo_models import echo_model
from support.live_server import LiveServer, live_server

ECHO = echo_model("gpt-echo")
SMALL_TALK = (
    ("What is the capital of France?", "The capital of France is Paris."),
    ("What is 2 + 3?", "2 + 3 = 5."),
    ("How are you?", "I am doing well, thank you! How are you?"),
    ("What is the capital of Japan?", "The capital of Japan is Tokyo."),
    ("What is 7 + 8?", "7 + 8 = 15."),
    ("Who are you?", "I am Maru, a small assistant."),
)


@pytest.fixture
def client(maru: LiveServer) -> Generator[OpenAI]:
    """A client of the server with the house model."""
    with OpenAI(base_url=f"{maru.url}/v1", api_key="not-needed-here", max_retries=0) as client:
        yield client


def _history(*told: tuple[str, str], rounds: int) -> list[Any]:
    """What was told first, then small talk that is longer than what is kept whole."""
    turns = (*told, *(SMALL_TALK * rounds))
    history: list[Any] = []
    for said, answered in turns:
        history += [
            _said(said),
            # Without annotations, as the compliance suite sends it.
            {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": answered}]},
        ]
    return history


def _said(text: str) -> Any:
    return {"type": "message", "role": "user", "content": [{"type": "input_text", "text": text}]}


def _sent_back(output: list[Any]) -> list[Any]:
    # The SDK's own type knows no user message among output items, and would warn of it.
    return [item.to_dict(warnings=False) for item in output]


def test_the_house_model_remembers_what_it_summarised(client: OpenAI) -> None:
    """The name was told forty turns ago and stands in the item only; the chain goes on over a WebSocket."""
    history = _history(("My name is Jihoon.", "Nice to meet you, Jihoon!"), rounds=6)
    compacted = client.responses.compact(model="house", input=history, prompt_cache_key="test")
    assert compacted.object == "response.compaction"
    assert [item.type for item in compacted.output] == ["message"] * 37 + ["compaction"]
    assert compacted.usage.output_tokens > 0
    assert compacted.usage.total_tokens == compacted.usage.input_tokens + compacted.usage.output_tokens
    question = _said("What is my name?")
    window: list[Any] = [*_sent_back(compacted.output), question]
    before = client.responses.input_tokens.count(model="house", input=[*history, question])
    after = client.responses.input_tokens.count(model="house", input=window)
    assert after.input_tokens < before.input_tokens / 5
    with client.responses.connect() as connection:
        connection.response.create(model="house", input=window, store=False, temperature=0, max_output_tokens=100)
        completed = next(event for event in connection if isinstance(event, ResponseCompletedEvent))
    assert "Jihoon" in completed.response.output_text


def test_a_short_korean_chat_goes_on_as_it_was(client: OpenAI) -> None:
    """What is short is kept whole, in any language."""
    history = _history(("내 이름은 지훈이야.", "반가워요, 지훈 님!"), rounds=0)
    compacted = client.responses.compact(model="house", input=history)
    window: list[Any] = [*_sent_back(compacted.output), _said("내 이름이 뭐야?")]
    answer = client.responses.create(model="house", input=window, temperature=0, max_output_tokens=100)
    assert "지훈" in answer.output_text


def test_the_strict_stream_wrapper_takes_a_compaction(client: OpenAI) -> None:
    """It checks order, ids and indexes; the item is the first output, and the next turn builds on it."""
    history = _history(("My name is Jihoon.", "Nice to meet you, Jihoon!"), rounds=12)
    with client.responses.stream(
        model="house",
        input=[*history, _said("What is 2 + 2?")],
        extra_body={"context_management": [{"type": "compaction", "compact_threshold": 1000}]},
        temperature=0,
        max_output_tokens=100,
    ) as stream:
        done = [event for event in stream if isinstance(event, ResponseOutputItemDoneEvent)]
        final = stream.get_final_response()
    assert [event.item.type for event in done] == ["compaction", "message"]
    assert [item.to_dict()["id"] for item in final.output] == [event.item.to_dict()["id"] for event in done]
    asked = client.responses.create(
        model="house", input="What is my name?", previous_response_id=final.id, temperature=0, max_output_tokens=100
    )
    assert "Jihoon" in asked.output_text


def test_a_trigger_over_the_strict_wrapper(client: OpenAI) -> None:
    """The one item is the answer."""
    history = _history(rounds=6)
    with client.responses.stream(model="house", input=[*history, {"type": "compaction_trigger"}]) as stream:
        types = [event.type for event in stream]
        final = stream.get_final_response()
    assert "response.compaction.compacting" in types
    assert [item.type for item in final.output] == ["compaction"]


def test_what_is_wrong_is_told_in_the_shape_that_the_sdk_reads(client: OpenAI) -> None:
    """The compliance suite asks for the first."""
    with pytest.raises(openai.BadRequestError) as refused:
        client.post("/responses/compact", body={"input": "hi"}, cast_to=object)
    assert (refused.value.code, refused.value.param) == ("missing_required_parameter", "model")
    with pytest.raises(openai.BadRequestError) as refused:
        client.responses.compact(model="nope", input="hi")
    assert refused.value.code == "model_not_found"
    for content in ("x", "A" * 1000, "gAAAAABn"):
        with pytest.raises(openai.BadRequestError) as refused:
            client.responses.create(model="house", input=[{"type": "compaction", "encrypted_content": content}])
        assert (refused.value.code, refused.value.param) == ("invalid_encrypted_content", "input[0].encrypted_content")
    with pytest.raises(openai.BadRequestError) as refused:
        client.conversations.create(items=[{"type": "compaction", "encrypted_content": "x"}])
    assert refused.value.param == "items[0].encrypted_content"


def test_an_item_outlives_the_server_but_not_its_key(tmp_path: Path) -> None:
    """Nothing but the key is needed to go on: no stored response and no connection."""
    with live_server(tmp_path, ECHO) as server, OpenAI(base_url=f"{server.url}/v1", api_key="x", max_retries=0) as sdk:
        compacted = sdk.responses.compact(model="gpt-echo", input="remember me")
        window: list[Any] = [*_sent_back(compacted.output), _said("still there?")]
        server.send(signal.SIGKILL)
        key_file = tmp_path / "data" / "compaction.keys"
        assert stat.S_IMODE(key_file.stat().st_mode) == 0o600
        server.start()
        assert sdk.responses.input_tokens.count(model="gpt-echo", input=window).input_tokens == 7
        assert sdk.responses.create(model="gpt-echo", input=window, store=False).output_text == "still there?"
        server.stop()
        key_file.unlink()
        server.start()
        with pytest.raises(openai.BadRequestError) as refused:
            sdk.responses.create(model="gpt-echo", input=window)
        assert refused.value.code == "invalid_encrypted_content"
        assert json.loads(refused.value.response.text)["error"]["param"] == "input[1].encrypted_content"


async def test_the_agents_sdk_compacts_its_sessions(tmp_path: Path) -> None:
    """Its session replaces the history by our output and goes on from that; it takes only names like OpenAI's."""
    set_tracing_disabled(disabled=True)
    with live_server(tmp_path, ECHO) as server:
        async with AsyncOpenAI(base_url=f"{server.url}/v1", api_key="x", max_retries=0) as sdk:
            agent = Agent[Any](name="a", model=OpenAIResponsesModel("gpt-echo", sdk))
            inner = SQLiteSession("s", tmp_path / "session.db")
            session = OpenAIResponsesCompactionSession("s", inner, client=sdk, model="gpt-echo")
            for number in range(3):
                await Runner.run(agent, f"I am number {number}.", session=session)
            await session.run_compaction({"force": True})
            kinds = [str(item.get("type", "message")) for item in await inner.get_items()]
            assert kinds == ["message", "message", "message", "compaction"]
            last = await Runner.run(agent, "Go on.", session=session)
            assert last.final_output == "Go on."
            inner.close()
