"""Pictures of a page as phones and desktops show it, by light and dark, through a Chromium or Chrome that is installed."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from pathlib import Path
from tempfile import TemporaryDirectory

from hairfeed.errors import IssueError

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
"""What it is called, in the order in which it is looked for."""

WIDTHS = {"phone": 375, "desktop": 1000}
"""CSS pixels."""

_SECONDS = 60
_HIGHEST = 16_000
"""CSS pixels: a picture of more is cut at its end."""
_OPTIONS = (
    *("--headless", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update", "--disable-extensions", "--force-device-scale-factor=1"),
)
# A window is never narrower than some 500 pixels; a frame is as narrow as a phone.
_MEASURE = """<!DOCTYPE html>
<iframe width="{width}" height="100" frameborder="0" srcdoc="{page}"></iframe>
<script>
onload = () => {{
  const inner = document.querySelector("iframe").contentDocument.documentElement;
  document.documentElement.setAttribute("data-height", inner.scrollHeight);
}};
</script>
"""
_HEIGHT = re.compile(r'data-height="(\d+)"')


def find_browser() -> str | None:
    """The path of a browser; None when none is installed."""
    return next((path for path in map(shutil.which, BROWSERS) if path), None)


@dataclass(frozen=True, slots=True)
class Browser:
    """A browser that is started anew for every picture, with nothing remembered."""

    path: str

    def take_pictures(self, page: Path) -> Iterator[Path]:
        """Write a PNG for each width and colour scheme beside `page`; their paths.

        Raises:
            IssueError: the browser did not make one.
        """
        for screen, width in WIDTHS.items():
            height = self._height(page, width)
            for scheme in ("light", "dark"):
                picture = page.with_name(f"{page.stem}-{screen}-{scheme}.png")
                picture.unlink(missing_ok=True)
                dark = ["--blink-settings=preferredColorScheme=0"] if scheme == "dark" else []
                self._run(page, f"--window-size={width},{height}", f"--screenshot={picture}", *dark)
                if not picture.is_file():
                    raise IssueError(f"{self.path}: made no picture of {page}")
                yield picture

    def _height(self, page: Path, width: int) -> int:
        with TemporaryDirectory() as folder:
            measure = Path(folder) / "measure.html"
            content = escape(page.read_text(encoding="utf-8"))
            measure.write_text(_MEASURE.format(width=width, page=content), encoding="utf-8")
            found = _HEIGHT.search(self._run(measure, "--dump-dom"))
        return min(int(found[1]), _HIGHEST) if found else 800

    def _run(self, page: Path, *options: str) -> str:
        # The superuser's browser does not start within a sandbox.
        sandbox = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
        with TemporaryDirectory() as profile:
            command = [self.path, *_OPTIONS, *sandbox, f"--user-data-dir={profile}", *options, page.absolute().as_uri()]
            try:
                done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=_SECONDS)  # noqa: S603 - a file of ours
            except (subprocess.SubprocessError, OSError) as error:
                raise IssueError(f"{self.path}: could not show {page}: {error}") from error
        return done.stdout
