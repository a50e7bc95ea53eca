"""What is counted where a newsletter counts opens and clicks."""

from dataclasses import dataclass
from datetime import datetime

OPEN = 0
"""The link that stands for the mail itself."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A mail was opened, or one of its links."""

    subscriber_id: int
    link: int
    at: datetime
    by_machine: bool


@dataclass(frozen=True, slots=True)
class LinkCount:
    """How often a link was followed, or the mail opened."""

    link: int
    readers: int
    """People, each once, as far as they can be told from machines."""
    machines: int
    """Hits of the others."""
