"""Settings: which source wins, and what the operator is told when something is wrong."""

from pathlib import Path

import pytest

from maru.settings import Settings, SettingsError, load_settings

ECHO = '[[models]]\nid = "echo"\nbackend = "echo"\n'


def write(folder: Path, text: str, name: str = "maru.toml") -> Path:
    """A settings file."""
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


def load(
    folder: Path, text: str | None = None, *, flags: dict[str, object] | None = None, **environment: str
) -> Settings:
    """Settings of a working folder with this file, these flags and these variables."""
    if text is not None:
        write(folder, text)
    return load_settings(flags or {}, environment, folder)


def refusal(
    folder: Path, text: str | None = None, *, flags: dict[str, object] | None = None, **environment: str
) -> str:
    """What the operator is told."""
    with pytest.raises(SettingsError) as refused:
        load(folder, text, flags=flags, **environment)
    message = str(refused.value)
    assert "\n" not in message
    assert refused.value.__cause__ is None or "Validation" not in type(refused.value.__cause__).__name__
    return message


def test_house_model_is_served_without_any_setting(tmp_path: Path) -> None:
    """The first command needs no file."""
    settings = load(tmp_path)
    assert (settings.host, settings.port, settings.default_model) == ("127.0.0.1", 8000, "house")
    assert [(model.id, model.backend) for model in settings.models] == [("house", "transformers")]
    assert settings.models[0].settings.model_dump()["source"] == "house"
    assert settings.data_dir.name == "maru"
    assert settings.database_url == f"sqlite:///{settings.data_dir}/maru.sqlite3"


def test_flag_beats_environment_beats_file_beats_default(tmp_path: Path) -> None:
    """The nearer to the hand, the stronger."""
    file = "port = 1\nhost = 'localhost'\nmax_running = 7\n"
    settings = load(tmp_path, file, flags={"port": 3, "host": None}, MARU_PORT="2", MARU_HOST="0.0.0.0")  # noqa: S104
    assert (settings.port, settings.host, settings.max_running, settings.ping_interval_s) == (3, "0.0.0.0", 7, 20)  # noqa: S104


def test_file_is_named_by_flag_or_variable(tmp_path: Path) -> None:
    """The flag wins; the file of the working folder is not read then."""
    write(tmp_path, "port = 1")
    one, two = write(tmp_path, "port = 2", "one.toml"), write(tmp_path, "port = 3", "two.toml")
    assert load(tmp_path, flags={"config": one}, MARU_CONFIG=str(two)).port == 2
    assert load(tmp_path, MARU_CONFIG=str(two)).port == 3


def test_models_are_read_by_their_backends(tmp_path: Path) -> None:
    """Free keys go to the settings type of the backend."""
    settings = load(tmp_path, 'default_model = "slow"\n' + ECHO + '[[models]]\nid="slow"\nbackend="echo"\ntokens=3\n')
    assert [model.id for model in settings.models] == ["echo", "slow"]
    assert settings.models[1].settings.model_dump()["tokens"] == 3
    assert settings.default_model == "slow"


def test_first_model_is_the_default(tmp_path: Path) -> None:
    """One line less for who has one model."""
    assert load(tmp_path, ECHO).default_model == "echo"


def test_paths_start_where_they_were_written(tmp_path: Path) -> None:
    """In the file: from the file's folder. On the command line: from the working folder. ~ is the home folder."""
    (tmp_path / "etc").mkdir()
    file = write(tmp_path / "etc", 'data_dir = "data"')
    assert load(tmp_path, flags={"config": file}).data_dir == tmp_path / "etc" / "data"
    assert load(tmp_path, flags={"data_dir": Path("data")}).data_dir == tmp_path / "data"
    assert load(tmp_path, MARU_DATA_DIR="~/x").data_dir == Path.home() / "x"
    assert load(tmp_path, MARU_DATA_DIR="/x").database_url == "sqlite:////x/maru.sqlite3"


def test_settings_cannot_be_changed(tmp_path: Path) -> None:
    """Read once means the same everywhere."""
    with pytest.raises(ValueError, match="frozen"):
        load(tmp_path).port = 1  # type: ignore[misc]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("prot = 1", ("'prot', set in", "maru.toml", "is no setting; did you mean 'port'?")),
        ("colour = 1", ("'colour'", "is no setting", "there are: host, port")),
        ("port = 70000", ("port = 70000", "maru.toml", "write a number from 0 to 65535")),
        ("port = -1", ("port = -1", "write a number")),
        ('port = "http"', ("port = 'http'", "write a number")),
        ("port = true", ("port = True", "write a number")),
        ("port = 80.5", ("port = 80.5", "write a number")),
        ("host = 5", ("host = 5", "write a host name or an IP address")),
        ('host = ""', ("host = ''", "write a host name")),
        ('host = "http://localhost"', ("host = 'http://localhost'", "write a host name")),
        ("data_dir = 5", ("data_dir = 5", "write the path of a folder")),
        ('data_dir = ""', ("data_dir = ''", "write the path of a folder")),
        ('database_url = "mysql://x"', ("database_url = 'mysql://x'", "write sqlite:///")),
        ('database_url = "sqlite:///:memory:"', ("write sqlite:/// followed by the path of a file",)),
        ("max_frame_bytes = 0", ("max_frame_bytes = 0", "write a number of bytes")),
        ("max_running = 0", ("max_running = 0", "write a number")),
        ("stall_timeout_s = 0", ("stall_timeout_s = 0", "write seconds")),
        ("stall_timeout_s = nan", ("stall_timeout_s = nan", "write seconds")),
        ("ping_interval_s = inf", ("ping_interval_s = inf", "write seconds")),
        ("keep_events_s = [1]", ("keep_events_s = [1]", "write seconds")),
        ("port = ", ("maru.toml is not valid TOML", "mend that line")),
        ("port = 1\nport = = 2", ("is not valid TOML", "line 2")),
        ('default_model = "huose"', ("default_model = 'huose'", "is no model; did you mean 'house'?")),
        ("default_model = 5", ("default_model = 5", "write the id of one of the models")),
        ('default_model = "x"\n' + ECHO, ("'x'", "is no model; there are: echo")),
        ("models = []", ("models = []", "write one [[models]] table a model")),
        ("models = 5", ("models = 5", "[[models]]")),
        ("models = [5]", ("[[models]]",)),
        ('[models]\nid = "x"', ("[[models]]",)),
        ('[[models]]\nbackend = "echo"', ("maru.toml, model 1 has no id; write one",)),
        ('[[models]]\nid = "x"', ("model 1 has no backend; write one",)),
        ('[[models]]\nid = 5\nbackend = "echo"', ("id = 5 of model 1", "write a name without spaces")),
        ('[[models]]\nid = ""\nbackend = "echo"', ("id = '' of model 1", "write a name")),
        ('[[models]]\nid = "a b"\nbackend = "echo"', ("id = 'a b'", "without spaces")),
        (ECHO + ECHO, ("two models have the id 'echo'", "give each its own")),
        ('[[models]]\nid = "x"\nbackend = "vlm"', ("backend = 'vlm' of model 'x'", "did you mean 'vllm'")),
        ('[[models]]\nid = "x"\nbackend = "qqq"', ("backend = 'qqq'", "there are: ", "echo")),
        (ECHO + "token = 5", ("'token' is no setting of model 'echo' (echo); did you mean 'tokens'",)),
        (ECHO + "tokens = -5", ("tokens = -5 of model 'echo' (echo) cannot be used", "greater than or equal to 0")),
        (ECHO + 'script = "sing"', ("script = 'sing' of model 'echo'", "'count'")),
        ('[[models]]\nid = "x"\nbackend = "vllm"', ("model 'x' (vllm) cannot be used", "base_url", "source")),
        (ECHO + "'{odd}' = 5", ("'{odd}' is no setting of model 'echo'",)),
    ],
)
def test_wrong_file_is_told_in_one_sentence(tmp_path: Path, text: str, told: tuple[str, ...]) -> None:
    """Where it stands, the key, the value, the remedy."""
    message = refusal(tmp_path, text)
    for words in told:
        assert words in message


@pytest.mark.parametrize(
    ("environment", "told"),
    [
        ({"MARU_PORT": "abc"}, ("port = 'abc', set by the environment variable MARU_PORT", "write a number")),
        ({"MARU_PROT": "1"}, ("MARU_PROT is no setting; did you mean MARU_PORT?",)),
        ({"MARU_MAX_RUNING": "1"}, ("did you mean MARU_MAX_RUNNING?",)),
        ({"MARU_CONFIG": "/nowhere/maru.toml"}, ("no settings file '/nowhere/maru.toml'", "--config")),
        ({"MARU_DEFAULT_MODEL": "x"}, ("default_model = 'x', set by the environment variable MARU_DEFAULT_MODEL",)),
    ],
)
def test_wrong_variable_is_told_in_one_sentence(
    tmp_path: Path, environment: dict[str, str], told: tuple[str, ...]
) -> None:
    """The variable's name is where it stands."""
    with pytest.raises(SettingsError) as refused:
        load_settings({}, environment, tmp_path)
    message = str(refused.value)
    for words in told:
        assert words in message


def test_wrong_flag_is_told_by_its_name(tmp_path: Path) -> None:
    """As it was typed."""
    assert "port = 99999, set by the flag --port," in refusal(tmp_path, flags={"port": 99999})
    assert "data_dir = '', set by the flag --data-dir," in refusal(tmp_path, flags={"data_dir": ""})


def test_variables_of_others_are_left_alone(tmp_path: Path) -> None:
    """Those of the build and of the terminal, and Kubernetes' links to a service called maru."""
    settings = load(
        tmp_path,
        MARU_REQUIRE_VLLM="1",
        MARU_API_KEY="k",
        MARU_PORT="tcp://10.0.0.1:80",
        MARU_PORT_8000_TCP="tcp://10.0.0.1:80",
        MARU_SERVICE_HOST="10.0.0.1",
        HOST="x",
    )
    assert (settings.port, settings.host) == (8000, "127.0.0.1")


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        (ECHO + 'api_key = "hunter2"', "hunter2"),
        (ECHO + 'script = "sk-abcdef0123456789"', "sk-abcdef0123456789"),
        ('[[models]]\nid="x"\nbackend="openai"\nbase_url="http://h/v1"\nheaders="Bearer hunter2"', "hunter2"),
        ('[[models]]\nid="x"\nbackend="openai"\nbase_url="http://h/v1"\napi_key="hunter2"', "hunter2"),
        ('database_url = "postgresql://me:hunter2@db/maru"', "hunter2"),
        ('host = "maru_sk_0123456789abcdef !"', "maru_sk_0123456789abcdef"),
    ],
)
def test_secret_is_never_repeated(tmp_path: Path, text: str, secret: str) -> None:
    """Logs of a failed start are passed around."""
    assert secret not in refusal(tmp_path, text)


def test_long_value_is_cut(tmp_path: Path) -> None:
    """A pasted page must not hide the sentence."""
    assert len(refusal(tmp_path, f'host = "{"! " * 5000}"')) < 400


def test_unreadable_file_is_told(tmp_path: Path) -> None:
    """Encoding is the usual cause."""
    (tmp_path / "maru.toml").write_bytes(b"host = '\xff'")
    assert "is not text in UTF-8" in refusal(tmp_path)


def test_every_setting_says_what_to_write() -> None:
    """The remedy is the description; a new setting without one would tell nothing."""
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []


BASE = '[[models]]\nid = "base"\nbackend = "vllm"\nbase_url = "http://h/v1"\n'
RIDER = '[[models]]\nid = "{}"\nbackend = "vllm"\nadapter = "x"\nadapter_of = "{}"\n'


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (BASE + RIDER.format("first", "bas"), "did you mean 'base'?"),
        (BASE + RIDER.format("first", "first"), "there are: base."),
        (BASE + RIDER.format("first", "base") + RIDER.format("second", "first"), "on whose engine 'second' can run"),
        (ECHO + RIDER.format("first", "echo"), "there are: none."),
    ],
)
def test_an_adapter_needs_a_base_with_an_engine(tmp_path: Path, text: str, told: str) -> None:
    """One that is served, of the same kind, and no adapter itself."""
    assert told in refusal(tmp_path, text)


def test_an_adapter_may_stand_before_its_base(tmp_path: Path) -> None:
    """The first model is the default one, whichever it is."""
    settings = load(tmp_path, RIDER.format("first", "base") + BASE)
    assert (settings.default_model, settings.models[0].settings.rides_on) == ("first", "base")
