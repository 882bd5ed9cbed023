"""A hub on this computer: the few routes of the Hugging Face hub that its client asks for a file."""

import hashlib
import json
import threading
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

COMMIT, OLD_COMMIT = "c0ffee" + "0" * 34, "decade" + "0" * 34


@dataclass
class HubPeer:
    """Serves one repository.

    Attributes:
        repository: its name.
        commits: its files by commit; `main` is the newest.
        asked: methods and paths that were asked for.
        is_ill: whether it answers everything with 503.
        page: what it answers everything with instead, and 200.
        may_send: files are sent while it is set.
    """

    repository: str
    commits: Mapping[str, Mapping[str, bytes]]
    asked: list[str] = field(default_factory=list[str])
    is_ill: bool = False
    page: bytes | None = None
    may_send: threading.Event = field(default_factory=threading.Event)
    url: str = ""

    def fetched(self) -> list[str]:
        """Names of the files whose bytes were sent."""
        return [path.split("/", 5)[-1] for path in self.asked if path.startswith("GET") and "/resolve/" in path]

    @contextmanager
    def serving(self) -> Generator[None]:
        """On a free port."""
        peer = self
        self.may_send.set()

        class Handler(BaseHTTPRequestHandler):
            def do_HEAD(self) -> None:
                self._answer(has_body=False)

            def do_GET(self) -> None:
                self._answer(has_body=True)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as the library has it
                pass

            def _answer(self, *, has_body: bool) -> None:
                path = self.path.partition("?")[0]
                peer.asked.append(f"{self.command} {path}")
                status, headers, body = peer.answer(path)
                self.send_response(status)
                for name, value in {**headers, "Content-Length": str(len(body))}.items():
                    self.send_header(name, value)
                self.end_headers()
                if has_body:
                    self._send(body)

            def _send(self, body: bytes) -> None:
                try:
                    self.wfile.write(body[:1000])
                    peer.may_send.wait(60)
                    self.wfile.write(body[1000:])
                except OSError:
                    pass  # the client has gone

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield
        finally:
            self.may_send.set()
            server.shutdown()
            server.server_close()
            thread.join()

    def answer(self, path: str) -> tuple[int, dict[str, str], bytes]:
        """Status, headers and body."""
        if self.is_ill:
            return 503, {}, b""
        if self.page is not None:
            return 200, {"Content-Type": "text/html"}, self.page
        listing, resolving = f"/api/models/{self.repository}/revision/", f"/{self.repository}/resolve/"
        if path.startswith(listing):
            commit = self._commit(path.removeprefix(listing))
            if commit is None:
                return 404, {"X-Error-Code": "RevisionNotFound"}, b""
            files = [{"rfilename": name, "size": len(data)} for name, data in self.commits[commit].items()]
            told = {"id": self.repository, "sha": commit, "siblings": files}
            return 200, {"Content-Type": "application/json"}, json.dumps(told).encode()
        if path.startswith(resolving):
            revision, _, name = path.removeprefix(resolving).partition("/")
            commit = self._commit(revision)
            data = None if commit is None else self.commits[commit].get(name)
            if commit is None or data is None:
                return 404, {"X-Error-Code": "EntryNotFound"}, b""
            return 200, {"X-Repo-Commit": commit, "ETag": f'"{hashlib.sha256(data).hexdigest()}"'}, data
        return 404, {"X-Error-Code": "RepoNotFound"}, b""

    def _commit(self, revision: str) -> str | None:
        commit = {"main": COMMIT, "v1": OLD_COMMIT}.get(revision, revision)
        return commit if commit in self.commits else None
