"""The subscribers stage: what came in by forms and from providers since the pass before, before anything is mailed."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from hairfeed.errors import TemplateError
from hairfeed.models.events import EventKind, MailEvent
from hairfeed.models.issues import LetterKind
from hairfeed.models.reports import Problem, SubscribersReport
from hairfeed.models.subscribers import SignUp, SubscriptionState
from hairfeed.settings import Settings
from hairfeed.settings.web import Web
from hairfeed.store import attempts, consents, deliveries, events, letters, sign_ups, subscribers
from hairfeed.store.consents import Consent
from hairfeed.store.database import Connection, Ledger
from hairfeed.store.secrets import secret
from hairfeed.subscribers.addresses import suppression_reason
from hairfeed.subscribers.offers import Offer, offers
from hairfeed.subscribers.verdicts import verdict
from hairfeed.text.reader_links import ReaderLinks

AT_ONCE = 200
"""Sign-ups or events in one transaction: the web waits no longer than for these."""


_BAD_NEWS = frozenset([EventKind.COMPLAINT, EventKind.HARD_BOUNCE, EventKind.SOFT_BOUNCE])


@dataclass(frozen=True, slots=True)
class Asked:
    """Whom to ask to confirm, and what."""

    subscriber_id: int
    email: str
    newsletters: Sequence[str]
    language: str
    confirm_url: str
    expires_at: datetime


class Written(Protocol):
    """A mail as it goes out."""

    @property
    def subject(self) -> str: ...

    @property
    def text(self) -> str: ...

    @property
    def html(self) -> str: ...


Write = Callable[[Settings, Sequence[str], str, str, datetime], Written]
"""Writes a confirmation mail for newsletters, in a language, with its link, and the instant until which that is good."""


def attend(ledger: Ledger, settings: Settings, now: datetime, write: Write) -> SubscribersReport:
    """Suppress whom providers tell of, then ask those who signed up to confirm."""
    if settings.web is None:
        return SubscribersReport()
    found, suppressed = _work_off_events(ledger, settings.web, now)
    try:
        asked, written = _work_off_sign_ups(ledger, settings, settings.web, now, write)
    except TemplateError as error:
        problem = Problem("confirmation mail", f"{error}; those who signed up wait for the next pass")
        return SubscribersReport(events=found, suppressed=suppressed, failures=(problem,))
    with ledger.write() as connection:
        attempts.forget_old(connection, now)
    return SubscribersReport(sign_ups=asked, letters=written, events=found, suppressed=suppressed)


def _work_off_events(ledger: Ledger, web: Web, now: datetime) -> tuple[int, int]:
    found = suppressed = 0
    while True:
        with ledger.write() as connection:
            waiting = events.waiting(connection, AT_ONCE)
            suppressed += sum(_judge(connection, event, web, now) for event in waiting.values())
            events.work_off(connection, waiting, now)
        found += len(waiting)
        if len(waiting) < AT_ONCE:
            return found, suppressed


def _judge(connection: Connection, event: MailEvent, web: Web, now: datetime) -> bool:
    """Do what an event asks for; whether its address is suppressed by it."""
    if event.kind is EventKind.UNSUBSCRIBE:
        reader = subscribers.find(connection, event.email)
        if reader is not None:
            newsletter = deliveries.newsletter_of(connection, event.batch_key)
            subscribers.leave(connection, reader.id, None if newsletter is None else [newsletter], now)
        return False
    if event.kind not in _BAD_NEWS:
        return False
    history = events.about(connection, event.email, event.at - timedelta(days=web.soft_bounce_days))
    reason = verdict(history, web.soft_bounces)
    return reason is not None and subscribers.suppress(connection, event.email, reason, now)


def _work_off_sign_ups(ledger: Ledger, settings: Settings, web: Web, now: datetime, write: Write) -> tuple[int, int]:
    asked = written = 0
    while True:
        with ledger.write() as connection:
            waiting = sign_ups.waiting(connection, AT_ONCE)
            links = ReaderLinks(web.url, secret(connection, "links")) if waiting else None
            for one in _to_ask(connection, waiting, settings, web, links, now) if links else ():
                _queue(connection, one, settings, write, now)
                written += 1
            sign_ups.remove(connection, waiting)
        asked += len(waiting)
        if len(waiting) < AT_ONCE:
            return asked, written


def _to_ask(
    connection: Connection, waiting: Mapping[int, SignUp], settings: Settings, web: Web, links: ReaderLinks, now: datetime
) -> Iterator[Asked]:
    expires_at = now + timedelta(hours=web.confirm_within)
    offered = {offer.name: offer for offer in offers(settings, connection)}
    for sign_up in waiting.values():
        subscriber = _take_in(connection, sign_up, offered, now)
        wanted = [name for name in consents.waiting(connection, subscriber) if name in offered] if subscriber else []
        last = letters.last_at(connection, subscriber, LetterKind.CONFIRMATION) if subscriber else None
        if not subscriber or not wanted or (last is not None and now - last < timedelta(hours=web.confirm_again_after)):
            continue
        link = links.confirm(subscriber, wanted[0] if len(wanted) == 1 else "", expires_at)
        yield Asked(subscriber, sign_up.email, wanted, sign_up.language or settings.site.language, link, expires_at)


def _queue(connection: Connection, asked: Asked, settings: Settings, write: Write, now: datetime) -> None:
    written = write(settings, asked.newsletters, asked.language, asked.confirm_url, asked.expires_at)
    letters.queue(
        connection,
        LetterKind.CONFIRMATION,
        asked.email,
        now,
        subject=written.subject,
        text=written.text,
        html=written.html,
        subscriber_id=asked.subscriber_id,
    )


def _take_in(connection: Connection, sign_up: SignUp, offered: Mapping[str, Offer], now: datetime) -> int | None:
    """Write down what someone asked for; None when they must not be mailed.

    It is not known yet who it was: what a subscriber has confirmed or ended stays as it is.
    """
    if suppression_reason(connection, sign_up.email) is not None:
        return None
    subscriber = subscribers.subscriber_id(connection, sign_up.email, now)
    is_new = not subscribers.subscriptions_of(connection, subscriber)
    for name, topics in sign_up.newsletters.items():
        state = subscribers.subscription_state(connection, subscriber, name)
        if state is SubscriptionState.CONFIRMED or name not in offered:
            continue
        if state is None:
            subscribers.set_subscription(connection, subscriber, name, SubscriptionState.PENDING, now)
        language = offered[name].spoken(sign_up.language)
        subscribers.choose(connection, subscriber, name, topics, language)
        consents.record(connection, subscriber, _request(name, sign_up))
    if is_new and sign_up.name:
        subscribers.rename(connection, subscriber, sign_up.name)
    return subscriber


def _request(newsletter: str, sign_up: SignUp) -> Consent:
    return Consent(
        newsletter=newsletter,
        asked_at=sign_up.asked_at,
        given_at=None,
        source=sign_up.source,
        wording=sign_up.wording,
        form=sign_up.form,
        network_address=sign_up.network_address,
    )
