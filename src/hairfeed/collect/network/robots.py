"""What a host's robots.txt says to HairFeed (RFC 9309)."""

from dataclasses import dataclass
from typing import Self
from urllib.parse import urljoin

from protego import Protego

TOKEN = "HairFeed"  # noqa: S105 - the name that robots.txt files call us by
LONGEST_DELAY = 30.0
"""Seconds; a longer Crawl-delay would have one site hold up all others."""
MOST_BYTES = 500 * 1024
"""More than this of a robots.txt is ignored (RFC 9309 §2.5)."""


@dataclass(frozen=True, slots=True)
class Robots:
    """The rules of one origin."""

    url: str
    """Of the robots.txt."""
    _rules: Protego

    @classmethod
    def read(cls, url: str, content: bytes) -> Self:
        """Whatever the content is: lines that are no rules say nothing."""
        if len(content) >= MOST_BYTES:
            # The last line is cut somewhere: half a path would forbid more than was meant.
            content = content[:MOST_BYTES].rpartition(b"\n")[0]
        return cls(url, Protego.parse(content.decode("utf-8-sig", "replace")))

    def allows(self, url: str) -> bool:
        """Whether HairFeed may fetch `url`."""
        return self._rules.can_fetch(url, TOKEN)

    @property
    def crawl_delay(self) -> float:
        """Seconds that the host wants between two requests; 0 when it does not say. Common, though in no RFC."""
        return min(max(self._rules.crawl_delay(TOKEN) or 0.0, 0.0), LONGEST_DELAY)

    @property
    def sitemaps(self) -> list[str]:
        """The addresses on the Sitemap lines, made absolute, in order and each once."""
        return list(dict.fromkeys(urljoin(self.url, line) for line in self._rules.sitemaps))
