"""Content made fit for a mail: every text in one line and free of placeholders, and no link's text with two targets. Pure."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import fields, is_dataclass, replace
from itertools import count
from typing import TypeVar

from hairfeed.digest.content import Correction, DigestArticle, DigestContent
from hairfeed.digest.sayings import the_rest
from hairfeed.settings.values import Section
from hairfeed.text.merge import without_tokens
from hairfeed.text.translations import Translations
from hairfeed.text.words import one_line

_Content = TypeVar("_Content")

# Addresses of ours: some are placeholders, and are to stay what they are.
_OURS = frozenset({"unsubscribe_url", "preferences_url", "archive_url", "action_url", "feed_url"})


def clean(content: _Content) -> _Content:
    """The content, with every text of it in one line and without anything that could be taken for a placeholder."""
    return replace(content, **{field.name: _clean(field.name, getattr(content, field.name)) for field in fields(content)})  # type: ignore[type-var,arg-type] # dataclasses


def _clean(name: str, value: object) -> object:
    if isinstance(value, str):
        return value if name in _OURS else _plain(value)
    if isinstance(value, tuple | list):
        return tuple(_clean(name, part) for part in value)
    if isinstance(value, Section):
        texts = {key: text for key, text in value if isinstance(text, str)}
        return value.model_copy(update={key: _plain(text) for key, text in texts.items()})
    return clean(value) if is_dataclass(value) else value


def _plain(text: str) -> str:
    # First in one line, for a token may be whole only then.
    return one_line(without_tokens(one_line(text)))


def told_apart(content: DigestContent, words: Translations) -> DigestContent:
    """Content in which a link's text says where it leads: titles that articles share have their dates, and numbers if need be."""
    titles = _Titles(words, _own_texts(content, words))
    articles = titles.of([*content.featured, *content.also])
    border = len(content.featured)
    featured = [titles.within(article) for article in articles[:border]]
    corrections = [titles.correction(correction) for correction in content.corrections]
    return replace(content, featured=featured, also=articles[border:], corrections=corrections)


def _own_texts(content: DigestContent, words: Translations) -> dict[str, str]:
    """The texts of links that every digest may have, with where they lead; nowhere an article could lead."""
    titles = (content.site.title, content.newsletter.title)
    messages = ("View in browser", "Unsubscribe", "Choose what you get", "Read by RSS instead", "Privacy")
    named = [
        words.gettext(message) % {"title": title}
        for message in ("Unsubscribe from %(title)s", "All articles on %(title)s")
        for title in titles
    ]
    return dict.fromkeys([*map(words.gettext, messages), *named, the_rest(content, words)], "")


class _Titles:
    """The texts of links so far, each with the one address it leads to."""

    def __init__(self, words: Translations, taken: dict[str, str]) -> None:
        self._words = words
        self._taken = taken

    def of(self, articles: Sequence[DigestArticle]) -> list[DigestArticle]:
        """The articles with titles of their own."""
        # A title may have consisted of what nobody sees.
        articles = [replace(article, title=article.title or article.url) for article in articles]
        shared = Counter(article.title for article in articles)
        return [self._titled(article, is_shared=shared[article.title] > 1) for article in articles]

    def within(self, article: DigestArticle) -> DigestArticle:
        """The article with what it leads to beside itself, without what would be mistaken for another link."""
        related = tuple(link for link in article.related if link.title and self._take([link.title], link.url))
        everything = self._words.gettext("Read all %(category)s")
        read_all = article.read_all
        if read_all and not (read_all.title and self._take([everything % {"category": read_all.title}], read_all.url)):
            read_all = None
        picture = article.picture
        if picture and picture.alt and not self._take([picture.alt], article.url):
            picture = replace(picture, alt="")
        return replace(article, related=related, read_all=read_all, picture=picture)

    def correction(self, correction: Correction) -> Correction:
        """The correction by a title of its own."""
        date = self._words.date_in_words(correction.corrected_on)
        return replace(
            correction, title=self._free(_named(correction.title or correction.url, date), lambda title: [title], correction.url)
        )

    def _titled(self, article: DigestArticle, *, is_shared: bool) -> DigestArticle:
        names = _named(article.title, self._words.date_in_words(article.published_on))
        if is_shared:
            next(names)
        return replace(article, title=self._free(names, self._texts, article.url))

    def _texts(self, title: str) -> list[str]:
        return [title, self._words.gettext("Read: %(title)s") % {"title": title}]

    def _free(self, names: Iterable[str], texts: Callable[[str], list[str]], url: str) -> str:
        return next(name for name in names if self._take(texts(name), url))

    def _take(self, texts: Sequence[str], url: str) -> bool:
        """Whether these texts may lead there; from now on they lead nowhere else."""
        if any(self._taken.get(text, url) != url for text in texts):
            return False
        self._taken.update(dict.fromkeys(texts, url))
        return True


def _named(title: str, date: str) -> Iterator[str]:
    """A title, the title with its date, and then with numbers, too."""
    yield title
    yield f"{title} ({date})"
    yield from (f"{title} ({date}, {number})" for number in count(2))
