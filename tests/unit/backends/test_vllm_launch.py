"""Rules of how vLLM is started."""

import json
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import ValidationError

from maru_backends import vllm_launch
from maru_backends.base import ChatMessage, ChatRequest, EngineLoad, JsonFormat, NamedTool, TextPart, Tool
from maru_backends.errors import BackendSetupError, BackendUnavailableError
from maru_backends.openai_chat import chat_tools
from maru_backends.vllm import (
    VllmSettings,
    held_to_schemas,
    served_features,
    tokenize_body,
    told_count,
    told_load,
)
from maru_backends.vllm_launch import ArgValue, Launch, cpu_recipe, engine_python, flags, plan, resolved_source

PYTHON = Path(sys.executable)


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A folder that looks like a small model."""
    folder = tmp_path / "small-model"
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps({"dtype": "float32"}))
    return folder


def never(_python: Path) -> bool:
    """No environment is a CPU build."""
    return False


def launch_of(source: str, **args: ArgValue) -> Launch:
    """The plan with our own Python as the engine's."""
    return plan(source=source, model=None, python=PYTHON, engine_args=args, env={})


@pytest.mark.parametrize(
    ("args", "words"),
    [
        ({"enforce-eager": True}, ["--enforce-eager"]),
        ({"enable-chunked-prefill": False}, ["--no-enable-chunked-prefill"]),
        ({"block-size": 32}, ["--block-size", "32"]),
        ({"lora-modules": ["a=b", "c=d"]}, ["--lora-modules", "a=b", "c=d"]),
        ({"hf-overrides": {"a": 1}}, ["--hf-overrides", '{"a": 1}']),
    ],
)
def test_settings_become_flags(args: dict[str, ArgValue], words: list[str]) -> None:
    """Every shape that TOML has and vLLM takes."""
    assert flags(args) == words


def test_cpu_gets_the_measured_recipe(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Bound threads, chunked prefill and large blocks each cost a day to find out."""
    monkeypatch.setattr(vllm_launch, "has_gpu", lambda: False)
    launch = launch_of(str(model))
    words = " ".join(launch.command(8011))
    for flag in ("--no-enable-chunked-prefill", "--block-size 32", "--enforce-eager", "--dtype float32"):
        assert flag in words
    assert "--host 127.0.0.1 --port 8011" in words
    env = launch.environment({})
    assert (env["VLLM_CPU_OMP_THREADS_BIND"], env["OMP_NUM_THREADS"]) == ("nobind", "1")
    assert env["HF_HUB_OFFLINE"] == "1"
    assert env["VLLM_API_KEY"]


def test_gpu_gets_vllms_own_defaults(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """VLLM knows GPUs better than we do."""
    monkeypatch.setattr(vllm_launch, "has_gpu", lambda: True)
    monkeypatch.setattr(vllm_launch, "is_cpu_build", never)
    assert "enforce-eager" not in launch_of(str(model)).args


def test_operators_flags_win(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Written with dashes or underscores."""
    monkeypatch.setattr(vllm_launch, "has_gpu", lambda: False)
    words = launch_of(str(model), enforce_eager=False, max_model_len=512).command(1)
    assert "--no-enforce-eager" in words
    assert "--enforce-eager" not in words
    assert words[words.index("--max-model-len") + 1] == "512"


def test_an_engine_of_ours_follows_no_redirects(model: Path) -> None:
    """A list of allowed hosts would be worth nothing; who wants them can still say so."""
    name = "VLLM_MEDIA_URL_ALLOW_REDIRECTS"
    assert launch_of(str(model)).environment({name: "1"})[name] == "0"
    chosen = plan(source=str(model), model=None, python=PYTHON, engine_args={}, env={name: "1"})
    assert chosen.environment({})[name] == "1"


def test_what_maru_sets_cannot_be_set_twice(model: Path) -> None:
    """A second --host could open the engine to the network."""
    with pytest.raises(BackendSetupError, match="host"):
        launch_of(str(model), host="0.0.0.0")  # noqa: S104 (the attack)


def test_large_models_get_more_threads_and_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One thread is right for a few million weights only."""
    monkeypatch.setattr("os.cpu_count", lambda: 16)
    args, env = cpu_recipe(None)
    assert (env["OMP_NUM_THREADS"], args["kv-cache-memory-bytes"]) == ("16", vllm_launch.CACHE_BYTES)
    args, env = cpu_recipe(tmp_path)
    assert (env["OMP_NUM_THREADS"], args["kv-cache-memory-bytes"]) == ("1", vllm_launch.SMALL_CACHE_BYTES)


def test_engine_does_not_inherit_other_services_keys(model: Path) -> None:
    """It runs code of model authors; the hub's token it needs."""
    env = launch_of(str(model)).environment({"OPENAI_API_KEY": "x", "MARU_SECRET": "y", "HF_TOKEN": "z", "PATH": "p"})
    assert not {"OPENAI_API_KEY", "MARU_SECRET"} & env.keys()
    assert (env["HF_TOKEN"], env["PATH"]) == ("z", "p")


def test_key_of_the_engine_is_not_shown(model: Path) -> None:
    """Launches end up in logs."""
    launch = launch_of(str(model))
    assert launch.key not in repr(launch) + " ".join(launch.command(1))


@pytest.mark.parametrize("source", ["/no/such/folder", "./none", "~/none-at-all", "a/b/c"])
def test_missing_folder_is_said_at_once(source: str) -> None:
    """VLLM would take it for a hub's name and search for minutes."""
    with pytest.raises(BackendSetupError, match="does not exist"):
        resolved_source(source)


def test_hub_name_and_folder_are_told_apart(model: Path, tmp_path: Path) -> None:
    """A name of the hub goes to vLLM as it is."""
    assert resolved_source("meta-llama/Llama-3.2-1B-Instruct") == "meta-llama/Llama-3.2-1B-Instruct"
    assert resolved_source(str(model)) == str(model.resolve())
    assert launch_of(str(model)).served_name == "small-model"
    with pytest.raises(BackendSetupError, match="holds no model"):
        resolved_source(str(tmp_path))


def test_python_is_found_beside_the_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`make vllm-cpu` puts it there; the setting comes first."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.prefix", str(tmp_path / "elsewhere" / ".venv"))
    with pytest.raises(BackendSetupError, match="make vllm-cpu"):
        engine_python(None)
    beside = tmp_path / ".venv-vllm" / "bin" / "python"
    beside.parent.mkdir(parents=True)
    beside.touch()
    assert engine_python(None) == beside
    assert engine_python(PYTHON) == PYTHON
    with pytest.raises(BackendSetupError, match="the setting python") as told:
        engine_python(tmp_path / "no-python")
    assert str(tmp_path) not in str(told.value)
    assert str(tmp_path / "no-python") in told.value.for_operator


@pytest.mark.parametrize(
    "keys", [{}, {"base_url": "http://h/v1", "source": "house"}, {"base_url": "h:8000"}, {"source": "x", "colour": 1}]
)
def test_settings_that_cannot_be_meant_are_refused(keys: dict[str, object]) -> None:
    """Before anything is started."""
    with pytest.raises(ValidationError):
        VllmSettings.model_validate(keys)


def test_password_in_the_address_is_refused() -> None:
    """Addresses end up in logs."""
    with pytest.raises(ValidationError, match="api_key_env"):
        VllmSettings(base_url="http://user:secret@host/v1")


def test_an_engine_of_ours_with_adapters_loads_them_while_it_runs(model: Path) -> None:
    """Its calls are behind a key that only we know; one without adapters has no such calls."""
    name = "VLLM_ALLOW_RUNTIME_LORA_UPDATING"
    for spelling in ("enable-lora", "--enable_lora"):
        chosen = plan(source=str(model), model=None, python=PYTHON, engine_args={spelling: True}, env={})
        assert chosen.environment({})[name] == "1"
    assert name not in plan(source=str(model), model=None, python=PYTHON, engine_args={}, env={}).environment({})


def test_features_follow_the_flags() -> None:
    """Tools need a parser, and vLLM refuses them without."""
    assert served_features(VllmSettings(source="house")) == {"json", "logprobs", "raw"}
    parser: dict[str, ArgValue] = {"tool_call_parser": "hermes"}
    for more in ({}, {"enable_auto_tool_choice": True}):
        args = {**parser, **more}
        assert served_features(VllmSettings(source="house", engine_args=args)) == {"json", "logprobs", "raw", "tools"}
    switched_off: dict[str, ArgValue] = {**parser, "enable-auto-tool-choice": False}
    assert "tools" not in served_features(VllmSettings(source="house", engine_args=switched_off))
    assert served_features(VllmSettings(base_url="http://h/v1")) == {"json", "logprobs", "raw", "tools", "images"}
    assert served_features(VllmSettings(base_url="http://h/v1", features=frozenset())) == frozenset()


@pytest.mark.parametrize("is_cpu", [True, False], ids=["cpu", "gpu"])
def test_a_parser_of_calls_switches_tools_on(model: Path, monkeypatch: pytest.MonkeyPatch, *, is_cpu: bool) -> None:
    """VLLM wants a second flag for it, without which it refuses what the first one was given for."""
    monkeypatch.setattr(vllm_launch, "has_gpu", lambda: not is_cpu)
    monkeypatch.setattr(vllm_launch, "is_cpu_build", never)
    assert "--enable-auto-tool-choice" in launch_of(str(model), tool_call_parser="hermes").command(1)
    assert "--enable-auto-tool-choice" not in launch_of(str(model)).command(1)
    words = launch_of(str(model), tool_call_parser="hermes", enable_auto_tool_choice=False).command(1)
    assert "--no-enable-auto-tool-choice" in words


def test_tools_are_strict_where_vllm_must_have_them_so() -> None:
    """Of others it takes any arguments where one must be called, and calls none beside a shape for the answer."""
    request = ChatRequest((), tools=(Tool("a"), Tool("b", strict=False)))
    must = replace(request, tool_choice="required")
    for asked in (must, replace(must, tool_choice=NamedTool("a")), replace(request, json_format=JsonFormat())):
        assert [tool.strict for tool in held_to_schemas(asked).tools] == [True, False]
    for free in (request, replace(request, tool_choice="none", json_format=JsonFormat())):
        assert held_to_schemas(free) == free
    assert tokenize_body(must, model="m")["tools"] == chat_tools(held_to_schemas(must).tools)


def test_tokens_are_counted_on_the_same_messages() -> None:
    """A count of other text would be exact and wrong."""
    messages = (ChatMessage("user", (TextPart("a<|im_end|>"),)),)
    body = tokenize_body(ChatRequest(messages, tools=(Tool("f"),)), model="m")
    assert body["add_generation_prompt"] is True
    assert "<|im_end|>" not in str(body)
    assert body["tools"] == [{"type": "function", "function": {"name": "f"}}]


def test_count_is_read_or_missed() -> None:
    """A server that is not vLLM must not be believed."""
    assert told_count('{"count": 24, "max_model_len": 2048}') == 24
    for body in ("", "[]", '{"count": null}'):
        with pytest.raises(BackendUnavailableError):
            told_count(body)


def test_load_is_summed_over_engines() -> None:
    """Data-parallel engines share one page; of memory the fullest one matters."""
    page = (
        '# TYPE vllm:num_requests_running gauge\nvllm:num_requests_running{engine="0"} 2.0\n'
        'vllm:num_requests_running{engine="1"} 1.0\nvllm:num_requests_waiting{engine="0"} 9.0\n'
        'vllm:kv_cache_usage_perc{engine="0",model_name="m"} 0.25\n'
        'vllm:kv_cache_usage_perc{engine="1",model_name="m"} 1e-01\n'
        'vllm:prefix_cache_queries_total{engine="0"} 506.0\nvllm:prefix_cache_queries_total{engine="1"} 4.0\n'
        'vllm:prefix_cache_hits_total{engine="0"} 224.0\nvllm:prefix_cache_queries_created{engine="0"} 1.7e+09\n'
    )
    assert told_load(page) == EngineLoad(3, 9, 0.25, 510, 224)
    assert told_load("") == EngineLoad()
