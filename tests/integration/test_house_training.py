"""The training pipeline from end to end, in small: train, stop, go on, publish, load, examine."""

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, cast

import pytest
import torch
from tokenizers import Tokenizer
from transformers import AutoModelForCausalLM, AutoTokenizer, LlamaForCausalLM
from typer.testing import CliRunner

from maru_training.cli import evaluate, train
from maru_training.house.chat import Encoder, Message
from maru_training.house.loop import load_masters, progress_of
from maru_training.house.model import HouseModel
from maru_training.house.recipe import small
from maru_training.house.start_run import run

TALK = [
    {"role": "user", "content": "My name is Jihoon."},
    {"role": "assistant", "content": "반가워요!"},
    {"role": "user", "content": "What is my name?"},
]


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The folder of a run that was interrupted once, and that of its model."""
    folder = tmp_path_factory.mktemp("run")
    model = tmp_path_factory.mktemp("model") / "house_model"
    command = ["house", "--smoke", "--folder", str(folder), "--publish", str(model)]
    stopped = CliRunner().invoke(train, [*command, "--stop-after", "0"])
    assert stopped.exit_code == 0, stopped.output
    assert not model.exists()
    assert progress_of(folder).step == 1
    completed = CliRunner().invoke(train, command)
    assert completed.exit_code == 0, completed.output
    return folder, model


def test_a_stopped_run_goes_on(finished: tuple[Path, Path]) -> None:
    """An hour of training must survive a closed laptop."""
    folder, _ = finished
    lines = [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()]
    starts = [line["step"] for line in lines if line["event"] == "start"]
    assert starts == [0, 1]
    assert lines[-1]["event"] == "stop"
    assert lines[-1]["tokens"] >= small().tokens
    losses = [line["loss"] for line in lines if line["event"] == "step"]
    assert losses[-1] < losses[0]


def test_the_folder_loads_in_transformers(finished: tuple[Path, Path]) -> None:
    """Every engine reads the folder the way transformers does."""
    folder, model_folder = finished
    model = cast("Any", AutoModelForCausalLM).from_pretrained(model_folder, dtype=torch.float32)
    assert isinstance(model, LlamaForCausalLM)
    ours = HouseModel(small().shape)
    ours.load_state_dict({name: weight.bfloat16().float() for name, weight in load_masters(folder).items()})
    tokens = torch.randint(4, small().shape.vocabulary, (2, 40))
    with torch.no_grad():
        assert torch.allclose(model(tokens).logits, ours(tokens), atol=1e-3)


def test_the_template_gives_the_ids_of_training(finished: tuple[Path, Path]) -> None:
    """A prompt that differs from training by one token costs answers."""
    _, model_folder = finished
    tokenizer = cast("Any", AutoTokenizer).from_pretrained(model_folder)
    ours = Encoder(Tokenizer.from_file(str(model_folder / "tokenizer.json")))
    prompt = ours.prompt([Message(cast("Any", turn["role"]), turn["content"]) for turn in TALK])
    theirs = tokenizer.apply_chat_template(TALK, add_generation_prompt=True, return_dict=True)
    assert theirs["input_ids"] == prompt


def test_the_training_template_marks_what_the_assistant_says(finished: tuple[Path, Path]) -> None:
    """Fine-tuning on it trains the stop token too, and nothing that people said."""
    _, model_folder = finished
    tokenizer = cast("Any", AutoTokenizer).from_pretrained(model_folder)
    template = (model_folder / "chat_template.training.jinja").read_text()
    encoded = tokenizer.apply_chat_template(
        TALK[:2], chat_template=template, return_dict=True, return_assistant_tokens_mask=True
    )
    said = [n for n, mark in zip(encoded["input_ids"], encoded["assistant_masks"], strict=True) if mark]
    assert tokenizer.decode(said) == "반가워요!<|im_end|>"


def test_every_file_is_readable_by_all(finished: tuple[Path, Path]) -> None:
    """A service user must be able to load it."""
    _, model_folder = finished
    assert all(path.stat().st_mode & 0o777 == 0o644 for path in model_folder.iterdir())


def test_the_exam_runs(finished: tuple[Path, Path], tmp_path: Path) -> None:
    """A model that knows nothing gets a report all the same, and --strict fails."""
    _, model_folder = finished
    report, replies = tmp_path / "report.json", tmp_path / "replies.jsonl"
    command = ["house", "--folder", str(model_folder), "--items", "1", "--cell", "quoting", "--strict"]
    outcome = CliRunner().invoke(evaluate, [*command, "--report", str(report), "--replies", str(replies)])
    assert outcome.exit_code == 1
    assert "| quoting |" in outcome.output
    assert [cell["items"] for cell in json.loads(report.read_text())["cells"]] == [1, 1]
    assert len(replies.read_text().splitlines()) == 2


def test_two_workers_share_a_run(tmp_path: Path) -> None:
    """Two cores train one model."""
    progress = run(small(), tmp_path, workers=2)
    assert progress.tokens >= small().tokens
    assert json.loads((tmp_path / "log.jsonl").read_text().splitlines()[0])["workers"] == 2


def test_workers_end_with_a_run_that_was_killed(tmp_path: Path) -> None:
    """Or they write over the run that is started anew on the same folder."""
    command = [sys.executable, "-m", "maru", "train", "house", "--smoke", "--workers", "2", "--folder", str(tmp_path)]
    # A worker holds its parent's output open, so the end of the output is the end of the last of them.
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        while not (tmp_path / "log.jsonl").exists():
            assert process.poll() is None
            time.sleep(0.1)
        process.kill()
        assert process.stdout is not None
        process.stdout.read()
    assert '"event": "stop"' not in (tmp_path / "log.jsonl").read_text()
