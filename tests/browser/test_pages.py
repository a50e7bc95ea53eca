"""Pages in a browser: on a phone and on a desk, light and dark, nothing that keeps anybody out and nothing that is not HTML."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.browser.browser import CHROMIUM, HERE, MISSING
from tests.conftest import FRIDAY, Publication
from tests.feeds.pages import hard_pages


@pytest.mark.skipif(bool(MISSING), reason=f"not installed: {', '.join(MISSING)}")
def test_pages_are_fit_for_everybody_in_a_browser(publication: Publication, tmp_path: Path) -> None:
    for name in ("brushing", "dandruff"):
        publication.page(name)
    publication.run(FRIDAY)
    looked_at = tmp_path / "looked at"
    looked_at.mkdir()
    shutil.copy(publication.public / "index.html", looked_at / "site.html")
    shutil.copy(publication.public / "category/hair-care/index.html", looked_at / "category.html")
    for name, page in hard_pages(tmp_path).items():
        (looked_at / name).write_bytes(page)
    command = ["node", str(HERE / "check.js"), str(CHROMIUM), str(looked_at)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == []


@pytest.mark.parametrize("folder", [HERE, HERE.parent / "feeds" / "npm_readers"], ids=["browser", "readers"])
def test_a_lock_names_no_host(folder: Path) -> None:
    """Packages come from wherever this machine gets them; the lock says what they must be."""
    lock = (folder / "package-lock.json").read_text(encoding="utf-8")
    assert "://" not in lock
    assert all("integrity" in package for path, package in json.loads(lock)["packages"].items() if path)
