"""Everything known of everybody, as rows of a table: to look through, to move, to answer someone who asks what is kept of them."""

from collections.abc import Iterator
from dataclasses import dataclass, fields

from hairfeed.store import consents, subscribers
from hairfeed.store.consents import Consent
from hairfeed.store.database import Connection
from hairfeed.store.subscribers import Subscription


@dataclass(frozen=True, slots=True)
class Row:
    """A subscription with its newest proof, or an address that is never mailed. Instants are in RFC 3339."""

    email: str
    """Of an erased one what stands for it."""
    name: str = ""
    newsletter: str = ""
    state: str = ""
    topics: str = ""
    language: str = ""
    changed_at: str = ""
    asked_at: str = ""
    confirmed_at: str = ""
    source: str = ""
    form: str = ""
    wording: str = ""
    network_address: str = ""
    suppressed: str = ""
    """Why the address is never mailed; empty where it is."""


HEADER = [field.name for field in fields(Row)]


def rows(connection: Connection) -> Iterator[Row]:
    """Every subscription, by newsletter and address, then every suppression."""
    reasons = subscribers.suppression_reasons(connection)
    for one in subscribers.all_subscriptions(connection):
        found = subscribers.find(connection, one.email)
        proofs = consents.consents_of(connection, found.id) if found else []
        proof = next((proof for proof in reversed(proofs) if proof.newsletter == one.newsletter), None)
        yield _row(one, found.name if found else "", proof, reasons.get(one.email, ""))
    for email, reason in reasons.items():
        yield Row(email, suppressed=reason)


def _row(one: Subscription, name: str, proof: Consent | None, suppressed: str) -> Row:
    return Row(
        email=one.email,
        name=name,
        newsletter=one.newsletter,
        state=one.state,
        topics=one.topics,
        language=one.language,
        changed_at=one.changed_at.isoformat(),
        asked_at=proof.asked_at.isoformat() if proof else "",
        confirmed_at=proof.given_at.isoformat() if proof and proof.given_at else "",
        source=proof.source if proof else "",
        form=proof.form if proof else "",
        wording=proof.wording if proof else "",
        network_address=(proof.network_address or "") if proof else "",
        suppressed=suppressed,
    )
