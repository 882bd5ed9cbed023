"""Keys that backends of hosted models share, and where the secret comes from."""

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from pydantic import Field

from maru_backends.base import BackendSettings
from maru_backends.chat_features import ChatFeatures
from maru_backends.engine_url import EngineUrl
from maru_backends.errors import BackendSetupError

MAX_KEY_BYTES = 16 * 1024


class HostedSettings(BackendSettings):
    """Keys of every backend that drives a provider's own SDK."""

    base_url: EngineUrl
    model: str = Field(min_length=1, description="The provider's name of the model.")
    api_key_env: str | None = Field(default=None, description="Name of the environment variable that holds the key.")
    api_key_file: Path | None = Field(default=None, description="A file that holds the key and nothing else.")
    headers: dict[str, str] = Field(default_factory=dict, repr=False, description="Sent with every call.")
    context_window: int | None = Field(default=None, gt=0, description="Tokens; by default what the provider tells.")
    max_output_tokens: int | None = Field(default=None, gt=0, description="Most tokens of one answer.")
    features: ChatFeatures | None = Field(
        default=None, description="What the model honours; by default what the provider tells."
    )
    counting: Literal["exact", "estimate"] = Field(
        default="exact", description="Whether the provider is asked how many tokens a prompt has."
    )
    retries: int = Field(default=2, ge=0, le=10, description="How often a call is made again before its first word.")
    connect_timeout_s: float = Field(default=10.0, gt=0)
    first_token_timeout_s: float = Field(default=300.0, gt=0, description="Longest wait for the first words.")
    stall_timeout_s: float = Field(default=180.0, gt=0, description="Longest silence inside an answer.")

    @property
    def is_hosted(self) -> bool:
        """Yes; a server of one's own with a provider's API loses little by it."""
        return True


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A secret, and the place it came from in words for the operator."""

    value: str = field(repr=False)
    place: str


def api_key(settings: HostedSettings, *, usual_env: str | None) -> ApiKey | None:
    """The key that the settings name; None where they name none and there is no usual place.

    Args:
        settings: `api_key_file` comes before `api_key_env`.
        usual_env: the provider's own variable. None for another address than the provider's: a key goes nowhere but
            where its operator sends it.

    Raises:
        BackendSetupError: the place is empty or cannot be read, or holds what cannot be a key.
    """
    if settings.api_key_file is not None:
        return ApiKey(_checked(_read(settings.api_key_file), "The file of api_key_file"), "the file of api_key_file")
    name = settings.api_key_env or usual_env
    if name is None:
        return None
    key = os.environ.get(name, "").strip()
    if not key:
        told = "api_key_env names it" if settings.api_key_env else "set it, or name another place in api_key_env"
        raise BackendSetupError(f"The environment variable {name} is not set; {told}.")
    return ApiKey(_checked(key, f"The environment variable {name}"), name)


def _read(path: Path) -> str:
    try:
        with path.expanduser().open("rb") as file:
            return file.read(MAX_KEY_BYTES).decode(errors="replace").strip()
    except OSError as error:
        # The system's words would show the path; the operator knows it from the settings.
        raise BackendSetupError(f"The file of api_key_file cannot be read ({type(error).__name__}).") from None


def _checked(key: str, place: str) -> str:
    if not key:
        raise BackendSetupError(f"{place} is empty.")
    if not (key.isascii() and key.isprintable()) or " " in key:
        raise BackendSetupError(f"{place} holds more than a key: it must be one word on one line.")
    return key
