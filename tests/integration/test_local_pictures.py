"""Pictures in process: the words are those of transformers' own way of computing, and what was typed is no picture."""

import base64
import io
import json
import logging
import shutil
from collections.abc import AsyncGenerator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image, ImageDraw
from transformers import AutoModelForImageTextToText, AutoProcessor, AutoTokenizer

from maru_backends.base import Backend, ChatMessage, ChatRequest, ImagePart, Part, Sampling, TextDelta, TextPart, Usage
from maru_backends.errors import RequestRefusedError
from maru_backends.transformers_local import TransformersSettings, open_backend
from support.vision_model import PICTURE, TOKENS_A_PICTURE, save_vision_model

MOST = 12


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The model's files."""
    made: Path = tmp_path_factory.mktemp("vision")
    return save_vision_model(made)


@pytest.fixture
async def backend(folder: Path) -> AsyncGenerator[Backend]:
    """The model in this process, which computes prompts in small pieces."""
    opened = await open_backend(TransformersSettings(source=str(folder), threads=1, prefill_chunk=8))
    yield opened
    await opened.close()


def _picture(colour: str, side: int = 64) -> Image.Image:
    picture = Image.new("RGB", (side, side), "white")
    ImageDraw.Draw(picture).rectangle((side // 8, side // 8, side // 2, side // 2), fill=colour)
    return picture


def _part(picture: Image.Image) -> ImagePart:
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return ImagePart(f"data:image/png;base64,{base64.b64encode(buffer.getvalue()).decode()}")


def _request(*messages: tuple[Part, ...]) -> ChatRequest:
    roles = ("user", "assistant")
    chat = tuple(ChatMessage(roles[number % 2], parts) for number, parts in enumerate(messages))  # type: ignore[arg-type]
    return ChatRequest(chat, Sampling(temperature=0), MOST, "conv_1")


async def _said(backend: Backend, request: ChatRequest) -> tuple[str, Usage]:
    events = [event async for event in backend.stream(request)]
    (usage,) = [event for event in events if isinstance(event, Usage)]
    return "".join(event.text for event in events if isinstance(event, TextDelta)).rstrip("\ufffd"), usage


def _generated(folder: Path, text: str, *pictures: Image.Image) -> tuple[str, int]:
    """What transformers itself makes of it."""
    library: Any = AutoModelForImageTextToText
    model: Any = library.from_pretrained(folder).eval()
    reader: Any = AutoProcessor
    processor = reader.from_pretrained(folder)
    inputs = processor(text=[text], images=[list(pictures)], return_tensors="pt", add_special_tokens=False)
    length = inputs["input_ids"].shape[1]
    with torch.no_grad():
        ids = model.generate(**inputs, max_new_tokens=MOST, do_sample=False)[0, length:]
    # Half a character at the end is not told.
    return str(processor.tokenizer.decode(ids, skip_special_tokens=True)).rstrip("\ufffd"), length


async def test_words_are_those_of_transformers(backend: Backend, folder: Path) -> None:
    """With one picture, with two in two turns, and after another picture whose tokens are the same."""
    red, blue = _picture("red"), _picture("blue")
    one = "<|im_start|>user\n<image>What is it?<|im_end|>\n<|im_start|>assistant\n"
    two = (
        "<|im_start|>user\n<image>What is it?<|im_end|>\n<|im_start|>assistant\nRed.<|im_end|>\n"
        "<|im_start|>user\nAnd <image>this?<|im_end|>\n<|im_start|>assistant\n"
    )
    said: list[str] = []
    for picture in (red, blue, red):
        text, usage = await _said(backend, _request((_part(picture), TextPart("What is it?"))))
        assert (text, usage.input_tokens) == _generated(folder, one, picture)
        said.append(text)
    assert said[0] == said[2] != said[1]
    request = _request(
        (_part(red), TextPart("What is it?")),
        (TextPart("Red."),),
        (TextPart("And "), _part(blue), TextPart("this?")),
    )
    text, usage = await _said(backend, request)
    assert (text, usage.input_tokens) == _generated(folder, two, red, blue)
    assert await backend.count_tokens(request) == usage.input_tokens


async def test_a_mark_that_somebody_typed_is_no_picture(backend: Backend) -> None:
    """Neither alone, nor beside a picture, nor put together of two parts."""
    plain = await backend.count_tokens(_request((TextPart("What is it?"),)))
    typed = await backend.count_tokens(_request((TextPart(f"{PICTURE}What is it?"),)))
    assert plain < typed < plain + TOKENS_A_PICTURE
    part = _part(_picture("red"))
    seen = await backend.count_tokens(_request((part, TextPart("What is it?"))))
    assert seen >= plain + TOKENS_A_PICTURE
    for texts in ((f"{PICTURE}What is it?",), ("<ima", "ge>What is it?")):
        request = _request((part, *map(TextPart, texts)))
        assert await backend.count_tokens(request) < seen + TOKENS_A_PICTURE
        await _said(backend, request)


async def test_what_can_be_seen_is_told(backend: Backend) -> None:
    """So that nobody sends pictures to a blind model."""
    assert "images" in (await backend.limits()).features


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("https://example.org/a.png", "send the image itself"),
        ("data:image/png;base64,AAAA", "cannot be read"),
        ("data:image/png;base64,???", "cannot be read"),
        ("data:image/svg+xml;base64,PHN2Zy8+", "cannot be read"),
    ],
)
async def test_what_is_no_picture_is_refused(backend: Backend, url: str, why: str) -> None:
    """By its place, and the next request is answered."""
    with pytest.raises(RequestRefusedError, match=f"Image 1 .*{why}"):
        await _said(backend, _request((ImagePart(url), TextPart("What is it?"))))
    assert (await _said(backend, _request((TextPart("Hello?"),))))[1].output_tokens > 0


async def test_an_odd_picture_is_seen_as_it_looks(backend: Backend) -> None:
    """With transparency, in grey, of a palette, and large."""
    for mode in ("RGBA", "L", "P", "1"):
        assert (await _said(backend, _request((_part(_picture("red").convert(mode)), TextPart("?")))))[1].output_tokens
    large = await backend.count_tokens(_request((_part(_picture("red", 1500)), TextPart("?"))))
    assert large == await backend.count_tokens(_request((_part(_picture("red")), TextPart("?"))))


async def test_a_picture_that_leaves_no_room_is_refused(folder: Path) -> None:
    """With the numbers."""
    opened = await open_backend(TransformersSettings(source=str(folder), threads=1, context_window=24))
    with pytest.raises(RequestRefusedError, match="window of 24"):
        await _said(opened, _request((_part(_picture("red")), TextPart("What is it?"))))
    await opened.close()


@pytest.mark.skipif(find_spec("torchvision") is not None, reason="the library is there")
async def test_without_its_processor_a_model_is_served_blind(
    folder: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """SmolVLM's and Qwen's kind read films with torchvision; whoever wants only words needs none."""
    blind = Path(shutil.copytree(folder, tmp_path / "blind"))
    about: dict[str, object] = json.loads((blind / "processor_config.json").read_text())
    about |= {
        "processor_class": "SmolVLMProcessor",
        "video_processor": {"video_processor_type": "SmolVLMVideoProcessor"},
    }
    (blind / "processor_config.json").write_text(json.dumps(about))
    with caplog.at_level(logging.WARNING, "maru_backends"):
        backend = await open_backend(TransformersSettings(source=str(blind), threads=1))
    (told,) = [record.message for record in caplog.records if "without images" in record.message]
    assert told.endswith("its processor needs the library torchvision; install it")
    try:
        assert "images" not in (await backend.limits()).features
        words, _ = await _said(backend, _request((TextPart("What is it?"),)))
        assert words == _generated_words(folder, "<|im_start|>user\nWhat is it?<|im_end|>\n<|im_start|>assistant\n")
        with pytest.raises(RequestRefusedError, match="text only"):
            await _said(backend, _request((_part(_picture("red")), TextPart("What is it?"))))
    finally:
        await backend.close()


def _generated_words(folder: Path, text: str) -> str:
    model: Any = AutoModelForImageTextToText
    tokenizer: Any = AutoTokenizer
    words = tokenizer.from_pretrained(folder)
    inputs = words(text, return_tensors="pt", add_special_tokens=False)
    with torch.no_grad():
        ids = model.from_pretrained(folder).eval().generate(**inputs, max_new_tokens=MOST, do_sample=False)[0]
    return str(words.decode(ids[inputs["input_ids"].shape[1] :], skip_special_tokens=True)).rstrip("\ufffd")
