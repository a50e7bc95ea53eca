"""What `hairfeed check` looks at in the pages of issues: their templates, filled with samples."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date

from hairfeed.archive.issue_pages import IssuePages
from hairfeed.archive.plan import Issue, Neighbours
from hairfeed.settings import Settings
from hairfeed.store.issue_pages import Headline, IssuePage, PageArticle, PageCorrection, PageLink, PagePicture
from hairfeed.templates import faults_of

_AT, _DAY = "https://site.example", date(2024, 8, 9)


def issue_page_faults(settings: Settings) -> Iterator[str]:
    """What is wrong with the templates of the issues' pages: each once."""
    if not settings.archive.pages:
        return
    pages, issue, says = IssuePages(settings), Issue("sample", 2), _everything()
    least = replace(says, featured=[replace(says.featured[0], topics=(), authors=(), picture=None)], also=(), corrections=())
    fills: tuple[Callable[[], bytes], ...] = (
        lambda: pages.issue(issue, says, Neighbours(Issue("sample", 1), Issue("sample", 3))),
        lambda: pages.issue(issue, least, Neighbours()),
        lambda: pages.index("sample", [Headline(2, says.newsletter, says.subject, _DAY)]),
    )
    yield from faults_of(fills)


def _everything() -> IssuePage:
    picture = PagePicture("pictures/sample.jpg", 600, 400, "A sample")
    article = PageArticle("A title", f"{_AT}/one", "A summary.", ("Scalp",), ("Ann",), _DAY, picture)
    also, corrected = PageLink("Another", f"{_AT}/two"), PageCorrection("A third", f"{_AT}/three", _DAY)
    return IssuePage("A sample newsletter", "A title + 1 more", _DAY, [article], [also], [corrected])
