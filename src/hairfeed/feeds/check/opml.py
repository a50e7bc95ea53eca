"""OPML 2.0 (http://opml.org/spec2.opml). Pure."""

from collections import Counter
from collections.abc import Iterator

from lxml import etree

from hairfeed.feeds.check import rules
from hairfeed.feeds.check.finding import ANEW, Finding, Reading, unreadable


def check_opml(content: bytes) -> Reading:
    """What is in a list of feeds, and what is wrong with it."""
    root = rules.parsed_xml(content)
    if isinstance(root, Finding):
        return unreadable(root)
    if (root.tag, root.get("version")) != ("opml", "2.0"):
        return unreadable(Finding("is no OPML 2.0", ANEW))
    feeds = [outline for outline in root.iter("outline") if outline.get("xmlUrl") is not None or not len(outline)]
    return Reading(list(_list(root, feeds)), leads_to=tuple(feed.get("xmlUrl") for feed in feeds if feed.get("xmlUrl")))


def _list(root: etree._Element, feeds: list[etree._Element]) -> Iterator[Finding]:
    yield from rules.missing([("head/title", root.findtext("head/title"))])
    if root.find("body/outline") is None:
        yield Finding("has no body with an outline", ANEW)
    yield from rules.rfc_822("dateModified", root.findtext("head/dateModified"))
    for outline in root.iter("outline"):
        yield from rules.missing([("text", outline.get("text"))], outline.get("title", "") or outline.get("xmlUrl", ""))
    for feed in feeds:
        place = feed.get("text", "")
        yield from rules.missing(((name, feed.get(name)) for name in ("type", "xmlUrl")), place)
        yield from rules.addresses(((name, feed.get(name)) for name in ("xmlUrl", "htmlUrl")), place)
    counted = Counter(feed.get("xmlUrl") for feed in feeds)
    yield from (Finding(f"lists {url} {count} times", ANEW) for url, count in counted.items() if count > 1)
