"""Pages for people: an issue as it was mailed, and all issues of a newsletter. They are the same for everybody.

The templates are Jinja2's, in `templates/web/`: `issue.html` and `issues.html` fill the frame `page.html`. Both may use

- `words`: what HairFeed itself says, by the names in `issue_words.py`; `words.issue(12)` is "Issue 12";
- `site`: `title`, `url`, `language` and what else `[site]` holds; `direction`: `ltr` or `rtl`;
- `newsletter`: its title; `page_url` and `all_url`: this page, and the one with all issues;
- `offers`: the site's feed for programs, with `type`, `title`, `url`; `feeds_url`: the page with all feeds;
- `subscribe_url`: where readers subscribe by mail; None where they cannot;
- `date_in_words(day)` (8 August 2024), and the filters `cut_at_word` and `csp_hash`, beside Jinja2's own.

`issue.html` may also use

- `number`; `issue`: `subject`, `issued_on`, `featured` (articles with `title`, `url`, `summary`, `topics`, `authors`,
  `published_on`, `picture`), `also` (with `title`, `url`) and `corrections` (with `title`, `url`, `corrected_on`);
- `picture_address(picture)`: where a picture is, seen from the page; it has `width`, `height` and `alt`, too;
- `previous_url` and `next_url`: the pages of the issues before and after; None where there is none.

`issues.html` may also use `issues`: the newest first, with `number`, `url`, `subject`, `issued_on`.

A name that is none of these is an error. In `.html` everything is escaped.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from hairfeed.archive.issue_words import issue_words
from hairfeed.archive.plan import Issue, Neighbours
from hairfeed.settings import Settings
from hairfeed.shelf import issue_folder, url_of
from hairfeed.store.issue_pages import Headline, IssuePage, PagePicture
from hairfeed.templates import TemplateSet, csp_hash
from hairfeed.text.translations import direction_of, translations
from hairfeed.text.words import cut_at_word

_FEEDS = (("application/rss+xml", "feed.rss"), ("application/atom+xml", "feed.atom"), ("application/feed+json", "feed.json"))
_UP = "../../../"
"""From an issue's page to the feeds directory."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A feed, as a page offers it to programs."""

    type: str
    title: str
    url: str


@dataclass(frozen=True, slots=True)
class ListedIssue:
    """An issue in the list of all."""

    number: int
    url: str
    subject: str
    issued_on: date


class IssuePages:
    """The pages of a publication's issues."""

    def __init__(self, settings: Settings) -> None:
        """Nothing is read yet."""
        self._settings = settings
        self._templates = TemplateSet(settings.site.templates, "web", {"cut_at_word": cut_at_word, "csp_hash": csp_hash})

    def issue(self, issue: Issue, says: IssuePage, beside: Neighbours) -> bytes:
        """An issue's own page, in UTF-8.

        Raises:
            TemplateError: the template is missing or faulty.
        """
        names: dict[str, object] = {
            "number": issue.number,
            "issue": says,
            "page_url": self._url(issue.newsletter, issue.number),
            "picture_address": _picture_address,
            "previous_url": beside.previous and self._url(beside.previous.newsletter, beside.previous.number),
            "next_url": beside.next and self._url(beside.next.newsletter, beside.next.number),
        }
        return self._filled("issue.html", issue.newsletter, says.newsletter, names)

    def index(self, newsletter: str, headlines: Sequence[Headline]) -> bytes:
        """The page with all issues of a newsletter, in UTF-8; `headlines` are the newest first, and at least one.

        Raises:
            TemplateError: the template is missing or faulty.
        """
        issues = [ListedIssue(one.number, self._url(newsletter, one.number), one.subject, one.issued_on) for one in headlines]
        names: dict[str, object] = {"issues": issues, "page_url": self._url(newsletter)}
        return self._filled("issues.html", newsletter, headlines[0].newsletter, names)

    def _url(self, newsletter: str, number: int | None = None) -> str:
        return url_of(issue_folder(newsletter, number), self._settings.feeds)

    def _filled(self, name: str, newsletter: str, title: str, names: dict[str, object]) -> bytes:
        site, feeds = self._settings.site, self._settings.feeds
        common = {
            "words": issue_words(site.language),
            "site": site,
            "direction": direction_of(site.language),
            "newsletter": title,
            "all_url": self._url(newsletter),
            "offers": [Offer(type_, site.title, url_of(file, feeds)) for type_, file in _FEEDS],
            "feeds_url": url_of("", feeds),
            "subscribe_url": self._settings.subscribe_page,
            "date_in_words": translations(site.language).date_in_words,
        }
        return self._templates.fill(name, common | names).encode()


def _picture_address(picture: PagePicture) -> str:
    return f"{_UP}{picture.path}"
