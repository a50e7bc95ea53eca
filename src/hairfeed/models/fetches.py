"""What is remembered of pages that were fetched."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class PageKind(StrEnum):
    """What a fetched address turned out to be."""

    ARTICLE = "article"
    OTHER = "other"
    """No article: unless the site says that it changed, it is asked again less and less often."""
    MISSING = "missing"
    """404 or 410 at the last look."""
    FAILED = "failed"
    """No answer at the last look, or one that HairFeed stumbled over: it is asked again, after all others."""
    LIST = "list"
    """A feed, a sitemap or an index page."""


@dataclass(frozen=True, slots=True)
class FetchMemory:
    """What is remembered of an address that was fetched, to ask for changes only (RFC 9110 §13)."""

    kind: PageKind
    fetched_at: datetime
    etag: str | None = None
    last_modified: str | None = None
    changed: str | None = None
    """What the sitemap said of its last change, and the settings that it was read with."""
    in_vain: int = 0
    """Looks in a row that brought no article, or not its text."""


@dataclass(frozen=True, slots=True)
class FirstSight:
    """When a page that could not become an article was first seen. `baseline`: it was there before HairFeed looked."""

    at: datetime
    baseline: bool
