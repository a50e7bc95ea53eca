"""What issues say to everybody, frozen when they are composed: their public pages say it, too."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache

from pydantic import TypeAdapter
from sqlalchemy import Connection, delete, insert, select

from hairfeed.store.articles import in_pieces
from hairfeed.store.schema.issues import issue_pages, issues

NOT_PUBLIC = ("draft", "cancelled")
"""States in which an issue has no public page."""


@dataclass(frozen=True, slots=True)
class PageLink:
    """A title, and the absolute address that it leads to."""

    title: str
    url: str


@dataclass(frozen=True, slots=True)
class PagePicture:
    """A picture in place: its path below the feeds directory, and its size in CSS pixels."""

    path: str
    width: int
    height: int
    alt: str


@dataclass(frozen=True, slots=True)
class PageArticle:
    """An article with its summary."""

    title: str
    url: str
    summary: str
    topics: tuple[str, ...]
    authors: tuple[str, ...]
    published_on: date
    picture: PagePicture | None = None


@dataclass(frozen=True, slots=True)
class PageCorrection:
    """An article that an earlier issue had, and that says something else now."""

    title: str
    url: str
    corrected_on: date


@dataclass(frozen=True, slots=True)
class IssuePage:
    """What an issue says to everybody; nothing personal is in it."""

    newsletter: str
    """The title of the newsletter at that time."""
    subject: str
    issued_on: date
    featured: Sequence[PageArticle]
    """In reading order, the lead article first."""
    also: Sequence[PageLink] = ()
    corrections: Sequence[PageCorrection] = ()


@dataclass(frozen=True, slots=True)
class Headline:
    """What a list of issues says of one. `newsletter` is the title at that time."""

    number: int
    newsletter: str
    subject: str
    issued_on: date


def freeze(connection: Connection, issue_id: int, page: IssuePage) -> None:
    """Write down what an issue says, in the transaction that enters the issue."""
    connection.execute(insert(issue_pages).values(issue_id=issue_id, content=_form().dump_python(page, mode="json")))


def unfreeze(connection: Connection, issue_id: int) -> None:
    """A draft is made anew: what it said is forgotten."""
    connection.execute(delete(issue_pages).where(issue_pages.c.issue_id == issue_id))


def public_issues(connection: Connection) -> dict[tuple[str, int], int]:
    """The ids of all issues that have a page, by newsletter and number, in this order."""
    query = (
        select(issues.c.newsletter, issues.c.number, issues.c.id)
        .join(issue_pages)
        .where(issues.c.state.not_in(NOT_PUBLIC))
        .order_by(issues.c.newsletter, issues.c.number)
    )
    return {(row.newsletter, row.number): row.id for row in connection.execute(query)}


def pages_of(connection: Connection, issue_ids: Collection[int]) -> dict[int, IssuePage]:
    """What these issues say, by issue id."""
    found = {}
    for some in in_pieces(issue_ids):
        for row in connection.execute(select(issue_pages).where(issue_pages.c.issue_id.in_(some))):
            found[row.issue_id] = _form().validate_python(row.content)
    return found


def headlines(connection: Connection, newsletter: str) -> list[Headline]:
    """Those of the public issues of a newsletter, the newest first."""
    said = [issue_pages.c.content[name].as_string() for name in ("newsletter", "subject", "issued_on")]
    query = (
        select(issues.c.number, *said)
        .join(issue_pages)
        .where(issues.c.newsletter == newsletter, issues.c.state.not_in(NOT_PUBLIC))
        .order_by(issues.c.number.desc())
    )
    return [Headline(number, title, subject, date.fromisoformat(day)) for number, title, subject, day in connection.execute(query)]


@cache
def _form() -> TypeAdapter[IssuePage]:
    return TypeAdapter(IssuePage)
