"""Conversations of every shape, as hypothesis draws them, and how two exports are compared."""

import json
import re
from typing import Any

from hypothesis import strategies as st

from maru.moving.found import Found, FoundItem
from maru.protocol.exports import ExportedResponse
from maru.protocol.feedback import AnswerBody, DemonstrationBody, FeedbackBody, RankingBody, RatingBody
from maru.protocol.items import (
    FunctionCall,
    FunctionCallOutput,
    InputImage,
    InputText,
    Item,
    Message,
    OutputText,
    Reasoning,
    ReasoningText,
    Refusal,
)
from maru.protocol.response import InputTokensDetails, OutputTokensDetails, ResponseError, ResponseUsage, Timing
from maru.protocol.summary_bodies import SummaryBody
from support.files import DOT

NOW = 1_790_000_000
words = st.sampled_from(
    [
        "hi",
        "",
        "안녕하세요, 마루 👋",
        '"quotes" \\ back\nnew\tline',
        "<b>x</b>",
        "\u202eabc",
        "가각갂",
        "`````",
        "x" * 300,
    ]
)
times = st.integers(0, NOW)
PIXEL = DOT


@st.composite
def items(draw: st.DrawFn, key: str) -> Item:
    """One item of any sort that a person can have."""
    text = draw(words)
    parts = (InputText(text=text), InputImage(image_url=PIXEL, detail="low"))
    answer = (OutputText(text=text, annotations=({"type": "url_citation", "url": "https://x.example"},)),)
    sorts: list[Item] = [
        Message(id=key, role="user", status="completed", content=parts),
        Message(id=key, role="assistant", status="incomplete", content=answer),
        Message(id=key, role="assistant", status="completed", content=(Refusal(refusal=text),), phase="final_answer"),
        Message(id=key, role="developer", status="completed", content=(InputText(text=text),)),
        FunctionCall(id=key, call_id=f"call {key}", name="look_up", arguments='{"q": 1}', status="completed"),
        FunctionCallOutput(id=key, call_id=f"call {key}", output=text, status="completed"),
        FunctionCallOutput(id=key, call_id="c", output=parts, status="completed"),
        Reasoning(id=key, summary=(), content=(ReasoningText(text=text),)),
    ]
    return draw(st.sampled_from(sorts))


@st.composite
def trees(draw: st.DrawFn) -> Found:
    """A tree with branches, answers, summaries and feedback; every parent stands before its children."""
    keys = [f"k{number}" for number in range(draw(st.integers(0, 8)))]
    responses = tuple(draw(answers(f"r{number}", keys)) for number in range(draw(st.integers(0, 3))))
    rows: list[FoundItem] = []
    for number, key in enumerate(keys):
        parent = draw(st.sampled_from([None, *keys[:number]]))
        response = draw(st.sampled_from([None, *(one.id for one in responses)]))
        rows.append(FoundItem(key, parent, draw(items(key)), draw(times), response, draw(st.booleans())))
    return Found(
        source="test",
        source_id=draw(st.sampled_from(["1", "한"])),
        title=draw(st.sampled_from([None, "제목", "Tea"])),
        created_at=draw(times),
        updated_at=draw(times),
        head=draw(st.sampled_from([None, *keys])),
        items=tuple(rows),
        responses=responses,
        metadata=draw(st.dictionaries(st.sampled_from(["a", "색"]), st.sampled_from(["", "파랑"]), max_size=2)),
        is_pinned=draw(st.booleans()),
        is_archived=draw(st.booleans()),
        summaries=tuple(draw(st.lists(summaries(keys), max_size=2))) if keys else (),
        feedback=draw(feedback(keys)),
    )


@st.composite
def answers(draw: st.DrawFn, id_: str, keys: list[str]) -> ExportedResponse:
    """How an answer ended."""
    usage = ResponseUsage(
        input_tokens=3,
        input_tokens_details=InputTokensDetails(cached_tokens=1),
        output_tokens=4,
        output_tokens_details=OutputTokensDetails(reasoning_tokens=0),
        total_tokens=7,
    )
    leaf = draw(st.sampled_from(keys)) if keys else None
    return ExportedResponse(
        id=id_,
        status=draw(st.sampled_from(["completed", "incomplete", "failed", "cancelled"])),
        model=draw(st.sampled_from(["house", "다른 모델"])),
        created_at=draw(times),
        completed_at=draw(st.sampled_from([None, 5])),
        error=draw(st.sampled_from([None, ResponseError(code="server_error", message="고장")])),
        usage=draw(st.sampled_from([None, usage])),
        timing=draw(st.sampled_from([None, Timing(first_token_ms=3, thinking_ms=0, total_ms=9)])),
        input_leaf=leaf,
        output_leaf=leaf,
    )


@st.composite
def summaries(draw: st.DrawFn, keys: list[str]) -> SummaryBody:
    """What stands for a beginning."""
    return SummaryBody(
        id="sum_x",
        conversation="conv_x",
        last_item=draw(st.sampled_from(keys)),
        text=draw(words),
        model="house",
        created_at=draw(times),
        edited_at=draw(st.sampled_from([None, 9])),
    )


@st.composite
def feedback(draw: st.DrawFn, keys: list[str]) -> FeedbackBody:
    """About some of the items, each once."""
    chosen = draw(st.lists(st.sampled_from(keys), unique=True, max_size=4)) if keys else []
    said = [AnswerBody(item=key, response="r0" if number else None, model="house") for number, key in enumerate(chosen)]
    common: dict[str, Any] = {"id": "x", "conversation": "c", "created_at": 1, "updated_at": 2}
    ratings = tuple(
        RatingBody(
            **common, answer=one, value="up", reasons=("clear",), comment=draw(st.sampled_from([None, "좋아요"]))
        )
        for one in said
    )
    places = ((said[0],), tuple(said[1:])) if len(said) > 1 else ()
    return FeedbackBody(
        ratings=ratings,
        rankings=(RankingBody(**common, prompt=chosen[0], places=places),) if places else (),
        demonstrations=tuple(DemonstrationBody(**common, answer=one, text="더 나은 답") for one in said[:1]),
    )


def without_ids(exported: bytes) -> Any:
    """An export in which each id of ours is the number of its first appearance."""
    numbers: dict[str, str] = {}

    def number(match: re.Match[str]) -> str:
        return numbers.setdefault(match[0], f'"#{len(numbers)}"')

    return json.loads(re.sub(r'"[a-z]+_[0-9a-f]{36}"', number, exported.decode()))
