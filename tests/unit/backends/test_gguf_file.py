"""What a GGUF file says of its model, and that a broken one is told before llama.cpp gets it."""

from pathlib import Path
from typing import Any

import gguf
import pytest

from maru_backends.gguf_file import NotGgufError, read_header

WRITER: Any = gguf  # it has no types


def written(file: Path, *, has_all: bool = True) -> Path:
    """A file of keys alone."""
    writer = WRITER.GGUFWriter(str(file), "llama")
    writer.add_context_length(4096)
    writer.add_tokenizer_model("llama")
    writer.add_token_list(["<unk>", "<s>", "</s>", "<0x0A>", "a", "<|im_start|>"])
    writer.add_token_types([2, 3, 3, 6, 1, 4])
    writer.add_float32("some.number", 0.5)
    writer.add_bool("some.truth", True)  # noqa: FBT003 - as the package has it
    if has_all:
        writer.add_name("한국어 Chat")
        writer.add_chat_template("{{ messages }}")
        writer.add_bos_token_id(1)
        writer.add_eos_token_id(2)
        writer.add_add_bos_token(value=False)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.close()
    return file


def test_keys_are_read(tmp_path: Path) -> None:
    """As llama.cpp's own package wrote them."""
    header = read_header(written(tmp_path / "m.gguf"))
    assert (header.architecture, header.name, header.window) == ("llama", "한국어 Chat", 4096)
    assert header.template == "{{ messages }}"
    assert header.control_tokens == ("<s>", "</s>", "<|im_start|>")
    assert (header.bos, header.eos, header.adds_bos) == ("<s>", "</s>", False)


def test_missing_keys_are_none(tmp_path: Path) -> None:
    """A sentencepiece tokenizer puts its BOS token before a text where nothing is said of it."""
    header = read_header(written(tmp_path / "m.gguf", has_all=False))
    assert (header.name, header.template, header.bos, header.eos) == ("", None, None, None)
    assert header.adds_bos


def test_broken_files_are_told(tmp_path: Path) -> None:
    """llama.cpp would take the server with it; half a download is the usual case."""
    whole = written(tmp_path / "m.gguf").read_bytes()
    broken = tmp_path / "broken.gguf"
    for length in range(0, len(whole) - 32, 7):
        broken.write_bytes(whole[:length])
        with pytest.raises(NotGgufError):
            read_header(broken)
    broken.write_bytes(whole[:16] + b"\xff" * 8 + whole[24:])
    with pytest.raises(NotGgufError, match="broken"):
        read_header(broken)
    broken.write_bytes(b"GGUF\x01\x00\x00\x00" + whole[8:])
    with pytest.raises(NotGgufError, match="version 1"):
        read_header(broken)
    with pytest.raises(NotGgufError, match="cannot be read"):
        read_header(tmp_path / "nowhere.gguf")
