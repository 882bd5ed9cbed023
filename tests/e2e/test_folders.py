"""Folders of chats in the browser, all of it by keyboard too."""

from playwright.sync_api import Locator, expect

from support.axe import settled, violations
from support.chat_list import begin, link, open_menu
from support.chat_page import ChatPage
from support.live_server import LiveServer


def folder(chat: ChatPage, name: str) -> Locator:
    """What unfolds a folder."""
    return chat.sidebar.get_by_role("button", name=name, exact=True)


def test_a_chat_goes_into_a_new_folder_and_out_again(chat: ChatPage, server: LiveServer) -> None:
    """Made from the chat's own menu and named in place; a reload finds it as it was left."""
    begin(server, "Gyeongju in May")
    chat.open(model="echo")
    open_menu(chat, "Gyeongju in May")
    chat.page.get_by_role("menuitem", name="Move to a folder").press("ArrowRight")
    chat.page.get_by_role("menuitem", name="New folder").press("Enter")
    name = chat.page.get_by_label("Name of the folder")
    expect(name).to_be_visible()
    name.fill("Travel")
    with chat.saving("/v1/folders/"):
        name.press("Enter")
    expect(folder(chat, "Travel")).to_have_attribute("aria-expanded", "true")
    inside = chat.sidebar.get_by_role("region", name="Folders")
    expect(inside.get_by_role("link", name="Gyeongju in May")).to_be_visible()
    settled(chat.page)
    assert violations(chat.page) == []
    chat.page.reload()
    expect(inside.get_by_role("link", name="Gyeongju in May")).to_be_visible()
    expect(link(chat, "Gyeongju in May")).to_have_count(1)
    folder(chat, "Travel").press("Enter")
    expect(link(chat, "Gyeongju in May")).to_have_count(0)
    folder(chat, "Travel").press("Enter")
    open_menu(chat, "Gyeongju in May")
    chat.page.get_by_role("menuitem", name="Move to a folder").press("ArrowRight")
    expect(chat.page.get_by_role("menuitemradio", name="Travel")).to_have_attribute("aria-checked", "true")
    settled(chat.page)
    # A menu stands beside the landmarks, as it must to lie over them.
    assert [one for one in violations(chat.page) if not one.startswith("region")] == []
    chat.page.get_by_role("menuitemradio", name="In no folder").press("Enter")
    expect(chat.sidebar.get_by_role("region", name="Today").get_by_role("link", name="Gyeongju in May")).to_be_visible()
    expect(inside.get_by_text("Nothing is in here yet.")).to_be_visible()


def test_a_folder_is_renamed_and_deleted_without_its_chats(chat: ChatPage, server: LiveServer) -> None:
    """What lay in it is in the list again."""
    begin(server, "A recipe to keep")
    chat.open(model="echo")
    chat.page.keyboard.press("Control+K")
    chat.page.get_by_role("combobox").fill("new folder")
    chat.page.keyboard.press("Enter")
    chat.page.get_by_label("Name of the folder").fill("Recipes")
    chat.page.keyboard.press("Enter")
    open_menu(chat, "A recipe to keep")
    chat.page.get_by_role("menuitem", name="Move to a folder").press("ArrowRight")
    chat.page.get_by_role("menuitemradio", name="Recipes").press("Enter")
    expect(chat.sidebar.get_by_role("region", name="Folders").get_by_role("link", name="A recipe")).to_be_visible()
    chat.page.get_by_role("button", name="Options for Recipes").press("Enter")
    chat.page.get_by_role("menuitem", name="Rename").press("Enter")
    chat.page.get_by_label("Name of the folder").fill("요리")
    chat.page.keyboard.press("Enter")
    expect(folder(chat, "요리")).to_be_visible()
    chat.page.get_by_role("button", name="Options for 요리").press("Enter")
    chat.page.get_by_role("menuitem", name="Delete the folder").press("Enter")
    expect(folder(chat, "요리")).to_have_count(0)
    expect(chat.sidebar.get_by_role("region", name="Today").get_by_role("link", name="A recipe")).to_be_visible()
    chat.page.reload()
    expect(link(chat, "A recipe to keep")).to_be_visible()
    expect(folder(chat, "요리")).to_have_count(0)
