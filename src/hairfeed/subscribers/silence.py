"""Readers of whom nothing is heard: asked once by a letter, and without an answer no longer mailed, where a newsletter wants that.

Nobody can tell who reads: many mail programs load no pictures, so that only a click would show. So silence is not taken for an
answer; the question comes first. Whatever is heard counts for the reader, a machine's hit as well: it keeps a few dead addresses,
and retires nobody for reading with Apple Mail.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from hairfeed.models.issues import LetterKind
from hairfeed.settings import Settings
from hairfeed.settings.newsletters import Inactive
from hairfeed.settings.web import Web
from hairfeed.store import letters, silence, subscribers
from hairfeed.store.database import Ledger
from hairfeed.store.secrets import secret
from hairfeed.store.silence import Suspect
from hairfeed.subscribers.writing import WriteQuestion
from hairfeed.text.reader_links import ReaderLinks

One = TypeVar("One")

MOST = 100
"""Questions of one pass: other letters and issues do not wait behind a whole list."""
AT_ONCE = 50
"""Readers in one transaction."""
PAGE = 500
"""Readers looked at together."""


def is_silent(heard_of_at: datetime, mailed: Sequence[datetime], rule: Inactive, now: datetime) -> bool:
    """Whether a reader is to be asked who was mailed at these instants. Silence begins with the first mail without an answer."""
    unanswered = [at for at in mailed if at > heard_of_at]
    return len(unanswered) >= rule.least_issues and min(unanswered) <= now - timedelta(days=rule.ask_after_days)


def work_off_silence(ledger: Ledger, settings: Settings, web: Web, now: datetime, write: WriteQuestion) -> tuple[int, int]:
    """Retire who has not answered and ask who is silent, once a day; how many were asked, how many retired.

    Raises:
        TemplateError: the mail cannot be made; they are asked by a later pass.
    """
    asked = retired = 0
    today = now.astimezone(UTC).date()
    for name, newsletter in settings.newsletters.items():
        if newsletter.inactive is None:
            continue
        with ledger.read() as connection:
            if not silence.is_to_be_sought(connection, name, today):
                continue
        retired += _retire(ledger, name, now - timedelta(days=newsletter.inactive.retire_after_days), now)
        asked += _ask(ledger, settings, web, name, newsletter.inactive, now, write, MOST - asked)
        if asked < MOST:
            with ledger.write() as connection:
                silence.was_sought(connection, name, today)
    return asked, retired


def _retire(ledger: Ledger, newsletter: str, asked_by: datetime, now: datetime) -> int:
    with ledger.read() as connection:
        unanswered = silence.unanswered(connection, newsletter, asked_by)
    retired = 0
    for some in _some(unanswered):
        with ledger.write() as connection:
            retired += sum(subscribers.retire(connection, number, newsletter, asked_by, now) for number in some)
    return retired


def _ask(
    ledger: Ledger,
    settings: Settings,
    web: Web,
    newsletter: str,
    rule: Inactive,
    now: datetime,
    write: WriteQuestion,
    most: int,
) -> int:
    until = (now + timedelta(days=rule.retire_after_days)).astimezone(settings.zone_of(newsletter)).date()
    asked = 0
    for some in _some(_silent(ledger, newsletter, rule, now, most)):
        with ledger.write() as connection:
            links = ReaderLinks(web.url, secret(connection, "links"))
            for one in some:
                if not silence.ask(connection, newsletter, one, now):
                    continue
                number = one.subscriber_id
                own = [link(number, newsletter) for link in (links.stay, links.unsubscribe, links.preferences)]
                written = write(settings, newsletter, one.language, one.name, (own[0], own[1], own[2]), until)
                mail = {"subject": written.subject, "text": written.text, "html": written.html}
                letters.queue(connection, LetterKind.STAY, one.email, now, subscriber_id=number, **mail)
                asked += 1
    return asked


def _silent(ledger: Ledger, newsletter: str, rule: Inactive, now: datetime, most: int) -> list[Suspect]:
    """At most so many who are to be asked."""
    before = now - timedelta(days=rule.ask_after_days)
    found: list[Suspect] = []
    with ledger.read() as connection:
        since = silence.counted_since(connection, newsletter)
        # Nobody can have been silent for longer than anybody listens.
        if since is None or since > before:
            return []
        after = 0
        while len(found) < most and (page := silence.suspects(connection, newsletter, before, after, PAGE)):
            mailed = silence.mailed(connection, newsletter, [one.subscriber_id for one in page])
            found += [one for one in page if is_silent(one.heard_of_at, mailed.get(one.subscriber_id, ()), rule, now)]
            after = page[-1].subscriber_id
    return found[:most]


def _some(rows: Sequence[One]) -> Iterator[Sequence[One]]:
    """So many rows as one transaction takes."""
    return (rows[start : start + AT_ONCE] for start in range(0, len(rows), AT_ONCE))
