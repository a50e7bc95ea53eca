"""The subscribers stage: what came in by forms, by mail and from providers since the pass before, before anything is mailed."""

from datetime import datetime, timedelta

from hairfeed.errors import TemplateError
from hairfeed.models.events import EventKind, MailEvent
from hairfeed.models.reports import Problem, SubscribersReport
from hairfeed.settings import Settings
from hairfeed.settings.mail import Bounces
from hairfeed.store import attempts, deliveries, events, movements, retention, storms, subscribers
from hairfeed.store.database import Connection, Ledger
from hairfeed.subscribers.asking import work_off_sign_ups
from hairfeed.subscribers.greeting import work_off_greetings
from hairfeed.subscribers.silence import work_off_silence
from hairfeed.subscribers.verdicts import verdict
from hairfeed.subscribers.writing import WriteConfirmation, WriteGreeting, WriteQuestion

AT_ONCE = 200
"""Events in one transaction: the web waits no longer than for these."""

_BAD_NEWS = frozenset([EventKind.COMPLAINT, EventKind.HARD_BOUNCE, EventKind.SOFT_BOUNCE])


def attend(
    ledger: Ledger,
    settings: Settings,
    now: datetime,
    confirmation: WriteConfirmation,
    greeting: WriteGreeting,
    question: WriteQuestion,
) -> SubscribersReport:
    """Let who wrote to leave go and suppress whom providers tell of, then ask those who signed up, greet, and ask the silent."""
    warnings, failures = [], []
    replies = 0
    if settings.mail.replies is not None:
        # Only where there is a mailbox is there anything to load for it.
        from hairfeed.subscribers.replies.stage import read_replies

        replies, trouble = read_replies(ledger, settings, settings.mail.replies, now)
        failures += [Problem("mail.replies", what) for what in trouble]
    found, suppressed = _work_off_events(ledger, settings.mail.bounces, now)
    with ledger.read() as connection:
        for storm in storms.raging(connection):
            name = f"{storm.newsletter} {storm.number}"
            warnings.append(Problem(f"issue {name}", f"{storm}: {storm.newsletter} is paused; then: hairfeed issues resume {name}"))
    asked = written = greeted = questions = retired = 0
    if settings.web is not None:
        try:
            asked, written = work_off_sign_ups(ledger, settings, settings.web, now, confirmation)
            greeted = work_off_greetings(ledger, settings, settings.web, now, greeting)
            questions, retired = work_off_silence(ledger, settings, settings.web, now, question)
        except TemplateError as error:
            failures.append(Problem("letters to readers", f"{error}; those who are to be written to wait for the next pass"))
    _tidy(ledger, settings, now)
    return SubscribersReport(
        warnings=tuple(warnings),
        failures=tuple(failures),
        sign_ups=asked,
        letters=written,
        greetings=greeted,
        questions=questions,
        retired=retired,
        replies=replies,
        events=found,
        suppressed=suppressed,
    )


def _work_off_events(ledger: Ledger, bounces: Bounces, now: datetime) -> tuple[int, int]:
    found = suppressed = 0
    while True:
        with ledger.write() as connection:
            waiting = events.waiting(connection, AT_ONCE)
            suppressed += sum(_judge(connection, event, bounces, now) for event in waiting.values())
            events.work_off(connection, waiting, now)
            keys = {event.batch_key for event in waiting.values() if event.kind in _BAD_NEWS and event.batch_key}
            told_of = storms.issues_told_of(connection, keys) if keys else ()
            if told_of:
                storms.look(connection, told_of, bounces.storm_percent, bounces.storm_least, now)
        found += len(waiting)
        if len(waiting) < AT_ONCE:
            return found, suppressed


def _judge(connection: Connection, event: MailEvent, bounces: Bounces, now: datetime) -> bool:
    """Do what an event asks for; whether its address is suppressed by it."""
    if event.kind is EventKind.UNSUBSCRIBE:
        reader = subscribers.find(connection, event.email)
        if reader is not None:
            newsletter = deliveries.newsletter_of(connection, event.batch_key)
            subscribers.leave(connection, reader.id, None if newsletter is None else [newsletter], now)
        return False
    if event.kind not in _BAD_NEWS:
        return False
    history = events.about(connection, event.email, event.at - timedelta(days=bounces.soft_days))
    reason = verdict(history, bounces.soft)
    return reason is not None and subscribers.suppress(connection, event.email, reason, now)


def _tidy(ledger: Ledger, settings: Settings, now: datetime) -> None:
    """Add movements to their days, and forget what has had its time."""
    zones = {name: settings.zone_of(name) for name in settings.newsletters}
    expired_before = now - timedelta(days=settings.retention.unconfirmed_days)
    with ledger.write() as connection:
        attempts.forget_old(connection, now)
    retention.forget_all_unconfirmed(ledger, expired_before, now)
    while True:
        with ledger.write() as connection:
            if movements.roll_up(connection, zones, settings.site.timezone) < movements.AT_ONCE:
                return
