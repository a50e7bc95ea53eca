"""`hairfeed serve` with pages for readers: as a process of its own, beside passes, and behind the web servers of our examples."""

import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from hairfeed.models.subscribers import SubscriptionState
from hairfeed.text.translations import translations
from hairfeed.web.joining import wording_version
from tests.conftest import NEXT_FRIDAY, Publication
from tests.web.readers import READER, SITE, Inside, Readers
from tests.web.servers import caddy, nginx, which_nginx

ONE_CLICK = {"List-Unsubscribe": "One-Click"}
UNSUBSCRIBED = SubscriptionState.UNSUBSCRIBED


class Process(Inside):
    """The publication with `hairfeed serve` on a free port."""

    def __init__(self, publication: Publication) -> None:
        """Nobody has subscribed but one."""
        self.base = "https://hair.example.org/mail"
        publication.configure("[mail.outbox]", f'[web]\nurl = "{self.base}"\nsign_ups_per_hour = 1\n\n[mail.outbox]')
        publication.subscribe(READER)
        self.publication = publication
        self.ledger = publication.ledger()
        command = [sys.executable, "-m", "hairfeed", "serve", "--config", str(publication.config), "--port", "0"]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        self.line = self.process.stdout.readline()
        self.port = int(self.line.rpartition("127.0.0.1:")[2].partition("/")[0])


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    """One process for all."""
    found = Process(Publication(tmp_path_factory.mktemp("served") / "site"))
    yield found
    found.process.send_signal(signal.SIGTERM)
    assert found.process.wait(60) == 0
    assert found.process.stdout is not None
    found.process.stdout.close()
    found.ledger.close()


def path_of(link: str) -> str:
    return link.removeprefix("https://hair.example.org")


def test_serve_says_where_readers_are_attended_to(served: Process) -> None:
    assert f"pages for readers at http://127.0.0.1:{served.port}/mail/" in served.line
    assert requests.get(f"http://127.0.0.1:{served.port}/mail/", timeout=60).status_code == 200


@pytest.mark.parametrize(
    "server",
    [
        pytest.param("nginx", marks=pytest.mark.skipif(which_nginx() is None, reason="nginx is not installed")),
        pytest.param("caddy", marks=pytest.mark.skipif(shutil.which("caddy") is None, reason="caddy is not installed")),
    ],
)
def test_our_examples_lead_to_the_pages_and_say_who_asks(served: Process, tmp_path: Path, server: str) -> None:
    run: Any = {"nginx": nginx, "caddy": caddy}[server]
    with run(tmp_path, served.publication.public, behind=served.port) as port:
        at = f"http://127.0.0.1:{port}"
        link = path_of(served.unsubscribe_link())
        page = requests.get(at + link, timeout=60)
        assert (page.status_code, page.headers["Referrer-Policy"]) == (200, "no-referrer")
        answer = requests.post(at + link, ONE_CLICK, allow_redirects=False, timeout=60)
        assert (answer.status_code, answer.text) == (200, "You are unsubscribed.\n")
        assert served.states() == {"weekly": UNSUBSCRIBED}
        statuses = []
        for number in range(3):
            # Whoever asks says that they are another one each time.
            headers = {"Origin": SITE, "X-Forwarded-For": f"198.51.{number}.7"}
            fields = {"email": f"reader{number}@example.net", "newsletter": "weekly", "form": wording_version(translations("en"))}
            done = requests.post(f"{at}/mail/", fields, headers=headers, allow_redirects=False, timeout=60)
            statuses.append(done.status_code)
        assert statuses[1:] == [429, 429]


def test_pages_wait_for_a_pass_that_writes(readers: Readers) -> None:
    readers.join()
    link, answers = readers.unsubscribe_link(), []
    other = readers.publication.ledger()
    with other.write():
        leaving = threading.Thread(target=lambda: answers.append(readers.post(link, ONE_CLICK).status_code))
        leaving.start()
        # Readers are not kept waiting by it.
        assert readers.get(link).status_code == 200
    leaving.join()
    other.close()
    assert answers == [200]
    assert readers.states() == {"weekly": UNSUBSCRIBED}


def test_readers_come_and_go_while_passes_are_made(readers: Readers) -> None:
    people = [f"reader{number}@example.net" for number in range(12)]
    readers.publication.subscribe(*people)
    readers.publication.page("swimming", date="13-8-2024")
    links = [readers.unsubscribe_link(one) for one in people]
    answers: list[int] = []
    leaving = threading.Thread(target=lambda: answers.extend(readers.post(link, ONE_CLICK).status_code for link in links))
    leaving.start()
    reports = [readers.publication.run(NEXT_FRIDAY) for _ in range(3)]
    leaving.join()
    assert answers == [200] * len(people)
    assert [report.failures for report in reports] == [[]] * 3
    assert {state for one in people for state in readers.states(one).values()} == {UNSUBSCRIBED}
