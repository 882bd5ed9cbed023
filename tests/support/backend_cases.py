"""The backends that the contract suite runs on, and what each can be held to.

A new engine joins by a `BackendCase` in the list of `tests/contract/conftest.py`.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from importlib import resources
from importlib.util import find_spec
from pathlib import Path
from typing import get_args

import pytest

from maru_backends.base import Backend
from maru_backends.echo import EchoBackend, EchoSettings
from maru_backends.gguf import GgufSettings
from maru_backends.gguf import open_backend as open_gguf
from maru_backends.pool import EnginePool, Member
from maru_backends.transformers_local import TransformersSettings, open_backend
from support.tiny_families import TinyName, save_tiny_family
from support.tiny_gguf import save_as_gguf
from support.tiny_model import save_tiny_model
from support.tool_templates import HERMES, LLAMA_3

HOUSE_FOLDER = Path(str(resources.files("maru_backends"))) / "house_model"


@dataclass(frozen=True)
class BackendCase:
    """One backend under the contract.

    Attributes:
        open: makes a fresh backend; fixtures that it needs it asks of the request.
        marks: marks and skips of all its tests.
        repeats_exactly: whether temperature 0 gives the same text whoever else is in the batch; an engine in half
            precision may differ in a rare token.
        babbles: whether it may write what is no text, having random weights.
        samples: whether temperature and seed do anything.
        takes_seeds: whether the same seed repeats a drawn answer; some APIs know no seed.
        keeps_prefixes: whether a second turn of a session reports cached tokens.
        pads_json: whether it may write blanks in its JSON until it is cut.
        least_tokens: the fewest that an answer can be bounded to.
        knows_tools: whether the model was taught them, where its engine says that it takes them.
    """

    name: str
    open: Callable[[pytest.FixtureRequest], Awaitable[Backend]]
    marks: tuple[pytest.MarkDecorator, ...] = ()
    repeats_exactly: bool = True
    babbles: bool = False
    samples: bool = True
    takes_seeds: bool = True
    keeps_prefixes: bool = False
    pads_json: bool = False
    least_tokens: int = 1
    knows_tools: bool = True


async def _open_echo(request: pytest.FixtureRequest) -> Backend:
    return EchoBackend(EchoSettings(context_window=2048))


async def _open_pool(request: pytest.FixtureRequest) -> Backend:
    return EnginePool([Member(name, EchoBackend(EchoSettings(context_window=2048))) for name in ("a", "b")])


async def _open_tiny(request: pytest.FixtureRequest) -> Backend:
    folder: Path = request.getfixturevalue("tiny_model")
    return await open_backend(TransformersSettings(source=str(folder), threads=1))


def _opens_caller(template: str) -> Callable[[pytest.FixtureRequest], Awaitable[Backend]]:
    async def opened(request: pytest.FixtureRequest) -> Backend:
        folder: Path = request.getfixturevalue("tmp_path") / "calls"
        save_tiny_model(folder, template=template, window=2048)
        return await open_backend(TransformersSettings(source=str(folder), threads=1))

    return opened


def _opens_family(name: TinyName) -> Callable[[pytest.FixtureRequest], Awaitable[Backend]]:
    async def opened(request: pytest.FixtureRequest) -> Backend:
        folder: Path = request.getfixturevalue("tiny_families")
        return await open_backend(TransformersSettings(source=str(folder / name), threads=1))

    return opened


async def _open_tiny_gguf(request: pytest.FixtureRequest) -> Backend:
    file: Path = request.getfixturevalue("tiny_gguf")
    return await open_gguf(GgufSettings(source=str(file), threads=1))


async def _open_calling_gguf(request: pytest.FixtureRequest) -> Backend:
    folder: Path = request.getfixturevalue("tmp_path") / "calls"
    save_tiny_model(folder, template=HERMES, window=2048, tokens=("<tool_call>", "</tool_call>"))
    return await open_gguf(GgufSettings(source=str(save_as_gguf(folder, folder / "calls.gguf")), threads=1))


async def _open_house(request: pytest.FixtureRequest) -> Backend:
    return await open_backend(TransformersSettings(source="house", threads=1))


ECHO = BackendCase("echo", _open_echo, samples=False)
POOL = BackendCase("pool-of-echoes", _open_pool, samples=False)
TINY = BackendCase("transformers-tiny", _open_tiny, babbles=True, keeps_prefixes=True)
VICUNA, OPT, GPT_2 = (
    BackendCase(f"transformers-{name}", _opens_family(name), babbles=True, keeps_prefixes=True)
    for name in ("vicuna-tiny", "opt-tiny", "gpt2-tiny")
)
HERMES_CALLS, LLAMA_CALLS = (
    BackendCase(f"transformers-{name}", _opens_caller(template), babbles=True, keeps_prefixes=True)
    for name, template in (("hermes-calls", HERMES), ("llama-calls", LLAMA_3))
)
GGUF, GGUF_CALLS = (
    BackendCase(
        name,
        opens,
        marks=(pytest.mark.skipif(find_spec("xllamacpp") is None, reason="the extra gguf is not installed"),),
        repeats_exactly=False,
        babbles=True,
        keeps_prefixes=True,
    )
    for name, opens in (("gguf-tiny", _open_tiny_gguf), ("gguf-calls", _open_calling_gguf))
)
HOUSE = BackendCase(
    "transformers-house",
    _open_house,
    marks=(pytest.mark.skipif(not (HOUSE_FOLDER / "config.json").is_file(), reason="no house model is published"),),
    keeps_prefixes=True,
)


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a tiny random chat model, made once a session."""
    folder: Path = tmp_path_factory.mktemp("tiny_model")
    return save_tiny_model(folder)


@pytest.fixture(scope="session")
def tiny_families(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which a tiny model of each family lies, made once a session."""
    folder: Path = tmp_path_factory.mktemp("tiny_families")
    for name in get_args(TinyName):
        save_tiny_family(folder, name)
    return folder


@pytest.fixture(scope="session")
def tiny_gguf(tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny random chat model as a GGUF file, made once a session."""
    folder: Path = tmp_path_factory.mktemp("tiny_gguf")
    return save_as_gguf(tiny_model, folder / "tiny.gguf")
