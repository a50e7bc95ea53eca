"""Pages in a browser: on a phone and on a desk, light and dark, nothing that keeps anybody out and nothing that is not HTML."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.archive.sample import PICTURE
from tests.archive.sample import hard_pages as hard_issues
from tests.browser.browser import CHROMIUM, HERE, MISSING
from tests.collect.photos import photo
from tests.conftest import FRIDAY, Publication
from tests.feeds.pages import hard_pages
from tests.web.operators import PAGES, operator, trouble, with_password


@pytest.mark.skipif(bool(MISSING), reason=f"not installed: {', '.join(MISSING)}")
def test_pages_are_fit_for_everybody_in_a_browser(publication: Publication, tmp_path: Path) -> None:
    for name in ("brushing", "dandruff"):
        publication.page(name)
    publication.run(FRIDAY)
    # As deep as the page of an issue is, for its picture's sake.
    looked_at = tmp_path / "public/issues/weekly/12"
    looked_at.mkdir(parents=True)
    shutil.copy(publication.public / "index.html", looked_at / "site.html")
    shutil.copy(publication.public / "category/hair-care/index.html", looked_at / "category.html")
    for name, page in {**hard_pages(tmp_path), **hard_issues(tmp_path)}.items():
        (looked_at / name).write_bytes(page)
    (tmp_path / "public/pictures").mkdir()
    (tmp_path / "public" / PICTURE.path).write_bytes(photo(1008, 568, "PNG"))
    assert faults_of(looked_at) == []


@pytest.mark.skipif(bool(MISSING), reason=f"not installed: {', '.join(MISSING)}")
def test_the_operators_pages_are_fit_for_everybody_in_a_browser(publication: Publication, tmp_path: Path) -> None:
    trouble(with_password(publication))
    looked_at = tmp_path / "looked-at"
    looked_at.mkdir()
    with operator(publication) as pages:
        for path in PAGES:
            (looked_at / f"{path.strip('/').replace('/', '-')}.html").write_text(pages.get(path).text, encoding="utf-8")
    assert len(list(looked_at.iterdir())) == len(PAGES)
    assert faults_of(looked_at) == []


def faults_of(looked_at: Path) -> list[str]:
    """What is wrong with the pages in a folder."""
    command = ["node", str(HERE / "check.js"), str(CHROMIUM), str(looked_at)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found: list[str] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("folder", ["browser", "feeds/npm_readers", "mail"])
def test_a_lock_names_no_host(folder: str) -> None:
    """Packages come from wherever this machine gets them; the lock says what they must be."""
    lock = (HERE.parent / folder / "package-lock.json").read_text(encoding="utf-8")
    assert "://" not in lock
    assert all("integrity" in package for path, package in json.loads(lock)["packages"].items() if path)
