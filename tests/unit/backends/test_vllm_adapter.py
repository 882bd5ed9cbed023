"""Rules of adapters on a vLLM engine: what they are called, and why one cannot be loaded."""

import asyncio
from pathlib import Path

import pytest
from pydantic import ValidationError

from maru_backends.errors import BackendError, BackendSetupError, BackendUnavailableError
from maru_backends.vllm import VllmSettings
from maru_backends.vllm_adapter import CANNOT_LOAD, adapter_in, is_base, load_failure

TAKEN = '{"error": {"message": "The lora adapter \'a\' has already been loaded. If you want", "code": 400}}'
ABSENT = '{"error": {"message": "The lora adapter \'a\' cannot be found.", "type": "NotFoundError", "code": 404}}'
TOO_LARGE = '{"error": {"message": "LoRA rank 64 is greater than max_lora_rank 16.", "code": 500}}'


def _folder(place: Path, weights: bytes) -> Path:
    place.mkdir(exist_ok=True)
    (place / "adapter_config.json").write_text("{}")
    (place / "adapter_model.safetensors").write_bytes(weights)
    return place


async def test_other_weights_have_another_name(tmp_path: Path) -> None:
    """The engine's prefix cache goes by it; the same bytes elsewhere are the same version."""
    first = await adapter_in(str(_folder(tmp_path / "helpful", b"1")), is_near=True)
    (tmp_path / "copy").mkdir()
    copy = await adapter_in(str(_folder(tmp_path / "copy" / "helpful", b"1")), is_near=True)
    second = await adapter_in(str(_folder(tmp_path / "helpful", b"2")), is_near=True)
    assert first.name == copy.name != second.name
    assert first.name.startswith("helpful-")
    assert (first.path, copy.path) == (str(tmp_path / "helpful"), str(tmp_path / "copy" / "helpful"))
    assert str(tmp_path) not in repr(first)


async def test_a_folder_must_hold_an_adapter(tmp_path: Path) -> None:
    """Said before the engine is asked, where its files are ours; elsewhere only it knows."""
    with pytest.raises(BackendSetupError, match=r"no adapter_config\.json"):
        await adapter_in(str(tmp_path), is_near=True)
    absent = str(tmp_path / "absent")
    with pytest.raises(BackendSetupError, match="does not exist"):
        await adapter_in(absent, is_near=True)
    assert await adapter_in(absent, is_near=False) == await adapter_in(absent, is_near=False)


async def test_what_lies_elsewhere_has_a_name_of_its_own() -> None:
    """Whatever else the engine serves under the last word of it has other weights."""
    names = [
        (await adapter_in(source, is_near=False)).name for source in ("/a/helpful-2", "/b/helpful-2", "/a/helpful-2")
    ]
    assert names[0] == names[2] != names[1]
    assert all(name.startswith("helpful-2-") for name in names)
    assert (await adapter_in("lab/helpful-2", is_near=True)).name != "helpful-2"


async def test_people_are_not_shown_where_it_lies(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The operator's log has the path."""
    for source in (str(tmp_path), str(tmp_path / "absent")):
        with pytest.raises(BackendSetupError) as caught:
            await adapter_in(source, is_near=True)
        assert str(tmp_path) not in str(caught.value)
        assert source in caplog.text


def test_a_whole_model_is_no_adapter() -> None:
    """An entry that says nothing about it, as behind some gateways, is taken as one."""
    assert is_base({"id": "helpful-2", "parent": None})
    assert not is_base({"id": "helpful-2", "parent": "base"})
    assert not is_base({"id": "helpful-2"})


@pytest.mark.parametrize(
    ("status", "body", "error", "said"),
    [
        (404, '{"detail":"Not Found"}', BackendSetupError, CANNOT_LOAD),
        (405, "", BackendSetupError, CANNOT_LOAD),
        (404, ABSENT, BackendSetupError, "The engine finds no adapter where the setting adapter says."),
        (500, TOO_LARGE, BackendSetupError, "The engine refused the adapter: LoRA rank 64 is greater than max_lora"),
        (401, "{}", BackendSetupError, "The engine refused our key (HTTP 401)."),
        (503, "", BackendUnavailableError, "The engine could not load the adapter (HTTP 503)."),
        (500, "", BackendUnavailableError, "The engine could not load the adapter (HTTP 500)."),
    ],
)
def test_a_failure_says_who_must_act(status: int, body: str, error: type[BackendError], said: str) -> None:
    """What only the operator can mend is not tried again and again; an engine that is down is."""
    failure = load_failure(status, body)
    assert type(failure) is error
    assert str(failure).startswith(said)


@pytest.mark.parametrize(("status", "body"), [(200, "Success: LoRA adapter 'a' added successfully."), (400, TAKEN)])
def test_what_is_loaded_already_is_no_failure(status: int, body: str) -> None:
    """Another server of ours was quicker."""
    assert load_failure(status, body) is None


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"adapter": "x"}, "go together"),
        ({"adapter_of": "x", "source": "house"}, "go together"),
        ({"adapter": "x", "adapter_of": "y", "base_url": "http://h/v1"}, "an adapter has no base_url"),
        ({"adapter": "x", "adapter_of": "y", "engine_args": {}}, "an adapter has no engine_args"),
        ({"adapter": "x", "adapter_of": "y", "model": "z"}, "an adapter has no model"),
    ],
)
def test_settings_that_do_not_go_together_are_refused(keys: dict[str, object], said: str) -> None:
    """Keys of an engine belong to the model that has one."""
    with pytest.raises(ValidationError, match=said):
        VllmSettings.model_validate(keys)


def test_an_adapter_rides_on_its_base() -> None:
    """So it is opened after it, and goes and comes with it."""
    assert VllmSettings(adapter="x", adapter_of="base", stall_timeout_s=5).rides_on == "base"
    assert VllmSettings(source="house").rides_on is None


def test_hashing_does_not_hold_up_the_event_loop(tmp_path: Path) -> None:
    """Weights may have hundreds of megabytes."""

    async def hash_beside_a_tick() -> int:
        ticks = 0
        hashing = asyncio.create_task(adapter_in(str(_folder(tmp_path / "large", bytes(60_000_000))), is_near=True))
        while not hashing.done():
            await asyncio.sleep(0)
            ticks += 1
        await hashing
        return ticks

    assert asyncio.run(hash_beside_a_tick()) > 10
