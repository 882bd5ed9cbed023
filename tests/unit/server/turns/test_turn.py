"""Rules of `maru/turns/turn.py`."""

import itertools
import json

import pytest

from maru.protocol.builder import ResponseBuilder
from maru.protocol.errors import ApiError
from maru.turns.turn import MAX_DEEPER_CUTS, TOO_LONG_ADVICE, CutDeeper, Log, Retry, Turn
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


def _last_of(step: Log | Retry | CutDeeper) -> dict[str, object]:
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
        (RequestRefusedError("no"), "invalid_prompt"),
        (BackendSetupError("bad key"), "server_error"),
    ],
)
def test_the_code_says_who_must_act(error: BackendError, code: str) -> None:
    """Clients decide by it whether to retry, shorten or call the operator."""
    failed = _last_of(_a_turn().backend_failed(error))
    assert failed["error"] == {"code": code, "message": str(error)}


def test_a_prompt_that_the_engine_finds_too_long_is_cut_deeper_a_few_times() -> None:
    """An engine may hold less than it told: the chat must not die of it, nor ask for ever."""
    turn = _a_turn()
    steps = [turn.backend_failed(ContextTooLongError(f"{n} is long."), may_cut=True) for n in range(MAX_DEEPER_CUTS)]
    assert steps == [CutDeeper()] * MAX_DEEPER_CUTS
    failed = _last_of(turn.backend_failed(ContextTooLongError("Long."), may_cut=True))
    assert failed["error"] == {"code": "context_length_exceeded", "message": f"Long. {TOO_LONG_ADVICE}"}


def test_what_must_not_be_cut_is_not_cut_deeper() -> None:
    """The client said so, with `truncation: disabled`."""
    failed = _last_of(_a_turn().backend_failed(ContextTooLongError("Long.")))
    assert failed["error"] == {"code": "context_length_exceeded", "message": f"Long. {TOO_LONG_ADVICE}"}


def test_a_prompt_that_cannot_be_cut_deeper_fails_as_the_engine_said() -> None:
    """The sizes that our own error names are of a window that the engine does not have."""
    turn = _a_turn()
    turn.backend_failed(ContextTooLongError("The window is 150."), may_cut=True)
    ours = ApiError(400, "The newest message needs 99 tokens and 80 fit.", code="context_length_exceeded")
    failed = _last_of(turn.refused(ours))
    assert failed["error"] == {
        "code": "context_length_exceeded",
        "message": f"The window is 150. {TOO_LONG_ADVICE}",
    }


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
