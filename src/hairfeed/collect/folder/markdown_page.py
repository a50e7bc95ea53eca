"""A `.md` or `.mdx` page as Jekyll, Hugo, Pelican, Eleventy and Astro know it: Markdown under front matter.

`aliases` and `redirect_from` are not read: an article that moves is known by its text or its path. Pages in
reStructuredText (`.rst`) are not read at all.
"""

import re
from collections.abc import Iterable
from functools import lru_cache

from markdown_it import MarkdownIt
from mdit_py_plugins.footnote import footnote_plugin

from hairfeed.collect.folder import front_matter
from hairfeed.collect.folder.conventions import PLAIN, Convention, Generator
from hairfeed.collect.folder.front_matter import NO, YES, FrontMatter
from hairfeed.collect.folder.markdown_cleaning import clean
from hairfeed.collect.pages import Page
from hairfeed.collect.recordings import best, recording
from hairfeed.errors import PageError
from hairfeed.models.articles import Enclosure, LeadImage

_LINE_END = re.compile("\r\n|\r")
_FIRST_HEADING = re.compile(r"\s*#[ \t]+(?P<title>[^\n]+)(\n|$)")
_DATE_IN_NAME = re.compile(r"(?P<date>\d{4}-\d{1,2}-\d{1,2})-")
# What stands for pages that are shown to nobody, or to those only who have the link.
_UNLISTED = frozenset({"draft", "hidden", "private", "skip", "noindex", "unlisted"})
_IMAGES = ("image", "cover", "featured_image", "featuredImage", "og_image", "heroImage", "coverImage")
# Where the recording is, in a text or in a table; what is said of it, in that table or beside it.
_RECORDINGS = ("audio", "enclosure", "podcast", "podcast_file", "video")
_RECORDING_ADDRESSES = ("url", "src", "path", "file")
_LENGTHS, _DURATIONS = ("length", "bytes", "podcast_bytes"), ("duration", "podcast_duration")


def parse(text: str, name: str, convention: Convention = PLAIN) -> Page:
    """Read a page; `name` is that of its file, or of its folder in a bundle: it may begin with the date (`2024-08-08-title.md`).

    Raises:
        PageError: the front matter is broken, or there is no title or no text.
    """
    front, body = front_matter.split(_LINE_END.sub("\n", text), loose=convention.generator is Generator.PELICAN)
    title = front.text("title")
    heading = _FIRST_HEADING.match(body)
    headline = heading["title"].rstrip(" \t").rstrip("#").rstrip(" \t") if heading else ""
    if heading and headline and title in (None, headline):
        title, body = headline, body[heading.end() :]
    if not title:
        raise PageError("has no title; write 'title: …' in its front matter, or '# …' as its first line")
    if not body.strip():
        raise PageError("has no text below its title")
    separator = front.text("excerpt_separator") or convention.excerpt_separator
    cleaned = clean(body, mdx=name.lower().endswith(".mdx"), separator=separator)
    html = name.lower().endswith((".html", ".htm"))
    in_name = _DATE_IN_NAME.match(name)
    date_text, address_date_text = _dates(front)
    categories = _categories(front, convention)
    return Page(
        title=title,
        html=cleaned.text if html else _markdown().render(cleaned.text),
        date_text=date_text or (in_name["date"] if in_name else None),
        authors=_authors(front),
        topics=categories or _topics(front, "tags", convention) or front.texts("tag"),
        summary=front.text("summary", "description", "excerpt") or _markdown().render(cleaned.lead) or None,
        url=None if front.says_no("permalink") else front.text("url", "permalink"),
        draft=_is_draft(front),
        updated_text=front.text("lastmod", "updated", "modified", "last_modified_at", "updatedDate"),
        image=_image(front),
        enclosure=_recording(front),
        language=front.text("language", "lang", "locale"),
        categories=categories,
        slug=front.text("slug"),
        expiry_text=front.text("expiryDate"),
        address_date_text=address_date_text,
        aliases=_aliases(front),
    )


@lru_cache(maxsize=1)
def _markdown() -> MarkdownIt:
    markdown = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).use(footnote_plugin)
    # A way back from a note is for the page in a browser, not for a mail or a feed.
    markdown.add_render_rule("footnote_anchor", lambda *_: "")
    return markdown


def _image(front: FrontMatter) -> LeadImage | None:
    addresses = (front.inner(key, "url", "src", "path", "image") for key in _IMAGES)
    address = next(filter(None, addresses), None)
    return LeadImage(address) if address else None


def _recording(front: FrontMatter) -> Enclosure | None:
    """No page is refused for it: other themes mean other things by these names."""
    try:
        return best(_recording_at(key, front) for key in _RECORDINGS)
    except PageError:
        return None


def _recording_at(key: str, front: FrontMatter) -> Enclosure | None:
    own = front.table(key)
    return recording(
        front.inner(key, *_RECORDING_ADDRESSES),
        own.text("type"),
        own.text(*_LENGTHS) or front.text(*_LENGTHS),
        own.text(*_DURATIONS) or front.text(*_DURATIONS),
    )


def _dates(front: FrontMatter) -> tuple[str | None, str | None]:
    """When the article is due, and the other date that its address is made of, if it is another.

    Hugo publishes at `publishDate`, whatever `date` says. Jekyll's `published` says yes or no; elsewhere it is a date.
    """
    due, *dates = [
        text if text and text.lower() not in NO | YES else None
        for text in map(front.text, ("publishDate", "date", "published", "pubDate"))
    ]
    date = next(filter(None, dates), None)
    return due or date, date if due else None


def _aliases(front: FrontMatter) -> tuple[str, ...]:
    """Hugo's `aliases`, Jekyll's `redirect_from`. They are for those who come late: no page is refused for them."""
    try:
        return (*front.texts("aliases", "alias"), *front.texts("redirect_from"))
    except PageError:
        return ()


def _is_draft(front: FrontMatter) -> bool:
    return (
        front.says_yes("draft", "private", "hidden", "noindex", "unlisted", "headless", "eleventyExcludeFromCollections")
        or front.says_no("published", "permalink")
        or (front.text("status") or "").lower() in _UNLISTED
        or "noindex" in " ".join(front.texts("robots")).lower()
    )


def _authors(front: FrontMatter) -> tuple[str, ...]:
    """One author as written; of several in one text, as Pelican has them: with `;` between, or else with commas."""
    if one := front.texts("author"):
        return one
    several = front.texts("authors")
    if front.is_list("authors"):
        return several
    return _parts(several, ";" if ";" in "".join(several) else ",")


def _categories(front: FrontMatter, convention: Convention) -> tuple[str, ...]:
    return front.texts("category") or _topics(front, "categories", convention)


def _topics(front: FrontMatter, key: str, convention: Convention) -> tuple[str, ...]:
    """Several topics: a list, or a text with commas between them, or, for Jekyll, spaces."""
    topics = front.texts(key)
    if front.is_list(key):
        return topics
    by_spaces = convention.generator is Generator.JEKYLL and "," not in "".join(topics)
    return _parts(topics, None if by_spaces else ",")


def _parts(texts: Iterable[str], mark: str | None) -> tuple[str, ...]:
    return tuple(part.strip() for text in texts for part in text.split(mark) if part.strip())
