"""Conversations of turns, an engine whose tokens are words, and orders to fit one into the other."""

from collections.abc import Sequence
from dataclasses import dataclass

from maru.memory.counting import Counter
from maru.memory.fitting import FitOrder, Fitter, Remembered
from maru.memory.prompt import Note
from maru.memory.view import View
from maru.memory_settings import MemorySettings
from maru.protocol.items import FunctionCall, FunctionCallOutput, InputImage, InputText, Item, Message, MessageRole
from maru_backends.base import ChatMessage, ChatRequest, ImagePart
from support.responses import a_message
from support.scripted_backend import ScriptedBackend

WINDOW = 1000
PER_MESSAGE = 3
PER_IMAGE = 20


class CountingBackend(ScriptedBackend):
    """A template with words of its own around each message, and images."""

    async def count_tokens(self, request: ChatRequest) -> int:
        """See `Backend.count_tokens`."""
        self.counted.append(request)
        return sum(map(tokens_of, request.messages)) + 5


def tokens_of(message: ChatMessage) -> int:
    """Tokens of one message."""
    images = sum(isinstance(part, ImagePart) for part in message.parts)
    calls = sum(len(call.arguments.split()) for call in message.tool_calls)
    return PER_MESSAGE + len(message.text.split()) + PER_IMAGE * images + calls


@dataclass(frozen=True, slots=True)
class Said:
    """One turn of a drawn conversation; sizes in words."""

    question: int
    answer: int
    outputs: tuple[int, ...] = ()
    has_image: bool = False
    is_pinned: bool = False
    rule: MessageRole | None = None

    def asked(self, number: int) -> tuple[Item, ...]:
        """What the user sends."""
        images = (InputImage(image_url="data:image/png;base64,AA", detail="auto"),) if self.has_image else ()
        question = Message(
            id=f"msg_q{number}",
            role="user",
            status="completed",
            content=(InputText(text=f"q{number} " * self.question), *images),
        )
        rule = (a_message(f"r{number} obey", self.rule, f"msg_r{number}"),) if self.rule else ()
        return (*rule, question)

    def answered(self, number: int) -> tuple[Item, ...]:
        """What came of it."""
        calls: list[Item] = []
        for call, words in enumerate(self.outputs):
            id_ = f"call_{number}_{call}"
            calls.append(FunctionCall(id=f"fc_{id_}", call_id=id_, name="f", arguments="{}", status="completed"))
            calls.append(FunctionCallOutput(id=f"fo_{id_}", call_id=id_, output=f"{id_} " * words, status="completed"))
        return (*calls, a_message(f"a{number} " * self.answer, "assistant", f"msg_a{number}"))


def an_order(
    history: Sequence[Item] = (),
    new: Sequence[Item] = (),
    cut: str | None = None,
    notes: Sequence[Note] = (),
    *,
    instructions: str | None = None,
    pinned: frozenset[str] = frozenset(),
    max_tokens: int | None = None,
    may_cut: bool = True,
) -> FitOrder:
    """What is to be fitted."""

    async def remembered() -> Remembered:
        return Remembered(cut, tuple(notes))

    return FitOrder(
        model="m",
        request=ChatRequest((), max_tokens=max_tokens),
        instructions=instructions,
        view=View(tuple(history), tuple(new)),
        may_cut=may_cut,
        pinned=pinned,
        remembered=remembered,
    )


def a_fitter(**memory: object) -> Fitter:
    """A fitter whose model `m` has these settings of memory."""
    return Fitter(Counter(), {"m": MemorySettings.model_validate(memory)})


def a_backend(window: int = WINDOW) -> CountingBackend:
    """An engine with this window."""
    return CountingBackend(lambda _: "unused", window=window)


def plain_turns(count: int, *, words: int = 50, first: int = 0) -> tuple[Item, ...]:
    """So many turns of questions and answers."""
    said = [(number, Said(words, words)) for number in range(first, first + count)]
    return tuple(item for number, turn in said for item in (*turn.asked(number), *turn.answered(number)))
