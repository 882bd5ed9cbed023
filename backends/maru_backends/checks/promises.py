"""Checks of what every model promises: it answers, its window and counts are true, it streams, stops and cuts."""

import asyncio
import time
from contextlib import aclosing
from dataclasses import replace

from maru_backends.base import ChatRequest, Usage
from maru_backends.checks.outcome import Outcome, PromiseBrokenError, ok, shortened
from maru_backends.checks.subject import GREEDY, LONG_TOKENS, Subject, asked, said
from maru_backends.errors import BackendError, ContextTooLongError
from maru_backends.text_stream import BROKEN

STOPS_WITHIN_S = 2.0
LOOK_PAUSE_S = 0.05
# More than the window that Ollama gives a model which is not told another, 4,096.
FILLED_TOKENS = 5_000
HOSTED_FILLED_TOKENS = 500
LEAST_SHOWN_TOKENS = 5
WORST_ESTIMATE = 0.5
_BRIEF = "Answer every question in one short word. "
# Within this, nobody can tell whether a proxy keeps an answer back.
LEAST_ANSWER_S = 1.0


async def answers(subject: Subject) -> Outcome:
    """Ready, and one question has an answer."""
    health = await subject.backend.health()
    if not health.is_ready:
        raise PromiseBrokenError(f"The engine is not ready: {health.detail or 'it does not say why'}")
    heard = await subject.heard(asked("Hello! Who are you?"))
    if not heard.text and not heard.thought and not heard.calls:
        raise PromiseBrokenError(
            "The answer to a greeting was empty; the chat template or the end token of the weights is probably wrong."
        )
    words = shortened(heard.text) if heard.text else f"{shortened(heard.thought)}, thinking"
    return ok(f"It said {words} after {heard.first_s:.2f} s.", {"first_token_s": round(heard.first_s, 3)})


async def window(subject: Subject) -> Outcome:
    """The same each time, and a prompt that is longer is refused before work."""
    told = subject.limits.context_window
    if told <= 0 or await subject.backend.limits() != subject.limits:
        raise PromiseBrokenError(f"The window was told as {told} tokens and then otherwise; set context_window.")
    figures = {"tokens": told}
    if subject.is_hosted:
        return ok(f"{told:,} tokens, as it is told; not tried out, because the provider might bill it.", figures)
    try:
        heard = await subject.heard(asked("many words " * told, max_tokens=1))
    except ContextTooLongError:
        return ok(f"{told:,} tokens; a longer prompt is refused.", figures)
    except BackendError as error:
        raise PromiseBrokenError(
            f"A prompt over the window of {told:,} tokens was not refused as too long ({error}), so Maru cannot "
            "shorten it and ask again; set context_window to what the engine was started with."
        ) from error
    raise PromiseBrokenError(
        f"A prompt of about {2 * told:,} tokens was answered in a window of {told:,} (counted: "
        f"{heard.usage.input_tokens:,}): the engine cuts prompts silently, or its window is larger; set context_window."
    )


async def counts(subject: Subject) -> Outcome:
    """A long prompt reaches the model whole, and the count before is the engine's count after."""
    most = HOSTED_FILLED_TOKENS if subject.is_hosted else FILLED_TOKENS
    share = 0.8 if subject.limits.counts_exactly else WORST_ESTIMATE
    request = await _filled(subject, min(most, int(subject.limits.context_window * share)))
    counted = await subject.backend.count_tokens(request)
    used = (await subject.heard(request)).usage.input_tokens
    figures = {"counted": counted, "used": used}
    if subject.limits.counts_exactly and counted != used:
        raise PromiseBrokenError(
            f"A prompt was counted as {counted:,} tokens, and the engine says it read {used:,}: "
            + _cause(counted, used)
        )
    if counted < used * WORST_ESTIMATE or used < counted * WORST_ESTIMATE:
        raise PromiseBrokenError(
            f"A prompt was estimated at {counted:,} tokens, and the engine says it read {used:,}: "
            + _cause(counted, used)
        )
    how = "exactly" if counted == used else f"an estimate, {counted / used:.0%} of them"
    return ok(f"A prompt of {used:,} tokens was counted as {counted:,} before ({how}).", figures)


async def template(subject: Subject) -> Outcome:
    """Instructions and earlier turns are in the prompt, and the chat template is known by its hash."""
    alone = asked("What is my name?", max_tokens=1)
    # A template may have instructions of its own where none are given, so two of different length are compared.
    instructed = [replace(alone, messages=(said("system", text), *alone.messages)) for text in (_BRIEF, _BRIEF * 3)]
    earlier = (said("user", "My name is Jihoon."), said("assistant", "Nice to meet you, Jihoon."))
    longer = replace(alone, messages=(*earlier, *alone.messages))
    try:
        sizes = [(await subject.heard(request)).usage.input_tokens for request in (*instructed, alone, longer)]
    except BackendError as error:
        raise PromiseBrokenError(
            f"The chat template refuses instructions or earlier turns ({error}); set `template`, or give the engine "
            "another one."
        ) from error
    if sizes[1] - sizes[0] < LEAST_SHOWN_TOKENS:
        raise PromiseBrokenError(
            "The chat template drops the system message, so instructions do nothing; set `template`, or give the "
            "engine a chat template that shows it."
        )
    if sizes[3] - sizes[2] < LEAST_SHOWN_TOKENS:
        raise PromiseBrokenError(
            "The chat template drops earlier turns, so the model forgets every question; set `template`, or give the "
            "engine another one."
        )
    known = subject.limits.template
    return ok(
        f"It shows instructions and earlier turns; {f'its hash is {known}' if known else 'its hash is not told'}."
    )


async def usage(subject: Subject) -> Outcome:
    """One usage, before the finish reason, of at least one token each way."""
    heard = await subject.heard(asked("Tell me about the sea.", max_tokens=24))
    told = heard.usage
    if sum(isinstance(event, Usage) for event in heard.events) != 1 or not isinstance(heard.events[-2], Usage):
        raise PromiseBrokenError("The usage must come once, just before the finish reason; look at the backend.")
    if told.input_tokens < 1 or told.output_tokens < 1:
        raise PromiseBrokenError(
            f"The engine says an answer took {told.input_tokens} tokens in and {told.output_tokens} out; its figures "
            "are of no use for limits and bills. Look at the engine's usage settings."
        )
    figures = {"input_tokens": told.input_tokens, "output_tokens": told.output_tokens}
    return ok(f"{told.input_tokens} tokens in, {told.output_tokens} out.", figures)


async def streaming(subject: Subject) -> Outcome:
    """Words come as they are made, and max_tokens ends them."""
    heard = await subject.heard(await subject.long_request())
    spoken = heard.spoken_s
    if heard.usage.output_tokens > LONG_TOKENS:
        raise PromiseBrokenError(
            f"An answer of at most {LONG_TOKENS} tokens had {heard.usage.output_tokens}; the engine does not keep "
            "max_tokens. Look at the backend."
        )
    spread_s = spoken[-1] - spoken[0]
    if len(spoken) == 1 or (spoken[-1] > LEAST_ANSWER_S and spread_s < spoken[-1] * 0.1):
        raise PromiseBrokenError(
            f"The whole answer came at once after {spoken[-1]:.1f} s; something between Maru and the engine keeps it "
            "back: turn off the buffering of the proxy before the engine (nginx: proxy_buffering off)."
        )
    return ok(f"{heard.usage.output_tokens} tokens in {len(spoken)} pieces; cut at max_tokens, as asked.")


async def cancel(subject: Subject) -> Outcome:
    """Closing the stream stops the engine."""
    request = replace(await subject.long_request(), max_tokens=min(2_000, subject.limits.context_window // 2))
    before = (await subject.backend.health()).running_requests
    async with aclosing(subject.backend.stream(request)) as events:
        await anext(events)
        closed = time.perf_counter()
    took_s = time.perf_counter() - closed
    if before is None:
        return ok(f"The stream closed in {1000 * took_s:.0f} ms; the engine does not tell what it works on.")
    while ((await subject.backend.health()).running_requests or 0) > before:
        if time.perf_counter() - closed > STOPS_WITHIN_S:
            raise PromiseBrokenError(
                f"{STOPS_WITHIN_S:.0f} s after a stop the engine still worked on that answer, for nobody; make sure "
                "that a proxy before it passes a closed connection on."
            )
        await asyncio.sleep(LOOK_PAUSE_S)
    took_s = time.perf_counter() - closed
    return ok(f"The engine was idle {1000 * took_s:.0f} ms after the stop.", {"stopped_s": round(took_s, 3)})


async def stop_strings(subject: Subject) -> Outcome:
    """The text before a stop string is the answer, to the letter."""
    request = asked("My name is Jihoon. What is my name? Tell me about the sea.", max_tokens=48)
    whole = (await subject.heard(request)).text
    stop = _middle_of(whole)
    if stop is None:
        return ok(f"Not to be seen: the model said only {shortened(whole)}.")
    cut = (await subject.heard(replace(request, sampling=replace(GREEDY, stop=("never said \u2603", stop))))).text
    if stop in cut or (cut.startswith(whole[: whole.index(stop) + 1]) and cut != whole[: whole.index(stop)]):
        raise PromiseBrokenError(
            f"The answer went on past the stop string {shortened(stop)}; the engine does not honour `stop`. "
            "Look at the backend."
        )
    return ok(f"The answer ended before {shortened(stop)}.")


def _middle_of(text: str) -> str | None:
    """Three characters near its middle, none of which stands for bytes that are no text; None where it has none."""
    half = len(text) // 2
    for start in sorted(range(1, len(text) - 3), key=lambda place: abs(place - half)):
        if BROKEN not in (three := text[start : start + 3]):
            return three
    return None


async def _filled(subject: Subject, wanted: int) -> ChatRequest:
    """A question after so many tokens of plain text, about."""
    words = [f"{number} ships" for number in range(100)]
    begin = await subject.backend.count_tokens(asked("Hello"))
    per_line = max(1.0, (await subject.backend.count_tokens(asked(" and ".join(words))) - begin) / len(words))
    lines = max(1, int((wanted - begin) / per_line))
    return asked(" and ".join(f"{number % 100} ships" for number in range(lines)), max_tokens=2)


def _cause(counted: int, used: int) -> str:
    if used < counted:
        return (
            "it cuts prompts silently. Start it with a larger window (Ollama: num_ctx), or set context_window to the "
            "smaller one."
        )
    return "it adds what the count does not know. Is this the tokenizer and the template of the weights it serves?"
