"""The browser page: static files as the build wrote them, with the headers that make it safe and fast."""

import mimetypes
from functools import cache
from importlib.resources import files
from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, HTMLResponse
from fastapi.responses import Response as HttpResponse

from maru.api.reloads import COOKIE
from maru.api.rooms import rooms_of
from maru.protocol.errors import ApiError

router = APIRouter()

PAGE_HEADERS = {
    "content-security-policy": (
        "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
        "font-src 'self' data:; connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; "
        "frame-ancestors 'none'"
    ),
    "cache-control": "no-cache",
}
COMMON_HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "x-frame-options": "DENY",
    "permissions-policy": "camera=(self), microphone=(self), geolocation=()",
}
HASHED_HEADERS = {"cache-control": "public, max-age=31536000, immutable"}
NOT_BUILT = (
    "<!doctype html><title>Maru</title><h1>The page is not built</h1>"
    "<p>The server runs, and its API answers under /v1. Run <code>make run</code> to build the page.</p>"
)
ENCODINGS = (("br", ".br"), ("gzip", ".gz"))


@router.api_route("/{path:path}", methods=["GET", "HEAD"], include_in_schema=False)
async def page(request: Request, path: str) -> HttpResponse:
    """A static file, or the page itself for any address that a browser navigates to."""
    if path == "v1" or path.startswith("v1/"):
        raise ApiError(404, f"There is no such call: {request.method} /{path}.")
    root = _static_folder()
    found = _file_below(root, path)
    if found is not None and found.name != "index.html":
        return _file(request, found, HASHED_HEADERS if path.startswith("assets/") else {"cache-control": "no-cache"})
    if "text/html" not in request.headers.get("accept", "") and path:
        raise ApiError(404, f"There is no file {path!r}.")
    index = root / "index.html"
    if not index.is_file():
        return HTMLResponse(NOT_BUILT, status_code=503)
    if path.startswith("s/"):  # a shared chat: for whoever has the link and for no search engine, and nobody is known
        return _file(request, index, {**PAGE_HEADERS, "x-robots-tag": "noindex, nofollow, noarchive"})
    answer = _file(request, index, PAGE_HEADERS)
    browser = rooms_of(request).reloads.page_asked(request.cookies.get(COOKIE))
    if browser is not None:
        answer.set_cookie(COOKIE, browser, httponly=True, samesite="strict", secure=request.url.scheme == "https")
    return answer


def _file(request: Request, path: Path, headers: dict[str, str]) -> FileResponse:
    media_type = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    accepted = request.headers.get("accept-encoding", "")
    for name, suffix in ENCODINGS:
        packed = path.with_name(path.name + suffix)
        if name in accepted and packed.is_file():
            extra = {"content-encoding": name, "vary": "accept-encoding"}
            return FileResponse(packed, media_type=media_type, headers={**headers, **extra})
    return FileResponse(path, media_type=media_type, headers=headers)


def _file_below(root: Path, path: str) -> Path | None:
    if not path or "\0" in path:
        return None
    found = (root / path).resolve()
    return found if found.is_relative_to(root) and found.is_file() else None


@cache
def _static_folder() -> Path:
    return Path(str(files("maru") / "static")).resolve()
