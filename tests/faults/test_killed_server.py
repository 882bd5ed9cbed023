"""F2, and `kill -9` under load: what was acknowledged is there after the restart, what was open has an honest end."""

import asyncio

from faults.client import Client, Transport
from faults.scene import Scene, crowd

SHARE_STOPPED = 0.3
TRANSPORTS: tuple[Transport, ...] = ("socket", "sse")


async def test_killed_server_leaves_whole_answers_and_honest_ends(here: Scene) -> None:
    """F2: an answer that was complete, one that ran and one in a conversation; each follower comes back."""
    client = here.client("first")
    conversation = await client.call("POST", "/v1/conversations", {})
    await client.ask(here.prompt(words=20, pace=200), conversation=conversation["id"])
    running = [
        here.client("second").ask(here.prompt(words=1000), conversation=conversation["id"]),
        here.client("third", transport="sse").ask(here.prompt(words=1000)),
    ]
    async with crowd(*running):
        await here.until_answers(3)
        await here.pause(0, 4)
        await here.kill_server()
    await client.ask(here.prompt(words=20, pace=200), conversation=conversation["id"])
    assert len(here.stories) == 4
    await here.judge()


async def test_kill_9_under_load(here: Scene) -> None:
    """People of two owners talk in conversations of their own and stop some answers, over the restart too."""
    stranger = here.client("stranger 0", owner="stranger", key=here.stage.add_owner())
    people = [here.client(f"person {number}", transport=TRANSPORTS[number % 2]) for number in range(4)]
    people += [stranger, here.client("stranger 1", owner="stranger", key=stranger.key)]
    is_over = asyncio.Event()
    async with crowd(*(_talk(here, person, is_over) for person in people)):
        await here.until_answers(6)
        await here.pause(0, 3)
        await here.kill_server()
        await here.pause(0.5, 1)
        is_over.set()
    await here.judge(here.client("judge"), stranger)


async def _talk(here: Scene, person: Client, is_over: asyncio.Event) -> None:
    conversation = None
    while conversation is None:
        conversation = await person.call("POST", "/v1/conversations", {})
    while not is_over.is_set():
        prompt = here.prompt(words=here.chance.randint(1, 60), pace=here.chance.choice((20, 50, 200)))
        async with crowd(person.ask(prompt, conversation=conversation["id"])) as (asked,):
            if here.chance.random() < SHARE_STOPPED:
                await here.pause(0.1, 0.6)
                await asyncio.gather(*(person.stop(story.id) for story in here.stories if story.prompt == prompt))
        if asked.result().lost is not None:
            await asyncio.sleep(0.2)  # the server is gone for a moment
