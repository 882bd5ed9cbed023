"""Servers of OpenAI's API by name: where they are, where their key lies, what they do in their own way; pure.

A preset sets what would else have to be found out by errors. Every setting that is given comes before it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from maru_backends.base import Feature
from maru_backends.foreign_json import count_of, object_of
from maru_backends.openai_features import AT_OPENAI
from maru_backends.openai_quirks import NO_QUIRKS, Quirks, short_id

PresetName = Literal[
    "openai",
    "azure",
    "ollama",
    "lmstudio",
    "sglang",
    "tgi",
    "llama-cpp",
    "openrouter",
    "groq",
    "mistral",
    "deepseek",
]

_NEWER = Quirks(max_tokens_field="max_completion_tokens")
_TOOLS_AND_JSON: frozenset[Feature] = frozenset({"tools", "json"})


@dataclass(frozen=True, slots=True)
class Preset:
    """One kind of server.

    Attributes:
        base_url: where it is; None: everybody's is somewhere else.
        key_env: the variable that its documentation names for the key; used at its own address only.
        key_header: the header that carries the key.
        key_prefix: what stands before the key there.
        quirks: see `Quirks`.
        features: what it honours; None: its list of models is asked, and told by nobody else.
        models_path: its list of models, below the base, or below the root where it begins with a slash.
        about_path: a page that tells more of the only model than the list, likewise.
        context_window: tokens, where nobody tells.
        model: the name to ask for where the setting is missing and the list is of no use.
        goes_on: whether its `POST /completions` goes on with a text as it stands; None: it is asked.
    """

    base_url: str | None = None
    key_env: str | None = None
    key_header: str = "Authorization"
    key_prefix: str = "Bearer "
    quirks: Quirks = NO_QUIRKS
    features: frozenset[Feature] | None = None
    models_path: str = "models"
    about_path: str | None = None
    context_window: int | None = None
    model: str | None = None
    goes_on: bool | None = False


@dataclass(frozen=True, slots=True)
class ToldOfServer:
    """What a server's own page tells beside its list of models; None and nothing where it does not."""

    context_window: int | None = None
    features: frozenset[Feature] = field(default_factory=frozenset[Feature])


PRESETS: Mapping[PresetName, Preset] = {
    "openai": Preset(base_url="https://api.openai.com/v1", key_env="OPENAI_API_KEY", quirks=_NEWER, features=AT_OPENAI),
    "azure": Preset(
        key_env="AZURE_OPENAI_API_KEY", key_header="api-key", key_prefix="", quirks=_NEWER, features=AT_OPENAI
    ),
    # Its completions put the text into the model's template, so that they do not go on with it.
    # Its window is that of the running model, 4,096 unless it was given more, whatever the model could hold.
    "ollama": Preset(base_url="http://127.0.0.1:11434/v1", context_window=4096),
    "lmstudio": Preset(base_url="http://127.0.0.1:1234/v1", models_path="/api/v0/models", goes_on=True),
    "sglang": Preset(base_url="http://127.0.0.1:30000/v1", goes_on=True),
    "tgi": Preset(base_url="http://127.0.0.1:8080/v1", about_path="/info", model="tgi", goes_on=True),
    "llama-cpp": Preset(base_url="http://127.0.0.1:8080/v1", about_path="/props", goes_on=True),
    "openrouter": Preset(
        base_url="https://openrouter.ai/api/v1", key_env="OPENROUTER_API_KEY", quirks=Quirks(nests_effort=True)
    ),
    "groq": Preset(
        base_url="https://api.groq.com/openai/v1", key_env="GROQ_API_KEY", quirks=_NEWER, features=_TOOLS_AND_JSON
    ),
    "mistral": Preset(
        base_url="https://api.mistral.ai/v1",
        key_env="MISTRAL_API_KEY",
        quirks=Quirks(asks_for_usage=False, seed_field="random_seed", call_id=short_id),
    ),
    "deepseek": Preset(
        base_url="https://api.deepseek.com/v1",
        key_env="DEEPSEEK_API_KEY",
        features=_TOOLS_AND_JSON,
        context_window=65_536,
    ),
}


def azure_url(base_url: str, *, deployment: str, api_version: str | None) -> str:
    """The base of Azure's calls: the deployment's own, or the common one of the API that has no versions.

    Args:
        base_url: the resource's, with or without `/openai/v1`.
        deployment: the name of the deployed model.
        api_version: such as `2024-10-21`; None: the API that has no versions.
    """
    resource = base_url.removesuffix("/v1").removesuffix("/openai")
    return f"{resource}/openai/v1" if api_version is None else f"{resource}/openai/deployments/{deployment}"


def told_of_server(page: Mapping[str, object]) -> ToldOfServer:
    """What TGI's `/info` and llama.cpp's `/props` tell."""
    settings = object_of(page.get("default_generation_settings"))
    window = count_of(page.get("max_total_tokens")) or count_of(settings.get("n_ctx"))
    sees = object_of(page.get("modalities")).get("vision") is True
    images: frozenset[Feature] = frozenset({"images"}) if sees else frozenset()
    return ToldOfServer(window or None, images)


def lmstudio_features(entry: Mapping[str, object]) -> frozenset[Feature] | None:
    """What LM Studio's own list tells of a model: every model there may call tools, `vlm` sees."""
    kind = entry.get("type")
    if kind not in {"llm", "vlm"}:
        return None
    return AT_OPENAI if kind == "vlm" else _TOOLS_AND_JSON
