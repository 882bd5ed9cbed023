"""What people say about answers, over HTTP."""

from collections.abc import AsyncGenerator
from typing import Any

import pytest

from support.socket_server import InProcess, in_process, turn


@pytest.fixture
async def maru() -> AsyncGenerator[InProcess]:
    """A server of this test alone."""
    async with in_process() as server:
        yield server


async def _ask(maru: InProcess, method: str, path: str, body: object = None, key: str | None = None) -> tuple[int, Any]:
    headers = {} if key is None else {"Authorization": f"Bearer {key}"}
    async with maru.session.request(method, path, json=body, headers=headers) as answer:
        return answer.status, await answer.json()


async def _answered(maru: InProcess, answers: int) -> tuple[str, str, list[tuple[str, str]]]:
    """Path of a conversation, its question, and (item, response) of the answers to it."""
    conversation = (await _ask(maru, "POST", "/v1/conversations", {}))[1]["id"]
    made: list[tuple[str, str]] = []
    async with maru.socket() as socket:
        end = await turn(socket, input="why?", model="echo", conversation=conversation)
        question = end["response"]["maru:input"][0]
        made.append((end["response"]["output"][0]["id"], end["response"]["id"]))
        for _ in range(answers - 1):
            again: dict[str, Any] = {
                "input": [],
                "model": "echo",
                "conversation": conversation,
                "maru:parent": question,
            }
            end = await turn(socket, **again)
            made.append((end["response"]["output"][0]["id"], end["response"]["id"]))
    return f"/v1/conversations/{conversation}", question, made


async def test_an_answer_is_rated_and_the_rating_taken_back(maru: InProcess) -> None:
    """It names exactly what was rated, stands in the tree, and the last word counts."""
    base, _, ((item, response),) = await _answered(maru, 1)
    path = f"{base}/items/{item}/rating"
    body = {"value": "down", "reasons": ["incorrect", "unsafe"], "comment": "  2 + 2 = 4  "}
    status, rating = await _ask(maru, "POST", path, body)
    assert status == 200
    assert rating == {
        "id": rating["id"],
        "object": "maru.rating",
        "conversation": base.rsplit("/", 1)[1],
        "answer": {"item": item, "response": response, "model": "echo"},
        "value": "down",
        "reasons": ["incorrect", "unsafe"],
        "comment": "2 + 2 = 4",
        "created_at": rating["created_at"],
        "updated_at": rating["updated_at"],
    }
    _, changed = await _ask(maru, "POST", path, {"value": "up"})
    assert (changed["id"], changed["value"], changed["reasons"], changed["comment"]) == (rating["id"], "up", [], None)
    feedback = {"object": "maru.feedback", "ratings": [changed], "rankings": [], "demonstrations": []}
    assert await _ask(maru, "GET", f"{base}/feedback") == (200, feedback)
    assert (await _ask(maru, "GET", f"{base}/tree"))[1]["feedback"] == feedback
    gone = {"id": item, "object": "maru.rating.deleted", "deleted": True}
    assert await _ask(maru, "DELETE", path) == (200, gone)
    assert (await _ask(maru, "DELETE", path))[0] == 404


async def test_answers_are_put_in_order_with_ties(maru: InProcess) -> None:
    """Only answers to this prompt."""
    base, question, answers = await _answered(maru, 3)
    one, two, three = (item for item, _ in answers)
    path = f"{base}/items/{question}/ranking"
    status, ranking = await _ask(maru, "POST", path, {"places": [[two], [three, one]]})
    assert status == 200
    assert (ranking["object"], ranking["prompt"]) == ("maru.ranking", question)
    assert [[answer["item"] for answer in place] for place in ranking["places"]] == [[two], [three, one]]
    assert {answer["response"] for place in ranking["places"] for answer in place} == {id_ for _, id_ in answers}
    _, _, ((other, _),) = await _answered(maru, 1)
    for places in ([], [[one]], [[one], [one]], [[one], []], [[one], [question]], [[f"msg_{n}"] for n in range(21)]):
        status, body = await _ask(maru, "POST", path, {"places": places})
        assert (status, body["error"]["param"][:6]) == (400, "places")
    assert (await _ask(maru, "POST", path, {"places": [[one], [other]]}))[0] == 404
    assert (await _ask(maru, "POST", f"{base}/items/{one}/ranking", {"places": [[two], [three]]}))[0] == 400
    assert (await _ask(maru, "GET", f"{base}/feedback"))[1]["rankings"] == [ranking]
    assert (await _ask(maru, "DELETE", path))[1]["object"] == "maru.ranking.deleted"


async def test_an_answer_further_down_answers_another_prompt(maru: InProcess) -> None:
    """What comes after the next question is compared with nothing above it."""
    base, question, ((one, _),) = await _answered(maru, 1)
    async with maru.socket() as socket:
        end = await turn(socket, input="and?", model="echo", conversation=base.rsplit("/", 1)[1])
    below = end["response"]["output"][0]["id"]
    status, body = await _ask(maru, "POST", f"{base}/items/{question}/ranking", {"places": [[one], [below]]})
    assert status == 400
    assert below in body["error"]["message"]


async def test_a_better_answer_stands_beside_the_first(maru: InProcess) -> None:
    """Which stays as it was."""
    base, question, ((item, response),) = await _answered(maru, 1)
    path = f"{base}/items/{item}/demonstration"
    before = (await _ask(maru, "GET", f"{base}/tree"))[1]["items"]
    status, made = await _ask(maru, "POST", path, {"text": "Because.\n\n그래서요. "})
    assert (status, made["text"], made["answer"]["response"]) == (200, "Because.\n\n그래서요. ", response)
    tree = (await _ask(maru, "GET", f"{base}/tree"))[1]
    assert (tree["items"], tree["feedback"]["demonstrations"]) == (before, [made])
    for text in ("", "  \n", "x" * 100_001, 5):
        assert (await _ask(maru, "POST", path, {"text": text}))[0] == 400
    assert (await _ask(maru, "POST", f"{base}/items/{question}/demonstration", {"text": "x"}))[0] == 400
    assert (await _ask(maru, "DELETE", path))[1]["object"] == "maru.demonstration.deleted"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"value": "sideways"},
        {"value": "up", "reasons": ["incorrect"]},
        {"value": "down", "reasons": ["clear"]},
        {"value": "down", "reasons": ["unsafe", "unsafe"]},
        {"value": "down", "reasons": ["rude"]},
        {"value": "up", "comment": "x" * 2_001},
    ],
)
async def test_what_is_no_rating_is_refused(maru: InProcess, body: object) -> None:
    """And so is a rating of a question."""
    base, question, ((item, _),) = await _answered(maru, 1)
    assert (await _ask(maru, "POST", f"{base}/items/{item}/rating", body))[0] == 400
    status, refused = await _ask(maru, "POST", f"{base}/items/{question}/rating", {"value": "up"})
    assert (status, refused["error"]["param"]) == (400, "item_id")
    assert (await _ask(maru, "GET", f"{base}/feedback"))[1]["ratings"] == []


async def test_a_stranger_finds_nothing_to_rate(maru: InProcess) -> None:
    """Every call, as if the conversation were not there."""
    base, question, answers = await _answered(maru, 2)
    (one, _), (two, _) = answers
    await _ask(maru, "POST", f"{base}/items/{one}/rating", {"value": "up"})
    before = await _ask(maru, "GET", f"{base}/feedback")
    key = await maru.key_of_a_stranger()
    asks = [
        ("GET", "feedback", None),
        ("POST", f"items/{one}/rating", {"value": "down"}),
        ("DELETE", f"items/{one}/rating", None),
        ("POST", f"items/{question}/ranking", {"places": [[one], [two]]}),
        ("DELETE", f"items/{question}/ranking", None),
        ("POST", f"items/{one}/demonstration", {"text": "mine"}),
        ("DELETE", f"items/{one}/demonstration", None),
    ]
    for method, path, body in asks:
        assert (await _ask(maru, method, f"{base}/{path}", body, key))[0] == 404
    assert await _ask(maru, "GET", f"{base}/feedback") == before


async def test_feedback_goes_with_the_conversation(maru: InProcess) -> None:
    """What is deleted is deleted."""
    base, _, ((item, _),) = await _answered(maru, 1)
    await _ask(maru, "POST", f"{base}/items/{item}/rating", {"value": "up"})
    await _ask(maru, "DELETE", base)
    assert (await _ask(maru, "GET", f"{base}/feedback"))[0] == 404
    owner = (await maru.store.local_owner()).id
    assert maru.store._owners[owner].ratings == {}
