"""Readers of whom nothing is heard: asked once by a letter, and without an answer no longer mailed, where a newsletter wants that.

Nobody can tell who reads: many mail programs load no pictures, so that only a click would show. So silence is not taken for an
answer; the question comes first. Whatever is heard counts for the reader, a machine's hit as well: it keeps a few dead addresses,
and retires nobody for reading with Apple Mail.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from hairfeed.models.issues import LetterKind
from hairfeed.settings import Settings
from hairfeed.settings.newsletters import Inactive
from hairfeed.settings.web import Web
from hairfeed.store import letters, silence, subscribers
from hairfeed.store.database import Connection, Ledger
from hairfeed.store.secrets import secret
from hairfeed.store.silence import Counted, Suspect
from hairfeed.subscribers.writing import WriteQuestion
from hairfeed.text.reader_links import ReaderLinks

MOST = 100
"""Questions of one pass: other letters and issues do not wait behind a whole list."""
MOST_SUSPECTS = 20_000
"""Readers whose mails one pass looks at; the next one goes on behind them."""
AT_ONCE = 50
"""Readers in one transaction."""
PAGE = 250
"""Readers looked at together."""


def is_silent(heard_of_at: datetime, mailed: Sequence[datetime], rule: Inactive, now: datetime) -> bool:
    """Whether a reader is to be asked who was mailed at these instants. Silence begins with the first mail without an answer."""
    unanswered = [at for at in mailed if at > heard_of_at]
    return len(unanswered) >= rule.least_issues and min(unanswered) <= now - timedelta(days=rule.ask_after_days)


def work_off_silence(ledger: Ledger, settings: Settings, web: Web, now: datetime, write: WriteQuestion) -> tuple[int, int]:
    """Retire who has not answered and ask who is silent, by a look a day; how many were asked, how many retired.

    A look at very many takes several passes.

    Raises:
        TemplateError: the mail cannot be made; they are asked by a later pass.
    """
    asked = retired = 0
    today = now.astimezone(UTC).date()
    for name, newsletter in settings.newsletters.items():
        if newsletter.inactive is None:
            continue
        with ledger.read() as connection:
            after = silence.where_to_seek(connection, name, today)
        if after is None:
            continue
        retired += _retire(ledger, name, now - timedelta(days=newsletter.inactive.retire_after_days), now)
        silent, reached = _silent(ledger, name, newsletter.inactive, now, after, MOST - asked)
        asked += _ask(ledger, settings, web, name, newsletter.inactive, silent, now, write)
        with ledger.write() as connection:
            silence.was_sought(connection, name, today, reached)
    return asked, retired


def _retire(ledger: Ledger, newsletter: str, asked_by: datetime, now: datetime) -> int:
    """Let those go who were asked and did not answer; whom the question did not reach is asked again."""
    retired = 0
    while True:
        with ledger.write() as connection:
            unanswered = silence.unanswered(connection, newsletter, asked_by, AT_ONCE)
            retired += sum(subscribers.retire(connection, number, newsletter, asked_by, now) for number in unanswered)
            if len(unanswered) < AT_ONCE:
                silence.take_back(connection, newsletter, asked_by)
                return retired


def _ask(
    ledger: Ledger,
    settings: Settings,
    web: Web,
    newsletter: str,
    rule: Inactive,
    silent: Sequence[Suspect],
    now: datetime,
    write: WriteQuestion,
) -> int:
    until = (now + timedelta(days=rule.retire_after_days)).astimezone(settings.zone_of(newsletter)).date()
    asked = 0
    for start in range(0, len(silent), AT_ONCE):
        with ledger.write() as connection:
            links = ReaderLinks(web.url, secret(connection, "links"))
            for one in silent[start : start + AT_ONCE]:
                if not silence.ask(connection, newsletter, one, now):
                    continue
                number = one.subscriber_id
                own = [link(number, newsletter) for link in (links.stay, links.unsubscribe, links.preferences)]
                written = write(settings, newsletter, one.language, one.name, (own[0], own[1], own[2]), until)
                mail = {"subject": written.subject, "text": written.text, "html": written.html}
                letters.queue(connection, LetterKind.STAY, one.email, now, subscriber_id=number, **mail)
                asked += 1
    return asked


def _silent(
    ledger: Ledger, newsletter: str, rule: Inactive, now: datetime, after: int, most: int
) -> tuple[list[Suspect], int | None]:
    """At most so many who are to be asked, beyond the subscriber `after`; and up to which one it was looked, None for all."""
    before = now - timedelta(days=rule.ask_after_days)
    found: list[Suspect] = []
    with ledger.read() as connection:
        counted = silence.counted_issues(connection, newsletter)
        heard_before = _latest(counted, rule, before)
        if heard_before is None:
            return [], None
        for _ in range(MOST_SUSPECTS // PAGE):
            page = silence.suspects(connection, newsletter, heard_before, after, PAGE)
            found += _silent_among(connection, page, counted, rule, now)
            if len(found) >= most:
                return found[:most], found[most - 1].subscriber_id if most else after
            if len(page) < PAGE:
                return found, None
            after = page[-1].subscriber_id
    return found, after


def _latest(counted: Sequence[Counted], rule: Inactive, before: datetime) -> datetime | None:
    """Whoever was heard of later is not silent, whatever they were mailed; None where nobody can be.

    Without this, everybody's mails would be looked at every day for a newsletter with too few issues.
    """
    ends = sorted((one.last_at for one in counted), reverse=True)
    early = [one.last_at for one in counted if one.first_at <= before]
    if not early or len(ends) < rule.least_issues:
        return None
    return min(before, max(early), ends[rule.least_issues - 1])


def _silent_among(
    connection: Connection, page: Sequence[Suspect], counted: Sequence[Counted], rule: Inactive, now: datetime
) -> list[Suspect]:
    """Those of the page who are silent: each one's mails are looked at from the first on, until they are enough."""
    before = now - timedelta(days=rule.ask_after_days)
    mails: dict[int, list[datetime]] = {one.subscriber_id: [] for one in page}
    suspects = {one.subscriber_id: one for one in page}
    silent = set[int]()
    for issue in counted:
        if issue.first_at > before:
            # Whose first mail without an answer is still to come was mailed too late to be silent by now.
            suspects = {number: one for number, one in suspects.items() if any(at > one.heard_of_at for at in mails[number])}
        mailed = [number for number, one in suspects.items() if one.heard_of_at < issue.last_at]
        if not mailed:
            continue
        for number, at in silence.mailed(connection, issue.id, mailed).items():
            mails[number].append(at)
            if is_silent(suspects[number].heard_of_at, mails[number], rule, now):
                silent.add(number)
                del suspects[number]
    return [one for one in page if one.subscriber_id in silent]
