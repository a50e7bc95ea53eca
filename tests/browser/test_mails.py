"""Mails in a browser: on screens of four widths, light and dark, with and without style blocks and pictures; and as HTML."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from hairfeed.digest.content import Fact, Notice, Occasion
from hairfeed.digest.render import Templates
from hairfeed.text.merge import Mergeable, Placeholder
from tests.browser.browser import CHROMIUM, HERE, MISSING
from tests.digest.issues import ISSUES
from tests.digest.sample import SITE
from tests.digest.test_letters import a_letter

VNU = HERE / "node_modules/vnu-jar/build/dist/vnu.jar"
WITHOUT_VNU = [name for name, is_there in {"java": shutil.which("java"), "vnu-jar": VNU.exists()}.items() if not is_there]
# The validator does not know what is meant for Outlook, nor all of CSS.
NOT_ITS_BUSINESS = ".*(Property “|Attribute “xmlns).*"
VALUES = {
    Placeholder.NAME: "Ann",
    Placeholder.UNSUBSCRIBE: "https://hairfear.com/mail/u/ann",
    Placeholder.PREFERENCES: "https://hairfear.com/mail/p/ann",
}


@pytest.fixture(scope="module")
def mails(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the six issues, and letters and a notice, as one reader gets them."""
    folder = tmp_path_factory.mktemp("mails")
    templates = Templates(None)
    renderings = {name: templates.render(content) for name, content in ISSUES.items()}
    for kind, language in zip(Occasion, ("de", "fr", "ar", "es"), strict=True):
        renderings[kind] = templates.letter(a_letter(kind, language))
    renderings["notice"] = templates.notice(Notice(SITE, "An issue is held", ["Words."], [Fact("Readers", "3")]))
    for name, rendering in renderings.items():
        html = Mergeable.of(rendering.html).fill_html(VALUES)
        (folder / f"{name}.html").write_text(html, encoding="utf-8")
    return folder


@pytest.mark.skipif(bool(MISSING), reason=f"not installed: {', '.join(MISSING)}")
def test_mails_are_fit_for_everybody_in_a_browser(mails: Path) -> None:
    command = ["node", str(HERE / "mails.js"), str(CHROMIUM), str(mails)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == []


@pytest.mark.skipif(bool(WITHOUT_VNU), reason=f"not installed: {', '.join(WITHOUT_VNU)}")
def test_mails_are_html_to_the_validator_of_the_w3c(mails: Path) -> None:
    options = ["--errors-only", "--format", "json", "--stdout", "--exit-zero-always", "--filterpattern", NOT_ITS_BUSINESS]
    command = ["java", "-jar", str(VNU), *options, *map(str, sorted(mails.iterdir()))]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert [f"{Path(one['url']).name}: {one['message']}" for one in json.loads(done.stdout)["messages"]] == []


@pytest.mark.skipif(bool(MISSING), reason=f"not installed: {', '.join(MISSING)}")
def test_the_look_finds_what_is_wrong(mails: Path, tmp_path: Path) -> None:
    page = (mails / "minimal.html").read_text(encoding="utf-8").removeprefix("<!DOCTYPE html>")
    page = page.replace("<h1", '<p style="width:700px; color:#cccccc; float:left">Words</p><h3>Low</h3><h1', 1)
    (tmp_path / "broken.html").write_text(page, encoding="utf-8")
    done = subprocess.run(
        ["node", str(HERE / "mails.js"), str(CHROMIUM), str(tmp_path)], capture_output=True, text=True, check=True
    )
    faults = "\n".join(json.loads(done.stdout))
    for part in (
        "px too wide",
        "color-contrast",
        "its headings are 3,1",
        "BackCompat",
        "not every client knows float",
        "broken.html:",
    ):
        assert part in faults
