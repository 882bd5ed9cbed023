"""A screen without a monitor, on which real browsers run with a real input method, and a keyboard for it.

Needs Debian's packages xvfb, xdotool, openbox, dbus, libglib2.0-bin and those of the browsers and input methods that
are named below. The home folder is a new one: no setting of whoever runs this counts, and none is touched.
"""

import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from support.ime.scenarios import HANGUL, PINYIN, ROMAJI, Scenario

DISPLAY = ":77"
SYSTEM_PATH = "/usr/bin:/bin:/usr/sbin:/sbin"  # ibus-anthy is a Python program and needs Debian's Python
MINI_BROWSER = "/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser"
SETTLED_S = 3.0
IBUS_SETTINGS = (  # both begin with Latin letters otherwise
    ("org.freedesktop.ibus.engine.hangul", "initial-input-mode", "hangul"),
    ("org.freedesktop.ibus.engine.anthy.common", "input-mode", "0"),
)


@dataclass(frozen=True, slots=True)
class InputMethod:
    """One engine of one framework, with the Debian package that it comes in."""

    framework: Literal["ibus", "fcitx5"]
    engine: str
    package: str
    scenarios: tuple[Scenario, ...]


INPUT_METHODS: Mapping[str, InputMethod] = {
    "ibus-hangul": InputMethod("ibus", "hangul", "ibus-hangul", HANGUL),
    "ibus-libpinyin": InputMethod("ibus", "libpinyin", "ibus-libpinyin", PINYIN),
    "ibus-anthy": InputMethod("ibus", "anthy", "ibus-anthy", ROMAJI),
    "fcitx5-hangul": InputMethod("fcitx5", "hangul", "fcitx5-hangul", HANGUL),
    "fcitx5-pinyin": InputMethod("fcitx5", "pinyin", "fcitx5-chinese-addons", PINYIN),
    "fcitx5-anthy": InputMethod("fcitx5", "anthy", "fcitx5-anthy", ROMAJI),
}

BROWSERS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "chromium": (
        "chromium",
        (
            "chromium",
            "--no-sandbox",
            "--no-first-run",
            "--disable-gpu",
            "--user-data-dir={home}/chromium",
            "--app={url}",
        ),
    ),
    "firefox": ("firefox-esr", ("firefox-esr", "--profile", "{home}/firefox", "--no-remote", "--kiosk", "{url}")),
    "webkitgtk": ("libwebkit2gtk-4.1-0", (MINI_BROWSER, "--full-screen", "{url}")),
}
"""The Debian package, and the command."""


@dataclass(frozen=True, slots=True)
class Desktop:
    """The running screen; `environment` is that of every program on it."""

    environment: Mapping[str, str]
    method: InputMethod

    def click(self) -> None:
        """Into the middle of the screen, where the window is."""
        self._run("xdotool", "mousemove", "500", "350", "click", "1")

    def press(self, keys: str, delay_ms: int) -> None:
        """Press and let go of one key after another."""
        self._run("xdotool", "key", "--delay", str(delay_ms), *keys.split())

    def switch_on(self) -> None:
        """The engine takes what is typed from now on into the window that has the focus."""
        if self.method.framework == "ibus":
            # It prints nothing and ends with 1 where the engine has no keyboard layout of its own.
            subprocess.run(["ibus", "engine", self.method.engine], env=self.environment, check=False)
            return
        self._run("fcitx5-remote", "-s", self.method.engine)
        self._run("fcitx5-remote", "-o")

    def picture(self, path: Path) -> None:
        """What the screen shows, for whoever must find out why nothing comes."""
        self._run("scrot", "-o", str(path))

    def _run(self, *command: str) -> None:
        subprocess.run(command, env=self.environment, check=True, timeout=60)


@contextmanager
def desktop(method: InputMethod, browser: str, url: str) -> Generator[Desktop]:
    """A screen with one browser that shows `url`, until the block ends."""
    with tempfile.TemporaryDirectory(prefix="ime-", ignore_cleanup_errors=True) as folder:
        home = Path(folder)
        environment = _environment(home, method)
        started: list[subprocess.Popen[bytes]] = []

        def start(*command: str) -> None:
            log = (home / f"{Path(command[0]).name}.log").open("wb")
            started.append(subprocess.Popen(command, env=environment, stdout=log, stderr=log, start_new_session=True))

        try:
            start("Xvfb", DISPLAY, "-screen", "0", "1000x700x24")
            time.sleep(1)
            start("dbus-daemon", "--session", "--nofork", f"--address={environment['DBUS_SESSION_BUS_ADDRESS']}")
            time.sleep(0.5)
            start("openbox")
            _start_framework(method, home, environment, start)
            time.sleep(SETTLED_S)
            start(*(part.format(home=home, url=url) for part in BROWSERS[browser][1]))
            yield Desktop(environment, method)
        finally:
            for process in reversed(started):
                os.killpg(process.pid, signal.SIGTERM)
            for process in started:
                _await_end(process)


def _environment(home: Path, method: InputMethod) -> dict[str, str]:
    module = "fcitx" if method.framework == "fcitx5" else "ibus"
    return {
        "PATH": SYSTEM_PATH,
        "DISPLAY": DISPLAY,
        "HOME": str(home),
        "XDG_RUNTIME_DIR": str(home),
        "DBUS_SESSION_BUS_ADDRESS": f"unix:path={home}/bus",
        "GTK_IM_MODULE": module,
        "XMODIFIERS": f"@im={module}",
        "LANG": "C.UTF-8",
        "NO_AT_BRIDGE": "1",
        "LIBGL_ALWAYS_SOFTWARE": "1",
        "WEBKIT_DISABLE_DMABUF_RENDERER": "1",
    }


def _start_framework(
    method: InputMethod, home: Path, environment: Mapping[str, str], start: Callable[..., None]
) -> None:
    (home / "firefox").mkdir()
    if method.framework == "ibus":
        for setting in IBUS_SETTINGS:
            subprocess.run(["gsettings", "set", *setting], env=environment, check=True)
        start("ibus-daemon", "--xim")
        return
    profile = home / ".config" / "fcitx5" / "profile"
    profile.parent.mkdir(parents=True)
    engine = method.engine
    profile.write_text(
        f"[Groups/0]\nName=Default\nDefault Layout=us\nDefaultIM={engine}\n\n"
        f"[Groups/0/Items/0]\nName={engine}\nLayout=\n\n[GroupOrder]\n0=Default\n"
    )
    start("fcitx5", "--disable=wayland")


def _await_end(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
