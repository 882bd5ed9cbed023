"""Too much, in every way: each has a clear end that says what to do, nothing is lost, and the chat goes on."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import pytest

from maru.memory_settings import MemorySettings
from maru.protocol.facts import MAX_FACT_CHARS, MAX_FACTS
from maru.turns.turn import MAX_DEEPER_CUTS
from maru_backends.base import BackendSettings
from maru_backends.echo import EchoSettings
from maru_backends.openai_compatible import OpenAICompatibleSettings
from maru_backends.transformers_local import TransformersSettings
from maru_backends.vllm import VllmSettings
from support.backend_cases import HOUSE_FOLDER
from support.echo_server import EchoEngine, echo_engine
from support.files import DOT
from support.socket_server import InProcess, in_process, turn
from support.vllm_server import VllmServer

MEGABYTE = "word " * 200_000
MODELS = {
    "small": EchoSettings(context_window=400),
    "large": EchoSettings(context_window=20_000),
    "tiny": EchoSettings(context_window=8192),
    "caller": EchoSettings(script="tool", context_window=400),
}
MEMORY = {"tiny": MemorySettings(window=64)}
LOOK_UP = {"type": "function", "name": "look_up", "parameters": {"type": "object"}}
IMAGE = {"type": "input_image", "image_url": DOT}


@pytest.fixture
async def maru() -> AsyncGenerator[InProcess]:
    """A server of this test alone, whose models differ in their windows."""
    async with in_process(MODELS, memory=MEMORY) as server:
        yield server


async def _ask(maru: InProcess, method: str, path: str, body: object = None) -> Any:
    async with maru.session.request(method, path, json=body) as answer:
        assert answer.status == 200
        return await answer.json()


async def _conversation(maru: InProcess) -> str:
    return str((await _ask(maru, "POST", "/v1/conversations", {}))["id"])


async def _items(maru: InProcess, conversation: str) -> list[Any]:
    tree = await _ask(maru, "GET", f"/v1/conversations/{conversation}/tree")
    items: list[Any] = tree["items"]
    return items


async def _say(maru: InProcess, conversation: str, said: object, model: str = "small", **create: Any) -> Any:
    """The response of one turn."""
    wish = {"truncation": "auto", **create}
    async with maru.socket() as socket:
        return (await turn(socket, input=said, model=model, conversation=conversation, **wish))["response"]


async def _talk(maru: InProcess, conversation: str, count: int, model: str = "small", words: int = 12) -> list[Any]:
    said = [f"turn {number} " + "word " * words for number in range(count)]
    return [await _say(maru, conversation, text, model) for text in said]


async def _is_refused(response: Any, *parts: str) -> None:
    assert (response["status"], response["error"]["code"]) == ("failed", "context_length_exceeded")
    for part in parts:
        assert part in response["error"]["message"]


async def _goes_on(maru: InProcess, conversation: str, model: str = "small") -> Any:
    """The chat is answered, and everything that was said is still in it."""
    before = await _items(maru, conversation)
    response = await _say(maru, conversation, "and now", model)
    assert response["status"] == "completed", response["error"]
    after = await _items(maru, conversation)
    assert after[: len(before)] == before
    assert "and now" in str(after[len(before)])
    return response


# ---------------------------------------------------------------------------------------------------- what people send


async def test_a_megabyte_is_refused_and_kept(maru: InProcess) -> None:
    """A giant paste."""
    conversation = await _conversation(maru)
    await _talk(maru, conversation, 2)
    await _is_refused(await _say(maru, conversation, MEGABYTE), "200002 tokens and 292 fit (window 400)", "Shorten it")
    assert MEGABYTE in str(await _items(maru, conversation))
    shown = (await _goes_on(maru, conversation))["maru:context"]
    assert shown["items_left_out"] == 5


async def test_a_megabyte_is_refused_over_http(maru: InProcess) -> None:
    """With a status that every client understands, also through the older API."""
    wishes: list[tuple[str, dict[str, Any]]] = [
        ("/v1/responses", {"input": MEGABYTE, "truncation": "auto"}),
        ("/v1/responses", {"input": MEGABYTE}),
        ("/v1/chat/completions", {"messages": [{"role": "user", "content": MEGABYTE}]}),
    ]
    for path, body in wishes:
        async with maru.session.post(path, json={"model": "small", **body}) as answer:
            error = (await answer.json())["error"]
        assert (answer.status, error["code"]) == (400, "context_length_exceeded")
        assert "Shorten it" in error["message"]


async def test_a_thousand_messages_at_once(maru: InProcess) -> None:
    """What one request says stays whole; a history that a client sends is cut like one that is kept here."""
    conversation = await _conversation(maru)
    asked = [{"type": "message", "role": "user", "content": f"hi {number}"} for number in range(1000)]
    await _is_refused(await _say(maru, conversation, asked), "3000 tokens", "send it in parts")
    assert len(await _items(maru, conversation)) == 1000
    await _goes_on(maru, conversation)
    conversation = await _conversation(maru)
    roles = ("user", "assistant")
    asked = [{"type": "message", "role": roles[n % 2], "content": f"hi {n}"} for n in range(1001)]
    response = await _say(maru, conversation, asked)
    assert response["status"] == "completed"
    assert 900 < response["maru:context"]["items_left_out"] < 1000
    await _goes_on(maru, conversation)


async def test_a_giant_output_of_a_tool(maru: InProcess) -> None:
    """Within the loop of calls: the error names the outputs; the next message goes on, a shorter output too."""
    conversation = await _conversation(maru)
    called = await _say(maru, conversation, "look it up", "caller", tools=[LOOK_UP])
    call = called["output"][0]
    given = {"type": "function_call_output", "call_id": call["call_id"], "output": MEGABYTE}
    refused = await _say(maru, conversation, [given], "caller", tools=[LOOK_UP])
    await _is_refused(refused, "The newest message and the outputs of its calls need", "Shorten")
    assert MEGABYTE in str(await _items(maru, conversation))
    shorter = {**given, "output": "a short output"}
    again = await _say(maru, conversation, [shorter], "caller", tools=[LOOK_UP], **{"maru:parent": call["id"]})
    assert again["status"] == "completed"
    await _goes_on(maru, conversation, "caller")


async def test_a_giant_output_on_a_chain_of_responses(maru: InProcess) -> None:
    """The same for clients that name the response before."""
    async with maru.socket() as socket:
        wish: dict[str, Any] = {"model": "caller", "truncation": "auto", "tools": [LOOK_UP]}
        first = (await turn(socket, input="look it up", **wish))["response"]
        call_id = first["output"][0]["call_id"]
        given = {"type": "function_call_output", "call_id": call_id, "output": MEGABYTE}
        refused = (await turn(socket, input=[given], previous_response_id=first["id"], **wish))["response"]
        await _is_refused(refused, "the outputs of its calls need")
        shorter = {**given, "output": "a short output"}
        again = (await turn(socket, input=[shorter], previous_response_id=first["id"], **wish))["response"]
        assert again["status"] == "completed"
        on = (await turn(socket, input="and now", previous_response_id=refused["id"], **wish))["response"]
        assert on["status"] == "completed"


async def test_instructions_that_fill_the_window(maru: InProcess) -> None:
    """Nobody is told to shorten a message of two words."""
    conversation = await _conversation(maru)
    refused = await _say(maru, conversation, "hi there", instructions="rule " * 1000)
    await _is_refused(refused, "Instructions alone need 1002 tokens", "Shorten them")
    tools = [{**LOOK_UP, "description": "word " * 300}]
    refused = await _say(maru, conversation, "hi there", "caller", instructions="rule", tools=tools)
    await _is_refused(refused, "Instructions and tools alone need", "Shorten them")
    await _goes_on(maru, conversation)


async def test_facts_that_fill_the_window(maru: InProcess) -> None:
    """As many and as long as may be: the error names them, and a model with room knows them."""
    for number in range(MAX_FACTS):
        text = f"{number} {'word ' * MAX_FACT_CHARS}"[:MAX_FACT_CHARS].strip()
        await _ask(maru, "POST", "/v1/memory/facts", {"text": text})
    await _ask(maru, "POST", "/v1/memory", {"enabled": True})
    conversation = await _conversation(maru)
    await _is_refused(await _say(maru, conversation, "hi there"), "Facts about you alone need", "Shorten them")
    await _goes_on(maru, conversation, "large")
    await _ask(maru, "POST", "/v1/memory", {"enabled": False})
    await _goes_on(maru, conversation)


async def test_instructions_in_the_conversation_that_fill_the_window(maru: InProcess) -> None:
    """They are never cut: the way on is from before them, or a larger model."""
    conversation = await _conversation(maru)
    (first,) = await _talk(maru, conversation, 1)
    rule = {"type": "message", "role": "system", "content": "rule " * 1000}
    asked = [rule, {"type": "message", "role": "user", "content": "hi"}]
    await _is_refused(await _say(maru, conversation, asked), "the instructions in the conversation need", "from before")
    await _goes_on(maru, conversation, "large")
    before = {"maru:parent": first["output"][0]["id"]}
    assert (await _say(maru, conversation, "hi", **before))["status"] == "completed"


async def test_more_is_pinned_than_fits(maru: InProcess) -> None:
    """Pins hold, and the way on is to take some off."""
    conversation = await _conversation(maru)
    await _talk(maru, conversation, 12, "large")
    ids = [item["id"] for item in await _items(maru, conversation)]
    for id_ in ids:
        await _ask(maru, "POST", f"/v1/conversations/{conversation}/items/{id_}", {"maru:pinned": True})
    await _is_refused(await _say(maru, conversation, "next"), "what is pinned need", "Unpin something")
    for id_ in ids[4:]:
        await _ask(maru, "POST", f"/v1/conversations/{conversation}/items/{id_}", {"maru:pinned": False})
    assert set((await _goes_on(maru, conversation))["maru:context"]["pinned"]) <= set(ids[:4])


async def test_images_past_the_window() -> None:
    """Each is guessed at 1,500 tokens where the engine does not count: old ones go, too many at once are refused."""
    async with echo_engine(8192) as engine:
        settings = OpenAICompatibleSettings(base_url=engine.base_url, features=frozenset({"images"}))
        async with in_process({"eye": settings}) as maru:
            conversation = await _conversation(maru)
            seen = [{"type": "message", "role": "user", "content": [{"type": "input_text", "text": "see"}, IMAGE]}]
            responses = [await _say(maru, conversation, seen, "eye") for _ in range(8)]
            assert {response["status"] for response in responses} == {"completed"}
            assert responses[-1]["maru:context"]["items_left_out"] > 0
            many = [{"type": "message", "role": "user", "content": [IMAGE] * 6}]
            await _is_refused(await _say(maru, conversation, many, "eye"), "Shorten it or send it in parts")
            await _goes_on(maru, conversation, "eye")


# ------------------------------------------------------------------------------------------------------------ windows


@pytest.mark.parametrize("window", [64, 96, 128])
async def test_a_tiny_window(window: int) -> None:
    """As small as may be set: a chat of short messages never ends."""
    memory = {"tiny": MemorySettings(window=window)}
    async with in_process(MODELS, memory=memory) as maru:
        conversation = await _conversation(maru)
        responses = await _talk(maru, conversation, 30, "tiny", words=3)
        assert {response["status"] for response in responses} == {"completed"}
        assert all(r["usage"]["input_tokens"] + r["usage"]["output_tokens"] <= window for r in responses)
        await _is_refused(await _say(maru, conversation, "w " * window, "tiny"), f"(window {window})")
        greedy = await _say(maru, conversation, "w " * (window // 4), "tiny", max_output_tokens=100_000)
        assert greedy["status"] == "completed"
        await _goes_on(maru, conversation, "tiny")


async def test_a_window_that_shrinks_with_the_model(maru: InProcess) -> None:
    """In the middle of a chat, with a message in it that only the larger one can hold, and back again."""
    conversation = await _conversation(maru)
    await _talk(maru, conversation, 6, "large", words=100)
    assert (await _say(maru, conversation, "long " * 3000, "large"))["status"] == "completed"
    for model in ("small", "tiny", "small"):
        assert (await _goes_on(maru, conversation, model))["maru:context"]["items_left_out"] > 0
    assert (await _goes_on(maru, conversation, "large"))["maru:context"]["items_left_out"] == 0


async def test_a_window_that_the_operator_shrinks(maru: InProcess) -> None:
    """Between two starts of the server: the cut of before was made for another window."""
    conversation = await _conversation(maru)
    await _talk(maru, conversation, 30)
    async with in_process(MODELS, memory={"small": MemorySettings(window=64)}, store=maru.store) as other:
        shown = (await _goes_on(other, conversation))["maru:context"]
        assert (shown["window"], shown["used"] <= 64) == (64, True)
    await _goes_on(maru, conversation)


# ------------------------------------------------------------------------------------------------------------ engines


def _vllm(engine: EchoEngine) -> BackendSettings:
    return VllmSettings(base_url=engine.base_url)


def _openai(engine: EchoEngine) -> BackendSettings:
    return OpenAICompatibleSettings(base_url=engine.base_url)


@pytest.mark.parametrize("status", [500, 503])
async def test_an_engine_whose_tokenizer_is_down(status: int) -> None:
    """What surely fits is answered all the same; else the message is kept, and answered once it is up again."""
    async with echo_engine(400) as engine, in_process({"peer": _vllm(engine)}) as maru:
        conversation = await _conversation(maru)
        await _talk(maru, conversation, 4, "peer", words=20)
        engine.count_status = status
        assert (await _say(maru, await _conversation(maru), "hi", "peer"))["status"] == "completed"
        failed = await _say(maru, conversation, "are you there", "peer")
        assert (failed["status"], failed["error"]["code"]) == ("failed", "server_error")
        assert failed["error"]["message"] == f"The engine failed (HTTP {status})."
        assert "are you there" in str((await _items(maru, conversation))[-1])
        engine.count_status = 200
        await _goes_on(maru, conversation, "peer")


async def test_a_gateway_that_lets_nobody_count() -> None:
    """Many pass on `/v1` alone: tokens are estimated then, and the chat goes past its window all the same."""
    async with echo_engine(400) as engine:
        engine.count_status = 404
        async with in_process({"peer": _vllm(engine)}) as maru:
            conversation = await _conversation(maru)
            responses = await _talk(maru, conversation, 20, "peer")
            assert {response["status"] for response in responses} == {"completed"}
            assert responses[-1]["maru:context"]["items_left_out"] > 0
            await _goes_on(maru, conversation, "peer")


@pytest.mark.parametrize("settings", [_vllm, _openai], ids=["vllm", "openai"])
@pytest.mark.parametrize("told", [400, 1200])
async def test_an_engine_with_a_smaller_window_than_it_told(settings: Any, told: int) -> None:
    """One that was restarted with another window, or never told it: the chat is cut deeper instead of dying."""
    async with echo_engine(150) as engine:
        engine.told_window = told
        async with in_process({"peer": settings(engine)}) as maru:
            conversation = await _conversation(maru)
            responses = await _talk(maru, conversation, 20, "peer")
            assert {response["status"] for response in responses} <= {"completed", "incomplete"}
            assert len(engine.asked) <= 2 * 20 + MAX_DEEPER_CUTS
            await _is_refused(
                await _say(maru, conversation, "w " * 200, "peer"), "length is 150", "Shorten the message"
            )
            await _goes_on(maru, conversation, "peer")
            whole = await _say(maru, await _conversation(maru), "w " * 200, "peer", truncation="disabled")
            await _is_refused(whole, "length is 150", "Shorten the message")


async def test_the_house_model_and_a_giant_paste() -> None:
    """A real tokenizer reads a megabyte while others are answered."""
    house = TransformersSettings(source=str(HOUSE_FOLDER), threads=1)
    async with in_process({"house": house}) as maru, maru.socket() as busy:
        conversation = await _conversation(maru)
        assert (await _say(maru, conversation, "My name is Mina.", "house", max_output_tokens=16))["error"] is None
        giant = asyncio.create_task(_say(maru, conversation, MEGABYTE, "house"))
        while not giant.done():
            async with asyncio.timeout(10):
                assert (await turn(busy, input="hi", model="echo"))["type"] == "response.completed"
        await _is_refused(await giant, "fit (window 2048)", "Shorten it")
        after = await _say(maru, conversation, "What is my name?", "house", max_output_tokens=16)
        assert after["status"] in {"completed", "incomplete"}


async def test_vllm_past_its_window(vllm_server: VllmServer) -> None:
    """A real engine counts what it could not read: a giant paste, and a history that a client sends whole."""
    settings = VllmSettings(base_url=vllm_server.base_url, model=vllm_server.model)
    async with in_process({"vllm": settings}) as maru:
        conversation = await _conversation(maru)
        wish = {"max_output_tokens": 16}
        assert (await _say(maru, conversation, "My name is Mina.", "vllm", **wish))["error"] is None
        await _is_refused(await _say(maru, conversation, MEGABYTE, "vllm"), "fit (window", "Shorten it")
        after = await _say(maru, conversation, "What is my name?", "vllm", **wish)
        assert after["status"] in {"completed", "incomplete"}
        roles = ("user", "assistant")
        asked = [{"type": "message", "role": roles[n % 2], "content": f"{n} is a number"} for n in range(1001)]
        response = await _say(maru, await _conversation(maru), asked, "vllm", **wish)
        assert response["status"] in {"completed", "incomplete"}, response["error"]
        assert response["maru:context"]["items_left_out"] > 500
        assert response["usage"]["input_tokens"] == response["maru:context"]["used"]
