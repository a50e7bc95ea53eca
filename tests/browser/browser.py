"""A headless browser for tests, started once for all of them."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
MISSING = [
    name
    for name, place in {
        "node": shutil.which("node"),
        "Chromium": CHROMIUM,
        "what 'npm ci' puts into tests/browser": (HERE / "node_modules").is_dir() or None,
    }.items()
    if place is None
]


@dataclass(frozen=True)
class Shown:
    """What the page says after a step."""

    url: str
    title: str
    text: str


class Browser:
    """A browser at a reader's hands; nothing is pressed but by the keyboard."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        """The process takes commands and answers them, a line each."""
        self._process = process

    def open(self, url: str, *, scripts: bool = True) -> Shown:
        """Follow a link, in a browser that runs scripts or in one that does not."""
        return Shown(**self._ask("open", url, scripts))

    def fill(self, label: str, text: str) -> None:
        """Type into a field."""
        self._ask("fill", label, text)

    def choose(self, label: str) -> None:
        """Tick a box."""
        self._ask("choose", label)

    def press(self, label: str) -> Shown:
        """Press a button that leads somewhere."""
        return Shown(**self._ask("press", label))

    def wait_for(self, text: str) -> Shown:
        """Until the page says something."""
        return Shown(**self._ask("wait_for", text))

    def push(self, label: str, text: str) -> Shown:
        """Press a button that leads nowhere, until the page says something."""
        return Shown(**self._ask("push", label, text))

    def look(self, name: str, url: str, form: dict[str, Any] | None = None, picture: Path | None = None) -> list[str]:
        """What is wrong with a page, or with what comes of its form (`fill` by label, `press`); pictures go into a folder."""
        faults: list[str] = self._ask("look", name, url, form, None if picture is None else str(picture))
        return faults

    def _ask(self, *command: object) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(command) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        assert answer, f"the browser ended at {command}"
        return json.loads(answer)


@contextmanager
def browser() -> Iterator[Browser]:
    """The browser, which ends with its input."""
    command = ["node", str(HERE / "drive.js"), str(CHROMIUM)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield Browser(process)
        finally:
            assert process.stdin is not None
            process.stdin.close()
            process.wait(60)
