"""What the backends of hosted models do alike: ask for the model once, tell its limits, see whether it is there.

Knows no provider.
"""

from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import Generic, Protocol, TypeVar

from maru_backends.base import ChatRequest, Feature, Health, Limits
from maru_backends.errors import BackendBusyError, BackendError, BackendUnavailableError
from maru_backends.hosted_counts import KnownCounts
from maru_backends.hosted_settings import HostedSettings
from maru_backends.kept_thinking import KeptThinking
from maru_backends.openai_chat import bounded_max_tokens

HEALTH_TIMEOUT_S = 3.0
_ALIVE = {HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED}


class HostedModel(Protocol):
    """What every provider tells of a model; see `Limits`."""

    @property
    def context_window(self) -> int:
        """Tokens of prompt and answer together."""
        ...

    @property
    def max_output_tokens(self) -> int:
        """Most tokens of one answer."""
        ...

    @property
    def features(self) -> frozenset[Feature]:
        """What the model honours."""
        ...


class HostedHttp(Protocol):
    """A client of a provider's SDK."""

    is_closed: bool

    async def model(self, name: str, *, timeout_s: float = ...) -> Mapping[str, object]:
        """What the provider says of a model."""
        ...

    async def close(self) -> None:
        """Cut every connection."""
        ...


M = TypeVar("M", bound=HostedModel)


class HostedBackend(Generic[M]):
    """One model of a provider, without the answers themselves."""

    def __init__(
        self,
        settings: HostedSettings,
        http: HostedHttp,
        *,
        read: Callable[[Mapping[str, object]], M],
        home_url: str,
    ) -> None:
        """Use `http`, which `close` closes; nothing is asked yet.

        Args:
            settings: `base_url` and `model` say who is asked for what.
            http: the provider's client.
            read: the model, as what is told of it says; of a server that tells of no models, nothing is.
            home_url: the provider's own address, where a model that is not told of is none.
        """
        self._provider = settings
        self._client = http
        self._read = read
        self._home_url = home_url
        self._model: M | None = None
        self._kept = KeptThinking()
        self._counts = KnownCounts()

    async def limits(self) -> Limits:
        """As the provider tells of the model, with what the settings say in its place."""
        model = await self._known_model()
        return Limits(
            context_window=model.context_window,
            max_output_tokens=model.max_output_tokens,
            counts_exactly=self._provider.counting == "exact",
            features=model.features,
        )

    async def health(self) -> Health:
        """Ready when the provider tells of the model, says that it tells of none, or that it is asked too often."""
        try:
            await self._client.model(self._provider.model, timeout_s=HEALTH_TIMEOUT_S)
        except BackendBusyError:
            return Health(is_ready=True)
        except BackendError as error:
            if _status_of(error) not in _ALIVE:
                return Health(is_ready=False, detail=str(error))
        return Health(is_ready=True)

    async def close(self) -> None:
        """Cut all connections."""
        await self._client.close()

    async def _known_model(self) -> M:
        if self._model is None:
            self._model = self._read(await self._told())
        return self._model

    async def _told(self) -> Mapping[str, object]:
        try:
            return await self._client.model(self._provider.model)
        except BackendUnavailableError:
            raise
        except BackendError:
            if self._provider.base_url == self._home_url:
                raise
            return {}  # another server of this API may tell of no models

    def _max_tokens(self, request: ChatRequest, model: M) -> int:
        wished = bounded_max_tokens(
            request.max_tokens, context_window=model.context_window, max_output_tokens=model.max_output_tokens
        )
        return wished or model.max_output_tokens

    async def _counted(self, key: bytes, ask: Callable[[], Awaitable[int | None]]) -> int:
        """The tokens of a prompt, asked for once.

        Raises:
            BackendUnavailableError: the provider does not tell.
        """
        count = self._counts.get(key)
        if count is None:
            found = await ask()
            if found is None:
                raise BackendUnavailableError("The engine does not count tokens; set counting to 'estimate'.")
            count = self._counts.keep(key, found)
        return count


def _status_of(error: BackendError) -> int | None:
    """The HTTP status behind an error, if there is one; the SDKs have two names for it."""
    cause = error.__cause__
    status = getattr(cause, "status_code", getattr(cause, "code", None))
    return status if isinstance(status, int) else None
