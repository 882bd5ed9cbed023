"""A text that a model goes on with: typed, made of examples, stopped, undone, kept."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from support.axe import settled, violations
from support.browser_watch import Watch
from support.chat_page import ANSWERED_WITHIN_MS, ChatPage
from support.live_server import LiveServer, live_server
from support.openai_peer import Json, Script, sse, usage
from support.scripted_models import HOUSE
from support.scripted_peer import ScriptedPeer, scripted_peer_in_thread, whole

RAW = "/v1/completions"
FAR = """
[[models]]
id = "far"
backend = "openai"
base_url = "{url}/v1"
model = "m"
features = ["raw"]
stall_timeout_s = 600
"""


def more(text: str, reason: str | None = None) -> Json:
    """A chunk with more of the text."""
    return {"choices": [{"index": 0, "text": text, "finish_reason": reason}]}


WATER = Script((sse(more(" wat"), more("er", "stop"), usage(3, 2), "[DONE]"),))
HALF = Script((sse(more(" half of it")),), then="hang")


@pytest.fixture(scope="module")
def peer() -> Iterator[ScriptedPeer]:
    """An engine that says what the test wants."""
    with scripted_peer_in_thread() as running:
        running.tell("/v1/models", {"data": [{"id": "m", "max_model_len": 4096}]})
        yield running


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, peer: ScriptedPeer) -> Iterator[LiveServer]:
    """A server of the house model, and of one that only goes on with texts."""
    with live_server(tmp_path_factory.mktemp("playground"), HOUSE + FAR.format(url=peer.base_url)) as server:
        yield server


@pytest.fixture
def desk(chat: ChatPage) -> Page:
    """The playground, with the scripted engine chosen."""
    page = chat.page
    page.goto(f"{chat.url}/playground")
    page.get_by_label("Model", exact=True).select_option("far")
    expect(box(page)).to_be_focused()
    return page


def box(page: Page) -> Locator:
    """Where one writes."""
    return page.get_by_role("textbox", name=re.compile("^(Text|글)$"))


def marked(page: Page) -> list[str]:
    """What is shown as a model's words."""
    return page.locator(".sheet .written").all_inner_texts()


def status(page: Page) -> Locator:
    """How it went."""
    return page.get_by_role("main").get_by_role("status").filter(has_text=re.compile("."))


def test_it_is_found_in_the_settings_and_in_the_palette(chat: ChatPage) -> None:
    """And one goes back to chats as from anywhere else."""
    page = chat.page
    chat.open()
    page.get_by_role("button", name="Settings").click()
    page.get_by_role("menuitem", name="Playground").click()
    expect(page.get_by_role("heading", name="Playground")).to_be_visible()
    expect(page).to_have_title("Playground · Maru")
    expect(page.get_by_role("button", name="New chat").first).not_to_have_attribute("aria-current", "page")
    page.get_by_role("button", name="New chat").first.click()
    expect(page.get_by_role("button", name="Send")).to_be_visible()
    page.keyboard.press("Control+k")
    page.get_by_role("combobox").fill("playground")
    page.keyboard.press("Enter")
    expect(box(page)).to_be_focused()
    page.go_back()
    expect(page.get_by_role("button", name="Send")).to_be_visible()


def test_a_text_is_gone_on_with_by_the_keyboard(desk: Page, peer: ScriptedPeer) -> None:
    """What the model wrote is told apart, also after the person changed it; every state can be had again."""
    peer.play(RAW, WATER)
    desk.keyboard.press("Control+Enter")
    desk.keyboard.insert_text("sea:")
    desk.keyboard.press("Control+Enter")
    expect(box(desk)).to_have_value("sea: water")
    expect(status(desk)).to_have_text("The model is done.")
    expect(desk.get_by_text("3 tokens read, 2 written")).to_be_visible()
    assert marked(desk) == [" water"]
    assert peer.sent(RAW)[-1]["prompt"] == "sea:"
    desk.keyboard.press("End")
    desk.keyboard.insert_text("\nsky:")
    desk.keyboard.press("Control+Enter")
    expect(box(desk)).to_have_value("sea: water\nsky: water")
    assert marked(desk) == [" water", " water"]
    peer.play(RAW, Script((sse(more(" air", "length"), "[DONE]"),)))
    desk.get_by_role("button", name="Generate again").press("Enter")
    expect(box(desk)).to_have_value("sea: water\nsky: air")
    expect(status(desk)).to_contain_text("Cut at the most tokens")
    assert peer.sent(RAW)[-1]["prompt"] == "sea: water\nsky:"
    undo, redo = (desk.get_by_role("button", name=name, exact=True) for name in ("Undo", "Redo"))
    texts = ["sea: water\nsky: water", "sea: water\nsky:", "sea: water", "sea:", ""]
    for text in texts:
        undo.press("Enter")
        expect(box(desk)).to_have_value(text)
    expect(undo).to_be_disabled()
    expect(undo).to_be_focused()
    for text in reversed(texts[1:4]):
        redo.press("Enter")
        expect(box(desk)).to_have_value(text)
    assert marked(desk) == [" water"]


def test_stop_reaches_the_engine_and_keeps_what_came(desk: Page, peer: ScriptedPeer) -> None:
    """While it writes, nothing else can be typed into it; a reload stops it too, and loses nothing."""
    peer.play(RAW, HALF)
    for by_key in (True, False):
        box(desk).fill("Tell")
        desk.keyboard.press("Control+Enter")
        expect(box(desk)).to_have_value("Tell half of it")
        expect(box(desk)).not_to_be_editable()
        if by_key:
            desk.keyboard.press("Escape")
        else:
            desk.get_by_role("button", name="Stop", exact=True).click()
        expect(status(desk)).to_have_text("Stopped.")
        expect(box(desk)).to_be_editable()
        _until_idle(desk, peer)
    box(desk).fill("Tell")
    desk.keyboard.press("Control+Enter")
    expect(box(desk)).to_have_value("Tell half of it")
    desk.reload()
    expect(box(desk)).to_have_value("Tell half of it")
    assert marked(desk) == [" half of it"]
    _until_idle(desk, peer)


def test_escape_stops_from_anywhere(desk: Page, peer: ScriptedPeer) -> None:
    """Also where the focus is on a button, and among the examples, where there is a button too."""
    peer.play(RAW, HALF)
    box(desk).fill("Tell")
    desk.get_by_role("button", name="Generate", exact=True).press("Enter")
    expect(box(desk)).to_have_value("Tell half of it")
    expect(desk.get_by_role("button", name="Generate", exact=True)).to_be_focused()
    desk.get_by_label("Temperature").focus()
    desk.keyboard.press("Escape")
    expect(status(desk)).to_have_text("Stopped.")
    desk.get_by_role("button", name="Generate again").press("Enter")
    expect(box(desk)).to_have_value("Tell half of it")
    expect(box(desk)).not_to_be_editable()
    desk.get_by_role("radio", name="Text").press("ArrowRight")
    expect(desk.get_by_role("radio", name="Examples")).to_be_focused()
    desk.get_by_role("button", name="Stop", exact=True).press("Enter")
    expect(desk.get_by_label("Now asked")).to_be_focused()
    desk.get_by_role("radio", name="Examples").press("ArrowLeft")
    expect(desk.get_by_role("radio", name="Text")).to_be_focused()
    expect(status(desk)).to_have_text("Stopped.")
    expect(desk.get_by_role("button", name="Stop", exact=True)).to_have_count(0)
    _until_idle(desk, peer)


def test_what_an_example_replaces_can_be_had_back(desk: Page) -> None:
    """A form that was filled in; the focus goes where it stands."""
    desk.get_by_role("radio", name="Examples").check(force=True)
    desk.get_by_label("Task").fill("Answer.")
    desk.get_by_role("button", name="Start from").click()
    desk.get_by_role("menuitem", name="Grammar").click()
    expect(desk.get_by_label("Task")).not_to_have_value("Answer.")
    desk.get_by_role("button", name="Bring it back").press("Enter")
    expect(desk.get_by_label("Task")).to_have_value("Answer.")
    expect(desk.get_by_label("Now asked")).to_be_focused()


def test_examples_become_a_prompt(desk: Page, peer: ScriptedPeer) -> None:
    """And the model stops where it would begin an example of its own. The form is kept, too."""
    peer.play(RAW, WATER)
    desk.get_by_role("button", name="Start from").click()
    desk.get_by_role("menuitem", name="Questions and answers").click()
    expect(desk.get_by_label("Now asked")).to_have_value("What is the capital of South Korea?")
    for _ in range(2):
        desk.get_by_role("button", name="Remove example 1").click()
    desk.get_by_role("button", name="Another example").click()
    desk.get_by_role("button", name="Remove example 2").press("Enter")
    expect(desk.get_by_role("button", name="Another example")).to_be_focused()
    desk.get_by_role("button", name="Another example").click()
    desk.get_by_role("group", name="Example 2").get_by_label("Input").fill("What is the sea?")
    desk.get_by_role("group", name="Example 2").get_by_label("Output").fill("Salt.")
    desk.get_by_label("Task").fill("Answer.")
    desk.get_by_label("Now asked").fill("What is rain?")
    desk.get_by_label("Most tokens").fill("7")
    desk.get_by_role("button", name="Put into the text and generate").click()
    prompt = (
        "Answer.\n\nQ: Who wrote Romeo and Juliet?\nA: William Shakespeare.\n\n"
        "Q: What is the sea?\nA: Salt.\n\nQ: What is rain?\nA:"
    )
    expect(box(desk)).to_have_value(f"{prompt} water")
    sent = peer.sent(RAW)[-1]
    assert (sent["prompt"], sent["stop"], sent["max_tokens"]) == (prompt, ["\nQ:"], 7)
    desk.reload()
    expect(box(desk)).to_have_value(f"{prompt} water")
    expect(desk.get_by_label("Most tokens")).to_have_value("7")
    expect(desk.get_by_label("Model", exact=True)).to_have_value("far")
    expect(desk.get_by_role("list", name="Stop strings")).to_have_text("↵Q:")
    desk.get_by_role("radio", name="Examples").check(force=True)
    expect(desk.get_by_label("Now asked")).to_have_value("What is rain?")


def test_stop_strings_are_typed(desk: Page, peer: ScriptedPeer) -> None:
    """With signs for what has no shape; four at most, and each can go again."""
    peer.play(RAW, WATER)
    field = desk.get_by_label("Stop strings", exact=True).and_(desk.get_by_role("textbox"))
    for stop in (r"\n\n", "END", "#", ";"):
        field.fill(stop)
        field.press("Enter")
    expect(field).to_be_disabled()
    desk.get_by_role("button", name="Remove the stop string #").press("Enter")
    expect(field).to_be_focused()
    desk.get_by_role("button", name="Remove the stop string ;").press("Enter")
    field.fill(";")  # and not added
    desk.get_by_label("Most tokens").fill("9")
    desk.get_by_label("Most tokens").press("Enter")
    expect(desk.get_by_label("Most tokens")).to_be_focused()
    desk.get_by_label("Temperature").fill("0")
    box(desk).fill("sea:")
    desk.keyboard.press("Control+Enter")
    expect(status(desk)).to_have_text("The model is done.")
    sent = peer.sent(RAW)[-1]
    assert (sent["stop"], sent["temperature"]) == (["\n\n", "END", ";"], 0)


def test_what_goes_wrong_is_told_in_words(desk: Page, peer: ScriptedPeer, watch: Watch) -> None:
    """Before the first word and after it; what came stays, and one may try again."""
    watch.is_network_cut = True  # the browser complains of every answer that is not 200
    peer.play(RAW, whole({"error": {"message": "the sea is closed"}}, status=400), WATER)
    desk.keyboard.type("sea:")
    desk.keyboard.press("Control+Enter")
    expect(desk.get_by_role("alert")).to_contain_text("the sea is closed")
    expect(box(desk)).to_have_value("sea:")
    desk.get_by_role("button", name="Undo", exact=True).click()
    expect(box(desk)).to_have_value("")
    desk.get_by_role("button", name="Redo", exact=True).click()
    expect(box(desk)).to_have_value("sea:")
    box(desk).focus()
    desk.keyboard.press("Control+Enter")
    expect(box(desk)).to_have_value("sea: water")
    expect(desk.get_by_role("alert")).to_have_count(0)
    peer.play(RAW, Script((sse(more(" deep")),), then="cut"))
    desk.keyboard.press("Control+Enter")
    expect(desk.get_by_role("alert")).to_contain_text("This did not work.")
    expect(box(desk)).to_have_value("sea: water deep")
    peer.play(RAW, whole({"error": {"message": "too many", "code": "context_length_exceeded"}}, status=400))
    desk.keyboard.press("Control+Enter")
    expect(desk.get_by_role("alert")).to_have_text("The text does not fit into the model’s memory. Shorten it.")
    peer.play(RAW, Script((sse(more("", "stop"), "[DONE]"),)))
    desk.keyboard.press("Control+Enter")
    expect(status(desk)).to_contain_text("nothing to add")


def test_a_model_here_goes_on(chat: ChatPage) -> None:
    """The house model, by real weights; while none can, the page says so."""
    page = chat.page
    page.goto(f"{chat.url}/playground")
    page.get_by_label("Model", exact=True).select_option("house", timeout=ANSWERED_WITHIN_MS)
    page.get_by_label("Most tokens").fill("12")
    box(page).fill("One two three")
    page.keyboard.press("Control+Enter")
    expect(status(page)).to_have_text(re.compile("done|Cut at|nothing to add"), timeout=ANSWERED_WITHIN_MS)
    page.route("**/v1/models", lambda route: route.fulfill(json={"object": "list", "data": []}))
    page.reload()
    expect(status(page)).to_contain_text("No model here goes on with a text")
    expect(page.get_by_role("button", name="Generate", exact=True)).to_be_disabled()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_is_in_the_way_of_anybody(desk: Page, peer: ScriptedPeer, scheme: str) -> None:
    """Axe finds nothing wrong with the text, the form and the settings, in either theme."""
    desk.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    peer.play(RAW, WATER)
    desk.keyboard.type("sea:")
    desk.keyboard.press("Control+Enter")
    expect(box(desk)).to_have_value("sea: water")
    settled(desk)
    assert violations(desk) == []
    desk.get_by_role("button", name="Start from").click()
    desk.get_by_role("menuitem", name="Grammar").click()
    expect(desk.get_by_label("Now asked")).to_be_visible()
    settled(desk)
    assert violations(desk) == []


def test_on_a_korean_phone(korean_phone: ChatPage, peer: ScriptedPeer) -> None:
    """Everything is within the width of the screen, the settings are folded, and the drawer closes behind one."""
    page = korean_phone.page
    peer.play(RAW, WATER)
    korean_phone.open()
    page.get_by_role("button", name="사이드바 열기").click()
    page.get_by_role("button", name="설정").click()
    page.get_by_role("menuitem", name="플레이그라운드").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.locator("summary").click()
    page.get_by_label("모델", exact=True).select_option("far")
    page.locator("summary").click()
    box(page).fill("바다는")
    page.get_by_role("button", name="이어 쓰기", exact=True).click()
    expect(box(page)).to_have_value("바다는 water")
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    page.get_by_role("button", name="예시로 시작하기").click()
    page.get_by_role("menuitem", name="번역").click()
    expect(page.get_by_label("이번에 물을 것")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    settled(page)
    assert violations(page) == []


def test_a_chat_that_gets_its_address_late_leads_nobody_out(chat: ChatPage) -> None:
    """It is in the list, and one reads it when one wants to."""
    page = chat.page
    held: list[Route] = []
    page.route("**/v1/conversations", lambda route: held.append(route) if _creates(route) else route.continue_())
    chat.open(model="echo")
    chat.say("a question on a slow network")
    page.keyboard.press("Control+k")
    page.get_by_role("combobox").fill("playground")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Playground")).to_be_visible()
    (route,) = held
    route.continue_()
    row = page.get_by_role("link", name="a question on a slow network")
    expect(row).to_be_visible(timeout=ANSWERED_WITHIN_MS)
    expect(page).to_have_url(f"{chat.url}/playground")
    page.keyboard.press("Escape")
    expect(page.get_by_role("heading", name="Playground")).to_be_visible()


def _creates(route: Route) -> bool:
    return route.request.method == "POST"


def test_a_dropped_file_does_not_take_the_page_away(desk: Page) -> None:
    """Nothing takes it there, and the browser would open it in the place of the page."""
    drops = """() => ["dragover", "drop"].map((kind) => {
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File(["x"], "a.txt"));
      const event = new DragEvent(kind, { bubbles: true, cancelable: true, dataTransfer });
      document.querySelector("main").dispatchEvent(event);
      return event.defaultPrevented;
    })"""
    assert desk.evaluate(drops) == [True, True]


def _until_idle(page: Page, peer: ScriptedPeer) -> None:
    for _ in range(600):
        if peer.idle.is_set():
            return
        page.wait_for_timeout(50)
    raise AssertionError("the engine still writes for nobody")
