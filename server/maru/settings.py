"""The settings of one server: flags over environment (`MARU_*`) over `maru.toml` over defaults, read once.

Decides what is set and from where; knows nothing of what a setting does. Whoever wrote a wrong one gets one sentence:
where it stands, its key, its value, and what to write instead. Values of secret keys are never repeated.
"""

import os
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Literal, TypeVar, cast

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from maru.engines import ModelConfig
from maru.media.pictures import PictureBounds
from maru.memory_settings import MemorySettings, no_bool
from maru.protocol.events import ReasoningWords
from maru_backends.engine_url import EngineUrl
from maru_backends.errors import BackendSetupError
from maru_backends.registry import known_kinds, plugin_for

FILE_NAME = "maru.toml"
PREFIX = "MARU_"
HOUSE_TABLE = {"id": "house", "backend": "transformers", "source": "house", "memory": {"policy": "summarise"}}

_SECRET_KEY = re.compile(
    r"(?:^|_)(?:key|token|secret|pass\w*|credentials?|auth\w*|headers?|env)(?:_|\.|$)", re.IGNORECASE
)
_SECRET_VALUE = re.compile(r"(?:sk-|maru_sk_|hf_|ghp_|gho_|xox|AIza|eyJ)[\w-]{6,}")
_URL_LOGIN = re.compile(r"(?<=://)[^/@\s]+@")
_LONGEST_VALUE = 60  # characters of a wrong value that are repeated
_LONGEST_MODEL_ID = 200
# Kubernetes gives every container the addresses of its services as variables; a service called maru hits our prefix.
_SERVICE_LINK = re.compile(r"MARU_(?:SERVICE_|PORT_\d)|MARU_PORT$")


MOST_PIXELS = 89_000_000  # Pillow warns of more


class SettingsError(Exception):
    """A setting is wrong; the message is the one sentence that the operator needs."""


M = TypeVar("M", bound=BaseModel)


def _sqlite_only(url: str) -> str:
    if not url.startswith("sqlite:///") or url.endswith((":///", ":memory:")):
        raise ValueError("no SQLite file")
    return url


Seconds = Annotated[float, BeforeValidator(no_bool), Field(gt=0, allow_inf_nan=False)]
Count = Annotated[int, BeforeValidator(no_bool), Field(ge=1)]


class Settings(BaseModel):
    """Everything that an operator may choose; each description completes the sentence "Write ..."."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)

    host: str = Field("127.0.0.1", min_length=1, pattern=r"^[\w.:-]+$", description="a host name or an IP address")
    port: Annotated[int, BeforeValidator(no_bool)] = Field(
        8000, ge=0, le=65535, description="a number from 0 to 65535 (0 takes a free port)"
    )
    data_dir: Path = Field(description="the path of a folder that Maru may write to")
    database_url: Annotated[str, AfterValidator(_sqlite_only)] = Field(
        description="sqlite:/// followed by the path of a file (PostgreSQL comes later)"
    )
    default_model: str = Field(description="the id of one of the models")
    models: tuple[ModelConfig, ...] = Field(description="one [[models]] table a model", min_length=1)
    max_frame_bytes: Count = Field(34 * 2**20, description="a number of bytes: the largest request or WebSocket frame")
    fetch_images: bool = Field(
        False,  # noqa: FBT003 (a default, not a flag)
        description="true or false: whether images may be given by http(s) address, which engines then fetch",
    )
    max_file_bytes: Count = Field(20 * 2**20, description="a number of bytes: the largest file that is uploaded")
    max_files_bytes: Count = Field(
        2**30, description="a number of bytes: how many all files of one person may have together"
    )
    max_image_pixels: Annotated[Count, Field(le=MOST_PIXELS)] = Field(
        50_000_000, description=f"a number up to {MOST_PIXELS}: how many pixels an image may have"
    )
    max_image_side: Count = Field(
        2048, ge=64, description="a number of pixels from 64 on: longer or higher images are made smaller"
    )
    max_running: Count = Field(1_000, description="a number: how many answers may run at once")
    drain_s: Annotated[float, BeforeValidator(no_bool), Field(ge=0, allow_inf_nan=False)] = Field(
        5.0, description="seconds: how long running answers may go on when the server stops; 0 ends them at once"
    )
    stall_timeout_s: Seconds = Field(120.0, description="seconds: how long an engine may be silent within an answer")
    keep_events_s: Seconds = Field(
        600.0, description="seconds: how long an ended answer that is not stored can still be followed"
    )
    ping_interval_s: Seconds = Field(20.0, description="seconds between two pings on a WebSocket")
    ping_timeout_s: Seconds = Field(20.0, description="seconds after which a WebSocket without pong is closed")
    send_deadline_s: Seconds = Field(
        10.0, description="seconds after which a WebSocket is closed whose client reads nothing of what it was sent"
    )
    reasoning_events: ReasoningWords = Field(
        "openai", description='"openai" or "openresponses": whose names the events of raw thinking have'
    )
    titles: Literal["model", "first_words"] = Field(
        "model", description='"model" or "first_words": what names a conversation after its first answer'
    )
    transcription_url: EngineUrl | None = Field(
        None,
        description="the address of a server of OpenAI's audio API, ending in its version, like http://127.0.0.1:8001/v1",
    )
    transcription_model: str = Field(
        "whisper-1", min_length=1, max_length=_LONGEST_MODEL_ID, description="what that server calls its model"
    )
    transcription_key_env: str | None = Field(
        None, min_length=1, description="the name of the environment variable that holds its key"
    )
    transcription_timeout_s: Seconds = Field(120.0, description="seconds that writing down one recording may take")
    max_audio_bytes: Count = Field(25 * 2**20, description="a number of bytes: the largest recording")
    browser_speech: bool = Field(
        True,  # noqa: FBT003 (a default, not a flag)
        description="true or false: whether the page may let a browser that can do it write down speech",
    )
    socket_lifetime_s: Seconds = Field(3600.0, description="seconds that a WebSocket lives at most")

    @property
    def picture_bounds(self) -> PictureBounds:
        """How large images may be."""
        return PictureBounds(self.max_image_pixels, self.max_image_side)


@dataclass(frozen=True, slots=True)
class Given:
    """A value and where it was given, as the operator would say it: "in /etc/maru.toml", "by the flag --port"."""

    value: object
    source: str


def load_settings(
    flags: Mapping[str, object] | None = None,
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
) -> Settings:
    """Read all sources and check every value.

    Args:
        flags: what the command line gave, by key; None values were not given. `config` names the file.
        environment: by default the process's own.
        folder: where `maru.toml` is looked for, and what relative paths start from; by default the working folder.

    Raises:
        SettingsError: something is wrong; only the first finding is told.
    """
    folder = folder or Path.cwd()
    environment = os.environ if environment is None else environment
    given_flags = {key: value for key, value in (flags or {}).items() if value is not None}
    file = _file(given_flags.pop("config", None) or environment.get("MARU_CONFIG"), folder)
    given = {} if file is None else _from_file(file)
    given |= _from_environment(environment)
    given |= {key: Given(value, f"by the flag --{key.replace('_', '-')}") for key, value in given_flags.items()}
    for key, one in given.items():
        if key not in Settings.model_fields:
            raise SettingsError(f"{key!r}, set {one.source}, is no setting; {_instead(key, Settings.model_fields)}")
    values = {key: one.value for key, one in given.items() if key != "models"}
    values["data_dir"] = _data_dir(given.get("data_dir"), file, folder)
    values["models"] = models = _models(given.get("models"))
    values.setdefault("default_model", models[0].id)
    values.setdefault("database_url", _default_database(Path(str(values["data_dir"]))))
    try:
        settings = Settings.model_validate(values)
    except ValidationError as error:
        raise SettingsError(_sentence(error, given)) from None  # the chain would show values
    _check_default(settings, given.get("default_model"))
    return settings


def _file(named: object, folder: Path) -> Path | None:
    if named is None:
        return file if (file := folder / FILE_NAME).is_file() else None
    file = folder / Path(str(named)).expanduser()
    if not file.is_file():
        raise SettingsError(f"There is no settings file {str(file)!r}; give --config the path of one, or leave it out.")
    return file


def _from_file(file: Path) -> dict[str, Given]:
    try:
        found = tomllib.loads(file.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{file} is not valid TOML: {error}; mend that line.") from None
    except UnicodeDecodeError:
        raise SettingsError(f"{file} is not text in UTF-8; save it in that encoding.") from None
    except OSError as error:
        raise SettingsError(f"{file} cannot be read ({error.strerror}); make it readable for Maru.") from error
    return {key: Given(value, f"in {file}") for key, value in found.items()}


def _from_environment(environment: Mapping[str, str]) -> dict[str, Given]:
    names = {PREFIX + key.upper(): key for key in Settings.model_fields if key != "models"}
    found: dict[str, Given] = {}
    for name, value in environment.items():
        if name in names and not (_SERVICE_LINK.match(name) and "://" in value):
            found[names[name]] = Given(value, f"by the environment variable {name}")
        elif (meant := _slip(name, names)) is not None:
            raise SettingsError(f"In the environment, {name} is no setting; did you mean {meant}?")
    return found


def _slip(name: str, names: Iterable[str]) -> str | None:
    """The variable that was meant; None for one of the others that begin with MARU_, such as those of the build."""
    if not name.startswith(PREFIX) or _SERVICE_LINK.match(name):
        return None
    return next(iter(get_close_matches(name, names, n=1, cutoff=0.85)), None)


def _data_dir(given: Given | None, file: Path | None, folder: Path) -> object:
    if given is None:
        from platformdirs import user_data_path  # noqa: PLC0415 (only the default needs it)

        return user_data_path("maru", appauthor=False)
    if not isinstance(given.value, str | Path) or not str(given.value):
        raise SettingsError(_cannot("data_dir", given))
    start = file.parent if file is not None and given.source == f"in {file}" else folder
    return start / Path(given.value).expanduser()


def _default_database(data_dir: Path) -> str:
    return f"sqlite:///{data_dir / 'maru.sqlite3'}"


def _models(given: Given | None) -> tuple[ModelConfig, ...]:
    if given is None:
        return (_model(HOUSE_TABLE, "the default model", "in Maru itself"),)
    tables = given.value
    if not isinstance(tables, list) or not tables:
        raise SettingsError(_cannot("models", given))
    models: list[ModelConfig] = []
    for number, table in enumerate(cast("list[object]", tables), start=1):
        if not isinstance(table, dict):
            raise SettingsError(_cannot("models", given))
        keys = cast("dict[str, object]", table)
        model = _model(keys, f"model {number}", given.source)
        if model.id in {other.id for other in models}:
            raise SettingsError(f"{_upper(given.source)}, two models have the id {model.id!r}; give each its own.")
        models.append(model)
    ids = [model.id for model in models]
    for model in models:
        if (writer := model.memory.summary_model) not in {None, *ids}:
            hint = _instead(str(writer), ids)
            raise SettingsError(
                f"{_upper(given.source)}, summary_model = {writer!r} of model {model.id!r} is no model; {hint}"
            )
    _check_hosts(models, given.source)
    return tuple(models)


def _check_hosts(models: Sequence[ModelConfig], source: str) -> None:
    """What rides on another model's engine needs that model, with an engine of its own and of the same kind."""
    for model in models:
        if (host := model.settings.rides_on) is None:
            continue
        able = [one.id for one in models if one.backend == model.backend and one.settings.rides_on is None]
        if host not in able:
            raise SettingsError(
                f"{_upper(source)}, {host!r} is no model on whose engine {model.id!r} can run; {_instead(host, able)}"
            )


def _model(table: Mapping[str, object], name: str, source: str) -> ModelConfig:
    for key, example in (("id", "llama"), ("backend", "vllm")):
        if key not in table:
            raise SettingsError(f'{_upper(source)}, {name} has no {key}; write one, such as {key} = "{example}".')
        value = table[key]
        if not isinstance(value, str) or not re.fullmatch(rf"[^\s\x00-\x1f]{{1,{_LONGEST_MODEL_ID}}}", value):
            shown = _shown(key, value)
            raise SettingsError(
                f"{_upper(source)}, {key} = {shown} of {name} cannot be used; write a name without spaces."
            )
    id_, kind = str(table["id"]), str(table["backend"])
    if kind not in known_kinds():
        hint = _instead(kind, known_kinds())
        raise SettingsError(f"{_upper(source)}, backend = {kind!r} of model {id_!r} is no backend; {hint}")
    try:
        settings_type = plugin_for(kind).settings_type
    except BackendSetupError as error:
        raise SettingsError(f"{_upper(source)}, backend = {kind!r} of model {id_!r} cannot be used: {error}") from error
    keys = {key: value for key, value in table.items() if key not in {"id", "backend", "memory"}}
    return ModelConfig(
        id_,
        kind,
        _checked(settings_type, keys, f"model {id_!r} ({kind})", source),
        _checked(MemorySettings, table.get("memory", {}), f"the memory of model {id_!r}", source),
    )


def _checked(settings_type: type[M], keys: object, name: str, source: str) -> M:
    try:
        return settings_type.model_validate(keys)
    except ValidationError as error:
        problem = _model_sentence(error, settings_type)
        raise SettingsError(f"{_upper(source)}, {problem.format(model=name)}") from None


def _model_sentence(error: ValidationError, settings_type: type[BaseModel]) -> str:
    """What is wrong with a model's table, with `{model}` where its name belongs."""
    first = error.errors(include_url=False)[0]
    key = ".".join(str(step) for step in first["loc"])
    field = settings_type.model_fields.get(str(first["loc"][0])) if first["loc"] else None
    wanted = _lower(field.description) if field is not None and field.description else ""
    reason = first["msg"].removeprefix("Value error, ").rstrip(".")
    if _is_secret(key, first["input"]) and str(first["input"]):
        reason = reason.replace(str(first["input"]), "(hidden)")
    match first["type"]:
        case "extra_forbidden":
            text = f"{key!r} is no setting of {{model}}; {_instead(key, settings_type.model_fields)}"
        case "missing":
            text = f"{{model}} needs {key}" + (f": {wanted}" if wanted else "")
        case _ if not key:
            text = f"{{model}} cannot be used: {reason}"
        case _:
            text = f"{key} = {_shown(key, first['input'])} of {{model}} cannot be used: {_lower(reason)}"
    text = text if text.endswith(("?", ".")) else f"{text}."
    return text.replace("{", "{{").replace("}", "}}").replace("{{model}}", "{model}")


def _sentence(error: ValidationError, given: Mapping[str, Given]) -> str:
    key = str(error.errors(include_url=False, include_input=False)[0]["loc"][0])
    return _cannot(key, given.get(key) or Given(None, "nowhere"))


def _cannot(key: str, given: Given) -> str:
    wanted = Settings.model_fields[key].description
    return f"{key} = {_shown(key, given.value)}, set {given.source}, cannot be used; write {wanted}."


def _check_default(settings: Settings, given: Given | None) -> None:
    ids = [model.id for model in settings.models]
    if given is not None and settings.default_model not in ids:
        hint = _instead(settings.default_model, ids)
        raise SettingsError(f"default_model = {settings.default_model!r}, set {given.source}, is no model; {hint}")


def _instead(wrong: str, known: Iterable[str]) -> str:
    names = list(known)
    if close := get_close_matches(wrong, names, n=1):
        return f"did you mean {close[0]!r}?"
    return f"there are: {', '.join(names) or 'none'}."


def _is_secret(key: str, value: object) -> bool:
    if isinstance(value, int | float):
        return False
    return bool(_SECRET_KEY.search(key) or _SECRET_VALUE.search(str(value)))


def _shown(key: str, value: object) -> str:
    if _is_secret(key, value):
        return "(hidden)"
    text = _URL_LOGIN.sub("(hidden)@", repr(str(value) if isinstance(value, Path) else value))
    return text if len(text) <= _LONGEST_VALUE else f"{text[:_LONGEST_VALUE]}..."


def _upper(words: str) -> str:
    return words[:1].upper() + words[1:]


def _lower(sentence: str) -> str:
    """The sentence as the end of another one."""
    first_word = sentence.split(" ", 1)[0]
    is_name = first_word[1:].lower() != first_word[1:]
    return (sentence if is_name else sentence[:1].lower() + sentence[1:]).rstrip(".")
