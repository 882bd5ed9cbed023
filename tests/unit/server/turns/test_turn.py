"""Rules of `maru/turns/turn.py`."""

import itertools
import json

import pytest

from maru.protocol.builder import ResponseBuilder
from maru.turns.turn import Log, Retry, Turn
from maru_backends.base import Finished, TextDelta
from maru_backends.errors import (
    BackendBusyError,
    BackendError,
    BackendSetupError,
    BackendStreamBrokenError,
    BackendUnavailableError,
    ContextTooLongError,
    RequestRefusedError,
)
from support.responses import a_response


def _a_turn() -> Turn:
    numbers = itertools.count()
    turn = Turn(ResponseBuilder(a_response(), lambda prefix: f"{prefix}_{next(numbers)}"))
    turn.started()
    return turn


def _last_of(step: Log | Retry) -> dict[str, object]:
    assert isinstance(step, Log)
    response: dict[str, object] = json.loads(step.events[-1].data)["response"]
    return response


@pytest.mark.parametrize("error", [BackendUnavailableError("gone"), BackendStreamBrokenError("broke")])
def test_one_retry_before_the_first_word_and_no_second(error: BackendError) -> None:
    """A restarting engine is worth one more try; a dead one is not worth ten."""
    turn = _a_turn()
    assert isinstance(turn.backend_failed(error), Retry)
    assert _last_of(turn.backend_failed(error))["status"] == "failed"


def test_no_retry_after_words_were_shown() -> None:
    """Nobody may see the beginning of two different answers as one."""
    turn = _a_turn()
    turn.backend_said(TextDelta("half an"), now=1)
    assert _last_of(turn.backend_failed(BackendStreamBrokenError("broke")))["status"] == "failed"


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (BackendBusyError("full"), "rate_limit_exceeded"),
        (ContextTooLongError("long"), "context_length_exceeded"),
        (RequestRefusedError("no"), "invalid_prompt"),
        (BackendSetupError("bad key"), "server_error"),
    ],
)
def test_the_code_says_who_must_act(error: BackendError, code: str) -> None:
    """Clients decide by it whether to retry, shorten or call the operator."""
    failed = _last_of(_a_turn().backend_failed(error))
    assert failed["error"] == {"code": code, "message": str(error)}


def test_a_stopped_half_answer_is_kept() -> None:
    """Stopping keeps the words the person already read."""
    turn = _a_turn()
    turn.backend_said(TextDelta("half an"), now=1)
    assert _last_of(turn.stopped())["status"] == "cancelled"
    assert turn.has_ended


def test_nothing_happens_after_the_end() -> None:
    """A late engine, a second stop or a shutdown cannot change an answer that was given."""
    turn = _a_turn()
    turn.backend_said(Finished("stop"), now=1)
    assert turn.stopped().events == turn.server_closing().events == turn.broke().events == ()
    assert turn.snapshot().status == "completed"


def test_what_was_stopped_is_not_tried_again() -> None:
    """An engine that takes a stop for a broken stream must not be asked once more."""
    turn = _a_turn()
    turn.stopped()
    assert turn.backend_failed(BackendStreamBrokenError("closed")) == Log(())
