"""Rules of `turns/prepare.py` alone: what of a create reaches the engine's request."""

from typing import Any

import pytest

from maru.protocol.chat_create import create_of
from maru.protocol.chat_requests import parse_chat
from maru.protocol.errors import ApiError
from maru.protocol.requests import CreateRequest, parse
from maru.turns.plan import RunPlan
from maru_backends.base import JsonFormat
from support.service import Service, service


async def _plan(s: Service, create: CreateRequest) -> RunPlan:
    return await s.preparer.plan(s.owner, create)


@pytest.mark.parametrize(
    "wish",
    [
        {"input": [{"role": "user", "content": "x"}, {"type": "compaction_trigger"}]},
        {"input": "x", "context_management": [{"type": "compaction"}]},
    ],
)
async def test_a_warm_up_that_should_compact_is_refused(wish: dict[str, Any]) -> None:
    """No engine is asked, so the wish would be dropped without a word."""
    async with service() as s:
        with pytest.raises(ApiError, match="warm-up") as refused:
            await _plan(s, parse(CreateRequest, {**wish, "generate": False}))
        assert (refused.value.status, refused.value.param) == (400, "generate")
        await _plan(s, parse(CreateRequest, wish))


async def test_a_json_format_is_passed_on_whole() -> None:
    """Its description tells the model how to answer, by either door."""
    shape: dict[str, Any] = {"name": "n", "schema": {"type": "array"}, "strict": False, "description": "Why."}
    wanted = JsonFormat("n", {"type": "array"}, strict=False, description="Why.")
    create = parse(CreateRequest, {"input": "x", "text": {"format": {"type": "json_schema", **shape}}})
    form = {"type": "json_schema", "json_schema": shape}
    chat = parse_chat({"messages": [{"role": "user", "content": "x"}], "response_format": form})
    async with service() as s:
        assert (await _plan(s, create)).request.json_format == wanted
        assert (await _plan(s, create_of(chat))).request.json_format == wanted


async def test_a_prompt_cache_key_is_its_persons_own() -> None:
    """Two persons with one key share no prefix: its cached tokens would tell one what the other asked."""
    keyed, other = (parse(CreateRequest, {"input": "x", "prompt_cache_key": key}) for key in ("k", "K"))
    async with service() as s:
        mine, again, elsewhere = [(await _plan(s, create)).request.session_id for create in (keyed, keyed, other)]
        theirs = (await s.preparer.plan("somebody else", keyed)).request.session_id
        assert mine == again
        assert len({mine, elsewhere, theirs, "k", None}) == 5
        assert (await _plan(s, parse(CreateRequest, {"input": "x"}))).request.session_id is None
