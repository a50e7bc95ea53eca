"""Writes to the operator, once about each thing that only a person can mend; the letter is queued with the note that it was."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email.utils import parseaddr
from typing import TYPE_CHECKING

from hairfeed.digest.content import Fact, Notice
from hairfeed.errors import TemplateError
from hairfeed.models.issues import LetterKind
from hairfeed.models.reports import NoticesReport, Problem
from hairfeed.settings import Settings
from hairfeed.store import letters, notices, storms, troubles
from hairfeed.store.database import Connection, Ledger

if TYPE_CHECKING:
    from hairfeed.digest.render import Templates


@dataclass(frozen=True, slots=True)
class Occurrence:
    """Something that has happened once. Its key is in no other."""

    key: str
    title: str
    paragraphs: tuple[str, ...]
    facts: tuple[Fact, ...] = ()


def write_notices(ledger: Ledger, settings: Settings, now: datetime) -> NoticesReport:
    """Queue a letter about everything that stands and was not told of."""
    if settings.alerts.mail is None:
        return NoticesReport()
    with ledger.read() as connection:
        found = {one.key: one for one in _occurrences(connection, settings, now)}
        untold = notices.untold(connection, found)
    if not untold:
        return NoticesReport()
    # Only who has something to say pays for the template and CSS libraries.
    from hairfeed.digest.render import Templates

    templates = Templates(settings.site.templates, settings.look)
    try:
        for one in found.values():
            if one.key in untold:
                with ledger.write() as connection:
                    _tell(connection, settings, templates, one, settings.alerts.mail, now)
    except TemplateError as error:
        return NoticesReport(failures=(Problem("notice to the operator", f"{error}; it waits for the next pass"),))
    return NoticesReport(written=len(untold))


def _tell(
    connection: Connection, settings: Settings, templates: "Templates", one: Occurrence, operator: str, now: datetime
) -> None:
    written = templates.notice(Notice(settings.site, one.title, one.paragraphs, one.facts))
    notices.told(connection, one.key, now)
    address = parseaddr(operator)[1].lower()
    letters.queue(connection, LetterKind.NOTICE, address, now, subject=written.subject, text=written.text, html=written.html)


def _occurrences(connection: Connection, settings: Settings, now: datetime) -> Iterator[Occurrence]:
    """All that stands now. What was mended and comes again has another instant in its key."""
    for storm in storms.raging(connection):
        name = f"{storm.newsletter} {storm.number}"
        facts = (Fact("Bounced or complained", f"{storm.bounced}"), Fact("Mails taken by then", f"{storm.accepted}"))
        what = (
            f"Of the mails of issue {name} more bounced for good, or were complained about, than mail.bounces lets pass.",
            f"Nothing more of {storm.newsletter} goes out. Look where these addresses came from, and take them out.",
            f"Then: hairfeed issues resume {name}",
        )
        key = f"storm {storm.issue_id} {storm.at.timestamp():.0f}"
        yield Occurrence(key, f"{storm.newsletter} is paused: its mail bounces", what, facts)
    for trouble in troubles.standing(connection):
        key = f"{trouble.key} {trouble.since_at.timestamp():.0f}"
        if trouble.key.startswith(troubles.ACCOUNT):
            provider = trouble.key.removeprefix(troubles.ACCOUNT)
            yield Occurrence(key, f"{provider} refuses our account", (f"{provider} said: {trouble.what}",))
        else:
            issue = trouble.key.removeprefix(troubles.HELD)
            yield Occurrence(key, f"Issue {issue} waits: mails are in doubt", (f"{trouble.what}.",))
    for draft in notices.drafts(connection):
        name = f"{draft.newsletter} {draft.number}"
        look = (f"Look at it: hairfeed issues plan {draft.newsletter}", "The plan ends with the command that approves it.")
        yield Occurrence(f"draft {name} {draft.composed_at.timestamp():.0f}", f"Issue {name} waits for your approval", look)
    for flood in notices.floods(connection, now):
        seen_at = flood.seen_at.astimezone(settings.site.timezone)
        what = (
            f"At {seen_at:%Y-%m-%d %H:%M} the source {flood.source} showed far more new articles than usual. They are not mailed.",
            "Look at them: hairfeed articles list --not-mailed",
            f"If they are news: hairfeed articles mail --source {flood.source}",
        )
        key = f"flood {flood.source} {flood.seen_at.timestamp():.0f}"
        title = f"{flood.articles} new articles at once are kept out of the mail"
        yield Occurrence(key, title, what, (Fact("Source", flood.source), Fact("Articles", f"{flood.articles}")))
