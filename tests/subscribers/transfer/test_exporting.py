"""An export is complete: imported into an empty ledger it gives the same export, and into its own it changes nothing."""

import csv
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hairfeed.models.imports import HEADER
from hairfeed.models.subscribers import SubscriptionState
from hairfeed.store import consents, subscribers, zones
from hairfeed.store.consents import Consent
from hairfeed.store.database import Connection
from hairfeed.subscribers import subscriptions
from hairfeed.subscribers.addresses import suppression_reason
from hairfeed.subscribers.erasure import erase
from tests.conftest import Publication
from tests.subscribers.transfer.lists import CONFIRMED, LATER, NOW, PENDING, UNSUBSCRIBED, Lists, counted, reopened

READER, OTHER = "ann@example.com", "ben@example.com"
PAGES = """
[web]
url = "https://hair.example.org/mail"
record_address = true

[newsletters.monthly]
title = "Plain Hair Monthly"
schedule = "0 8 1 * *"
languages = ["de", "fr"]

[mail.outbox]"""


class Installations:
    """Two publications with one config; the first is filled, the second is empty at first."""

    def __init__(self, folder: Path, empty_ledger: Path) -> None:
        self.empty_ledger = empty_ledger
        self.full, self.empty = (self._make(folder / name) for name in ("full", "empty"))

    def _make(self, folder: Path) -> Lists:
        publication = Publication(folder)
        publication.configure("[mail.outbox]", PAGES)
        (folder / "hairfeed.db").write_bytes(self.empty_ledger.read_bytes())
        return Lists(publication, reopened(publication))

    def begin_anew(self) -> None:
        """Have both ledgers empty."""
        for lists in (self.full, self.empty):
            lists.ledger.close()
            database = lists.publication.folder / "hairfeed.db"
            for suffix in ("-wal", "-shm"):
                database.with_name(database.name + suffix).unlink(missing_ok=True)
            database.write_bytes(self.empty_ledger.read_bytes())


@pytest.fixture(scope="module")
def installations(tmp_path_factory: pytest.TempPathFactory, empty_ledger: Path) -> Iterator[Installations]:
    """Both, for all tests; each begins anew."""
    made = Installations(tmp_path_factory.mktemp("installations"), empty_ledger)
    yield made
    for lists in (made.full, made.empty):
        lists.ledger.close()


INSTANTS = st.datetimes(datetime(2001, 1, 1), datetime(2024, 8, 9)).map(lambda moment: moment.replace(tzinfo=UTC))  # noqa: DTZ001
TEXTS = st.text(
    st.sampled_from("'=+-@\t\n\r,;\" aé漢👩") | st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20
)
NAMES = TEXTS.map(subscriptions.name)
EMAILS = st.builds(
    lambda local, domain: f"{local}@{domain}",
    st.text("abz09_.=+-'", min_size=1, max_size=4).filter(
        lambda local: not local.startswith(".") and ".." not in local and local[-1] != "."
    ),
    st.sampled_from(["example.com", "xn--bcher-kva.example", "z.example"]),
)
PROOFS = st.builds(
    Consent,
    st.just(""),
    INSTANTS,
    INSTANTS,
    TEXTS,
    TEXTS,
    st.text("abc123=", max_size=16),
    st.none() | st.sampled_from(["192.0.2.7", "2001:db8::1"]),
)
SUBSCRIPTIONS = st.tuples(
    st.sampled_from([PENDING, CONFIRMED, UNSUBSCRIBED]),
    st.lists(PROOFS, max_size=3, unique_by=repr),
    st.sampled_from(["", "hair-care", "hair-care,scalp-care"]),
    st.sampled_from(["", "de", "fr"]),
    INSTANTS,
)
PEOPLE = st.fixed_dictionaries(
    {
        "name": NAMES,
        "zone": st.sampled_from(["", "Europe/Berlin", "America/Argentina/Buenos_Aires"]),
        "since": INSTANTS,
        "subscriptions": st.dictionaries(st.sampled_from(["weekly", "monthly"]), SUBSCRIPTIONS),
        "end": st.sampled_from(["", "", "suppressed", "erased"]),
        "reason": TEXTS.filter(bool),
    }
)
Person = dict[str, object]


def put(connection: Connection, email: str, person: Person) -> None:
    """Have this person in the ledger."""
    since, name, reason = person["since"], person["name"], person["reason"]
    assert isinstance(since, datetime)
    assert isinstance(name, str)
    assert isinstance(reason, str)
    number = subscribers.subscriber_id(connection, email, since)
    subscribers.rename(connection, number, name)
    zones.move(connection, number, str(person["zone"]))
    theirs: dict[str, tuple[SubscriptionState, list[Consent], str, str, datetime]] = person["subscriptions"]  # type: ignore[assignment]
    for newsletter, (state, proofs, topics, language, changed_at) in theirs.items():
        subscribers.set_subscription(connection, number, newsletter, state, changed_at)
        chosen = language if newsletter == "monthly" else ""
        subscribers.choose(connection, number, newsletter, topics, chosen)
        given = proofs or ([Consent("", since, since, "by hand", "x")] if state is CONFIRMED else [])
        for proof in given:
            given_at = None if state is PENDING else proof.given_at
            consents.record(
                connection,
                number,
                Consent(newsletter, proof.asked_at, given_at, proof.source, proof.wording, proof.form, proof.network_address),
            )
    if person["end"] == "suppressed":
        subscribers.suppress(connection, email, reason, since)
    elif person["end"] == "erased":
        erase(connection, email, since)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(people=st.dictionaries(EMAILS, PEOPLE, max_size=4))
def test_an_export_comes_back_as_the_same_bytes_from_an_empty_ledger(
    installations: Installations, people: dict[str, Person]
) -> None:
    installations.begin_anew()
    with installations.full.writing() as connection:
        for email, person in people.items():
            put(connection, email, person)
    export = installations.full.export()
    outcome = installations.empty.take_in(export, name="export.csv")
    assert outcome.refused == []
    assert installations.empty.export() == export
    own = installations.full.take_in(export, name="export.csv", now=LATER)
    assert set(counted(own)) <= {"known", "suppressed"}
    assert installations.full.export() == export


def test_an_export_has_everything_with_its_proof(lists: Lists) -> None:
    with lists.writing() as connection:
        subscriptions.add(connection, READER, "weekly", NOW, confirmed=True)
        subscriptions.unsubscribe(connection, READER, "weekly", LATER)
        subscribers.suppress(connection, READER, "complaint", NOW)
        subscribers.suppress(connection, OTHER, "=by hand", NOW)
    first, second = csv.DictReader(StringIO(lists.export(), newline=""))
    assert tuple(first) == HEADER
    filled = {name: cell for name, cell in first.items() if cell}
    assert filled == {
        "email": READER,
        "newsletter": "weekly",
        "state": "unsubscribed",
        "changed_at": LATER.isoformat(),
        "known_since": NOW.isoformat(),
        "asked_at": NOW.isoformat(),
        "confirmed_at": NOW.isoformat(),
        "source": subscriptions.BY_OPERATOR,
        "wording": subscriptions.CONFIRMED_BY_OPERATOR,
        "suppressed": "complaint",
        "suppressed_at": NOW.isoformat(),
    }
    assert (second["email"], second["suppressed"]) == (OTHER, "'=by hand")


def test_every_proof_of_a_subscription_has_a_row_in_the_order_of_time(lists: Lists) -> None:
    with lists.writing() as connection:
        subscriptions.add(connection, READER, "weekly", NOW, confirmed=True)
        number = subscribers.subscriber_id(connection, READER, NOW)
        for days in (-3, 2):
            moment = NOW + timedelta(days=days)
            consents.record(connection, number, Consent("weekly", moment, moment, "undo", "x"))
    found = [row["asked_at"] for row in csv.DictReader(StringIO(lists.export(), newline=""))]
    assert found == sorted(found)
    assert len(found) == 3


def test_whom_one_ledger_has_erased_another_one_does_not_take_in(installations: Installations) -> None:
    installations.begin_anew()
    with installations.full.writing() as connection:
        erase(connection, READER, NOW)
    installations.empty.take_in(installations.full.export(), name="export.csv")
    assert READER not in installations.full.export()
    outcome = installations.empty.take_in(f"email,confirmed_at\n{READER},2024-01-02\n", newsletter="weekly")
    assert counted(outcome) == {"suppressed": 1}
    with installations.empty.ledger.read() as connection:
        assert suppression_reason(connection, READER) == "erased at the reader's wish"


def test_thousands_of_readers_are_exported_in_the_order_of_their_addresses(lists: Lists) -> None:
    lists.take_in("email,confirmed_at\n" + "".join(f"r{number}@example.com,2024-01-02\n" for number in range(5000)))
    with lists.writing() as connection:
        for number in range(0, 5000, 500):
            subscribers.suppress(connection, f"r{number}.5@example.com", "x", NOW)
    found = [row["email"] for row in csv.DictReader(StringIO(lists.export(), newline=""))]
    assert len(found) == 5010
    assert found == sorted(found)
