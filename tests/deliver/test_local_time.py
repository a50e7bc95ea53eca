"""An issue in its readers' own time zones: frozen at once, and each zone's batches wait for their hour."""

import os
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from hairfeed.deliver.hours import freeze
from hairfeed.deliver.stage import deliver_share, hand_over
from hairfeed.models.issues import BatchState, IssueState
from hairfeed.models.reports import Nobody
from hairfeed.schedule.lateness import Quiet
from hairfeed.store import deliveries, subscribers, zones
from hairfeed.store import issues as issue_rows
from hairfeed.store.schema.deliveries import batches, recipients
from hairfeed.store.schema.subscribers import subscribers as subscribers_table
from tests.deliver.faulty_api import a_faulty_api
from tests.deliver.killing import forked, kill_at_effect
from tests.deliver.sending import NOW, PatientClock, Sending, failures, receipt
from tests.store.postgresql_server import make_database

HOUR = timedelta(hours=1)
EARLY = NOW - 14 * HOUR
"""Before it is 11:00, as at NOW in Berlin, anywhere."""
ZONES = (
    "",
    "Europe/Berlin",
    "Pacific/Kiritimati",
    "Pacific/Pago_Pago",
    "America/New_York",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "America/St_Johns",
)
FORGOTTEN = "Europe/Atlantis"
"""A zone that this machine does not know."""


class Places(Sending):
    """Readers who gave their time zones."""

    def __init__(self, folder: Path, url: str | None = None, **newsletter: Any) -> None:
        """With a ledger in a file, or at `url`; `newsletter` are keys of the newsletter beside `local_time`."""
        self._newsletter = newsletter
        super().__init__(folder, outbox={"directory": "outbox"})
        if url:
            self._url = url
            self.configure(outbox={"directory": "outbox"})

    def configure(self, **mail: Any) -> None:
        """Another `[mail]` from the next pass on."""
        super().configure(**mail)
        weekly = self.settings.newsletters["weekly"].model_copy(update={"local_time": True, **self._newsletter})
        self.settings = self.settings.model_copy(update={"newsletters": {**self.settings.newsletters, "weekly": weekly}})

    def live(self, places: Mapping[str, str]) -> None:
        """Let readers join, each from the place that is given."""
        self.subscribe(*places)
        ledger = self.ledger()
        with ledger.write() as connection:
            for email, zone in places.items():
                found = subscribers.find(connection, email)
                assert found is not None
                zones.move(connection, found.id, zone)
        ledger.close()

    def mailed(self) -> Counter[str]:
        """Whom the mails in the outbox are for."""
        texts = [file.read_text(encoding="utf-8") for file in (self.folder / "outbox").glob("*.eml")]
        return Counter(line.removeprefix("To: ") for text in texts for line in text.splitlines() if line.startswith("To: "))


def a_reader_in_each(*names: str) -> dict[str, str]:
    """Three readers of every place."""
    return {f"reader{number}-{place}@example.net": zone for place, zone in enumerate(names) for number in range(3)}


def test_everyone_is_mailed_once_and_at_the_first_pass_after_the_hour_in_their_zone(tmp_path: Path) -> None:
    sending, places = Places(tmp_path), a_reader_in_each(*ZONES, FORGOTTEN)
    sending.live(places)
    sending.approve()
    at: dict[str, datetime] = {}
    step = timedelta(minutes=15)
    moments = [EARLY + number * step for number in range(4 * 28)]
    for now in moments:
        sending.deliver(now)
        at |= dict.fromkeys(sending.mailed().keys() - at.keys(), now)
        assert sending.issue_states() == [IssueState.SENDING if len(at) < len(places) else IssueState.DONE]
    shown = NOW.astimezone(ZoneInfo("Europe/Berlin")).replace(tzinfo=None)
    for email, zone in places.items():
        home = zone if zone not in {"", FORGOTTEN} else "Europe/Berlin"
        local = at[email].astimezone(ZoneInfo(home)).replace(tzinfo=None)
        assert shown <= local < shown + step, email
    assert sending.mailed() == Counter(list(places))
    assert (sending.receipt_of(1).accepted, sending.receipt_of(1).waiting) == (len(places), 0)


def test_a_batch_is_of_one_zone(tmp_path: Path) -> None:
    sending = Places(tmp_path)
    sending.live(a_reader_in_each("Asia/Tokyo", "", "America/New_York"))
    issue = sending.approve()
    ledger = sending.ledger()
    with ledger.write() as connection:
        freeze(connection, sending.settings, issue, 2, EARLY)
        joined = recipients.join(subscribers_table, subscribers_table.c.id == recipients.c.subscriber_id)
        query = select(recipients.c.batch, subscribers_table.c.time_zone).select_from(joined).order_by(recipients.c.batch)
        in_batches = Counter((row.batch, row.time_zone) for row in connection.execute(query))
        waits = list(connection.execute(select(batches.c.size, batches.c.next_try_at).order_by(batches.c.number)))
        assert zones.hours_to_come(connection, issue, EARLY) == (9, NOW - 7 * HOUR, NOW + 6 * HOUR)
    ledger.close()
    home, west, east = NOW, NOW + 6 * HOUR, NOW - 7 * HOUR
    assert [zone for _, zone in in_batches] == [None, None, *["America/New_York"] * 2, *["Asia/Tokyo"] * 2]
    assert [tuple(row) for row in waits] == [(2, home), (1, home), (2, west), (1, west), (2, east), (1, east)]


def test_a_pass_says_when_the_last_goes_out_and_reports_no_failure(tmp_path: Path) -> None:
    sending = Places(tmp_path)
    sending.live(a_reader_in_each("", "America/New_York"))
    sending.approve()
    report = sending.deliver(NOW)
    assert (receipt(report).accepted, receipt(report).waiting, failures(report)) == (3, 3, "")
    (going_on,) = report.going_on
    assert going_on.what == "3 mails go out later, the last of them at about 2024-08-16 15:00 UTC"
    assert sending.clock.slept == []


def test_workers_leave_every_batch_until_its_hour(tmp_path: Path) -> None:
    sending = Places(tmp_path)
    sending.live({"ann@example.com": "", "ben@example.com": "America/New_York"})
    issue = sending.approve()
    ledger = sending.ledger()
    hand_over(ledger, sending.settings, EARLY, Nobody())
    accepted = []
    for after in (-1, 0, 5, 6):
        clock = PatientClock(NOW + after * HOUR)
        report = deliver_share(ledger, sending.settings, clock, issue, job=f"job {after}")
        accepted.append(receipt(report).accepted)
    ledger.close()
    assert (accepted, sending.issue_states()) == ([0, 1, 1, 2], [IssueState.DONE])


def test_who_leaves_before_their_hour_is_not_mailed_and_who_joins_waits_for_the_next_issue(tmp_path: Path) -> None:
    sending = Places(tmp_path)
    sending.live({"ann@example.com": "", "ben@example.com": "America/New_York", "cyd@example.com": "America/New_York"})
    sending.approve()
    sending.deliver(NOW)
    sending.unsubscribe("ben@example.com")
    sending.live({"dan@example.com": "America/New_York"})
    sending.deliver(NOW + 7 * HOUR)
    assert sending.mailed() == Counter(["ann@example.com", "cyd@example.com"])
    assert sending.receipt_of(1).left_out_by == (("unsubscribed", 1),)


def test_an_issue_that_is_stopped_meanwhile_is_not_mailed_and_one_that_goes_on_keeps_its_hours(tmp_path: Path) -> None:
    sending = Places(tmp_path)
    sending.live({"ann@example.com": "", "ben@example.com": "America/New_York"})
    issue = sending.approve()
    sending.deliver(EARLY)
    ledger = sending.ledger()
    with ledger.write() as connection:
        assert deliveries.pause(connection, issue)
    sending.deliver(NOW)
    assert sending.mailed() == Counter()
    with ledger.write() as connection:
        assert deliveries.resume(connection, issue)
    sending.deliver(NOW)
    assert sending.mailed() == Counter(["ann@example.com"])
    with ledger.write() as connection:
        assert issue_rows.cancel(connection, issue) is False
    ledger.close()
    sending.deliver(NOW + 7 * HOUR)
    assert sending.mailed() == Counter(["ann@example.com"])
    assert sending.batch_states() == [BatchState.ACCEPTED, BatchState.CANCELLED]


def test_who_sleeps_at_the_time_of_a_late_pass_is_mailed_in_the_morning(tmp_path: Path) -> None:
    sending = Places(tmp_path, quiet=Quiet.parse("22:00-07:00"))
    sending.live({"ann@example.com": "", "ben@example.com": "Asia/Tokyo"})
    sending.approve()
    # In Berlin it is 17:00, and past midnight in Tokyo.
    late = NOW + 6 * HOUR
    sending.deliver(late)
    assert sending.mailed() == Counter(["ann@example.com"])
    sending.deliver(datetime(2024, 8, 16, 21, 59, tzinfo=UTC))
    assert len(sending.mailed()) == 1
    sending.deliver(datetime(2024, 8, 16, 22, 0, tzinfo=UTC))
    assert sending.mailed() == Counter(["ann@example.com", "ben@example.com"])


@pytest.mark.parametrize("local", [True, False])
def test_without_local_time_zones_are_nothing_to_a_newsletter(tmp_path: Path, local: bool) -> None:
    sending = Places(tmp_path, local_time=local)
    sending.live({"ann@example.com": "Asia/Tokyo", "ben@example.com": "America/New_York"})
    sending.approve()
    sending.deliver(NOW)
    assert len(sending.mailed()) == (1 if local else 2)


KILLS = {"Asia/Tokyo": -7 * HOUR, "": 0 * HOUR, "America/New_York": 6 * HOUR}
"""Where readers are, and when it is 11:00 there, beside NOW."""
LATER = timedelta(minutes=20)
"""The leases of whoever was killed are over by then."""


def one_pass(sending: Places, number: int, now: datetime) -> None:
    """Alone on its ledger."""
    sending.deliver(now)


def pass_and_worker(sending: Places, number: int, now: datetime) -> None:
    """A pass that freezes, and a worker's job."""
    with closing(sending.ledger()) as ledger:
        hand_over(ledger, sending.settings, now, Nobody())
        with ledger.read() as connection:
            issue = deliveries.issue_named(connection, "weekly", number)
        assert issue is not None
        deliver_share(ledger, sending.settings, PatientClock(now), issue.id, job=f"job {now}")


@pytest.mark.parametrize("work", [one_pass, pass_and_worker])
def test_killed_at_every_effect_each_reader_is_mailed_once_and_at_their_hour(
    request: pytest.FixtureRequest, tmp_path: Path, work: Callable[[Places, int, datetime], None]
) -> None:
    url = make_database(request.getfixturevalue("postgresql")) if work is pass_and_worker else None
    with a_faulty_api() as api:
        sending = Places(tmp_path, url)
        # Of one issue after the other time begins again, so the bucket is to last for all of them.
        section = {"key": "k", "url": f"http://127.0.0.1:{api.port}", "calls_per_second": 1000}
        sending.configure(provider="resend", resend=section)
        places = a_reader_in_each(*KILLS)
        sending.live(places)
        owed, number, effect, killed = Counter[str](), 0, 0, True
        while killed:
            number, killed = number + 1, False
            sending.approve(number=number)
            for zone, hour in KILLS.items():
                effect += 1
                child = forked(partial(killed_at, effect, partial(work, sending, number, NOW + hour)))
                killed = os.WIFSIGNALED(os.waitpid(child, 0)[1]) or killed
                api.rest()
                work(sending, number, NOW + hour + LATER)
                owed.update(email for email, where in places.items() if where == zone)
                assert api.mailed == owed, f"killed at effect {effect} in the hour of {zone or 'home'}"
    assert effect > 20


def killed_at(effect: int, work: Callable[[], None]) -> None:
    """Do the work and die at its n-th effect."""
    kill_at_effect(effect)
    work()
