"""Passes over a site of our own: its pages, and what the ledger makes of them."""

from datetime import datetime, timedelta

from hairfeed.models.articles import Article
from hairfeed.models.reports import CollectReport
from hairfeed.store import articles, catalogue
from tests.collect.site import SitePage
from tests.conftest import FRIDAY, Publication


def page(name: str, date: str | None = "2024-08-01") -> SitePage:
    return SitePage(f"About {name}", date, f"This is what there is to say about {name}. It takes two sentences.")


def days(number: float) -> datetime:
    return FRIDAY + timedelta(days=number)


def collect(publication: Publication, now: datetime = FRIDAY) -> CollectReport:
    return publication.run(now).collect


def live(publication: Publication) -> dict[str, Article]:
    """What readers may see, by title without its "About "."""
    ledger = publication.ledger()
    with ledger.read() as connection:
        shown = articles.live(connection, 100)
    ledger.close()
    return {article.title.removeprefix("About "): article for article in shown}


def standing(publication: Publication) -> dict[str, str]:
    """State and standing by title without its "About "."""
    ledger = publication.ledger()
    with ledger.read() as connection:
        entries = catalogue.listed(connection, 100, None, not_mailed=False)
    ledger.close()
    return {entry.title.removeprefix("About "): f"{entry.state} {entry.standing}" for entry in entries}


def raw_page(html: str) -> tuple[str, bytes]:
    return "text/html", html.encode()


NO_ARTICLE = raw_page("<html><body class='home'><h1>Welcome</h1><p>Look around on this site.</p></body></html>")
