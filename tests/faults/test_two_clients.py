"""F18: two devices send and stop at once, and a stranger tries every door."""

import asyncio
from dataclasses import replace

from faults.client import Client
from faults.scene import Scene, crowd


async def test_two_devices_that_send_and_stop_at_once_have_one_winner(here: Scene) -> None:
    """In each conversation one create wins, all stops hear of one end, and the next two race again."""
    await asyncio.gather(*(_races(here, number) for number in range(3)))
    assert len(here.stories) == 9
    await here.judge()


async def _races(here: Scene, number: int) -> None:
    one, other = here.client(f"desk {number}"), here.client(f"phone {number}", transport="sse")
    conversation = (await one.call("POST", "/v1/conversations", {}))["id"]
    for turn in range(3):
        race = f"race {number}.{turn}"
        asks = [
            client.ask(here.prompt(words=60, pace=40), race=race, conversation=conversation) for client in (one, other)
        ]
        async with crowd(*asks):
            # About the length of an answer, so that stops also come as it ends by itself.
            await here.pause(0.3, 1.8)
            tree = await one.call("GET", f"/v1/conversations/{conversation}/tree")
            stops = [stop(id_) for id_ in tree["running"] for stop in (one.stop, other.stop, other.stop_by_frame)]
            await asyncio.gather(*stops)


async def test_a_stranger_finds_nothing_and_stops_nothing(here: Scene) -> None:
    """Another owner's response, conversation and items are as if they were not there, while they run and after."""
    mine, stranger = here.client("mine"), here.client("stranger", owner="stranger", key=here.stage.add_owner())
    conversation = (await mine.call("POST", "/v1/conversations", {}))["id"]
    async with crowd(mine.ask(here.prompt(words=100), conversation=conversation)):
        await here.until_answers(1)
        await here.pause(0, 1)
        await _try_every_door(here, stranger, conversation)
    await _try_every_door(here, stranger, conversation)
    assert [story.status for story in here.stories] == ["completed"]
    await here.judge(mine, stranger)


async def _try_every_door(here: Scene, stranger: Client, conversation: str) -> None:
    story = here.stories[0]
    items = {event["item"]["id"] for event in story.events.values() if "item" in event}
    response, place = f"/v1/responses/{story.id}", f"/v1/conversations/{conversation}"
    for path in (response, f"{response}/input_items", place, f"{place}/tree", f"{place}/items"):
        await stranger.call("GET", path)
    for item in items:
        await stranger.call("GET", f"{place}/items/{item}")
        await stranger.call("DELETE", f"{place}/items/{item}")
    await stranger.call("POST", f"{place}", {"metadata": {"mine": "now"}})
    await stranger.call("POST", f"{place}/items", {"items": [{"role": "user", "content": "hi"}]})
    await stranger.stop_by_frame(story.id)
    for method, path in (("POST", f"{response}/cancel"), ("DELETE", response), ("DELETE", place)):
        await stranger.call(method, path)
    await stranger.call("GET", "/v1/conversations")
    for transport in ("socket", "sse"):
        await replace(stranger, transport=transport).leg(
            {"type": "maru:response.follow", "response_id": story.id, "starting_after": -1}
        )
    for below in ({"conversation": conversation}, {"previous_response_id": story.id}):
        await stranger.ask(here.prompt(words=5), **below)
