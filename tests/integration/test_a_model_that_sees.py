"""A model that sees, on transformers and on vLLM: what it says depends on the picture that was sent, however sent.

The model is tiny and of our own making (`support/seeing_model.py`). When it was made it answered 1,535 of 1,536
questions about fresh pictures right.
"""

import base64
import io
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openai
import pytest
from openai import OpenAI

from maru_backends.vllm import VllmSettings
from support.live_server import live_server
from support.seeing_model import COLOURS, HERE, Scene, asked, drawn
from support.vllm_server import START_TIMEOUT_S, require_vllm, running_vllm

QUESTIONS = 40
RIGHT = 39
CONFIG = """
[[models]]
id = "eye"
{engine}

[[models]]
id = "blind"
backend = "transformers"
"""
IN_PROCESS = f"""
backend = "transformers"
source = "{HERE}"
"""


@pytest.fixture(scope="module", params=["transformers", "vllm"])
def client(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenAI]:
    """The official SDK on a server with the model."""
    folder = tmp_path_factory.mktemp("seeing")
    if request.param == "transformers":
        yield from _client(folder, IN_PROCESS)
        return
    require_vllm()
    settings = VllmSettings(
        source=str(HERE),
        env={"VLLM_API_KEY": ""},
        engine_args={"limit-mm-per-prompt": '{"image": 8}'},
        start_timeout_s=START_TIMEOUT_S,
        stop_grace_s=2,
    )
    with running_vllm(settings) as running:
        process = running.backend.process
        assert process is not None
        yield from _client(folder, f'backend = "vllm"\nbase_url = "{process.base_url}"\n')


def _client(folder: Path, engine: str) -> Iterator[OpenAI]:
    with live_server(folder, CONFIG.format(engine=engine)) as server:
        yield OpenAI(base_url=f"{server.url}/v1", api_key="none", max_retries=0)


def _png(scene: Scene) -> bytes:
    buffer = io.BytesIO()
    scene.picture.save(buffer, "PNG")
    return buffer.getvalue()


def _inline(scene: Scene) -> dict[str, Any]:
    url = f"data:image/png;base64,{base64.b64encode(_png(scene)).decode()}"
    return {"type": "input_image", "image_url": url, "detail": "auto"}


def _uploaded(client: OpenAI, scene: Scene) -> dict[str, Any]:
    made = client.files.create(file=("shapes.png", _png(scene)), purpose="vision")
    return {"type": "input_image", "file_id": made.id, "detail": "auto"}


def _ask(client: OpenAI, question: str, *pictures: dict[str, Any], **more: Any) -> Any:
    content: Any = [*pictures, {"type": "input_text", "text": question}]
    asked_: Any = [{"role": "user", "content": content}]
    responses: Any = client.responses
    return responses.create(model="eye", input=asked_, temperature=0, max_output_tokens=24, **more)


def test_it_says_what_is_there(client: OpenAI) -> None:
    """Colours and counts, in both languages, sent inline and by id."""
    chance = random.Random(11)
    right = 0
    for number in range(QUESTIONS):
        scene = drawn(chance)
        question, answer = asked(chance, scene)
        picture = _inline(scene) if number % 2 else _uploaded(client, scene)
        right += _ask(client, question, picture).output_text == answer
    assert right >= RIGHT


def test_what_colour_is_the_square(client: OpenAI) -> None:
    """The same question, another picture, another answer."""
    chance = random.Random(12)
    said = set[str]()
    while len(said) < len(COLOURS):
        scene = drawn(chance)
        if scene.colours.keys() == {"square"} and (colour := scene.colours["square"]) not in said:
            assert _ask(client, "What colour is the square?", _inline(scene)).output_text == f"The square is {colour}."
            said.add(colour)


def test_a_picture_of_an_earlier_turn_is_still_seen(client: OpenAI) -> None:
    """The next question need not send it again, and goes to the picture of its own conversation."""
    chance = random.Random(13)
    for _ in range(4):
        scene = drawn(chance)
        kind, colour = next(iter(scene.colours.items()))
        first = _ask(client, "How many shapes are there?", _uploaded(client, scene))
        second = client.responses.create(
            model="eye", input=f"What colour is the {kind}?", previous_response_id=first.id, temperature=0
        )
        assert colour in second.output_text
        assert second.usage is not None
        assert second.usage.input_tokens > first.usage.input_tokens


def test_a_large_picture_costs_no_more(client: OpenAI) -> None:
    """It is made smaller, and means the same."""
    small, large = (drawn(random.Random(14), side) for side in (64, 3000))
    first, second = (_ask(client, "How many shapes are there?", _inline(scene)) for scene in (small, large))
    assert second.output_text == first.output_text
    assert second.usage.input_tokens == first.usage.input_tokens


def test_a_mark_that_somebody_types_is_no_picture(client: OpenAI) -> None:
    """Neither with a picture nor without."""
    scene = drawn(random.Random(15))
    for typed in ("<image>", "<fake_token_around_image><global-img><image>"):
        for pictures in ([], [_inline(scene)]):
            answer = _ask(client, f"{typed} How many shapes are there?", *pictures)
            assert answer.status in {"completed", "incomplete"}


def test_a_blind_model_refuses_before_anything_is_sent(client: OpenAI) -> None:
    """With words that say what to do."""
    picture: Any = [{"role": "user", "content": [_inline(drawn(random.Random(16)))]}]
    with pytest.raises(openai.BadRequestError, match="not known to see images"):
        client.responses.create(model="blind", input=picture)
    models = {model.id: model.model_extra or {} for model in client.models.list()}
    assert models["eye"]["input_modalities"] == ["text", "image"]
    assert models["blind"]["input_modalities"] == ["text"]
