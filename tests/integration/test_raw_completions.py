"""`/v1/completions` with the official `openai` SDK as the client, on the tiny GPT-2 and on an engine of scripts."""

import time
from collections.abc import Generator
from contextlib import ExitStack
from pathlib import Path

import openai
import pytest
from openai import OpenAI

from support.backend_cases import tiny_families
from support.echo_models import ECHO, SLOW
from support.live_server import LiveServer, free_port, live_server

__all__ = ["tiny_families"]  # a fixture is known where its name is
MAX_RUNNING = 2
CONFIG = """
default_model = "gpt2"
max_running = {max_running}

[[models]]
id = "gpt2"
backend = "transformers"
source = "{folder}/gpt2-tiny"
threads = 1

[[models]]
id = "llama"
backend = "transformers"
source = "{folder}/vicuna-tiny"
threads = 1
"""
FAR = """
[[models]]
id = "gpt2"
backend = "openai"
base_url = "{url}/v1"
model = "gpt2"

[[models]]
id = "echo"
backend = "openai"
base_url = "{url}/v1"
model = "echo"
"""


@pytest.fixture(scope="module")
def server(tiny_families: Path, tmp_path_factory: pytest.TempPathFactory) -> Generator[LiveServer]:
    """A server of tiny base models, and one model that only chats."""
    config = CONFIG.format(folder=tiny_families, max_running=MAX_RUNNING) + ECHO + SLOW
    server = LiveServer(tmp_path_factory.mktemp("raw"), config, free_port())
    server.start()
    yield server
    server.stop()


@pytest.fixture
def client(server: LiveServer) -> Generator[OpenAI]:
    """A client that tries nothing twice."""
    with OpenAI(base_url=f"{server.url}/v1", api_key="not-needed-here", max_retries=0) as client:
        yield client


def test_a_text_is_gone_on_with(client: OpenAI) -> None:
    """And only 16 tokens where nothing is said, as at OpenAI."""
    found = client.completions.create(model="gpt2", prompt="one two three", temperature=0)
    (choice,) = found.choices
    assert found.object == "text_completion"
    assert choice.text
    assert choice.finish_reason in ("stop", "length")
    assert found.usage is not None
    assert found.usage.completion_tokens <= 16
    assert found.usage.prompt_tokens < 10  # no template stands around it
    again = client.completions.create(model="gpt2", prompt=["one two three"], temperature=0)
    assert again.choices[0].text == choice.text


@pytest.mark.parametrize("model", ["gpt2", "llama"])
def test_a_stream_is_the_same_text(client: OpenAI, model: str) -> None:
    """In chunks, with the count at the end where it was asked for."""
    whole = client.completions.create(model=model, prompt="Tell me", temperature=0, max_tokens=20)
    chunks = [
        *client.completions.create(
            model=model,
            prompt="Tell me",
            temperature=0,
            max_tokens=20,
            stream=True,
            stream_options={"include_usage": True},
        )
    ]
    assert "".join(chunk.choices[0].text for chunk in chunks if chunk.choices) == whole.choices[0].text
    reasons = [chunk.choices[0].finish_reason for chunk in chunks if chunk.choices]
    assert [reason for reason in reasons if reason] == [whole.choices[0].finish_reason]
    assert chunks[-1].usage == whole.usage


def test_a_stop_string_ends_it(client: OpenAI) -> None:
    """Few-shot prompts end where the next example would begin."""
    whole = client.completions.create(model="gpt2", prompt="one two", temperature=0, max_tokens=30).choices[0].text
    stop = whole[len(whole) // 2 :][:3]
    found = client.completions.create(model="gpt2", prompt="one two", temperature=0, max_tokens=30, stop=stop)
    assert found.choices[0].text == whole[: whole.index(stop)]
    assert found.choices[0].finish_reason == "stop"


def test_echo_puts_the_text_before_it(client: OpenAI) -> None:
    """What OpenAI's playground showed: the text, and what comes of it."""
    plain = client.completions.create(model="gpt2", prompt="one two", temperature=0).choices[0].text
    whole = client.completions.create(model="gpt2", prompt="one two", temperature=0, echo=True).choices[0].text
    assert whole == f"one two{plain}"
    chunks = client.completions.create(model="gpt2", prompt="one two", temperature=0, echo=True, stream=True)
    assert "".join(choice.text for chunk in chunks for choice in chunk.choices) == whole


def test_logprobs_stand_beside_the_tokens(client: OpenAI) -> None:
    """In lists of one length; each token begins where the one before it ends, behind the prompt."""
    found = client.completions.create(model="gpt2", prompt="one two", temperature=0, logprobs=2).choices[0]
    told = found.logprobs
    assert told is not None
    assert told.tokens
    assert told.token_logprobs
    assert told.top_logprobs
    assert told.text_offset
    assert len(told.tokens) == len(told.token_logprobs) == len(told.top_logprobs) == len(told.text_offset)
    assert told.text_offset[0] == len("one two")
    for logprob, rivals in zip(told.token_logprobs, told.top_logprobs, strict=True):
        assert 1 <= len(rivals) <= 2
        assert logprob == pytest.approx(max(rivals.values()))
    chunks = client.completions.create(model="gpt2", prompt="one two", temperature=0, logprobs=2, stream=True)
    pieces = [choice.logprobs for chunk in chunks for choice in chunk.choices if choice.logprobs]
    assert [token for piece in pieces for token in piece.tokens or ()] == told.tokens
    assert [place for piece in pieces for place in piece.text_offset or ()] == told.text_offset


def test_another_maru_is_an_upstream(server: LiveServer, client: OpenAI, tmp_path: Path) -> None:
    """Its list of models tells which of them go on with a text, and what comes through is the same."""
    with (
        live_server(tmp_path, FAR.format(url=server.url)) as near,
        OpenAI(base_url=f"{near.url}/v1", api_key="none", max_retries=0) as far,
    ):
        here = client.completions.create(model="gpt2", prompt="one two", temperature=0, max_tokens=20, logprobs=2)
        there = far.completions.create(model="gpt2", prompt="one two", temperature=0, max_tokens=20, logprobs=2)
        assert there.choices == here.choices
        assert there.usage == here.usage
        with pytest.raises(openai.BadRequestError, match="cannot go on with a plain text"):
            far.completions.create(model="echo", prompt="Hi")
        with pytest.raises(openai.BadRequestError, match="window"):
            far.completions.create(model="gpt2", prompt="many words " * 700)
        chunks = far.completions.create(model="gpt2", prompt="one two", temperature=0, max_tokens=20, stream=True)
        assert "".join(choice.text for chunk in chunks for choice in chunk.choices) == here.choices[0].text
        assert far.completions.create(model="gpt2", prompt="one two", max_tokens=None, temperature=2).choices


def test_what_cannot_be_done_is_refused(client: OpenAI) -> None:
    """By the name of what is wrong."""
    with pytest.raises(openai.BadRequestError, match="cannot go on with a plain text"):
        client.completions.create(model="echo", prompt="Hi")
    with pytest.raises(openai.NotFoundError, match="does not exist here"):
        client.completions.create(model="nobody", prompt="Hi")
    with pytest.raises(openai.BadRequestError, match="'suffix' cannot be honoured"):
        client.completions.create(model="gpt2", prompt="Hi", suffix="!")
    with pytest.raises(openai.BadRequestError, match="logprobs of a prompt"):
        client.completions.create(model="gpt2", prompt="Hi", echo=True, logprobs=1)
    with pytest.raises(openai.BadRequestError, match="prompt"):
        client.completions.create(model="gpt2", prompt=["Hi", "You"])
    for stream in (False, True):
        with pytest.raises(openai.BadRequestError, match="the window of"):
            client.completions.create(model="gpt2", prompt="many words " * 700, stream=stream)


def test_leaving_stops_it(client: OpenAI) -> None:
    """Nobody can come back for it, and its place is another's."""
    for _ in range(2 * MAX_RUNNING):
        with client.completions.create(
            model="gpt2", prompt="go", temperature=2, max_tokens=None, stream=True, seed=4
        ) as chunks:
            next(iter(chunks))
        time.sleep(0.3)
    assert client.completions.create(model="gpt2", prompt="go").choices


def test_chats_and_texts_are_counted_together(client: OpenAI) -> None:
    """The machine has one number of answers that it can hold, whatever asks for them."""
    with ExitStack() as open_chats:
        for _ in range(MAX_RUNNING):
            chat = client.chat.completions.create(
                model="slow", messages=[{"role": "user", "content": "Hi"}], stream=True
            )
            next(iter(open_chats.enter_context(chat)))
        for stream in (False, True):
            with pytest.raises(openai.RateLimitError, match="at once already"):
                client.completions.create(model="gpt2", prompt="go", stream=stream)
    _until_there_is_room(client)


def _until_there_is_room(client: OpenAI) -> None:
    for _ in range(100):
        try:
            client.completions.create(model="gpt2", prompt="go")
        except openai.RateLimitError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("the places of chats that were left are not free again")
