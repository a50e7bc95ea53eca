"""The archive step: reads which issues are public and what they say; writes their pages, and that they are in place."""

import hashlib
from datetime import datetime

import hairfeed
from hairfeed.archive.plan import Issue, Plan, index_path, make_plan, neighbours
from hairfeed.errors import PublishError, TemplateError
from hairfeed.files import template_contents
from hairfeed.models.reports import ArchiveReport, Problem, Watch
from hairfeed.settings import Settings
from hairfeed.shelf import Shelf
from hairfeed.store import feed_files, issue_pages
from hairfeed.store.database import Connection, Ledger
from hairfeed.store.feed_files import ISSUES, Publication


def keep_archive(ledger: Ledger, settings: Settings, now: datetime, watch: Watch) -> ArchiveReport:
    """Bring the pages of all public issues up to date, before the first mail leads to them."""
    with ledger.read() as connection:
        before = feed_files.publication(connection, ISSUES)
        known = feed_files.published_for_mail(connection, ISSUES)
        found = issue_pages.public_issues(connection) if settings.archive.pages else {}
    ids = {Issue(*issue): id_ for issue, id_ in found.items()}
    shelf = Shelf(settings.feeds.directory, known, settings.feeds.compress)
    made_from = Publication(_made_from(settings)) if ids or known else before
    broken = {_plain(path) for path in known if not shelf.has(path)}
    in_place = {_plain(path) for path in known} - broken
    plan = make_plan(ids, in_place, everything=made_from != before)
    if not plan:
        return ArchiveReport(pages=len(ids))
    work = _Work(shelf, settings, ids)
    with ledger.read() as connection:
        failures = work.write(connection, plan, watch)
    with ledger.write() as connection:
        gone = shelf.known.keys() - shelf.placed.keys()
        changed = [file for path, file in shelf.placed.items() if shelf.known.get(path) != file]
        # What failed is tried again by the next pass, which must find it undone.
        feed_files.remember(connection, changed, gone, before if failures else made_from, now, ISSUES)
    return ArchiveReport(failures=failures, pages=len(ids), written=tuple(shelf.written))


class _Work:
    """The pages that one pass writes."""

    def __init__(self, shelf: Shelf, settings: Settings, ids: dict[Issue, int]) -> None:
        # Only a pass that has a page to write pays for the template library.
        from hairfeed.archive.issue_pages import IssuePages

        self._shelf = shelf
        self._ids = ids
        self._neighbours = neighbours(ids)
        self._pages = IssuePages(settings)

    def write(self, connection: Connection, plan: Plan, watch: Watch) -> tuple[Problem, ...]:
        """Do what is planned; what failed stays as it was."""
        try:
            self._write(connection, plan, watch)
            self._shelf.keep(path for path in self._shelf.known if _plain(path) not in plan.touched)
            self._shelf.clear(ISSUES)
        except (PublishError, TemplateError) as error:
            self._shelf.keep(self._shelf.known.keys() - self._shelf.placed.keys())
            return (Problem("pages of issues", f"{error}; mails lead to them"),)
        return ()

    def _write(self, connection: Connection, plan: Plan, watch: Watch) -> None:
        contents = issue_pages.pages_of(connection, [self._ids[issue] for issue in plan.issues])
        for done, issue in enumerate(plan.issues):
            watch.step("Writing pages of issues", done, len(plan.issues))
            page = self._pages.issue(issue, contents[self._ids[issue]], self._neighbours[issue])
            self._shelf.put(ISSUES, issue.path, page)
        for newsletter in plan.indexes:
            page = self._pages.index(newsletter, issue_pages.headlines(connection, newsletter))
            self._shelf.put(ISSUES, index_path(newsletter), page)


def _plain(path: str) -> str:
    """The page that a compressed form belongs to."""
    return path.removesuffix(".gz").removesuffix(".br")


def _made_from(settings: Settings) -> str:
    """A name for all settings that the pages depend on: while it is the same, only issues change them."""
    feeds, web = settings.feeds, settings.web
    addresses = (feeds.url, feeds.subscribe_url, feeds.compress, web and web.url)
    parts = (hairfeed.__version__, settings.site.model_dump(), addresses, template_contents(settings.site.templates, "web"))
    return hashlib.sha256(repr(parts).encode()).hexdigest()
