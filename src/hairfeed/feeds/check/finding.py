"""What a check finds in a file, and what it reads there to compare with other files."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Level(StrEnum):
    """How bad it is."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault of one file."""

    what: str
    do: str
    """What to do about it."""
    place: str = ""
    """The guid or title of the article; empty for the file as a whole."""
    level: Level = Level.ERROR
    file: str = ""
    """Its path below the feeds directory."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What is in one file."""

    findings: list[Finding]
    articles: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """Title and link, by id."""
    own_address: str | None = None
    """What the file says is its address; None where its format has no word for it, or it does not say."""
    leads_to: tuple[str, ...] = ()
    """Addresses of other feed files that must be there: of an archive, of its feed, of all feeds."""
    count: int = 0
    """Articles, doubles included."""
    is_readable: bool = True
    """Whether it is of its format at all."""


def unreadable(finding: Finding) -> Reading:
    """What is known of a file that is not of its format."""
    return Reading([finding], is_readable=False)


ANEW = "remove the file, and the next pass writes it anew; if it is the same again, please report it"
AT_SOURCE = "mend the article where it comes from; if it is right there, please report it"
