"""Everything known of everybody, as rows of a table: to look through, to move, to answer someone who asks what is kept of them."""

import csv
import heapq
from collections.abc import Iterator
from datetime import datetime
from typing import TextIO

from hairfeed.models.imports import HEADER, Row
from hairfeed.store import exports
from hairfeed.store.consents import Consent
from hairfeed.store.database import Connection
from hairfeed.store.subscribers import Subscription
from hairfeed.subscribers.addresses import Seals
from hairfeed.subscribers.transfer.cells import guarded


def write(connection: Connection, file: TextIO) -> int:
    """Write all of it as CSV; how many rows. Equal ledgers give equal bytes, on whichever database. Keeps a page at a time."""
    table = csv.writer(file)
    table.writerow(HEADER)
    many = 0
    for row in rows(connection):
        table.writerow([guarded(getattr(row, name)) for name in HEADER])
        many += 1
    return many


def rows(connection: Connection) -> Iterator[Row]:
    """By address: each proof of each subscription, what has none once, and addresses that are never mailed."""
    people = ((person.email, _of_person(person)) for person in exports.people(connection))
    seals = Seals(connection)
    others = ((one.email, iter((_of_suppression(one, seals),))) for one in exports.suppressed_strangers(connection))
    for _, found in heapq.merge(people, others, key=lambda pair: pair[0]):
        yield from found


def _of_person(person: exports.Person) -> Iterator[Row]:
    proofs: dict[str, list[Consent]] = {}
    for proof in person.consents:
        proofs.setdefault(proof.newsletter, []).append(proof)
    for one in person.subscriptions:
        # Not in the order of their numbers, which a ledger that was moved has not.
        yield from sorted((_row(person, one, proof) for proof in proofs.get(one.newsletter, ())), key=_order) or [
            _row(person, one, None)
        ]
    if not person.subscriptions:
        yield _row(person, None, None)


def _order(row: Row) -> tuple[str, ...]:
    return row.asked_at, row.confirmed_at, row.source, row.form, row.wording, row.network_address


def _row(person: exports.Person, one: Subscription | None, proof: Consent | None) -> Row:
    return Row(
        email=person.email,
        name=person.name,
        newsletter=one.newsletter if one else "",
        state=one.state if one else "",
        topics=one.topics if one else "",
        language=one.language if one else "",
        time_zone=person.time_zone,
        changed_at=_instant(one.changed_at) if one else "",
        known_since=_instant(person.created_at),
        asked_at=_instant(proof.asked_at) if proof else "",
        confirmed_at=_instant(proof.given_at) if proof else "",
        source=proof.source if proof else "",
        form=proof.form if proof else "",
        wording=proof.wording if proof else "",
        network_address=(proof.network_address or "") if proof else "",
        suppressed=person.suppressed,
        suppressed_at=_instant(person.suppressed_at),
    )


def _of_suppression(one: exports.Suppression, seals: Seals) -> Row:
    return Row(one.email, suppressed=one.reason, suppressed_at=_instant(one.since_at), erased_key=seals.key_of(one.email))


def _instant(moment: datetime | None) -> str:
    return "" if moment is None else moment.isoformat()
