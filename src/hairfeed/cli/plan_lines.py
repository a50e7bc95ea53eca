"""Plans and issues in a few lines for people, and as plain values for machines."""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from hairfeed.digest.material import Material
from hairfeed.digest.plan import Plan, differences, label_of
from hairfeed.models.hits import OPEN, LinkCount
from hairfeed.models.issues import IssueState
from hairfeed.settings import Settings
from hairfeed.store import issues, receipts, storms, tracking
from hairfeed.store.database import Connection
from hairfeed.store.deliveries import SendingIssue
from hairfeed.store.issues import IssueRow
from hairfeed.store.zones import hours_to_come
from hairfeed.subscribers import hits

_LABEL = 11
"""Characters before the text of a line."""

_FROZEN = (IssueState.SENDING, IssueState.PAUSED, IssueState.DONE, IssueState.CANCELLED)
"""States of issues that may have a receipt."""


def plan_lines(settings: Settings, material: Material, plan: Plan | None) -> Iterator[str]:
    """What the operator wants to know before an issue is sent."""
    zone = settings.zone_of(material.name)
    if plan is None:
        yield f"{material.name}: nothing to send; {_too_little(material)}"
        yield _line("due", _due(material, zone))
        return
    yield f"{plan.newsletter} {plan.number}: “{plan.variants[0].subject}”"
    yield _line("due", _due(material, zone))
    yield _line("mode", _mode(material, plan))
    yield _line("provider", f"{settings.mail.provider}, from {settings.mail.from_}")
    yield _line("readers", f"{plan.readers}")
    for one in plan.variants:
        what = f"{_articles(one.articles)}, {one.size:,} bytes of HTML, “{one.subject}”" if one.articles else "nothing for them"
        yield _line("", f"{one.readers:>6}  {label_of(one)}: {what}")
    for line in plan.trimmed:
        yield _line("trimmed", line)
    for article in plan.articles:
        yield _line(article.role, f"{article.id:>6}  {article.published_on}  {article.title}")
    for title in plan.corrected:
        yield _line("corrected", title)
    for change in changes(material, plan):
        yield _line("changed", change)
    for warning in plan.warnings:
        yield f"warning: {warning}"
    yield _line("plan", plan.hash)


def plan_as_json(settings: Settings, material: Material, plan: Plan | None) -> dict[str, Any]:
    """The same for machines; `plan` is null where there is nothing to send."""
    known = {
        "newsletter": material.name,
        "number": material.number,
        "due_at": material.due_at.isoformat() if material.due_at else None,
        "state": _state(material),
        "mode": material.newsletter.mode,
        "provider": settings.mail.provider,
        "waiting": material.waiting,
        "plan": plan.hash if plan else None,
    }
    if plan is None:
        return known
    return known | {
        "readers": plan.readers,
        "articles": [{"id": one.id, "role": one.role, "revision": one.revision, "title": one.title} for one in plan.articles],
        "corrections": list(plan.corrected),
        "variants": [
            {
                "topics": one.topics,
                "language": one.language,
                "readers": one.readers,
                "articles": one.articles,
                "subject": one.subject,
                "bytes": one.size,
                "trimmed": str(one.trim),
            }
            for one in plan.variants
        ],
        "changed": changes(material, plan),
        "warnings": [str(warning) for warning in plan.warnings],
    }


def changes(material: Material, plan: Plan) -> list[str]:
    """What has changed since the draft that waits was composed."""
    return differences(material.draft, plan) if material.draft else []


def issue_lines(connection: Connection, issue: IssueRow, zone: ZoneInfo) -> Iterator[str]:
    """All that is known of an issue."""
    yield f"{issue.newsletter} {issue.number}: “{issue.subject}”"
    yield _line("state", issue.state)
    yield _line("due", _instant(issue.due_at, zone))
    yield _line("composed", _instant(issue.composed_at, zone))
    for one in issues.variants_of(connection, issue.id):
        yield _line("variant", f"{label_of(one)}: {_articles(one.articles)}, {len(one.html.encode()):,} bytes of HTML")
    for id_, role, title in issues.titles_of(connection, issue.id):
        yield _line(role, f"{id_:>6}  {title}")
    if issue.state in _FROZEN:
        sending = SendingIssue(issue.id, issue.newsletter, issue.number, issue.composed_at)
        yield _line("receipt", str(receipts.receipt(connection, sending)))
        if issue.state is IssueState.SENDING and (hours := hours_to_come(connection, issue.id, issue.composed_at)):
            size, first, last = hours
            yield _line("waits", f"{size} for their time; next {_instant(first, zone)}, last {_instant(last, zone)}")
        yield from _hit_lines(connection, issue)
    for storm in storms.raging(connection, issue.newsletter):
        yield _line("storm", f"{storm.newsletter} {storm.number}: {storm}; nothing goes out before 'hairfeed issues resume'")


def issue_as_json(connection: Connection, issue: IssueRow) -> dict[str, Any]:
    """The same for machines; `receipt` is null where nothing was ever to be sent."""
    sending = SendingIssue(issue.id, issue.newsletter, issue.number, issue.composed_at)
    counted = receipts.receipt(connection, sending).as_json() if issue.state in _FROZEN else None
    return asdict(issue) | {
        "articles": [{"id": id_, "role": role, "title": title} for id_, role, title in issues.titles_of(connection, issue.id)],
        "variants": [
            {"topics": one.topics, "language": one.language, "articles": one.articles, "bytes": len(one.html.encode())}
            for one in issues.variants_of(connection, issue.id)
        ],
        "receipt": counted,
    }


def _hit_lines(connection: Connection, issue: IssueRow) -> Iterator[str]:
    """Opens and clicks, where they were counted."""
    targets = tracking.targets(connection, issue.id)
    if not targets:
        return
    counts = {one.link: one for one in hits.told(connection, issue.id)}
    for link, what in ({OPEN: "the mail"} | targets).items():
        one = counts.get(link, LinkCount(link, 0, 0))
        yield _line("clicked" if link else "opened", f"{one.readers:>6}  {what}  ({one.machines} by machines)")
    yield _line("", "roughly: whom a mail program shields was not seen, and some machines look like people")


def _line(label: str, text: str) -> str:
    return f"{label:<{_LABEL}}{text}"


def _too_little(material: Material) -> str:
    if material.due_at is None:
        return "its schedule is never due again"
    return f"{_articles(material.waiting, 'new ')}, and it takes {material.newsletter.min_articles}"


def _articles(count: int, which: str = "") -> str:
    return f"{count} {which}{'article' if count == 1 else 'articles'}"


def _due(material: Material, zone: ZoneInfo) -> str:
    if material.due_at is None:
        return "never"
    said = {"draft": "a draft waits for approval", "due": "the next pass composes it", "to come": "as it would be now"}
    return f"{_instant(material.due_at, zone)}: {said[_state(material)]}"


def _state(material: Material) -> str:
    if material.is_due:
        return "due"
    return "draft" if material.draft else "to come"


def _mode(material: Material, plan: Plan) -> str:
    if material.newsletter.mode == "auto" and not material.draft:
        return "auto: sent when it is due"
    if material.draft:
        return f"review: sent after hairfeed issues approve {plan.newsletter} {plan.hash}"
    return "review: becomes a draft when it is due, and is sent after your approval"


def _instant(moment: datetime, zone: ZoneInfo) -> str:
    return f"{moment.astimezone(zone):%A %Y-%m-%d %H:%M} ({zone.key})"
