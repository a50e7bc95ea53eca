"""XML that is not well-formed, mended so far that the entries of a feed can be read."""

import re
from dataclasses import dataclass
from html import escape, unescape
from xml.parsers import expat

from hairfeed.collect.feed.decoding import xml_characters
from hairfeed.errors import PageError

# feedparser takes up to 0.1 ms a tag, and a fifth of that a reference: this is half a minute, and some ten thousand entries.
_MOST_TAGS = 300_000
_REFERENCES_A_TAG = 5
_PREFIX = re.compile(r"\sxmlns:([^\s=]{1,100})")
_MOST_PREFIXES = 200
_CDATA = re.compile(r"<!\[CDATA\[.*?(?:\]\]>|\Z)", re.DOTALL)
# CDATA as a whole, to leave it alone, and every ampersand outside.
_REFERENCE = re.compile(_CDATA.pattern + r"|&(?:(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z]\w{0,31});)?", re.DOTALL)
_XML_REFERENCES = frozenset({"&amp;", "&lt;", "&gt;", "&quot;", "&apos;"})
_ENTRY_END = re.compile(r"</(?:[\w.-]+:)?(?:item|entry)\s*>", re.IGNORECASE)
_ENTRY_START = re.compile(r"<(?:[\w.-]+:)?(?:item|entry)[\s>]", re.IGNORECASE)


def check_size(xml: str) -> None:
    """Refuse what feedparser would take minutes for: its time grows with the tags, and with the prefixes that each looks up.

    Raises:
        PageError: there are too many of them.
    """
    before, *pieces = xml.split("<![CDATA[")
    xml = before + "".join(piece.partition("]]>")[2] for piece in pieces)
    if xml.count("<") + xml.count("&") // _REFERENCES_A_TAG > _MOST_TAGS:
        raise PageError(f"has more than {_MOST_TAGS} tags, or as many references: no feed needs them")
    if len(set(_PREFIX.findall(xml))) > _MOST_PREFIXES:
        raise PageError(f"has more than {_MOST_PREFIXES} prefixes for namespaces: no feed needs them")


@dataclass(frozen=True, slots=True)
class Mended:
    """XML, and notes on what was wrong with it."""

    xml: str
    is_sound: bool
    """It is well-formed, now if not before."""
    notes: tuple[str, ...] = ()


def mended(xml: str, root: str) -> Mended:
    """The XML, well-formed if two small mends can make it so; `root` is the name of its root element, where it begins."""
    fault = _fault(xml)
    if fault is None:
        return Mended(xml, is_sound=True)
    note = f"is no well-formed XML ({fault})"
    xml = _REFERENCE.sub(_known_reference, xml)
    if _fault(xml) is None:
        return Mended(xml, is_sound=True, notes=(note,))
    if (whole := _ended(xml, root)) is not None:
        return Mended(whole, _fault(whole) is None, (note,))
    whole = _cut_off(xml, root)
    return Mended(whole, _fault(whole) is None, (note, "breaks off; only the entries before are read"))


def _fault(xml: str) -> str | None:
    """What is not well-formed in it, with line and column from its root element on."""
    try:
        expat.ParserCreate(namespace_separator=" ").Parse(xml, True)  # noqa: FBT003 - it takes no keywords
    except expat.ExpatError as error:
        return str(error)
    return None


def _known_reference(found: re.Match[str]) -> str:
    """An ampersand as XML takes it: HTML's entities become characters, what is no reference at all becomes text."""
    reference = found[0]
    if reference.startswith("<") or reference in _XML_REFERENCES:
        return reference
    return escape(xml_characters(unescape(reference)), quote=False)


def _ended(xml: str, root: str) -> str | None:
    """The XML without what follows its end; None when its end is missing."""
    end = xml.rfind(f"</{root}")
    return None if end < 0 else f"{xml[:end]}</{root}>"


def _cut_off(xml: str, root: str) -> str:
    """XML that breaks off, ended behind its last whole entry."""
    ends = [found.end() for found in _ENTRY_END.finditer(xml)]
    first = _ENTRY_START.search(xml)
    kept = xml[: ends[-1] if ends else first.start() if first else len(xml)]
    return f"{kept}</channel></{root}>" if root.lower() == "rss" else f"{kept}</{root}>"
