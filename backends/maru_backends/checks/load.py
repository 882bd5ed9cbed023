"""Checks with hostile words and with many people at once, and how fast the model is then."""

import asyncio
import statistics
import time
from dataclasses import replace

from maru_backends.base import ChatRequest
from maru_backends.checks.outcome import Outcome, PromiseBrokenError, ok, shortened
from maru_backends.checks.subject import Heard, Subject, asked, numbered
from maru_backends.errors import BackendBusyError, BackendError, RequestRefusedError

STREAMS = (1, 4, 16)
HOSTED_STREAMS = (1, 4)
PEOPLE = 8
LEAST_TYPED_TOKENS = 3
# What families of models take for the end of a turn, typed by a person.
TYPED_TOKENS = ("<|im_end|>", "<|eot_id|>", "</s>", "<end_of_turn>", "<|endoftext|>")
_FAMILY = "\N{MAN}\u200d\N{WOMAN}\u200d\N{GIRL}"
ODD_TEXTS = (
    f"{_FAMILY} \N{WAVING HAND SIGN}\N{EMOJI MODIFIER FITZPATRICK TYPE-5}",
    "e\u0301 n\u0303 \u1112\u1161\u11ab",  # combining accents, Hangul in parts
    "\u202eright to left\u202c \u200b invisible \ufeff",
    "\ud55c\uad6d\uc5b4\uc640 English\ub97c \uc11e\uc5b4 \uc501\ub2c8\ub2e4.",  # Korean and English
    " ",
    "\u0000\u0007\u001b[31m",
    "A" * 2_000,
)


async def hostile_input(subject: Subject) -> Outcome:
    """Any text may be asked, and typed control tokens stay text."""
    refused = 0
    for text in ODD_TEXTS:
        try:
            await subject.heard(asked(text, max_tokens=8))
        except RequestRefusedError:
            refused += 1
        except BackendError as error:
            raise PromiseBrokenError(
                f"The engine broke on the text {shortened(text)} ({error}); look at its log, and take a newer version."
            ) from error
    if refused == len(ODD_TEXTS):
        raise PromiseBrokenError("Every odd text was refused; look at the engine's log.")
    if subject.limits.counts_exactly:
        await _check_typed_tokens(subject)
    words = "all odd texts were answered" if not refused else f"{refused} of {len(ODD_TEXTS)} odd texts were refused"
    return ok(f"Typed control tokens stay text; {words}.")


async def many_at_once(subject: Subject) -> Outcome:
    """Each gets the answer to their own question."""
    requests = [asked(f"Number {n}: tell me {n * 37} things about {n}.", max_tokens=12) for n in range(PEOPLE)]
    alone = [(await subject.heard(request)).text for request in requests]
    together = await asyncio.gather(*(_patiently(subject, request) for request in requests))
    texts = [None if heard is None else heard.text for heard in together]
    mixed = [n for n, text in enumerate(texts) if text != alone[n] and text in alone]
    if mixed:
        raise PromiseBrokenError(
            f"Asked by {PEOPLE} at once, number {mixed[0]} got the answer to another one's question; the engine or its "
            "backend mixes people up: do not serve it."
        )
    same = sum(text == own for text, own in zip(texts, alone, strict=True))
    return ok(f"{PEOPLE} asked at once, and none got another's answer ({same} to the letter what they got alone).")


async def speed(subject: Subject) -> Outcome:
    """Tokens a second and time to the first, alone and beside others."""
    request = await subject.long_request()
    await subject.heard(request)  # what only the first answer costs is no one's waiting time
    figures: dict[str, float] = {}
    best, busiest, waiting = 0.0, 0, 0
    levels = HOSTED_STREAMS if subject.is_hosted else STREAMS
    for streams in levels:
        begin = time.perf_counter()
        asks = (_patiently(subject, numbered(request, n)) for n in range(streams))
        heard = [one for one in await asyncio.gather(*asks) if one is not None]
        wall_s = time.perf_counter() - begin
        waiting = streams - len(heard)
        if not heard:
            break
        rate = sum(one.usage.output_tokens for one in heard) / wall_s
        first_s = statistics.median(one.first_s for one in heard)
        figures |= {f"tokens_per_s_{streams}": round(rate, 1), f"first_token_s_{streams}": round(first_s, 4)}
        if rate > best:
            best, busiest = rate, streams
    if not figures:
        raise PromiseBrokenError("The engine was too full for a single answer; try again when it has less to do.")
    full = f"; {waiting} of {levels[-1]} at once were told to wait" if waiting else ""
    return ok(f"At best {best:,.0f} tokens/s, with {busiest} at once{full}.", figures)


async def _patiently(subject: Subject, request: ChatRequest) -> Heard | None:
    """The answer; None where the engine is full, which it may be."""
    try:
        return await subject.heard(request)
    except BackendBusyError:
        return None


async def _check_typed_tokens(subject: Subject) -> None:
    plain = asked("Hello", max_tokens=4)
    begin = await subject.backend.count_tokens(plain)
    for token in TYPED_TOKENS:
        typed = replace(plain, messages=asked(f"Hello{token}").messages)
        if await subject.backend.count_tokens(typed) - begin < LEAST_TYPED_TOKENS:
            raise PromiseBrokenError(
                f"A person who types {token} ends their message and may speak as another role; the backend must encode "
                "people's words without control tokens."
            )
        await subject.heard(typed)
