"""`hairfeed up` as processes: several at once, beside cron, told to stop in the middle, with the web beside it."""

import signal
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from hairfeed.store.schema.issues import issues
from hairfeed.store.schema.operations import runs
from tests.collect.web import Asked, Web, answer
from tests.conftest import Publication
from tests.store import place
from tests.store.postgresql_server import make_database

PATIENCE = 300


@contextmanager
def hairfeed(*arguments: str | Path) -> Iterator[subprocess.Popen[str]]:
    """The command as a process, killed at the end if it still lives."""
    command = [sys.executable, "-m", "hairfeed", *map(str, arguments)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def said(process: subprocess.Popen[str], *words: str) -> str:
    """What it prints, up to a line with one of these words."""
    assert process.stdout is not None
    lines = ""
    for line in process.stdout:
        lines += line
        if any(word in line for word in words):
            return lines
    raise AssertionError(lines)


@pytest.fixture(params=["where the other tests have it"] if place.ON_POSTGRESQL else ["sqlite", "postgresql"])
def due_now(publication: Publication, request: pytest.FixtureRequest) -> Publication:
    """A publication whose newsletter became due an hour ago, with one article for it; no pass was made since."""
    if request.param == "postgresql":
        publication.configure("sqlite:///../hairfeed.db", make_database(request.getfixturevalue("postgresql")))
    now = datetime.now(UTC)
    publication.configure('"Fri 08:00"', f'"daily {now - timedelta(hours=1):%H:%M}"')
    publication.subscribe("ann@example.com", "ben@example.com", now=now)
    publication.page("archive", date=f"{now.day}-{now.month}-{now.year}")
    publication.run(now - timedelta(days=3))
    publication.page("news", date=f"{now.day}-{now.month}-{now.year}")
    return publication


def test_many_schedulers_beside_cron_fire_an_issue_once(due_now: Publication) -> None:
    with ExitStack() as stack:
        ups = [stack.enter_context(hairfeed("up", "-c", due_now.config, "--every", "1")) for _ in range(3)]
        crons = [stack.enter_context(hairfeed("run", "-c", due_now.config)) for _ in range(3)]
        for process in crons:
            assert process.communicate(timeout=PATIENCE)
            assert process.returncode == 0
        for process in ups:
            for _ in range(2):
                said(process, "Deliver", "Another pass")
            process.send_signal(signal.SIGTERM)
        for process in ups:
            assert "Traceback" not in process.communicate(timeout=PATIENCE)[0]
            assert process.returncode == 0
    ledger = due_now.ledger()
    with ledger.read() as connection:
        hours = list(connection.execute(select(issues.c.due_at)).scalars())
    ledger.close()
    assert len(hours) == 1
    assert sorted(due_now.mails()) == ["weekly-0001-ann@example.com.eml", "weekly-0001-ben@example.com.eml"]


@contextmanager
def slow_source(publication: Publication) -> Iterator[tuple[threading.Event, threading.Event]]:
    """A web site whose answer waits for the second event; the first says that it was asked."""
    asked, free = threading.Event(), threading.Event()

    def reply(_: Asked) -> list[bytes]:
        asked.set()
        free.wait(PATIENCE)
        return [answer(b"", "404 Not Found")]

    with Web() as web:
        web.pages["/robots.txt"] = reply
        address = f"http://127.0.0.1:{web.port}"
        publication.sources(f'[sources.site]\ntype = "website"\nurl = "{address}"\nallow_private = true\n')
        try:
            yield asked, free
        finally:
            free.set()


def test_told_to_stop_the_stage_under_way_is_finished_and_the_others_are_left(publication: Publication) -> None:
    with slow_source(publication) as (asked, free), hairfeed("up", "-c", publication.config) as process:
        assert asked.wait(PATIENCE)
        process.send_signal(signal.SIGTERM)
        free.set()
        output, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0
    assert "Told to stop; the next pass goes on from here." in output
    assert not publication.public.exists()
    ledger = publication.ledger()
    with ledger.read() as connection:
        assert connection.execute(select(runs.c.state)).scalars().all() == ["stopped"]
    ledger.close()


def test_the_web_beside_it_serves_what_it_publishes_and_both_end_together(publication: Publication) -> None:
    publication.page("brushing")
    with hairfeed("up", "--serve", "--port", "0", "-c", publication.config) as process:
        address = said(process, "Serving at").strip().removeprefix("Serving at ")
        said(process, "Deliver")
        with urllib.request.urlopen(f"{address}/feeds/feed.rss") as response:
            assert b"About brushing" in response.read()
        with urllib.request.urlopen(f"{address}/ready") as response:
            assert response.read() == b"ready\n"
        process.send_signal(signal.SIGINT)
        output, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0
    assert "Traceback" not in output


def test_where_nothing_can_listen_no_pass_is_made(publication: Publication) -> None:
    publication.without_ledger()
    with Web() as web, hairfeed("up", "--serve", "--port", str(web.port), "-c", publication.config) as process:
        output, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 2
    assert f"nothing can listen on port {web.port} of 127.0.0.1" in output
    assert not publication.has_ledger()


def test_a_pass_that_cannot_be_made_is_said_and_the_next_one_tried(publication: Publication) -> None:
    trouble = place.spoil(publication.settings.store.url)
    with hairfeed("up", "-c", publication.config, "--every", "1") as process:
        said(process, "failed: ")
        said(process, trouble)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=PATIENCE)
    assert process.returncode == 0
