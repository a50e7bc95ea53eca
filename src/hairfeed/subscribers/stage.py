"""The subscribers stage: what came in by forms, by mail and from providers since the pass before, before anything is mailed."""

from datetime import datetime, timedelta

from hairfeed.errors import TemplateError
from hairfeed.models.reports import Problem, SubscribersReport
from hairfeed.settings import Settings
from hairfeed.store import attempts, movements, retention, storms
from hairfeed.store.database import Ledger
from hairfeed.subscribers.asking import work_off_sign_ups
from hairfeed.subscribers.greeting import work_off_greetings
from hairfeed.subscribers.hits import only_count_old
from hairfeed.subscribers.judging import work_off_events
from hairfeed.subscribers.silence import work_off_silence
from hairfeed.subscribers.writing import WriteConfirmation, WriteGreeting, WriteQuestion


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
    found, suppressed = work_off_events(ledger, settings.mail.bounces, now)
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


def _tidy(ledger: Ledger, settings: Settings, now: datetime) -> None:
    """Add movements to their days, and forget what has had its time."""
    zones = {name: settings.zone_of(name) for name in settings.newsletters}
    expired_before = now - timedelta(days=settings.retention.unconfirmed_days)
    with ledger.write() as connection:
        attempts.forget_old(connection, now)
        became_sums = only_count_old(connection, now)
    while became_sums:
        with ledger.write_and_give_way() as connection:
            became_sums = only_count_old(connection, now)
    retention.forget_all_unconfirmed(ledger, expired_before, now)
    while True:
        with ledger.write() as connection:
            if movements.roll_up(connection, zones, settings.site.timezone) < movements.AT_ONCE:
                return
