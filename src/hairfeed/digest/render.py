"""A digest's content turned into a subject, a preheader, an HTML part and a text part.

The templates are Jinja2's: a newsletter whose `template` is `digest` has `digest.html` and `digest.txt` in
`templates/email/`. They may use

- `subject`, `preheader`, `newsletter` (`title`), `number`, `issued_on`, `unsubscribe_url`, `feed_url`;
- `site`: `title`, `url`, `postal_address`, `notice` and what else `[site]` holds; `language`; `direction`: `ltr` or `rtl`;
- `featured` and `also`: articles with `title`, `url`, `summary`, `topics`, `authors`, `published_on`;
- the filters `date_in_words` (8 August 2024) and `wrap` (lines of 76 columns), beside Jinja2's own.

A name that is none of these is an error. In `.html` everything is escaped.
"""

from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path

from hairfeed.digest.content import DigestArticle, DigestContent
from hairfeed.digest.inline import inline
from hairfeed.errors import TemplateError
from hairfeed.templates import TemplateSet
from hairfeed.text.words import cut_at_word, date_in_words, one_line, wrap

SUBJECT_LIMIT = 90
"""Characters of a subject; a phone shows about half of them."""
PREHEADER_MIN = 40
PREHEADER_LIMIT = 130
"""Characters of a preheader: an inbox shows between these many beside the subject."""

_RIGHT_TO_LEFT = frozenset({"ar", "dv", "fa", "he", "ps", "sd", "ug", "ur", "yi"})


@dataclass(frozen=True, slots=True)
class Rendering:
    """One finished digest, the same for everybody who gets it. `html` is inlined and final."""

    subject: str
    preheader: str
    html: str
    text: str


class Templates:
    """The e-mail templates: the operator's own, and HairFeed's where there is no own one by that name."""

    def __init__(self, own: Path | None) -> None:
        """`own` is the operator's folder, which holds an `email/` folder; None when there is none."""
        self._templates = TemplateSet(own, "email", {"date_in_words": date_in_words, "wrap": wrap})

    def render(self, content: DigestContent) -> Rendering:
        """The digest in full.

        Raises:
            TemplateError: a template is missing or faulty; the message names its file and line, and what is wrong.
        """
        content = _tidied(content)
        subject, preheader = _subject(content), _preheader(content)
        names = _names(content) | {"subject": subject, "preheader": preheader}
        name = content.newsletter.template
        return Rendering(
            subject, preheader, html=self._html(f"{name}.html", names), text=self._templates.fill(f"{name}.txt", names)
        )

    def _html(self, name: str, names: dict[str, object]) -> str:
        page = self._templates.fill(name, names)
        try:
            return inline(page)
        except TemplateError as error:
            raise TemplateError(f"{self._templates.file(name)}: {error}") from error


def _subject(content: DigestContent) -> str:
    """The first article's title and how many more there are: one line of at most `SUBJECT_LIMIT` characters."""
    more = len(content.featured) + len(content.also) - 1
    ending = f" + {more} more" if more else ""
    return cut_at_word(content.featured[0].title, SUBJECT_LIMIT - len(ending)) + ending


def _preheader(content: DigestContent) -> str:
    """What the inbox shows after the subject, and does not repeat it: the other titles, else the first article's summary."""
    first, *others = (*content.featured, *content.also)
    line = " · ".join(article.title for article in others)
    if len(line) < PREHEADER_MIN:
        line = " · ".join(part for part in (line, first.summary) if part)
    line = cut_at_word(line, PREHEADER_LIMIT)
    return line if line and line != _subject(content) else f"{content.newsletter.title}, {date_in_words(content.issued_on)}"


def _names(content: DigestContent) -> dict[str, object]:
    """What the templates may call by name."""
    return {
        "language": content.language,
        "site": content.site,
        "direction": "rtl" if content.language.partition("-")[0] in _RIGHT_TO_LEFT else "ltr",
        "newsletter": content.newsletter,
        "number": content.number,
        "issued_on": content.issued_on,
        "featured": content.featured,
        "also": content.also,
        "unsubscribe_url": content.unsubscribe_url,
        "feed_url": content.feed_url,
    }


def _tidied(content: DigestContent) -> DigestContent:
    """`content` with texts that fit into one line, and with no two articles by one title: a link's text says where it leads."""
    articles = [_in_one_line(article) for article in (*content.featured, *content.also)]
    count = Counter(article.title for article in articles)
    told_apart = [_dated(article) if count[article.title] > 1 else article for article in articles]
    border = len(content.featured)
    return replace(content, featured=told_apart[:border], also=told_apart[border:])


def _in_one_line(article: DigestArticle) -> DigestArticle:
    topics = tuple(map(one_line, article.topics))
    return replace(article, title=one_line(article.title), summary=one_line(article.summary), topics=topics)


def _dated(article: DigestArticle) -> DigestArticle:
    return replace(article, title=f"{article.title} ({date_in_words(article.published_on)})")
