"""Providers' calls: verified before they are read, written down once, worked off by a pass."""

import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from hairfeed.models.events import EventKind, MailEvent
from hairfeed.models.subscribers import SubscriptionState
from hairfeed.store.schema.subscribers import events
from hairfeed.subscribers.addresses import suppression_reason
from tests.conftest import Publication
from tests.deliver import topics
from tests.deliver.test_notices import NOW, POSTERS, hook
from tests.web.readers import READER, Readers


class PlainHook:
    """A provider that says a password and sends a list of events as they are."""

    largest = 1 << 20

    def verify(self, headers: Mapping[str, str], body: bytes, now: datetime) -> bool:
        """Whether the password is right."""
        return headers.get("x-password") == "open"

    def events(self, body: bytes) -> Sequence[MailEvent]:
        """The events; it stumbles over others as adapters do."""
        return [
            MailEvent("plain", one["id"], EventKind(one["kind"]), datetime.fromisoformat(one["at"]), one["email"], reason="550")
            for one in json.loads(body)
        ]


@pytest.fixture
def told(publication: Publication) -> Iterator[Readers]:
    """A publication with a provider that calls."""
    readers = Readers(publication, hooks={"plain": PlainHook()})
    yield readers
    readers.close()


def call(readers: Readers, *found: Mapping[str, Any], password: str = "open") -> Any:
    return readers.post("/hooks/plain", content=json.dumps(found).encode(), headers={"X-Password": password})


def event(readers: Readers, kind: str, number: int = 1, email: str = READER) -> dict[str, str]:
    return {"id": f"{kind} {number}", "kind": kind, "at": readers.now.isoformat(), "email": email}


def reason(readers: Readers, email: str = READER) -> str | None:
    with readers.ledger.write() as connection:
        return suppression_reason(connection, email)


def test_the_same_event_a_hundred_times_counts_once(told: Readers) -> None:
    bounce = event(told, "soft bounce")
    answers = [call(told, bounce, bounce).status_code for _ in range(50)]
    assert set(answers) == {200}
    with told.ledger.read() as connection:
        assert len(list(connection.execute(select(events)))) == 1
    assert told.run().subscribers.events == 1
    assert reason(told) is None


def test_events_at_once_are_all_kept(told: Readers) -> None:
    known = event(told, "delivered", 99)
    callers = [threading.Thread(target=call, args=(told, event(told, "delivered", one), known)) for one in range(6)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    with told.ledger.read() as connection:
        assert len(list(connection.execute(select(events)))) == 7


@pytest.mark.parametrize(
    ("kind", "said"),
    [("complaint", "complaint, says plain"), ("hard bounce", "hard bounce, says plain"), ("delivered", None), ("opened", None)],
)
def test_one_complaint_or_hard_bounce_is_enough(told: Readers, kind: str, said: str | None) -> None:
    told.join()
    call(told, event(told, kind, email=READER.upper()))
    told.run()
    assert reason(told) == said


def test_who_leaves_at_the_provider_has_left_here(told: Readers) -> None:
    told.join()
    call(told, event(told, "unsubscribe"), event(told, "unsubscribe", 2, "stranger@example.net"))
    told.run()
    assert told.states() == {"weekly": SubscriptionState.UNSUBSCRIBED}


def test_soft_bounces_count_in_a_row_and_within_a_time(told: Readers) -> None:
    for number in range(4):
        call(told, event(told, "soft bounce", number))
        told.later(days=1)
    call(told, event(told, "delivered"))
    for number in range(4, 8):
        told.later(days=9)
        call(told, event(told, "soft bounce", number))
    told.run()
    assert reason(told) is None
    for number in range(8, 10):
        told.later(days=1)
        call(told, event(told, "soft bounce", number))
    told.run()
    assert reason(told) == "5 soft bounces in a row, says plain"


def test_calls_that_are_not_the_providers_leave_nothing(told: Readers) -> None:
    before = told.rows()
    assert call(told, event(told, "complaint"), password="guessed").status_code == 401
    assert told.post("/hooks/nobody", content=b"[]").status_code == 404
    assert told.get("/hooks/plain").status_code == 405
    assert told.post("/hooks/plain", content=b"x" * (5 << 20), headers={"X-Password": "open"}).status_code == 413
    for body in (b"{", b"", b"[1]", b'[{"id": "1"}]', b'[{"id": "1", "kind": "x", "at": "x", "email": ""}]', b"\xff"):
        assert told.post("/hooks/plain", content=body, headers={"X-Password": "open"}).status_code == 400
    assert told.rows() == before


@pytest.fixture(scope="module")
def all_told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Readers]:
    """A publication that every provider calls."""
    readers = Readers(Publication(tmp_path_factory.mktemp("told") / "site"), hooks={name: hook(name) for name in POSTERS})
    readers.now = NOW
    yield readers
    readers.close()


def kept_of(readers: Readers, provider: str) -> int:
    with readers.ledger.read() as connection:
        return len(list(connection.execute(select(events.c.id).where(events.c.provider == provider))))


@pytest.mark.parametrize("provider", POSTERS)
def test_a_providers_notice_a_hundred_times_counts_once_and_what_is_not_its_own_not_at_all(
    all_told: Readers, provider: str
) -> None:
    poster, path = POSTERS[provider], f"/hooks/{provider}"

    def post(signed: tuple[dict[str, str], bytes], body: bytes | None = None) -> int:
        headers = {"Content-Type": "application/json"} | signed[0]
        status: int = all_told.post(path, content=signed[1] if body is None else body, headers=headers).status_code
        return status

    signed = poster.sign(poster.delivered, NOW)
    assert post(poster.forge(poster.delivered, NOW)) == 401
    assert post(({}, signed[1][:20])) == 401
    assert post(signed, signed[1][:-9]) in {400, 401}
    assert post(signed, signed[1] + b" " * (9 << 20)) == 413
    if poster.stale is not None:
        assert post(poster.sign(poster.delivered, NOW - poster.stale)) == 401
        assert post(poster.sign(poster.delivered, NOW + poster.stale)) == 401
    assert kept_of(all_told, provider) == 0
    assert {post(signed) for _ in range(99)} == {200}
    assert post(poster.sign(poster.delivered, NOW + timedelta(minutes=1))) == 200
    assert kept_of(all_told, provider) == 1


def test_what_amazon_cannot_prove_just_now_is_asked_for_again(publication: Publication) -> None:
    """It repeats a notice after a 5xx, and never after a 4xx."""
    amazon = topics.Amazon({"https://example.net": b""})
    readers = Readers(publication, hooks={"ses": topics.webhook(amazon)})
    readers.now = NOW
    _, notice = POSTERS["ses"].sign(POSTERS["ses"].delivered, NOW)
    joining = topics.posted("You have chosen", NOW, Type="SubscriptionConfirmation", Token="t", SubscribeURL=topics.SUBSCRIBE_URL)
    assert readers.post("/hooks/ses", content=notice).status_code == 503
    amazon.pages[topics.CERTIFICATE_URL] = topics.certificate()
    assert readers.post("/hooks/ses", content=notice).status_code == 200
    assert readers.post("/hooks/ses", content=joining).status_code == 503
    amazon.pages[topics.SUBSCRIBE_URL] = b"<ConfirmSubscriptionResponse/>"
    assert readers.post("/hooks/ses", content=joining).status_code == 200
    readers.close()


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00+00:00", "9999-12-31T23:59:59+00:00"])
def test_an_event_of_no_time_of_ours_stops_no_pass(told: Readers, at: str) -> None:
    assert call(told, event(told, "complaint") | {"at": at}).status_code == 200
    assert told.run().subscribers.suppressed == 1


def test_an_event_of_odd_texts_is_kept_as_far_as_it_fits(told: Readers) -> None:
    odd = event(told, "delivered", email="\x00READER@example.net\ud800") | {"id": "x" * 5000}
    assert call(told, odd, odd).status_code == 200
    with told.ledger.read() as connection:
        (kept,) = connection.execute(select(events))
    assert (kept.email, len(kept.event_id)) == (READER, 64)


def test_what_is_worked_off_stays_so(told: Readers, tmp_path: Path) -> None:
    call(told, event(told, "complaint"))
    assert told.run().subscribers.suppressed == 1
    assert (told.run().subscribers.events, told.run().subscribers.suppressed) == (0, 0)
