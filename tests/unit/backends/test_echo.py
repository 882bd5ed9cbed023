"""The fake engine says the same to the same request, and plays the faults it is told to."""

import asyncio
import json
from contextlib import aclosing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maru_backends.base import (
    BackendEvent,
    ChatMessage,
    ChatRequest,
    Finished,
    JsonFormat,
    NamedTool,
    ReasoningDelta,
    Sampling,
    TextDelta,
    TextPart,
    Tool,
    ToolCall,
    ToolCallDelta,
    Usage,
)
from maru_backends.echo import EchoBackend, EchoSettings, Script, counted_word, input_tokens, plugin, tokens_of
from maru_backends.errors import (
    BackendBusyError,
    BackendStreamBrokenError,
    BackendUnavailableError,
    ContextTooLongError,
)

WEATHER = Tool("weather", parameters={"type": "object", "properties": {"city": {"type": "string"}}})
CLOCK = Tool("clock")


def asked(text: str, **fields: object) -> ChatRequest:
    """A request of one message."""
    return ChatRequest((ChatMessage("user", (TextPart(text),)),), **fields)  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]


async def heard(request: ChatRequest, settings: EchoSettings | None = None) -> list[BackendEvent]:
    """Everything that comes back."""
    return [event async for event in EchoBackend(settings or EchoSettings()).stream(request)]


def text_of(events: list[BackendEvent]) -> str:
    """The answer."""
    return "".join(event.text for event in events if isinstance(event, TextDelta))


@given(st.text())
def test_tokens_joined_are_the_text(text: str) -> None:
    """Nothing is lost by counting."""
    assert "".join(tokens_of(text)) == text


async def test_last_user_message_comes_back_word_by_word() -> None:
    """The demo's whole point."""
    events = await heard(asked("안녕 two three!"))
    assert events == [
        TextDelta("안녕"),
        TextDelta(" two"),
        TextDelta(" three"),
        TextDelta("!"),
        Usage(input_tokens=5, output_tokens=4),
        Finished("stop"),
    ]


async def test_count_numbers_every_token() -> None:
    """A gap, a repeat or a swap shows in the text."""
    events = await heard(asked("q"), EchoSettings(script="count", tokens=50))
    assert text_of(events) == "".join(counted_word("q", index) for index in range(50))
    assert counted_word("q", 1) != counted_word("p", 1)


async def test_max_tokens_cuts() -> None:
    """By tokens, and it says so."""
    events = await heard(asked("a b c d", max_tokens=2))
    assert text_of(events) == "a b"
    assert events[-1] == Finished("length")


async def test_exact_length_is_no_cut() -> None:
    """The bound was reached and nothing was lost."""
    assert (await heard(asked("a b", max_tokens=2)))[-1] == Finished("stop")


async def test_stop_string_cuts() -> None:
    """As an engine does it."""
    events = await heard(asked("a b c d", sampling=Sampling(stop=("b c",))))
    assert text_of(events) == "a "
    assert events[-1] == Finished("stop")


async def test_tool_script_calls_the_first_tool() -> None:
    """Arguments fit the tool's schema."""
    events = await heard(asked("Seoul?", tools=(WEATHER, CLOCK)), EchoSettings(script="tool"))
    calls = [event for event in events if isinstance(event, ToolCallDelta)]
    assert (calls[0].name, bool(calls[0].id)) == ("weather", True)
    assert json.loads("".join(call.arguments for call in calls)) == {"city": "echo"}
    assert events[-1] == Finished("tool_calls")


async def test_named_tool_is_called() -> None:
    """The choice is the client's."""
    request = asked("now?", tools=(WEATHER, CLOCK), tool_choice=NamedTool("clock"))
    calls = [event for event in await heard(request, EchoSettings(script="tool")) if isinstance(event, ToolCallDelta)]
    assert calls[0].name == "clock"


async def test_tool_result_is_answered_with_text() -> None:
    """Else a loop of calls would never end."""
    request = ChatRequest(
        (
            ChatMessage("user", (TextPart("Seoul?"),)),
            ChatMessage("assistant", (), tool_calls=(ToolCall("call_1", "weather", "{}"),)),
            ChatMessage("tool", (TextPart("sunny"),), tool_call_id="call_1"),
        ),
        tools=(WEATHER,),
    )
    events = await heard(request, EchoSettings(script="tool"))
    assert text_of(events) == "sunny"
    assert events[-1] == Finished("stop")


@pytest.mark.parametrize("choice", ["none", "auto"])
async def test_no_tool_means_words(choice: str) -> None:
    """Without tools, or with tools forbidden, it echoes."""
    tools = (WEATHER,) if choice == "none" else ()
    assert text_of(await heard(asked("hi", tools=tools, tool_choice=choice), EchoSettings(script="tool"))) == "hi"


async def test_reasoning_is_kept_apart() -> None:
    """And counted in the usage."""
    events = await heard(asked("hi"), EchoSettings(script="reason"))
    thoughts = [event for event in events if isinstance(event, ReasoningDelta)]
    usage = events[-2]
    assert isinstance(usage, Usage)
    assert usage.reasoning_tokens == len(thoughts) > 0
    assert usage.output_tokens == len(thoughts) + 1
    assert text_of(events) == "hi"


async def test_json_is_of_the_asked_shape() -> None:
    """Both without a schema and with one."""
    assert json.loads(text_of(await heard(asked('say "hi"', json_format=JsonFormat())))) == {"echo": 'say "hi"'}
    schema = {
        "type": "object",
        "properties": {
            "kind": {"enum": ["b", "a"]},
            "count": {"type": "integer"},
            "tags": {"type": "array", "items": {"type": "string"}},
            "none": {"type": "null"},
            "yes": {"type": "boolean"},
        },
    }
    found = json.loads(text_of(await heard(asked("hi", json_format=JsonFormat(schema=schema)))))
    assert found == {"kind": "b", "count": 0, "tags": ["echo"], "none": None, "yes": True}


async def test_busy_is_refused_before_any_event() -> None:
    """With a time to wait."""
    with pytest.raises(BackendBusyError) as raised:
        await heard(asked("hi"), EchoSettings(script="busy"))
    assert raised.value.retry_after_s == 1


async def test_break_loses_the_end() -> None:
    """No usage, no finish reason."""
    events: list[BackendEvent] = []

    async def read() -> None:
        async for event in EchoBackend(EchoSettings(script="break", tokens=2)).stream(asked("a b c")):
            events.append(event)  # noqa: PERF401 - a comprehension would lose them when it raises

    with pytest.raises(BackendStreamBrokenError):
        await read()
    assert events == [TextDelta("a"), TextDelta(" b")]


async def test_stall_is_silent_until_closed() -> None:
    """A watchdog's test case."""
    backend = EchoBackend(EchoSettings(script="stall", tokens=1))
    async with aclosing(backend.stream(asked("a b c"))) as events:
        assert await anext(events) == TextDelta("a")
        silence = asyncio.ensure_future(anext(events))
        await asyncio.sleep(0)
        assert not silence.done()
        await backend.close()
        with pytest.raises(BackendUnavailableError):
            await silence


@pytest.mark.parametrize("script", ["echo", "count", "tool", "reason"])
async def test_every_good_script_ends_well(script: Script) -> None:
    """Usage, then one Finished."""
    events = await heard(asked("one two", tools=(WEATHER,)), EchoSettings(script=script))
    assert isinstance(events[-2], Usage)
    assert [type(event) for event in events].count(Finished) == 1


async def test_pace_and_delay_are_kept() -> None:
    """Load tests lean on them."""
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    backend = EchoBackend(EchoSettings(delay_s=3, pace_tokens_per_s=50), sleep)
    assert text_of([event async for event in backend.stream(asked("a b"))]) == "a b"
    assert waits[0] == 3
    assert waits[1:3] == [0.02, 0.02]


async def test_window_holds_prompt_and_answer() -> None:
    """The answer gets what the prompt leaves."""
    settings = EchoSettings(context_window=6)
    assert text_of(await heard(asked("a b c d"), settings)) == "a"
    with pytest.raises(ContextTooLongError):
        await heard(asked("a b c d e"), settings)


async def test_running_streams_are_told() -> None:
    """Stop tests look at it."""
    backend = await plugin.open(EchoSettings())
    async with aclosing(backend.stream(asked("a b"))) as events:
        await anext(events)
        assert (await backend.health()).running_requests == 1
    assert (await backend.health()).running_requests == 0


def test_tools_cost_tokens() -> None:
    """As they do in a template."""
    assert input_tokens(asked("hi", tools=(WEATHER,))) > input_tokens(asked("hi"))
