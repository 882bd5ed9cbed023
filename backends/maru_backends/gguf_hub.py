"""GGUF files by their name on a hub: those of the one model are fetched, once, and kept in the hub client's cache."""

import logging
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import huggingface_hub
from huggingface_hub import HfApi, constants
from huggingface_hub.errors import (
    EntryNotFoundError,
    GatedRepoError,
    HfHubHTTPError,
    HFValidationError,
    LocalEntryNotFoundError,
    OfflineModeIsEnabled,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)
from huggingface_hub.utils.tqdm import tqdm

from maru_backends.errors import BackendSetupError, BackendUnavailableError
from maru_backends.gguf_names import HubName, NoSuchModelError, files_of

DEFAULT_REVISION = "main"
_AWAY = "The hub cannot be reached, and the model that the setting source names was not fetched from it before."
_ODD = "The hub does not answer as it should; it is asked again."
# What the client raises over an answer of another kind, such as the page of a network that wants a login.
_NOT_A_HUB = (AttributeError, KeyError, TypeError, ValueError)
_BUSY_FROM = 500
_TOO_MANY = 429
logger = logging.getLogger(__name__)


def fetched(name: HubName, revision: str | None, tell: Callable[[str], None]) -> Path:
    """The first file of a model, once all are here; without the hub, as they were fetched before.

    Args:
        name: what is meant.
        revision: a commit, tag or branch; None: the newest.
        tell: takes a sentence about how far it is; what it raises ends the download; files that are whole are kept.

    Raises:
        BackendSetupError: the hub does not have it, or does not give it.
        BackendUnavailableError: the hub cannot be reached.
    """
    wanted = revision or DEFAULT_REVISION
    private = f"source = {name.repository!r}, {name.wanted or 'no file named'}, revision {wanted}"
    with _translated(private):
        try:
            sizes = _listed(name.repository, wanted)
        except HFValidationError:
            raise
        except (httpx2.TransportError, OfflineModeIsEnabled, HfHubHTTPError) as error:
            return _kept(name, wanted, error)
        except _NOT_A_HUB as error:
            logger.warning("what answers in the hub's place is no hub (%s)", type(error).__name__)
            return _kept(name, wanted, BackendUnavailableError(_ODD))
        files = files_of(name, sizes)
        told = _Progress(tell, sum(sizes[file] for file in files))
        first = Path(_downloaded(name.repository, files[0], wanted, told))
        # The others as they were at that moment: the repository may change meanwhile.
        commit = first.relative_to(_snapshots(name.repository)).parts[0]
        for file in files[1:]:
            _downloaded(name.repository, file, commit, told)
    return first


def _listed(repository: str, revision: str) -> dict[str, int]:
    """All files with their sizes in bytes, 0 where the hub does not tell one."""
    info = HfApi().model_info(repository, revision=revision, files_metadata=True)
    return {file.rfilename: file.size or 0 for file in info.siblings or ()}


def _downloaded(repository: str, file: str, revision: str, told: "_Progress") -> str:
    library: Any = huggingface_hub  # its types have holes
    return str(library.hf_hub_download(repository, file, revision=revision, tqdm_class=told.bar()))


def _kept(name: HubName, revision: str, reason: Exception) -> Path:
    """The first file as it was fetched before; the reason is raised where it was not."""
    folder = _snapshots(name.repository)
    reference = folder.parent / "refs" / revision
    kept = folder / (reference.read_text().strip() if reference.is_file() else revision)
    there = {file.relative_to(kept).as_posix() for file in kept.rglob("*.gguf")} if kept.is_dir() else set[str]()
    try:
        files = files_of(name, there)
    except NoSuchModelError:
        raise reason from None
    logger.warning("the hub cannot be asked for %s: the files that were fetched before are used", name.repository)
    return kept / files[0]


def _snapshots(repository: str) -> Path:
    """Where the client keeps a repository's files, by commit: "Understand caching" in its documentation."""
    return Path(constants.HF_HUB_CACHE) / f"models--{repository.replace('/', '--')}" / "snapshots"


@contextmanager
def _translated(private: str) -> Generator[None]:
    try:
        yield
    except NoSuchModelError as error:
        message = "The hub's repository that the setting source names does not hold just one model of that name."
        raise BackendSetupError(message, private=f"{private}: {error}") from error
    except (GatedRepoError, RepositoryNotFoundError) as error:
        message = "The hub has no such repository as the setting source names, or wants a token for it in HF_TOKEN."
        raise BackendSetupError(message, private=private) from error
    except (RevisionNotFoundError, EntryNotFoundError, HFValidationError) as error:
        if isinstance(error, LocalEntryNotFoundError):
            raise BackendUnavailableError(_AWAY) from error
        message = "The hub's repository that the setting source names has no such revision."
        raise BackendSetupError(message, private=private) from error
    except OfflineModeIsEnabled as error:
        raise BackendSetupError(f"{_AWAY} HF_HUB_OFFLINE forbids to ask it.", private=private) from error
    except httpx2.TransportError as error:
        raise BackendUnavailableError(_AWAY) from error
    except HfHubHTTPError as error:
        if error.response.status_code in {_TOO_MANY, *range(_BUSY_FROM, 600)}:
            raise BackendUnavailableError(_ODD) from error
        raise BackendSetupError("The hub refuses the download.", private=f"{private}: {error}") from error
    except OSError as error:
        message = "The model could not be fetched from the hub; look at the room on the disk."
        raise BackendSetupError(message, private=f"{private}: {error}") from error


class _Progress:
    """How much of all files has come."""

    def __init__(self, tell: Callable[[str], None], total: int) -> None:
        """`total` is in bytes; 0: it is not known."""
        self._tell = tell
        self._total = total
        self._done = 0
        self._add(0)

    def bar(self) -> type[tqdm]:
        """What the client reports to, instead of the terminal."""
        add = self._add

        class Bar(tqdm):
            def __init__(self, *_: Any, **options: Any) -> None:  # noqa: ANN401 - as tqdm has it
                add(int(options.get("initial") or 0))
                bar: Any = super()
                bar.__init__(disable=True)

            def update(self, n: float | None = 1) -> bool | None:
                add(int(n or 0))
                return None

            def update_transfer(self, _: int) -> None:
                """What came over the network beside what was written: with it the client makes one bar of the two."""
                add(0)

            def set_transfer_postfix_str(self, *_: object, **__: object) -> None:
                """How fast that is, which nobody asks."""

        return Bar

    def _add(self, size: int) -> None:
        self._done += size
        share = f" ({min(100, 100 * self._done // self._total)}%)" if self._total else ""
        # Said again and again, also where nothing new is to be said: that is how a download learns that it shall end.
        self._tell(f"The model is being fetched from the hub{share}.")
