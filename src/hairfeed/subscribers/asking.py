"""Works off sign-ups: who is to be asked by mail whether they meant it, and what their answer will be about.

One mail goes to an address in a while. What it is about, and in which words it was asked for, is written down with it and stays so:
a form that is filled in later, by whomever, is for another mail.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from hairfeed.models.issues import LetterKind
from hairfeed.models.subscribers import SignUp, SubscriptionState
from hairfeed.settings import Settings
from hairfeed.settings.web import Web
from hairfeed.store import consents, letters, sign_ups, subscribers, zones
from hairfeed.store.consents import Consent
from hairfeed.store.database import Connection, Ledger
from hairfeed.store.secrets import secret
from hairfeed.subscribers.addresses import suppression_reason
from hairfeed.subscribers.offers import Offer, offers
from hairfeed.subscribers.writing import WriteConfirmation
from hairfeed.text.reader_links import ReaderLinks
from hairfeed.text.tokens import full_hour

AT_ONCE = 200
"""Sign-ups in one transaction: the web waits no longer than for these."""


@dataclass(frozen=True, slots=True)
class Desk:
    """What is the same for all sign-ups of a transaction."""

    settings: Settings
    web: Web
    offered: Mapping[str, Offer]
    links: ReaderLinks
    write: WriteConfirmation
    now: datetime


def work_off_sign_ups(ledger: Ledger, settings: Settings, web: Web, now: datetime, write: WriteConfirmation) -> tuple[int, int]:
    """Ask everyone whose time has come; how many sign-ups were seen, and how many mails they made.

    Raises:
        TemplateError: the mail cannot be made; sign-ups wait.
    """
    seen = written = 0
    while True:
        with ledger.write() as connection:
            due = sign_ups.due(connection, AT_ONCE, now)
            if due:
                offered = {offer.name: offer for offer in offers(settings, connection)}
                links = ReaderLinks(web.url, secret(connection, "links"))
                desk = Desk(settings, web, offered, links, write, now)
                written += sum(_attend(connection, desk, email, mine) for email, mine in _by_address(due).items())
        seen += len(due)
        if len(due) < AT_ONCE:
            return seen, written


def _by_address(found: Mapping[int, SignUp]) -> dict[str, dict[int, SignUp]]:
    """The sign-ups of each address, which are about one mail."""
    by_address: dict[str, dict[int, SignUp]] = {}
    for number, one in found.items():
        by_address.setdefault(one.email, {})[number] = one
    return by_address


def _attend(connection: Connection, desk: Desk, email: str, mine: Mapping[int, SignUp]) -> bool:
    """Ask the holder of one address; whether there is a mail for it.

    It is not known yet who it was: what a subscriber has confirmed or ended stays as it is.
    """
    wanted = _wanted(connection, desk, email, mine.values())
    found = subscribers.find(connection, email) if wanted else None
    last = letters.last_at(connection, found.id, LetterKind.CONFIRMATION) if found else None
    again_at = last + timedelta(hours=desk.web.confirm_again_after) if last else desk.now
    if found and again_at > desk.now:
        asked = {one.newsletter for one in consents.waiting(connection, found.id) if one.expires_at and one.expires_at > desk.now}
        if not asked.issuperset(wanted):
            sign_ups.put_off(connection, mine, again_at)
            return False
    elif wanted:
        _ask(connection, desk, email, wanted)
    sign_ups.remove(connection, mine)
    return bool(wanted) and again_at <= desk.now


def _wanted(connection: Connection, desk: Desk, email: str, mine: Collection[SignUp]) -> dict[str, SignUp]:
    """By newsletter the newest sign-up that wants it; not what its reader gets already, or has left since they asked for it.

    Nothing for whom must not be mailed.
    """
    if suppression_reason(connection, email) is not None:
        return {}
    found = subscribers.find(connection, email)
    known = subscribers.subscriptions_of(connection, found.id) if found else []
    got = {one.newsletter for one in known if one.state is SubscriptionState.CONFIRMED}
    left = {one.newsletter: one.changed_at for one in known if one.state is SubscriptionState.UNSUBSCRIBED}
    return {
        name: one
        for one in mine
        for name in one.newsletters
        # Those of a list may wait for days, and say no meanwhile.
        if name in desk.offered and name not in got and not (name in left and one.asked_at < left[name])
    }


def _ask(connection: Connection, desk: Desk, email: str, wanted: Mapping[str, SignUp]) -> None:
    """Write the requests down, and queue the mail that asks about them."""
    subscriber, newest = subscribers.subscriber_id(connection, email, desk.now), list(wanted.values())[-1]
    known = {one.newsletter for one in subscribers.subscriptions_of(connection, subscriber)}
    if not known and newest.name:
        subscribers.rename(connection, subscriber, newest.name)
    if not known and newest.time_zone:
        zones.move(connection, subscriber, newest.time_zone)
    expires_at = full_hour(desk.now + timedelta(hours=desk.web.confirm_within))
    for name, sign_up in wanted.items():
        request = _request(sign_up, desk.offered[name], expires_at)
        consents.record(connection, subscriber, request)
        if name not in known:
            subscribers.set_subscription(connection, subscriber, name, SubscriptionState.PENDING, desk.now)
            subscribers.choose(connection, subscriber, name, request.topics, request.language)
    names = sorted(wanted)
    link = desk.links.confirm(subscriber, names[0] if len(names) == 1 else "", expires_at)
    written = desk.write(desk.settings, names, newest.language or desk.settings.site.language, link, expires_at)
    mail = {"subject": written.subject, "text": written.text, "html": written.html}
    letters.queue(connection, LetterKind.CONFIRMATION, email, desk.now, subscriber_id=subscriber, **mail)


def _request(sign_up: SignUp, offer: Offer, expires_at: datetime) -> Consent:
    return Consent(
        newsletter=offer.name,
        asked_at=sign_up.asked_at,
        given_at=None,
        source=sign_up.source,
        wording=sign_up.wording,
        form=sign_up.form,
        network_address=sign_up.network_address,
        topics=sign_up.newsletters[offer.name],
        language=offer.spoken(sign_up.language),
        expires_at=expires_at,
    )
