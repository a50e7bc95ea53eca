"""A planned issue as files: HTML, text, a mail, and pictures."""

from collections.abc import Iterator
from datetime import datetime
from email.utils import parseaddr
from html import escape
from pathlib import Path
from urllib.parse import quote

from hairfeed.digest.plan import Plan, PlannedVariant
from hairfeed.errors import IssueError
from hairfeed.files import write_whole
from hairfeed.preview.browser import Browser
from hairfeed.preview.mails import filled, message, straight
from hairfeed.settings import Settings


def write_preview(settings: Settings, plan: Plan, folder: Path, now: datetime, browser: Browser | None) -> Iterator[Path]:
    """Write every variant that somebody gets, and pictures of the first in each language; the files, one after the other.

    Raises:
        IssueError: the folder cannot be written, or the browser made no picture.
    """
    address = parseaddr(settings.mail.reply_to)[1]
    pictured = set()
    try:
        for variant in (one for one in plan.variants if one.articles):
            page = folder / f"{_stem(plan, variant)}.html"
            direct = straight(plan, variant)
            shown = filled(settings, direct)
            contents = {
                page: _viewed_here(shown.html, plan.content.archive_url, page).encode(),
                page.with_suffix(".txt"): shown.text.encode(),
                page.with_suffix(".eml"): message(settings, plan, direct, address, now),
            }
            for path, content in contents.items():
                write_whole(path, content)
                yield path
            if browser and variant.language not in pictured:
                pictured.add(variant.language)
                yield from browser.take_pictures(page)
    except OSError as error:
        raise IssueError(f"{error.filename or folder}: cannot be written: {error.strerror}") from error


def _viewed_here(html: str, archive_url: str | None, page: Path) -> str:
    """The page that the mail will lead to is not there yet; this one says the same."""
    return html.replace(escape(archive_url), quote(page.name)) if archive_url else html


def _stem(plan: Plan, variant: PlannedVariant) -> str:
    """Like `weekly-0012`, and for other readers than those who chose nothing with what they chose."""
    choice = [part for part in (variant.topics.replace(",", "+"), variant.language) if part]
    # A file's name has its limits, and readers may choose many topics.
    number = [] if not choice else [str(plan.variants.index(variant))]
    return "-".join([plan.newsletter, f"{plan.number:04d}", *number, *choice])[:100]
