"""When an HTML page was published and edited: what its markup states, else a guess that says it is one."""

import logging
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from lxml import html as lxml_html

from hairfeed.collect.html.tree import Document, is_elsewhere, line_of, names_of
from hairfeed.errors import DateError
from hairfeed.text.date_order import DateOrder
from hairfeed.text.dates import read_date

_PUBLISHED_METAS = (
    *("article:published_time", "og:published_time", "og:article:published_time", "article:published", "datepublished"),
    *("citation_publication_date", "citation_online_date", "citation_date", "dcterms.created", "dcterms.issued", "dc.date.issued"),
    *("dc.date.created", "dcterms.date", "dc.date", "parsely-pub-date", "sailthru.date", "pubdate", "publishdate", "publish_date"),
    *("publish-date", "publication_date", "published_date", "og:pubdate", "rnews:datepublished", "bt:pubdate", "ptime", "date"),
)
_MODIFIED_METAS = ("article:modified_time", "og:updated_time", "datemodified", "dcterms.modified", "last-modified", "revised")

_IS_PUBLISHED = re.compile(r"publish|pubdate|posted|created|entry-date|post-date|datepub", re.IGNORECASE)
_IS_MODIFIED = re.compile(r"modif|updat|revis|edited|aktualis", re.IGNORECASE)
_IS_DATE_NAME = re.compile(
    r"(?:^|[-_\s])(?:\w*date|date\w*|pub(?:lish(?:ed)?)?|posted(?:-on)?|timestamp)(?:$|[-_\s])", re.IGNORECASE
)
_BEFORE_DATE = re.compile(
    r"^(?:(?:first |originally )?(?:published|posted|date|written|created|updated|last updated)(?: on| at)?:?|on)\s+", re.IGNORECASE
)
_WHOLE_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d.*")
_LONGEST_DATE = 60
_ANY_ZONE = ZoneInfo("UTC")
# What content systems write where they know no date.
_PLACEHOLDER = re.compile(r"(?:0000|0001|1900|1970-01-01)")

_LOOKS_LIKE_DATE = re.compile(
    r"\b\d{4}[-/.]\d{1,2}[-/.]\d{1,2}\b|\b\d{1,2}[-/.]\d{1,2}[-/.]\d{4}\b"
    r"|\b\d{1,2}\.?(?:º|er|st|nd|rd|th)?(?: de| of)? [^\W\d]{3,12}\.?,?(?: de)? \d{4}\b"
    r"|\b[^\W\d]{3,12}\.? \d{1,2}(?:st|nd|rd|th)?,? \d{4}\b"
    r"|\d{4}\s?年\s?\d{1,2}\s?月\s?\d{1,2}\s?日"
)
_DATE_IN_ADDRESS = re.compile(r"/((?:19|20)\d\d)[/-](\d{1,2})[/-](\d{1,2})(?:[/-]|$)")
_MOST_WORDS_BESIDE_DATE = 12
_MOST_SIGNS = 3
_BEFORE_TEXT = 25  # words that a block must have to be the article's text


@dataclass(frozen=True, slots=True)
class Dates:
    """`published` and `updated` as printed; `is_guess` when nothing structured tells `published`."""

    published: str | None = None
    updated: str | None = None
    is_guess: bool = False


def dates(document: Document, *, guess: bool) -> Dates:
    """The page's dates, the most deliberate statement first: config, JSON-LD, meta, microdata, `<time>`, a named element.

    An edit never counts as the publication. With `guess` the last resort is what stands near the headline or in the address,
    and only what a date can be seen in: an undated page stays undated.
    """
    updated = _readable(
        [document.declared.modified, *_contents(document, _MODIFIED_METAS), *_marked_times(document, modified=True)]
    )
    if published := _readable(_structured(document)):
        return Dates(published, updated)
    if published := next(_named(document), None):
        return Dates(published, updated)
    if guess:
        return _guessed(document, updated)
    # In the operator's own folder what cannot be read is shown to a person, who can mend it.
    return Dates(next(filter(None, _structured(document)), None), updated)


def _structured(document: Document) -> Iterator[str | None]:
    yield from (_stated(element) for element in document.selected("date"))
    yield document.declared.published
    yield from _contents(document, _PUBLISHED_METAS)
    yield from _marked_times(document, modified=False)
    yield from _titled_times(document)
    yield from _printed_times(document)


def _contents(document: Document, names: Iterable[str]) -> Iterator[str]:
    return (text for name in names for text in document.metas.get(name, ()))


def _stated(element: lxml_html.HtmlElement) -> str:
    stated = element.get("datetime") or element.get("content") or element.get("title")
    return (stated if stated and is_date(stated) else line_of(element)).strip()


def _marked_times(document: Document, *, modified: bool) -> Iterator[str]:
    """Elements whose microdata or class says which of the two dates they are."""
    wanted = _IS_MODIFIED if modified else _IS_PUBLISHED
    for element in document.root.xpath("//*[@itemprop] | //time[@class or @pubdate] | //abbr[@class and @title]"):
        names = f"{element.get('itemprop', '')} {element.get('class', '')} {'pubdate' if 'pubdate' in element.attrib else ''}"
        is_other = not modified and _IS_MODIFIED.search(names) and "published" not in names.lower()
        if wanted.search(names) and not is_other and element.tag != "meta" and not is_elsewhere(element):
            yield _stated(element)


def _titled_times(document: Document) -> Iterator[str]:
    """Whole times in a `title`: what stands behind "3 hours ago" and the like."""
    for element in document.root.xpath("//body//*[contains(@title, 'T') and contains(@title, ':')]"):
        stated = element.get("title").strip()
        is_edit = _IS_MODIFIED.search(f"{names_of(element)} {_label(element)}")
        if _WHOLE_TIME.fullmatch(stated) and not is_edit and not is_elsewhere(element):
            yield stated


def _printed_times(document: Document) -> Iterator[str]:
    """The times of the article, in the order of the page: those in an `<article>` before those outside."""
    found = document.root.xpath("//article//time") or document.root.xpath("//time")
    for element in found:
        names = f"{names_of(element)} {element.get('itemprop', '')} {_label(element)}"
        if not _IS_MODIFIED.search(names) and not is_elsewhere(element):
            yield (element.get("datetime") or line_of(element)).strip()


def _label(element: lxml_html.HtmlElement) -> str:
    """The words right before an element, as in "Updated <time>"."""
    before, parent = element.getprevious(), element.getparent()
    if before is None:
        return str((parent.text if parent is not None else None) or "")
    return str((before.tail or "").strip() or line_of(before)[-_LONGEST_DATE:])


def _named(document: Document) -> Iterator[str]:
    """Dates printed in elements that are called one, before or right below the headline: above the second long paragraph."""
    paragraphs, has_headline = 0, not document.root.xpath("boolean(//body//h1)")
    for element in document.root.iter("*"):
        has_headline = has_headline or element.tag == "h1"
        if element.tag == "p" and has_headline:
            paragraphs += len(line_of(element).split()) >= _BEFORE_TEXT
            if paragraphs > 1:
                return
        names = f"{names_of(element)} {element.get('itemprop', '')}"
        if element.tag in {"time", "meta"} or not _IS_DATE_NAME.search(names) or _IS_MODIFIED.search(names):
            continue
        text = _BEFORE_DATE.sub("", line_of(element)[: 2 * _LONGEST_DATE])
        if is_date(text) and not is_elsewhere(element):
            yield text


def is_date(text: str) -> bool:
    """Whether the whole of `text` is one date in whatever order, and a real one."""
    printed = " ".join(text.split())
    if len(printed) > _LONGEST_DATE or not any(map(str.isdecimal, printed)) or _PLACEHOLDER.match(printed):
        return False
    for order in (None, DateOrder.DMY, DateOrder.MDY):
        try:
            read_date(printed, order=order, zone=_ANY_ZONE)
        except DateError:
            continue
        return True
    return False


def holds_date(text: str) -> bool:
    """Whether something in `text` looks like a whole date, in whatever language."""
    return _LOOKS_LIKE_DATE.search(text) is not None


def _readable(texts: Iterable[str | None]) -> str | None:
    return next((text for text in texts if text and is_date(text)), None)


def _guessed(document: Document, updated: str | None) -> Dates:
    # A sign's own words, not the whole page: there a date can always be found.
    for sign in _signs(document):
        if found := _found_in(sign):
            return Dates(found, updated, is_guess=True)
    if document.url and (parts := _DATE_IN_ADDRESS.search(document.url)):
        day = f"{parts[1]}-{int(parts[2]):02}-{int(parts[3]):02}"
        if is_date(day):
            return Dates(day, updated, is_guess=True)
    return Dates(None, updated)


def _signs(document: Document) -> list[str]:
    """Short lines with a date in them, from the headline to the first paragraphs of the text."""
    signs: list[str] = []
    paragraphs = 0
    for element in document.root.xpath(
        "//body//*[self::p or self::div or self::span or self::li or self::time or self::td or self::h2 or self::h3 or self::small"
        " or self::em or self::i or self::strong or self::b or self::address]"
    ):
        line = line_of(element) if len(element) <= _MOST_WORDS_BESIDE_DATE else ""
        if _IS_MODIFIED.search(f"{names_of(element)} {line[:_LONGEST_DATE]}"):
            continue
        words = len(line.split())
        if words >= _BEFORE_TEXT and element.tag == "p":
            paragraphs += 1
        if paragraphs > 1 or len(signs) >= _MOST_SIGNS:
            break
        if (
            0 < words <= _MOST_WORDS_BESIDE_DATE
            and _LOOKS_LIKE_DATE.search(line)
            and not is_elsewhere(element)
            and element.find(".//a") is None
        ):
            signs.append(line)
    return signs


def _found_in(line: str) -> str | None:
    # Loaded here: most pages state their date, and this is the slowest library of all.
    from htmldate import find_date

    logging.getLogger("htmldate").setLevel(logging.CRITICAL)
    paragraph = lxml_html.Element("p")
    paragraph.text = line
    body = lxml_html.Element("body")
    body.append(paragraph)
    root = lxml_html.Element("html")
    root.append(body)
    try:
        found = find_date(root, original_date=True, extensive_search=True)
    except (ValueError, TypeError, AttributeError, LookupError):
        return None
    agrees = found is not None and found[:4] in line and re.search(rf"(?<!\d)0?{int(found[8:10])}(?!\d)", line)
    return str(found) if agrees else None
