"""Weights of fewer bits: quantised while they are loaded or before, they answer as the house model does."""

import logging
import shutil
from pathlib import Path
from typing import Any

import pytest
import transformers

from maru_backends.base import ChatMessage, ChatRequest, Sampling, TextDelta, TextPart
from maru_backends.errors import BackendSetupError
from maru_backends.transformers_local import TransformersBackend, TransformersSettings, open_backend
from support.backend_cases import HOUSE_FOLDER

QUESTION = ChatRequest(
    (ChatMessage("user", (TextPart("What is the capital of France?"),)),), Sampling(temperature=0), 24
)


async def _said(**settings: Any) -> tuple[str, TransformersBackend]:
    backend = await open_backend(TransformersSettings(threads=1, **settings))
    assert isinstance(backend, TransformersBackend)
    try:
        events = [event async for event in backend.stream(QUESTION)]
    finally:
        await backend.close()
    return "".join(event.text for event in events if isinstance(event, TextDelta)), backend


@pytest.fixture(scope="module")
def quantized(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The house model in 4 bits, as `save_pretrained` writes it."""
    folder: Path = tmp_path_factory.mktemp("quantized")
    library: Any = transformers
    in_4_bits = library.BitsAndBytesConfig(load_in_4bit=True, bnb_4bit_quant_type="nf4")
    where = {"": "cpu"}
    loader: Any = library.AutoModelForCausalLM
    model = loader.from_pretrained(HOUSE_FOLDER, quantization_config=in_4_bits, device_map=where)
    model.save_pretrained(folder)
    for name in ("tokenizer.json", "tokenizer_config.json", "chat_template.jinja"):
        shutil.copy(HOUSE_FOLDER / name, folder / name)
    return folder


@pytest.mark.parametrize("quantize", ["4bit", "8bit"])
async def test_it_is_quantised_while_it_is_loaded(quantize: str, caplog: pytest.LogCaptureFixture) -> None:
    """In less memory than at full size, and told."""
    with caplog.at_level(logging.INFO, "maru_backends"):
        text, backend = await _said(source="house", quantize=quantize)
    assert "Paris" in text
    model: Any = backend._loaded.model
    whole: Any = transformers.AutoModelForCausalLM
    assert (
        model.get_memory_footprint() < 0.6 * whole.from_pretrained(HOUSE_FOLDER, dtype="float32").get_memory_footprint()
    )
    (told,) = [record.message for record in caplog.records]
    assert f"in quantised numbers (bitsandbytes): as quantize = '{quantize}' says" in told


async def test_what_is_quantised_already_is_served_as_it_is(quantized: Path) -> None:
    """And is not quantised again."""
    text, _ = await _said(source=str(quantized))
    assert "Paris" in text
    with pytest.raises(BackendSetupError, match="quantised already; leave the setting quantize out"):
        await _said(source=str(quantized), quantize="8bit")


async def test_the_log_says_why_it_computes_as_it_does(caplog: pytest.LogCaptureFixture) -> None:
    """In which numbers, where, and why."""
    with caplog.at_level(logging.INFO, "maru_backends"):
        await _said(source="house", device="cpu")
        await _said(source="house", dtype="bfloat16")
    first, second = [record.message for record in caplog.records if "computes in" in record.message]
    assert "in float32: a model of this size is faster so on a CPU; on cpu: as device = 'cpu' says" in first
    assert "in bfloat16: as dtype = 'bfloat16' says" in second


async def test_a_missing_library_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """With what to install."""

    def is_there(*_: object) -> bool:
        return False

    monkeypatch.setattr("transformers.quantizers.quantizer_bnb_4bit.is_bitsandbytes_available", is_there)
    with pytest.raises(BackendSetupError, match=r"pip install 'maru\[quantized\]'"):
        await _said(source="house", quantize="4bit")
