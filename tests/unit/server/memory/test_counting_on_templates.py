"""`maru/memory/counting.py` on a real tokenizer and the templates of several families.

Sums are held against the whole prompt, rendered and tokenised at once as an engine does it.
"""

from functools import cache
from typing import Any

import pytest
import transformers
from hypothesis import given
from hypothesis import strategies as st

from maru.memory.counting import Counter, Turn
from maru_backends.base import ChatMessage, ChatRequest, TextPart, ToolCall
from maru_backends.local_render import Renderer
from support import chat_templates
from support.backend_cases import HOUSE_FOLDER
from support.counting import CountingBackend, conversation, rendered_by, said, whole

MODEL = "m"
ADDING_UP = {"qwen": chat_templates.QWEN, "qwen 3": chat_templates.QWEN_3}
PIECES = st.sampled_from(
    (
        *("\n", " ", "\n\n", "  ", "\t", "a", "the sea", "안녕하세요", " 12", "'s"),
        *("```py\nx = 1\n```", "🌊", "\u200b", "</think>", "<|im_end|>"),
    )
)
TEXT = st.lists(PIECES | st.text(max_size=6), max_size=6).map("".join)
USER = TEXT.map(lambda text: said("user", text))
ANSWER = TEXT.map(lambda text: said("assistant", text))
CALL = st.tuples(TEXT, TEXT).map(
    lambda texts: (
        ChatMessage("assistant", (), (ToolCall("call00001", "look_up", f'{{"word": {texts[0]!r}}}'),)),
        ChatMessage("tool", (TextPart(texts[1]),), tool_call_id="call00001"),
    )
)
CALLS = st.lists(CALL, max_size=2).map(lambda calls: tuple(message for call in calls for message in call))
CLOSED = st.tuples(USER, CALLS, ANSWER).map(lambda turn: (turn[0], *turn[1], turn[2]))
NEWEST = st.tuples(USER, CALLS).map(lambda turn: (turn[0], *turn[1]))
TURNS = st.tuples(st.lists(CLOSED, max_size=5), NEWEST).map(lambda turns: [*turns[0], turns[1]])
SYSTEM = TEXT.map(lambda text: (said("system", text),))
REQUESTS = (st.just(()) | SYSTEM).map(ChatRequest)


@cache
def tokenizer() -> Any:
    """The house model's."""
    library: Any = transformers  # its types have holes
    return library.AutoTokenizer.from_pretrained(HOUSE_FOLDER)


@cache
def house() -> Renderer:
    """What renders for the house model in process."""
    return Renderer(tokenizer())


def house_count(request: ChatRequest) -> int:
    """What the backend in process counts."""
    return len(house().prompt(request.messages))


@given(REQUESTS, TURNS)
async def test_house_total_is_the_count_of_the_whole_prompt(request: ChatRequest, turns: list[Turn]) -> None:
    """Whatever people and tools write, control tokens and half white space included."""
    sizes = await Counter().sizes(CountingBackend(house_count), MODEL, request, turns)
    assert (sizes.total, sizes.is_exact) == (house_count(whole(request, turns)), True)


@pytest.mark.parametrize("template", ADDING_UP.values(), ids=list(ADDING_UP))
@pytest.mark.parametrize("seed", range(25))
async def test_total_is_the_count_of_the_whole_prompt(template: str, seed: int) -> None:
    """With tools in the system message, outputs joined into one, and thinking that is dropped later."""
    count = rendered_by(tokenizer(), template)
    request, turns = conversation(seed, most_turns=12)
    sizes = await Counter().sizes(CountingBackend(count), MODEL, request, turns)
    assert (sizes.total, sizes.is_exact) == (count(whole(request, turns)), True)


@pytest.mark.parametrize("template", [chat_templates.LLAMA_2, chat_templates.STRICT], ids=["llama 2", "strict"])
@pytest.mark.parametrize("seed", range(25))
async def test_roles_that_must_alternate_are_counted_exactly(template: str, seed: int) -> None:
    """Without calls, because such models know none; the strict one takes no instructions either."""
    count = rendered_by(tokenizer(), template)
    request, turns = conversation(seed, most_turns=12, with_tools=False)
    if template == chat_templates.STRICT:
        request = ChatRequest(())
    sizes = await Counter().sizes(CountingBackend(count), MODEL, request, turns)
    assert (sizes.total, sizes.is_exact) == (count(whole(request, turns)), True)


@pytest.mark.parametrize(
    "template",
    [chat_templates.MISTRAL, chat_templates.ALPACA, chat_templates.NUMBERED],
    ids=["mistral", "alpaca", "numbered"],
)
async def test_where_turns_merge_the_first_report_mends_the_count(template: str) -> None:
    """Words may become one token across a turn's border; what the engine then reads says so."""
    count = rendered_by(tokenizer(), template)
    backend, counter, wrong = CountingBackend(count), Counter(), 0
    for seed in range(100):
        request, turns = conversation(seed, most_turns=12)
        sizes = await counter.sizes(backend, MODEL, request, turns)
        read = count(whole(request, turns))
        counter.reconcile(MODEL, sizes, read)
        wrong += sizes.total != read
    assert wrong <= 1
