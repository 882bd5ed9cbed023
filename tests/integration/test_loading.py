"""A model that takes its time: the list of models says how far it is, and everything else goes on."""

import asyncio
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from maru_backends.base import BackendSettings
from maru_backends.echo import EchoSettings
from maru_backends.gguf import GgufSettings
from maru_backends.transformers_local import TransformersSettings
from support.socket_server import InProcess, in_process

NEVER_S = 3_600.0


async def _models(maru: InProcess) -> dict[str, Any]:
    async with maru.session.get("/v1/models") as answer:
        return {model["id"]: model for model in (await answer.json())["data"]}


async def test_the_list_says_how_far_a_model_is_and_waits_for_none() -> None:
    """Nor do the other models, nor the end of the server."""
    async with in_process({"late": EchoSettings(load_s=NEVER_S)}) as maru:
        async with asyncio.timeout(10):
            while (late := (await _models(maru))["late"])["maru:detail"] != "The echo is being loaded (0%).":  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        assert (late["maru:state"], late["maru:context_window"]) == ("loading", None)
        async with maru.session.get("/v1/engines") as answer:
            (engine,) = [one for one in (await answer.json())["data"] if one["model"] == "late"]
        assert (engine["state"], engine["detail"], engine["load"]) == ("loading", late["maru:detail"], None)
        async with maru.session.post("/v1/responses", json={"model": "echo", "input": "hi"}) as answer:
            assert (await answer.json())["status"] == "completed"


async def test_it_goes_on_to_the_end() -> None:
    """Whoever asked meanwhile is answered then."""
    async with in_process({"late": EchoSettings(load_s=3)}) as maru:
        asking = asyncio.create_task(maru.session.post("/v1/responses", json={"model": "late", "input": "hi"}))
        told: list[str] = []
        while (late := (await _models(maru))["late"])["maru:state"] == "loading":
            told += [late["maru:detail"]] if late["maru:detail"] not in told else []
            await asyncio.sleep(0.01)
        assert len(told) > 1
        assert all(words.startswith("The echo is being loaded (") for words in told[1:])
        assert (late["maru:state"], late["maru:detail"]) == ("ready", "")
        assert (await (await asking).json())["status"] == "completed"


async def test_who_waits_for_a_restart_is_not_given_up_as_if_the_engine_were_silent() -> None:
    """Weights take longer to load than any engine may be silent."""
    async with in_process({"late": EchoSettings(load_s=4)}, stall_timeout_s=1.0) as maru:
        async with maru.session.post("/v1/responses", json={"model": "late", "input": "hi"}) as answer:
            assert (await answer.json())["status"] == "completed"
        async with maru.session.post("/v1/engines/restart", json={"model": "late"}) as answer:
            assert answer.status == 200
        async with maru.session.post("/v1/responses", json={"model": "late", "input": "hi"}) as answer:
            body = await answer.json()
            assert body["status"] == "completed", body["error"]


async def test_paths_of_the_server_are_for_its_operator(caplog: pytest.LogCaptureFixture, tmp_path: Path) -> None:
    """Who asks the model is told what is wrong, and not where things lie."""
    (tmp_path / "secret.gguf").write_bytes(b"half a download")
    models: dict[str, BackendSettings] = {
        "absent": TransformersSettings(source=str(tmp_path / "secret")),
        "empty": TransformersSettings(source=str(tmp_path)),
    }
    if find_spec("xllamacpp") is not None:
        models["broken"] = GgufSettings(source=str(tmp_path / "secret.gguf"))
    async with in_process(models) as maru:
        for name in models:
            async with maru.session.post("/v1/responses", json={"model": name, "input": "hi"}) as answer:
                told = await answer.text()
            assert "that the setting source names" in told
            assert "/" not in (await _models(maru))[name]["maru:detail"]
            assert str(tmp_path) not in told
            async with maru.session.get("/v1/engines") as answer:
                (engine,) = [one for one in (await answer.json())["data"] if one["model"] == name]
            assert str(tmp_path) in engine["detail"]
    assert caplog.text.count(str(tmp_path)) >= len(models)
