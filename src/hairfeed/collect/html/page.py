"""A `.html` page, of the operator's own folder or of a website: who, what and when from its head, the text from its body.

Everything is read off the page; nothing is fetched. The head is read before the body, since the body is cut out of the same tree.
"""

import re
from collections.abc import Mapping
from html import unescape

from hairfeed.collect.html import body as html_body
from hairfeed.collect.html import head as html_head
from hairfeed.collect.html.dates import Dates, dates
from hairfeed.collect.html.image import lead_image
from hairfeed.collect.html.kind import is_article, signs
from hairfeed.collect.html.match import SENTENCE_END, key
from hairfeed.collect.html.recording import page_recording
from hairfeed.collect.html.tree import Document, read_document
from hairfeed.collect.pages import Page
from hairfeed.errors import PageError

_TAG = re.compile("<[^<>]*>")
_PARAGRAPH = re.compile(r"<p\b.*?</p>", re.DOTALL)
_BLOCK_END = re.compile(r"</(?:p|h\d|li|div|figcaption)>")
_TOP = 10_000  # characters of HTML that a summary made of the beginning is looked for in
# A choice that leaves more than this share of an operator's page out is not believed.
_SMALLEST_CHOICE = 0.5
_FEWEST_CHARACTERS = 250


def parse(text: str, url: str | None = None, selectors: Mapping[str, str] | None = None) -> Page:
    """Read a page.

    `url` is where a website has it; without one it is a page of the operator's own folder, which loses no text: its `<article>` or
    `<main>` is the body. `selectors` are the CSS selectors of the source's config by field (`html.tree.SELECTABLE`) and override
    everything else.

    Raises:
        PageError: it has no title or no text, nests its tags too deep, or a selector cannot be used.
    """
    document = read_document(text, url, selectors)
    title = html_head.title(document)
    if not title:
        raise PageError("has no title; give it an <h1> or a <title>")
    stated = dates(document, guess=url is not None)
    names, topics = html_head.authors(document), html_head.topics(document)
    summary, image = html_head.summary(document, title), lead_image(document)
    enclosure = page_recording(document)
    seen = signs(document, is_dated=stated.published is not None)
    html, (printed, signer) = _body(document, title)
    text_length = _text_length(html)
    if not text_length:
        raise PageError("has no text below its title")
    published = _with_date_line(stated, printed)
    if summary and not document.selected("summary") and _is_cut_out(summary, html):
        summary = None
    return Page(
        title=title,
        html=html,
        date_text=published.published,
        authors=names or tuple(filter(None, [signer])),
        topics=topics,
        summary=summary,
        url=next(iter(document.root.xpath("//link[@rel='canonical']/@href")), None),
        draft=html_head.is_draft(document),
        image=image,
        enclosure=enclosure,
        updated_text=published.updated,
        language=html_head.language(document),
        date_is_guess=published.is_guess,
        is_article=url is None or is_article(document, seen, title, text_length, has_date=published.published is not None),
    )


def _is_cut_out(summary: str, html: str) -> bool:
    """Whether a machine made it of the article's beginning: with a caption, a heading or a list in it, or half a sentence.

    What is one whole paragraph or heading was written to stand for itself.
    """
    top, letters = html[:_TOP], key(summary)
    if letters not in _letters(top) or letters in map(_letters, _BLOCK_END.split(top)):
        return False
    return letters not in _letters("".join(_PARAGRAPH.findall(top))) or SENTENCE_END.search(summary) is None


def _letters(html: str) -> str:
    return key(unescape(_TAG.sub(" ", html)))


def _with_date_line(stated: Dates, printed: str | None) -> Dates:
    """The dates, where a date line comes before a guess and behind everything that the markup states."""
    if printed and (stated.is_guess or stated.published is None):
        return Dates(printed, stated.updated)
    return stated


def _body(document: Document, title: str) -> tuple[str, tuple[str | None, str | None]]:
    """The HTML of the text, with the date and the author of its date line."""
    if document.selected("body"):
        return html_body.selected_body(document), (None, None)
    if document.url is None:
        return _folder_body(document, title)
    signed = html_body.signed_date(document)
    return html_body.article_body(document, title), signed


def _folder_body(document: Document, title: str) -> tuple[str, tuple[str | None, str | None]]:
    """The body of the operator's own page: as it is marked, else above its date line, else what looks like the article."""
    body, is_explicit = html_body.folder_body(document)
    signed = html_body.cut_at_date_line(body)
    whole = html_body.finished(body, document)
    if is_explicit or signed[0] or _text_length(whole) < _FEWEST_CHARACTERS:
        return whole, signed
    chosen = html_body.article_body(document, title)
    return chosen if _text_length(chosen) >= _SMALLEST_CHOICE * _text_length(whole) else whole, signed


def _text_length(html: str) -> int:
    """The characters of a text without tags and white space around it."""
    return len(_TAG.sub("", html).strip())
