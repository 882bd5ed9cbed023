"""The tree of a conversation over HTTP, while an answer ends."""

from collections.abc import Awaitable, Callable

from maru.store.base import StoredItem
from maru.store.in_memory import InMemoryStore
from support.socket_server import in_process


async def _nothing() -> None:
    pass


class _BetweenReads(InMemoryStore):
    """A store in which something happens right after the items of a conversation were read by themselves."""

    happening: Callable[[], Awaitable[None]] = staticmethod(_nothing)

    async def tree_for(self, owner: str, conversation_id: str) -> tuple[StoredItem, ...]:
        """See `Store.tree_for`."""
        items = await super().tree_for(owner, conversation_id)
        await self.happening()
        return items


async def test_an_answer_that_ends_while_its_tree_is_read_is_there_wholly_or_runs() -> None:
    """Else the page shows an answer that is done and has no words."""
    async with in_process(store=(store := _BetweenReads())) as maru:
        async with maru.session.post("/v1/conversations", json={}) as answer:
            conversation, running = (await answer.json())["id"], ""
        async with maru.socket() as socket:
            asked = {"model": "slow", "input": "count", "conversation": conversation}
            await socket.send_json({"type": "response.create", **asked})
            while (frame := await socket.receive_json())["type"] != "response.output_text.delta":
                running = frame.get("response", {}).get("id") or running

            async def end() -> None:
                async with maru.session.post(f"/v1/responses/{running}/cancel") as stopped:
                    assert (await stopped.json())["status"] not in {"queued", "in_progress"}

            store.happening = end
            async with maru.session.get(f"/v1/conversations/{conversation}/tree") as answer:
                tree = await answer.json()
            await end()
    written = [item["id"] for item in tree["items"] if item.get("role") == "assistant"]
    assert (running in tree["running"]) == (not written)
