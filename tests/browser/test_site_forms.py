"""Forms on the site's own pages, as docs/subscribing.md has them: they work from the site, and from nowhere else."""

import re
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from sqlalchemy import select

from hairfeed.store.schema.subscribers import sign_ups
from hairfeed.web.snippet import snippet
from tests.browser.browser import MISSING, Browser
from tests.browser.served import Served
from tests.conftest import Publication

pytestmark = pytest.mark.skipif(bool(MISSING), reason=f"not installed: {', '.join(MISSING)}")

DOCUMENTED = "https://hairfear.com/mail/"
PLAIN, SCRIPTED = re.findall(
    "```html\n(.*?)```", (Path(__file__).parents[2] / "docs" / "subscribing.md").read_text(encoding="utf-8"), re.DOTALL
)
ON_FAILURE = """<script>
addEventListener("error", () => document.querySelector("main").append("the script has failed"));
</script>"""


class Site:
    """Another web server, with a page that holds each of the forms."""

    def __init__(self, folder: Path) -> None:
        """It listens, with no page yet."""
        self.folder = folder
        folder.mkdir()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def show(self, served: Served) -> None:
        """Have the documented forms, for the pages that are served."""
        for name, form in {"plain": PLAIN, "scripted": SCRIPTED}.items():
            text = f"<!DOCTYPE html><meta charset=utf-8><title>x</title>{ON_FAILURE}<main><h1>The site</h1>{form}</main>"
            (self.folder / f"{name}.html").write_text(text.replace(DOCUMENTED, f"{served.base}/"), encoding="utf-8")

    def close(self) -> None:
        """Stop."""
        self._server.shutdown()
        self._server.server_close()


class Quiet(SimpleHTTPRequestHandler):
    """Files of a folder; nothing is printed of who asks."""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
        """Say nothing."""


@pytest.fixture(scope="module")
def sites(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Site, Site, Served]]:
    """The site, a stranger's, and the pages of the first."""
    own, strangers = (Site(tmp_path_factory.mktemp(name) / "site") for name in ("own", "strangers"))
    served = Served(Publication(tmp_path_factory.mktemp("pages") / "site"), site=own.url)
    for site in (own, strangers):
        site.show(served)
    yield own, strangers, served
    served.close()
    own.close()
    strangers.close()


def waiting(served: Served) -> list[tuple[str, str, str]]:
    """Who asked by a form, agreeing to what, by which way."""
    with served.ledger.read() as connection:
        return [(*row,) for row in connection.execute(select(sign_ups.c.email, sign_ups.c.wording, sign_ups.c.source))]


def test_the_documented_form_is_the_one_that_the_command_prints(sites: tuple[Site, Site, Served]) -> None:
    *_, served = sites
    assert snippet(served.publication.settings, "en").strip().replace(f"{served.base}/", DOCUMENTED) == PLAIN.strip()


def test_a_plain_form_on_the_site_subscribes(sites: tuple[Site, Site, Served], chromium: Browser) -> None:
    own, strangers, served = sites
    chromium.open(f"{own.url}/plain.html", scripts=False)
    chromium.fill("E-mail address", "plain@example.net")
    assert chromium.press("Subscribe").title == "Look into your mailbox"
    (asked,) = waiting(served)
    assert asked[0] == "plain@example.net"
    assert asked[1] in PLAIN
    chromium.open(f"{strangers.url}/plain.html", scripts=False)
    chromium.fill("E-mail address", "other@example.net")
    assert "One more step" in chromium.press("Subscribe").text
    assert waiting(served) == [asked]
    # There the reader sees whose page it is, and may press once more.
    assert chromium.press("Subscribe").title == "Look into your mailbox"
    served.run()


def test_a_script_of_the_site_subscribes(sites: tuple[Site, Site, Served], chromium: Browser) -> None:
    own, strangers, served = sites
    chromium.open(f"{own.url}/scripted.html")
    chromium.wait_for("By pressing Subscribe I ask for the chosen newsletters by e-mail.")
    chromium.fill("E-mail address", "reader@mailinator.com")
    chromium.push("Subscribe", "Mail to throw-away addresses gets lost.")
    chromium.fill("E-mail address", "scripted@example.net")
    chromium.push("Subscribe", "Look into your mailbox")
    (asked,) = waiting(served)
    assert (asked[0], asked[2]) == ("scripted@example.net", f"a form on the site, {own.url}")
    # A stranger's script may not even read what there is to offer, so its form stays hidden.
    chromium.open(f"{strangers.url}/scripted.html")
    assert "Subscribe" not in chromium.wait_for("the script has failed").text
    served.run()
