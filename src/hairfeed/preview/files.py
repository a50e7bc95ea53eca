"""A planned issue as files: HTML, text, a mail, and pictures."""

from collections.abc import Iterator
from datetime import datetime
from email.utils import parseaddr
from pathlib import Path

from hairfeed.digest.plan import Plan, PlannedVariant
from hairfeed.errors import IssueError
from hairfeed.files import write_whole
from hairfeed.preview.browser import Browser
from hairfeed.preview.mails import filled, message
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
            shown = filled(settings, variant)
            contents = {
                page: shown.html.encode(),
                page.with_suffix(".txt"): shown.text.encode(),
                page.with_suffix(".eml"): message(settings, plan, variant, address, now),
            }
            for path, content in contents.items():
                write_whole(path, content)
                yield path
            if browser and variant.language not in pictured:
                pictured.add(variant.language)
                yield from browser.take_pictures(page)
    except OSError as error:
        raise IssueError(f"{error.filename or folder}: cannot be written: {error.strerror}") from error


def _stem(plan: Plan, variant: PlannedVariant) -> str:
    """Like `weekly-0012`, and for other readers than those who chose nothing with what they chose."""
    choice = [part for part in (variant.topics.replace(",", "+"), variant.language) if part]
    # A file's name has its limits, and readers may choose many topics.
    number = [] if not choice else [str(plan.variants.index(variant))]
    return "-".join([plan.newsletter, f"{plan.number:04d}", *number, *choice])[:100]
