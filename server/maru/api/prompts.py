"""`/v1/prompts` (ours): what a person wants to say again, with every version of it. Variables are the page's matter."""

from fastapi import APIRouter, Request
from fastapi.responses import Response as HttpResponse

from maru.api.caller import Owner
from maru.api.http import json_response, read_json
from maru.api.rooms import rooms_of
from maru.moving.bodies import prompt_body, prompt_version_body
from maru.protocol.bodies import Deleted
from maru.protocol.errors import invalid
from maru.protocol.prompts import COMMAND_WORDS, PromptCreate, PromptList, PromptUpdate, PromptVersionList
from maru.protocol.requests import parse
from maru.store.prompts import PromptWords

router = APIRouter(prefix="/v1/prompts")


@router.get("")
async def list_(request: Request, owner: Owner) -> HttpResponse:
    """All prompts, each as it was saved last."""
    found = await rooms_of(request).store.prompts_of(owner)
    return json_response(PromptList(data=tuple(map(prompt_body, found))))


@router.post("")
async def create(request: Request, owner: Owner) -> HttpResponse:
    """Keep one more."""
    rooms = rooms_of(request)
    wanted = parse(PromptCreate, await read_json(request, rooms.settings.max_frame_bytes))
    _refuse_command(wanted.word)
    words = PromptWords(wanted.title, wanted.word, wanted.text)
    return json_response(prompt_body(await rooms.store.add_prompt(owner, words, now=rooms.now())))


@router.post("/{prompt_id}")
async def change(request: Request, owner: Owner, prompt_id: str) -> HttpResponse:
    """Save it again, as a new version; where nothing is new, there is none."""
    rooms = rooms_of(request)
    wanted = parse(PromptUpdate, await read_json(request, rooms.settings.max_frame_bytes))
    before = (await rooms.store.prompt_for(owner, prompt_id)).newest.words
    if wanted.word is not None and wanted.word != before.word:
        _refuse_command(wanted.word)
    words = PromptWords(wanted.title or before.title, wanted.word or before.word, wanted.text or before.text)
    return json_response(prompt_body(await rooms.store.change_prompt(owner, prompt_id, words, now=rooms.now())))


@router.get("/{prompt_id}/versions")
async def versions(request: Request, owner: Owner, prompt_id: str) -> HttpResponse:
    """All versions that are kept, newest first."""
    found = await rooms_of(request).store.prompt_versions_of(owner, prompt_id)
    return json_response(PromptVersionList(data=tuple(map(prompt_version_body, found))))


@router.delete("/{prompt_id}")
async def delete(request: Request, owner: Owner, prompt_id: str) -> HttpResponse:
    """The prompt is gone, with all its versions."""
    await rooms_of(request).store.remove_prompt(owner, prompt_id)
    return json_response(Deleted(id=prompt_id, object="maru.prompt.deleted"))


def _refuse_command(word: str) -> None:
    if word in COMMAND_WORDS:
        raise invalid(f"/{word} is a command of the page. Choose another word.", "word", "reserved_word")
