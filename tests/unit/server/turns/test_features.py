"""Rules of `maru/turns/features.py`."""

from typing import Any

import pytest

from maru.protocol.errors import ApiError
from maru.protocol.items import InputImage, Message
from maru.protocol.requests import CreateRequest, parse
from maru.turns.features import check_features

TOOL = {"type": "function", "name": "f"}
PICTURE = Message(
    id="msg_1",
    role="user",
    status="completed",
    content=(InputImage(image_url="data:image/png;base64,", detail="auto"),),
)


@pytest.mark.parametrize(
    ("create", "feature", "param"),
    [
        ({"tools": [TOOL]}, "tools", "tools"),
        ({"text": {"format": {"type": "json_object"}}}, "json", "text.format"),
        ({"top_logprobs": 3}, "logprobs", "top_logprobs"),
        ({}, "images", "input"),
    ],
)
def test_what_the_engine_lacks_is_refused_by_its_field(create: dict[str, Any], feature: str, param: str) -> None:
    """Nothing may be dropped silently."""
    items = [PICTURE] if feature == "images" else []
    request = parse(CreateRequest, create)
    check_features(request, items, {feature}, "house")
    with pytest.raises(ApiError, match="'house'") as caught:
        check_features(request, items, set(), "house")
    assert caught.value.param == param


def test_tools_that_may_not_be_called_need_no_engine() -> None:
    """Agents send their tools with every turn."""
    check_features(parse(CreateRequest, {"tools": [TOOL], "tool_choice": "none"}), [], set(), "house")
