"""`hairfeed status`, `metrics` and the probes: what they tell of a publication, and that they change nothing."""

import asyncio
import json
import re
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import update
from starlette.types import Message, Scope

from hairfeed import __version__
from hairfeed.models.issues import BatchState, IssueState
from hairfeed.operations.metrics import exposition
from hairfeed.settings import Settings
from hairfeed.settings.operations import Alerts
from hairfeed.store import runs
from hairfeed.store.database import Ledger
from hairfeed.store.schema.deliveries import batches
from hairfeed.store.schema.issues import issues
from hairfeed.web.app import build_app
from tests.conftest import FRIDAY, NEXT_FRIDAY, Publication
from tests.store import place
from tests.test_cli import hairfeed
from tests.web.operators import trouble


@pytest.fixture(scope="module")
def weekly(tmp_path_factory: pytest.TempPathFactory) -> Publication:
    """An issue in doubt, a source that fails, and readers in every state; all tests look at the same, and none changes it."""
    publication = Publication(tmp_path_factory.mktemp("weekly") / "site")
    trouble(publication)
    return publication


def status(publication: Publication, *options: str) -> str:
    done = hairfeed("status", "--now", "2024-08-16T09:30", "-c", publication.config, *options)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_status_tells_of_passes_newsletters_issues_sources_and_counts(weekly: Publication) -> None:
    lines = status(weekly).splitlines()
    assert [line.split("  ")[2].split(",")[0] for line in lines if line.startswith("pass ")] == ["failed", "done"]
    assert any("  failed: source lost: " in line for line in lines)
    assert "newsletter weekly  due Fri 2024-08-23 08:00 UTC  1 confirmed" in lines
    assert "issue weekly 1  owed 2  accepted 0  refused 0  unknown 2" in lines
    assert any(line.startswith("source lost  failed once, left alone until 2024-08-16") for line in lines)
    assert "articles  live 2" in lines
    assert "subscriptions weekly  confirmed 1  unsubscribed 1" in lines
    assert "waiting  letters 0  sign-ups 0  events 0" in lines
    assert "provider outbox  2 mails today, 2 this month" in lines
    assert any(re.fullmatch(r"ledger  .*  \d\.\d MiB", line) for line in lines)


def test_what_is_to_be_mended_is_told_of_the_newest_pass_alone(publication: Publication) -> None:
    for number in range(22):
        (publication.articles / f"{number:02}.txt").write_text("")
    publication.run(FRIDAY)
    publication.run(FRIDAY)
    first, *warnings, more, second = status(publication).splitlines()[:23]
    assert (first.split("  ")[0], second.split("  ")[0]) == ("pass 2", "pass 1")
    assert warnings == [f"  warning: {publication.articles}/{number:02}.txt: is empty" for number in range(20)]
    assert more == "  … and 2 more warnings; --json lists them all"
    assert len(json.loads(status(publication, "--json"))["passes"][0]["warnings"]) == 22


def test_what_a_worker_left_that_was_killed_is_told_with_the_end_of_its_lease(publication: Publication) -> None:
    publication.page("archive")
    publication.subscribe("ann@example.com")
    publication.run(FRIDAY)
    publication.page("swimming", date="13-8-2024")
    publication.run(NEXT_FRIDAY)
    with closing(publication.ledger()) as ledger, ledger.write() as connection:
        left = {"state": BatchState.SUBMITTING, "leased_until": NEXT_FRIDAY + timedelta(minutes=3)}
        connection.execute(update(batches).values(left))
        connection.execute(update(issues).values(state=IssueState.SENDING))
    told = "issue weekly 1  1 batch is under way elsewhere; if nobody comes back, settled after 2024-08-16 09:03 UTC"
    assert told in status(publication).splitlines()
    (issue,) = json.loads(status(publication, "--json"))["open_issues"]
    assert issue["under_way"] == {"batches": 1, "until": "2024-08-16T09:03:00+00:00"}


def test_a_pass_without_an_end_that_has_not_the_lock_was_killed(publication: Publication) -> None:
    publication.page("brushing")
    with closing(publication.ledger()) as ledger, ledger.write() as connection:
        runs.begin(connection, FRIDAY, FRIDAY)
        runs.begin(connection, FRIDAY, FRIDAY)
        runs.begin(connection, FRIDAY, FRIDAY)

    def shown() -> list[str]:
        return [line.split("  ")[2] for line in status(publication).splitlines() if line.startswith("pass ")]

    with closing(publication.ledger()) as ledger, ledger.pass_lock():
        assert shown() == ["running", "killed", "killed"]
    assert shown() == ["killed", "killed", "killed"]


def test_machines_get_the_same(weekly: Publication) -> None:
    found: dict[str, Any] = json.loads(status(weekly, "--json"))
    assert found["newsletters"] == [{"newsletter": "weekly", "due_at": "2024-08-23T08:00:00+00:00", "confirmed": 1}]
    assert (found["open_issues"][0]["state"], found["open_issues"][0]["receipt"]["unknown"]) == ("sending", 2)
    assert found["failing_sources"][0]["name"] == "lost"
    assert found["subscriptions"] == {"weekly": {"confirmed": 1, "unsubscribed": 1}}
    assert [one["state"] for one in found["passes"]] == ["failed", "done"]


def test_what_is_due_and_not_served_yet_is_due_next(weekly: Publication) -> None:
    done = hairfeed("status", "--now", "2024-08-24T09:30", "-c", weekly.config)
    assert "newsletter weekly  due Fri 2024-08-23 08:00 UTC" in done.stdout


def test_a_draft_waits_and_is_not_on_its_way(publication: Publication) -> None:
    publication.configure('"Fri 08:00"', '"Fri 08:00"\nmode = "review"')
    publication.page("archive")
    publication.run(FRIDAY)
    publication.page("swimming", date="13-8-2024")
    publication.run(NEXT_FRIDAY)
    lines = status(publication).splitlines()
    assert "draft weekly 1  waits for your approval: hairfeed issues plan weekly" in lines
    assert not any(line.startswith("issue ") for line in lines)


def test_who_looks_changes_nothing(weekly: Publication) -> None:
    before = place.contents(weekly.settings.store.url)
    status(weekly)
    hairfeed("doctor", "--offline", "-c", weekly.config)
    hairfeed("metrics", "-c", weekly.config)
    assert place.contents(weekly.settings.store.url) == before


@pytest.mark.parametrize("command", ["status", "metrics"])
def test_without_a_ledger_it_says_how_to_get_one_and_makes_none(publication: Publication, command: str) -> None:
    publication.without_ledger()
    done = hairfeed(command, "-c", publication.config)
    assert done.returncode == 2
    assert "there is no ledger yet; make a pass first: hairfeed run" in done.stderr
    assert not publication.has_ledger()


def test_metrics_are_what_prometheus_reads(weekly: Publication) -> None:
    ledger = weekly.ledger()
    text = exposition(ledger, weekly.settings, NEXT_FRIDAY).decode()
    ledger.close()
    assert "@" not in text
    values = {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
    assert values["hairfeed_open_batches", "in_doubt"] == 1
    assert values["hairfeed_open_batches", "pending"] == 0
    assert values["hairfeed_subscriptions", "weekly", "confirmed"] == 1
    assert values["hairfeed_source_failures", "lost"] == 1
    assert values["hairfeed_source_failures", "articles"] == 0
    assert values["hairfeed_last_pass_failures",] == 1
    assert [values["hairfeed_provider_mails", period, "outbox"] for period in ("day", "month")] == [2, 2]
    assert values["hairfeed_provider_share", "outbox"] == 1
    assert values["hairfeed_provider_closed_until_timestamp_seconds", "outbox"] == 0
    assert values["hairfeed_info", __version__] == 1
    assert values["hairfeed_next_due_timestamp_seconds", "weekly"] == (NEXT_FRIDAY + timedelta(days=7, hours=-1)).timestamp()


def test_metrics_go_into_a_file_whole(weekly: Publication, tmp_path: Path) -> None:
    done = hairfeed("metrics", "--output", tmp_path / "hairfeed.prom", "-c", weekly.config)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert [path.name for path in tmp_path.glob("*.prom")] == ["hairfeed.prom"]
    assert list(text_string_to_metric_families((tmp_path / "hairfeed.prom").read_text()))


def ask(settings: Settings, path: str, ledger: Ledger | None = None) -> tuple[int, dict[str, str], str]:
    """Status, header fields and body of an answer of the web app."""
    scope: Scope = {"type": "http", "method": "GET", "path": path, "raw_path": path.encode(), "query_string": b"", "headers": []}
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def answer() -> None:
        await build_app(settings, ledger=ledger)(scope, receive, send)

    asyncio.run(answer())
    start, *body = sent
    fields = {name.decode(): value.decode() for name, value in start["headers"]}
    return start["status"], fields, b"".join(piece["body"] for piece in body).decode()


def test_health_is_the_servers_alone_and_ready_is_the_ledgers(publication: Publication) -> None:
    def statuses() -> tuple[int, int]:
        return ask(publication.settings, "/health")[0], ask(publication.settings, "/ready")[0]

    publication.without_ledger()
    assert statuses() == (200, 503)
    publication.run(FRIDAY)
    assert statuses() == (200, 200)
    assert ask(publication.settings, "/ready")[1]["cache-control"] == "no-store"
    place.spoil(publication.settings.store.url)
    assert statuses() == (200, 503)


def test_the_probes_answer_also_where_feeds_and_pages_are_at_the_root(publication: Publication) -> None:
    publication.configure('url = "https://hair.example.org/feeds"', 'url = "https://hair.example.org"')
    publication.configure("[mail]", '[web]\nurl = "https://hair.example.org"\n\n[mail]')
    publication.page("brushing")
    publication.run(FRIDAY)
    ledger = publication.ledger()
    found = {path: ask(publication.settings, path, ledger)[0] for path in ("/health", "/ready", "/feed.rss", "/metrics")}
    ledger.close()
    assert found == {"/health": 200, "/ready": 200, "/feed.rss": 200, "/metrics": 404}


def test_metrics_are_served_where_the_config_wants_it(weekly: Publication) -> None:
    assert ask(weekly.settings, "/metrics")[0] == 404
    _, fields, body = ask(weekly.settings.model_copy(update={"alerts": Alerts(metrics=True)}), "/metrics")
    assert fields["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert 'hairfeed_articles{state="live"} 2.0' in body
