"""A digest made to fit: mail programs cut a long one off, with its end and the way to leave (Gmail at 102 KB).

What is given up, one after the other: the length of summaries, articles with a summary, articles by title. Pure, but for the
rendering that is passed in.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from html import escape
from typing import TYPE_CHECKING, Protocol

from hairfeed.digest.content import DigestArticle, DigestContent
from hairfeed.errors import TemplateError
from hairfeed.text.excerpt import excerpt, first_sentences
from hairfeed.text.merge import Mergeable, Placeholder

if TYPE_CHECKING:
    # Whoever renders nothing does not load the libraries for it.
    from hairfeed.digest.render import Rendering

LIMIT = 90_000
"""Bytes of the HTML part, with its placeholders filled in. Some room is left for what a provider adds."""

_SUMMARIES = (300, 200, 120)
"""Characters of a summary, ever fewer; a first sentence stays whole."""


class Renderer(Protocol):
    """Gives a digest its form."""

    def render(self, content: DigestContent) -> "Rendering":
        """The digest in full.

        Raises:
            TemplateError: a template is missing or faulty.
        """


@dataclass(frozen=True, slots=True)
class Trim:
    """What was given up."""

    summaries: bool = False
    """Whether they are shorter."""
    moved: int = 0
    """Articles by title that had room for a summary by the config."""
    dropped: int = 0
    """Articles that are counted only."""

    def __str__(self) -> str:
        """In words; empty where nothing was given up."""
        moved, dropped = (f"{count} {'article' if count == 1 else 'articles'}" for count in (self.moved, self.dropped))
        parts = [
            "shorter summaries" if self.summaries else "",
            f"{moved} by title only" if self.moved else "",
            f"{dropped} left to the site" if self.dropped else "",
        ]
        return ", ".join(filter(None, parts))


@dataclass(frozen=True, slots=True)
class Fitted:
    """A rendering that fits. `size` is in bytes of HTML, with the longest values that its placeholders can take."""

    rendering: "Rendering"
    trim: Trim
    size: int


def fit(content: DigestContent, renderer: Renderer, longest: Mapping[Placeholder, int]) -> Fitted:
    """The digest with as much of `content` as fits into `LIMIT`. `longest` gives the bytes of HTML that a value can take.

    Raises:
        TemplateError: it does not fit whatever is given up, or a template is faulty.
    """
    steps = _steps(content)
    best = _fitted(steps[0], renderer, longest)
    if best.size <= LIMIT:
        return best
    smallest = best = _fitted(steps[-1], renderer, longest)
    if smallest.size > LIMIT:
        raise TemplateError(
            f"the mail has {smallest.size} bytes of HTML with one article alone, and mail programs cut it off after {LIMIT}; "
            f"shorten the template {content.newsletter.template}.html, or keep the article out: "
            f"hairfeed articles hold {content.featured[0].id}"
        )
    # Each step is smaller than the one before it: the first that fits is found by halving.
    too_big, fits = 0, len(steps) - 1
    while fits - too_big > 1:
        middle = (too_big + fits) // 2
        tried = _fitted(steps[middle], renderer, longest)
        if tried.size <= LIMIT:
            fits, best = middle, tried
        else:
            too_big = middle
    return best


def size_of(html: str, longest: Mapping[Placeholder, int]) -> int:
    """Bytes of the HTML when every placeholder takes its longest value.

    Raises:
        TemplateError: a placeholder was broken.
    """
    try:
        parts = Mergeable.of(html)
    except ValueError as error:
        raise TemplateError(f"{error}; a template must print addresses and names as they are") from error
    texts = sum(len(text.encode()) for text in parts.texts)
    return texts + sum(max(longest[one.placeholder], len(escape(one.otherwise).encode())) for one in parts.fields)


@dataclass(frozen=True, slots=True)
class _Step:
    content: Callable[[], DigestContent]
    trim: Trim


def _steps(content: DigestContent) -> list[_Step]:
    """The content as it is, and ever smaller ones."""
    shortest = len(_SUMMARIES)
    featured, also = len(content.featured), len(content.also)
    steps = [_step(content, level, featured, also) for level in range(shortest + 1)]
    steps += [_step(content, shortest, count, featured - count + also) for count in range(featured - 1, 0, -1)]
    return steps + [_step(content, shortest, 1, count) for count in range(featured + also - 2, -1, -1)]


def _step(content: DigestContent, level: int, featured: int, also: int) -> _Step:
    """Summaries of a level, and so many articles; what loses its summary is by title, before the others."""

    def smaller() -> DigestContent:
        kept = [_shortened(article, content.site.language, level) for article in content.featured[:featured]]
        by_title: Sequence[DigestArticle] = [*content.featured[featured:], *content.also]
        dropped = len(by_title) - also
        return replace(content, featured=kept, also=by_title[:also], trimmed=content.trimmed + dropped)

    moved = len(content.featured) - featured
    dropped = moved + len(content.also) - also
    return _Step(smaller, Trim(level > 0, min(moved, also), dropped))


def _shortened(article: DigestArticle, language: str, level: int) -> DigestArticle:
    if level == 0:
        return article
    limit = _SUMMARIES[level - 1]
    summary = article.summary if len(article.summary) <= limit else excerpt([article.summary], language) or article.summary
    return replace(article, summary=first_sentences(summary, language, limit))


def _fitted(step: _Step, renderer: Renderer, longest: Mapping[Placeholder, int]) -> Fitted:
    rendering = renderer.render(step.content())
    return Fitted(rendering, step.trim, size_of(rendering.html, longest))
