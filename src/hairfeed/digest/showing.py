"""Articles as a digest shows them: plain words of bearable length, and links that are the issue's. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from hairfeed.digest.choose import Choice
from hairfeed.digest.content import Correction, DigestArticle, DigestContent, Link, Picture
from hairfeed.digest.links import Tracker, category_url, preferences_url, unsubscribe_url
from hairfeed.models.articles import Article
from hairfeed.models.reports import Problem
from hairfeed.settings import Settings
from hairfeed.settings.newsletters import Newsletter
from hairfeed.text.excerpt import first_sentences
from hairfeed.text.merge import without_tokens
from hairfeed.text.words import cut_at_word, one_line

TITLE_LIMIT = 300
"""Characters of a title; of a longer one the beginning is shown."""
SUMMARY_LIMIT = 2000
"""Characters of a summary; of a longer one the first sentences are shown."""
NAME_LIMIT = 80
"""Characters of a topic's or an author's name."""
NAMES_LIMIT = 5
"""Topics and authors of one article that are named."""


@dataclass(frozen=True, slots=True)
class Extras:
    """What an issue has beside its words: pictures that are in place, and its own public page."""

    pictures: Mapping[int, Picture] | None = None
    """By article id; None where mails show none."""
    logo: Picture | None = None
    logo_dark: Picture | None = None
    archive_url: str | None = None
    missing: Sequence[Problem] = ()
    """What cannot be shown, and why; the mail is right without it."""


@dataclass(frozen=True, slots=True)
class Showing:
    """What all renderings of one issue have in common."""

    settings: Settings
    newsletter: Newsletter
    tracker: Tracker
    number: int
    issued_on: date
    related: Mapping[int, Sequence[tuple[str, str]]] = field(default_factory=dict)
    """By an article's id: title and address of others of its category."""
    extras: Extras = field(default_factory=Extras)

    def content(self, choice: Choice, language: str, corrected: Sequence[Article]) -> DigestContent:
        """What readers of one variant are told."""
        return DigestContent(
            site=self.settings.site,
            newsletter=self.newsletter,
            number=self.number,
            issued_on=self.issued_on,
            language=language,
            featured=[self._article(article) for article in choice.featured],
            also=[self._article(article) for article in choice.also],
            unsubscribe_url=unsubscribe_url(self.settings, self.newsletter),
            feed_url=f"{self.settings.feeds.url}/feed.rss",
            corrections=[self._correction(article) for article in corrected],
            logo=self.extras.logo,
            logo_dark=self.extras.logo_dark,
            preferences_url=preferences_url(self.settings),
            archive_url=self.extras.archive_url,
            trimmed=len(choice.others),
        )

    def _article(self, article: Article) -> DigestArticle:
        return DigestArticle(
            id=article.id,
            title=_title(article.title) or self._url(article.url),
            url=self._url(article.url),
            summary=self._summary(article.summary),
            topics=_names(article.topics),
            authors=_names(article.authors),
            published_on=article.published_on,
            picture=(self.extras.pictures or {}).get(article.id),
            related=tuple(Link(_title(title), self._url(url)) for title, url in self.related.get(article.id, ()) if _title(title)),
            read_all=self._read_all(article),
        )

    def _summary(self, text: str) -> str:
        # No sentence is looked for beyond twice the limit: a summary may be a whole book.
        words = _words(text[: 2 * SUMMARY_LIMIT])
        return first_sentences(words, self.settings.site.language, SUMMARY_LIMIT)

    def _read_all(self, article: Article) -> Link | None:
        names = _names(article.topics)
        url = category_url(self.settings, article.topics[0]) if names else None
        return Link(names[0], self._url(url)) if url else None

    def _correction(self, article: Article) -> Correction:
        changed_on = article.modified_at.astimezone(self.newsletter.timezone or self.settings.site.timezone).date()
        return Correction(_title(article.title) or self._url(article.url), self._url(article.url), changed_on)

    def _url(self, address: str) -> str:
        return self.tracker.mark(without_tokens(address))


def _words(text: str) -> str:
    return one_line(without_tokens(text))


def _title(text: str) -> str:
    return cut_at_word(_words(text), TITLE_LIMIT)


def _names(names: Sequence[str]) -> tuple[str, ...]:
    return tuple(cut_at_word(name, NAME_LIMIT) for name in map(_words, names[:NAMES_LIMIT]) if name)
