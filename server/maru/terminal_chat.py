"""`maru chat`: a conversation in the terminal. Reads lines, prints answers; the server keeps everything."""

import asyncio
import contextlib
import signal
import sys
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, assert_never

from rich.console import Console

from maru.terminal_client import AnswerSocket, ChatError, Client, Ended, Started, Thought, Words
from maru.terminal_server import server_for_chat

__all__ = ["ChatError", "ChatOptions", "chat_in_terminal"]

SHOWN_ITEMS = 6  # of a conversation that goes on
PROMPT = "> "
HELP = "/new begins another conversation, /help shows this. Ctrl+C stops an answer, Ctrl+D ends."


@dataclass(frozen=True, slots=True)
class ChatOptions:
    """What the command line asked for."""

    model: str | None
    goes_on: bool
    url: str | None
    key: str | None
    config: Path | None


def chat_in_terminal(options: ChatOptions, console: Console | None = None) -> None:
    """Talk until the input ends.

    Raises:
        ChatError: there is no server to talk to, or it refuses the conversation.
    """
    console = console or Console(highlight=False)
    with asyncio.Runner() as runner, server_for_chat(options.url, options.config, console, runner) as url:
        chat = _Chat(Client(url, options.key), console, options.model)
        if options.goes_on:
            runner.run(chat.go_on())
        if sys.stdin.isatty():
            console.print(f"Talking with {options.model or 'the default model'} at {url}. {HELP}", style="dim")
        for line in _lines(console):
            match line.strip():
                case "":
                    continue
                case "/new":
                    chat.begin_anew()
                case "/help":
                    console.print(HELP, style="dim")
                case text:
                    runner.run(chat.say(text))


def printable(text: str) -> str:
    """Text without control characters: a model's words must not move the cursor or rename the window."""
    return "".join(c for c in text if c in "\n\t" or (c >= " " and not "\x7f" <= c <= "\x9f"))


class _Chat:
    """One conversation after the other on one server."""

    def __init__(self, client: Client, console: Console, model: str | None) -> None:
        self._client = client
        self._console = console
        self._model = model
        self._conversation: str | None = None

    def begin_anew(self) -> None:
        self._conversation = None
        self._console.print("A new conversation.", style="dim")

    async def go_on(self) -> None:
        """Take up the conversation that changed last, and show its end."""
        async with self._client as client:
            found = (await client.get("/v1/conversations", limit="1"))["data"]
            if not found:
                self._console.print("There is no conversation yet; this is the first.", style="dim")
                return
            self._conversation = str(found[0]["id"])
            path = f"/v1/conversations/{self._conversation}/items"
            items = (await client.get(path, limit=str(SHOWN_ITEMS), order="desc"))["data"]
        for item in reversed(items):
            self._show(item)

    async def say(self, text: str) -> None:
        """Send a message and show its answer as it comes; a refusal ends the turn, not the chat."""
        try:
            async with self._client as client:
                if self._conversation is None:
                    self._conversation = str((await client.post("/v1/conversations", {}))["id"])
                async with client.socket() as socket:
                    await socket.ask(text, conversation=self._conversation, model=self._model)
                    await self._read(socket)
        except ChatError as error:
            self._console.print(printable(str(error)), style="red", markup=False)

    async def _read(self, socket: AnswerSocket) -> None:
        stopper = _Stopper(socket)
        was_thinking = False
        with stopper.listening():
            async for event in socket.events():
                if was_thinking and not isinstance(event, Thought):
                    self._console.print()
                was_thinking = isinstance(event, Thought)
                match event:
                    case Started():
                        stopper.answer_started(event.response_id)
                    case Words():
                        self._console.out(printable(event.text), end="", highlight=False)
                    case Thought():
                        self._console.out(printable(event.text), end="", style="dim", highlight=False)
                    case Ended():
                        self._console.print()
                        if event.problem:
                            self._console.print(printable(event.problem), style="dim", markup=False)
                    case _:
                        assert_never(event)

    def _show(self, item: dict[str, Any]) -> None:
        if item.get("type") != "message" or item.get("role") not in {"user", "assistant"}:
            return
        text = "".join(str(part.get("text") or part.get("refusal") or "") for part in item["content"])
        if item["role"] == "user":
            self._console.print(PROMPT + printable(text), style="bold", markup=False)
        else:
            self._console.print(printable(text), markup=False)


class _Stopper:
    """Turns Ctrl+C into the wish to stop: the first asks the server, the second leaves."""

    def __init__(self, socket: AnswerSocket) -> None:
        self._socket = socket
        self._response_id: str | None = None
        self._presses = 0
        self._tasks: set[asyncio.Task[None]] = set()

    @contextmanager
    def listening(self) -> Generator[None]:
        loop = asyncio.get_running_loop()
        # Windows has no such handlers: there Ctrl+C ends the turn by closing the socket, which stops the answer too.
        with contextlib.suppress(NotImplementedError):
            loop.add_signal_handler(signal.SIGINT, self.pressed)
        try:
            yield
        finally:
            with contextlib.suppress(NotImplementedError):
                loop.remove_signal_handler(signal.SIGINT)

    def answer_started(self, response_id: str) -> None:
        self._response_id = response_id
        if self._presses:
            self._spawn_stop(response_id)

    def pressed(self) -> None:
        self._presses += 1
        if self._presses > 1:
            self._keep(asyncio.ensure_future(self._socket.close()))
        elif self._response_id is not None:
            self._spawn_stop(self._response_id)

    def _spawn_stop(self, response_id: str) -> None:
        self._keep(asyncio.ensure_future(self._socket.stop(response_id)))

    def _keep(self, task: "asyncio.Task[None]") -> None:
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _lines(console: Console) -> Iterator[str]:
    """Lines that the person types, until Ctrl+D."""
    is_terminal = sys.stdin.isatty()
    if is_terminal:
        # Gives `input` its line editing and the history of this session.
        with contextlib.suppress(ImportError):
            import_module("readline")  # absent on Windows
    while True:
        try:
            yield input(PROMPT if is_terminal else "")
        except EOFError:
            return
        except KeyboardInterrupt:
            console.print("\nCtrl+D ends.", style="dim")
