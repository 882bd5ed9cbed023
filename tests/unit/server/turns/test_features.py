"""Rules of `maru/turns/features.py`."""

from typing import Any

import pytest

from maru.protocol.errors import ApiError
from maru.protocol.items import (
    FunctionCall,
    FunctionCallOutput,
    InputFile,
    InputImage,
    Item,
    Message,
    OutputText,
)
from maru.protocol.requests import CreateRequest, parse
from maru.turns.features import check_features, check_wishes, needs_of

TOOL = {"type": "function", "name": "f"}


def _with(part: InputImage | InputFile) -> Message:
    return Message(id="msg_1", role="user", status="completed", content=(part,))


_IMAGE = InputImage(image_url="data:image/png;base64,", detail="auto")
PICTURE = _with(_IMAGE)


def _check(create: dict[str, Any], items: list[Item], features: set[str]) -> None:
    check_features(needs_of(parse(CreateRequest, create), items, "house"), features)


@pytest.mark.parametrize(
    ("create", "feature", "param"),
    [
        ({"tools": [TOOL]}, "tools", "tools"),
        ({"text": {"format": {"type": "json_object"}}}, "json", "text.format"),
        ({"top_logprobs": 3}, "logprobs", "top_logprobs"),
        ({"include": ["message.output_text.logprobs"]}, "logprobs", "include"),
        ({"reasoning": {"effort": "low"}}, "effort", "reasoning.effort"),
        ({}, "images", "input"),
    ],
)
def test_what_the_engine_lacks_is_refused_by_its_field(create: dict[str, Any], feature: str, param: str) -> None:
    """Nothing may be dropped silently."""
    items: list[Item] = [PICTURE] if feature == "images" else []
    _check(create, items, {feature})
    with pytest.raises(ApiError, match="'house'") as caught:
        _check(create, items, set())
    assert caught.value.param == param


def test_files_need_nothing_of_an_engine() -> None:
    """Their text is text like any other."""
    _check({}, [_with(InputFile(filename="a.txt"))], set())


def test_only_what_came_after_the_models_last_words_needs_eyes() -> None:
    """A chat goes on with a model that does not see; a tool's picture is as new as the message before it."""
    words = OutputText(text="A cat.", annotations=())
    answer = Message(id="msg_2", role="assistant", status="completed", content=(words,))
    _check({}, [PICTURE, answer, _with(InputFile(filename="a.txt"))], set())
    call = FunctionCall(id="fc_1", call_id="c", name="look", arguments="{}", status="completed")
    output = FunctionCallOutput(id="fco_1", call_id="c", output=(_IMAGE,), status="completed")
    with pytest.raises(ApiError, match="'house'"):
        _check({}, [answer, _with(InputFile(filename="a.txt")), call, output], set())


def test_tools_that_may_not_be_called_need_no_engine() -> None:
    """Agents send their tools with every turn."""
    _check({"tools": [TOOL], "tool_choice": "none"}, [], set())


@pytest.mark.parametrize(
    ("create", "param"),
    [
        ({"text": {"verbosity": "low"}}, "text.verbosity"),
        ({"reasoning": {"summary": "detailed"}}, "reasoning.summary"),
        ({"tool_choice": "required"}, "tool_choice"),
        (
            {"tools": [TOOL], "tool_choice": {"type": "allowed_tools", "mode": "required", "tools": []}},
            "tool_choice.tools",
        ),
    ],
)
def test_what_no_engine_can_do_is_refused(create: dict[str, Any], param: str) -> None:
    """A program that asks for it counts on it."""
    with pytest.raises(ApiError) as caught:
        check_wishes(parse(CreateRequest, create))
    assert (caught.value.status, caught.value.param) == (400, param)


@pytest.mark.parametrize("create", [{"text": {"verbosity": "medium"}}, {"reasoning": {"summary": "auto"}}])
def test_wishes_that_hold_anyway_are_taken(create: dict[str, Any]) -> None:
    """SDKs send them by default."""
    check_wishes(parse(CreateRequest, create))
