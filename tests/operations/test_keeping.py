"""Retention, the log, and the dead man's switch."""

import json
import re
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from hairfeed import log
from hairfeed.models.events import EventKind, MailEvent
from hairfeed.models.issues import BatchState, LetterKind
from hairfeed.models.reports import RunState
from hairfeed.store import consents, events, letters, runs, subscribers
from hairfeed.store.consents import Consent
from hairfeed.store.database import Connection
from hairfeed.subscribers import subscriptions
from tests.collect.web import Web, answer, redirect
from tests.conftest import FRIDAY, NEXT_FRIDAY, Publication
from tests.store import place
from tests.test_cli import hairfeed

HOUR, DECEMBER = timedelta(hours=1), FRIDAY.replace(month=12, day=20)
FOREVER = ("articles", "issues", "issue_articles", "recipients", "batches", "consents", "suppressions", "secrets", "newsletters")


def rows(publication: Publication, table: str) -> int:
    ((count,),) = publication.execute(f"SELECT count(*) FROM {table}")
    return int(count)


@pytest.fixture
def old(publication: Publication) -> Publication:
    """Two weeks of years ago, with readers in every state."""
    publication.page("archive")
    publication.subscribe("ann@example.com", "gone@example.com")
    publication.run(FRIDAY)
    publication.page("swimming", date="13-8-2024")
    publication.run(NEXT_FRIDAY)
    publication.unsubscribe("gone@example.com")
    ledger = publication.ledger()
    with ledger.write() as connection:
        for reader, at in (("never@example.com", NEXT_FRIDAY), ("ann@example.com", NEXT_FRIDAY), ("young@example.com", DECEMBER)):
            subscriptions.add(connection, reader, "weekly", at, confirmed=False)
        for hour in range(12):
            runs.finish(connection, runs.begin(connection, NEXT_FRIDAY, NEXT_FRIDAY), RunState.DONE, {}, NEXT_FRIDAY + hour * HOUR)
        connection.exec_driver_sql("UPDATE runs SET started_at = now_at")
    ledger.close()
    return publication


def test_what_no_promise_needs_is_forgotten_and_all_else_stays(old: Publication) -> None:
    kept = {table: rows(old, table) for table in FOREVER}
    assert kept["issue_articles"] == 1
    done = hairfeed("prune", "--now", "2025-01-01", "-c", old.config)
    assert done.stdout == "forgotten: 4 passes, 1 subscriptions that nobody confirmed, 0 letters, 0 events, 0 opens and clicks\n"
    assert {table: rows(old, table) for table in FOREVER} == kept
    assert rows(old, "runs") == 10
    emails = {email for (email,) in old.execute("SELECT email FROM subscribers WHERE email LIKE '%@%'")}
    assert place.loose_ends(old.settings.store.url) == []
    assert emails == {"ann@example.com", "gone@example.com", "young@example.com"}
    assert hairfeed("prune", "--now", "2025-01-01", "-c", old.config).stdout.startswith("forgotten: 0 passes, 0 ")


def test_letters_events_and_what_nobody_answered_go_with_their_time(old: Publication) -> None:
    def letter(connection: Connection, reader: str, at: datetime) -> int:
        found = subscribers.find(connection, reader)
        assert found is not None
        consents.record(connection, found.id, Consent("weekly", at, None, "a form", "Send me the weekly."))
        return letters.queue(
            connection, LetterKind.CONFIRMATION, reader, at, subject="Yes?", text="link", html="link", subscriber_id=found.id
        )

    ledger = old.ledger()
    with ledger.write() as connection:
        sent = letter(connection, "ann@example.com", NEXT_FRIDAY)
        (queued,) = letters.letters_in(connection, BatchState.PENDING, only=sent)
        letters.settle_letter(connection, queued, BatchState.ACCEPTED, None)
        letter(connection, "never@example.com", NEXT_FRIDAY)
        young = letter(connection, "young@example.com", DECEMBER)
        told = [MailEvent("resend", f"{one}", EventKind.DELIVERED, NEXT_FRIDAY, "ann@example.com") for one in (1, 2)]
        events.keep(connection, told, NEXT_FRIDAY)
        events.work_off(connection, 1, 1, NEXT_FRIDAY)
    ledger.close()
    done = hairfeed("prune", "--now", "2025-01-01", "-c", old.config)
    assert done.stdout == "forgotten: 4 passes, 1 subscriptions that nobody confirmed, 1 letters, 1 events, 0 opens and clicks\n"
    assert old.execute("SELECT id FROM letters") == [(young,)]
    assert old.execute("SELECT event_id FROM events") == [("2",)]
    assert old.execute("SELECT count(*) FROM consents WHERE given_at IS NULL") == [(1,)]
    assert old.execute("SELECT email FROM subscribers WHERE email NOT LIKE '%@%'") == [("erased-3",)]
    assert place.loose_ends(old.settings.store.url) == []


def test_the_times_are_the_configs(old: Publication) -> None:
    old.configure("[mail]", "[retention]\nruns_days = 3650\nunconfirmed_days = 3650\n\n[mail]")
    assert hairfeed("prune", "--now", "2025-01-01", "-c", old.config).stdout.startswith("forgotten: 0 passes, 0 ")


def test_who_left_stays_remembered_and_nothing_is_mailed_twice_after_it(old: Publication) -> None:
    hairfeed("prune", "--now", "2025-01-01", "-c", old.config)
    assert hairfeed("subscribers", "add", "gone@example.com", "--confirmed", "-c", old.config).returncode == 1
    before = set(old.mails())
    old.run(NEXT_FRIDAY + timedelta(days=7))
    assert set(old.mails()) == before


def test_the_log_names_ids_and_never_addresses_or_titles(old: Publication) -> None:
    old.configure("[mail]", '[log]\nfile = "../log/hairfeed.log"\n\n[mail]')
    old.page("secret-title", date="20-8-2024", title="A Secret Title")
    done = hairfeed("run", "--now", "2024-08-23T09:00", "-c", old.config)
    assert (done.returncode, done.stderr) == (0, "")
    lines = (old.folder / "log" / "hairfeed.log").read_text().splitlines()
    assert [re.search(r"event=(\w+)", line)[1] for line in lines] == ["pass_begun", *["stage_done"] * 10, "pass_done"]  # type: ignore[index]
    line = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ level=(info|warning) event=\w+( \w+=[\w.:+/-]+)*"
    assert all(re.fullmatch(line, one) for one in lines)
    assert re.search(r"event=pass_done run=\d+ state=done seconds=[\d.]+$", lines[-1])
    assert not re.search(r"@|Secret|example\.com", "\n".join(lines))


def test_the_log_leaves_out_what_is_no_plain_word(tmp_path: Path) -> None:
    log.begin("info", tmp_path / "hairfeed.log")
    log.event("sent", to="ann@example.com", token="x" * 43, title="Two words", number=3, share=0.5, stage="deliver", nothing=None)
    log.begin("warning", tmp_path / "hairfeed.log")
    log.event("not_written")
    log.trouble("written", source="old-blog")
    first, second = (tmp_path / "hairfeed.log").read_text().splitlines()
    assert first.endswith("level=info event=sent to=… token=… title=… number=3 share=0.5 stage=deliver nothing=None")
    assert second.endswith("level=warning event=written source=old-blog")
    log.end()


def test_without_a_file_the_log_is_on_standard_error(publication: Publication) -> None:
    publication.configure("[mail]", "[log]\n\n[mail]")
    publication.page("brushing")
    done = hairfeed("run", "--json", "-c", publication.config)
    assert json.loads(done.stdout)["state"] == "done"
    assert "event=pass_done run=1" in done.stderr


def test_a_pass_that_cannot_begin_is_in_the_log(publication: Publication) -> None:
    publication.configure("[mail]", "[log]\n\n[mail]")
    place.spoil(publication.settings.store.url)
    assert "level=warning event=pass_broken\n" in hairfeed("run", "-c", publication.config).stderr


def test_a_log_that_cannot_be_written_ends_with_2(publication: Publication) -> None:
    publication.configure("[mail]", '[log]\nfile = "../articles"\n\n[mail]')
    done = hairfeed("run", "-c", publication.config)
    assert done.returncode == 2
    assert "log.file: " in done.stderr
    assert "cannot be written" in done.stderr


def switch(publication: Publication, web: Web) -> None:
    publication.configure("[mail]", f'[alerts]\nping_url = "http://127.0.0.1:{web.port}/ping/c0ffee"\n\n[mail]')


def test_the_switch_is_asked_for_after_a_good_pass_and_only_then(publication: Publication) -> None:
    publication.page("brushing")
    with Web() as web:
        web.pages["/ping/c0ffee"] = answer(b"OK")
        switch(publication, web)
        assert hairfeed("run", "-c", publication.config).stderr == ""
        assert [one.path for one in web.asked] == ["/ping/c0ffee"]
        publication.configure("[feeds]", '[sources.lost]\ntype = "folder"\npath = "../lost"\n\n[feeds]')
        assert hairfeed("run", "-c", publication.config).returncode == 1
        ledger = publication.ledger()
        with ledger.pass_lock():
            hairfeed("run", "-c", publication.config)
        ledger.close()
        assert len(web.asked) == 1


@pytest.mark.parametrize("reply", [answer(b"", "404 Not Found"), redirect("http://127.0.0.1/elsewhere"), b""])
def test_a_switch_that_does_not_answer_is_a_warning_without_its_address(publication: Publication, reply: bytes) -> None:
    publication.page("brushing")
    with Web() as web:
        web.pages["/ping/c0ffee"] = reply
        switch(publication, web)
        done = hairfeed("run", "-c", publication.config)
    assert done.returncode == 0
    assert "warning: alerts.ping_url: " in done.stderr
    assert "the alarm will come although the pass was good" in done.stderr
    assert "c0ffee" not in done.stderr + done.stdout
