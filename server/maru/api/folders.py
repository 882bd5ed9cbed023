"""`/v1/folders` (ours): names under which conversations lie. Which one lies where, the conversation says."""

from fastapi import APIRouter, Request
from fastapi.responses import Response as HttpResponse

from maru.api.caller import Owner
from maru.api.http import json_response, read_json
from maru.api.rooms import rooms_of
from maru.protocol.bodies import Deleted
from maru.protocol.errors import ApiError
from maru.protocol.folders import MAX_FOLDERS, FolderBody, FolderCreate, FolderList, FolderUpdate
from maru.protocol.requests import parse
from maru.store.folders import Folder

router = APIRouter(prefix="/v1/folders")


@router.get("")
async def list_(request: Request, owner: Owner) -> HttpResponse:
    """All folders."""
    found = await rooms_of(request).store.folders_of(owner)
    return json_response(FolderList(data=tuple(map(_body, found))))


@router.post("")
async def create(request: Request, owner: Owner) -> HttpResponse:
    """A new folder, empty."""
    rooms = rooms_of(request)
    wanted = parse(FolderCreate, await read_json(request, rooms.settings.max_frame_bytes))
    if len(await rooms.store.folders_of(owner)) >= MAX_FOLDERS:
        message = f"There are {MAX_FOLDERS} folders already. Delete one that is not needed any more."
        raise ApiError(400, message, code="too_many_folders")
    return json_response(_body(await rooms.store.create_folder(owner, wanted.name, now=rooms.now())))


@router.post("/{folder_id}")
async def rename(request: Request, owner: Owner, folder_id: str) -> HttpResponse:
    """Give it another name."""
    rooms = rooms_of(request)
    wanted = parse(FolderUpdate, await read_json(request, rooms.settings.max_frame_bytes))
    return json_response(_body(await rooms.store.rename_folder(owner, folder_id, wanted.name)))


@router.delete("/{folder_id}")
async def delete(request: Request, owner: Owner, folder_id: str) -> HttpResponse:
    """The folder is gone; the conversations that lay in it stay, in none."""
    await rooms_of(request).store.remove_folder(owner, folder_id)
    return json_response(Deleted(id=folder_id, object="maru.folder.deleted"))


def _body(folder: Folder) -> FolderBody:
    return FolderBody(id=folder.id, name=folder.name, created_at=folder.created_at)
