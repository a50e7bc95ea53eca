"""RSS 2.0 (https://www.rssboard.org/rss-specification). Pure."""

from collections.abc import Iterator

from lxml import etree

from hairfeed.feeds.check import rules
from hairfeed.feeds.check.finding import ANEW, Finding, Reading, unreadable
from hairfeed.feeds.check.rules import NAMESPACES


def check_rss(content: bytes) -> Reading:
    """What is in an RSS file, and what is wrong with it."""
    root = rules.parsed_xml(content)
    if isinstance(root, Finding):
        return unreadable(root)
    channel = root.find("channel")
    if (root.tag, root.get("version")) != ("rss", "2.0") or channel is None:
        return unreadable(Finding("is no RSS 2.0 with a channel", ANEW))
    items = channel.findall("item")
    links = [(link.get("rel"), link.get("href", "")) for link in channel.findall("atom:link", NAMESPACES)]
    return Reading(
        [*_channel(channel, links), *(finding for item in items for finding in _item(item))],
        {item.findtext("guid", ""): (item.findtext("title", ""), item.findtext("link", "")) for item in items},
        next((href for rel, href in links if rel == "self"), None),
        tuple(href for rel, href in links if rel in {"prev-archive", "current"}),
        len(items),
    )


def _channel(channel: etree._Element, links: list[tuple[str | None, str]]) -> Iterator[Finding]:
    yield from rules.missing((name, channel.findtext(name)) for name in ("title", "link", "description"))
    yield from rules.addresses([("link", channel.findtext("link")), *((f"link rel={rel}", href) for rel, href in links)])
    for name in ("lastBuildDate", "pubDate"):
        yield from rules.rfc_822(name, channel.findtext(name))
    yield from rules.addresses(("itunes:image", image.get("href", "")) for image in channel.findall("itunes:image", NAMESPACES))
    yield from rules.identities(guid.text or "" for guid in channel.findall("item/guid"))


def _item(item: etree._Element) -> Iterator[Finding]:
    place = item.findtext("guid") or item.findtext("title") or "an item without guid and title"
    yield from rules.missing(((name, item.findtext(name)) for name in ("title", "link", "description", "guid", "pubDate")), place)
    guid = item.find("guid")
    if guid is not None and guid.get("isPermaLink") != "false" and not (guid.text or "").startswith(("http:", "https:")):
        yield Finding('its guid is no web address and must say isPermaLink="false"', ANEW, place)
    yield from rules.rfc_822("pubDate", item.findtext("pubDate"), place)
    urls = item.xpath("atom:link/@href | media:thumbnail/@url | itunes:image/@href", namespaces=NAMESPACES)
    yield from rules.addresses([("link", item.findtext("link")), *(("link", str(url)) for url in urls)], place)
    for name in ("description", "content:encoded"):
        yield from rules.html(item.findtext(name, "", NAMESPACES), place)
    for one in item.findall("enclosure"):
        yield from rules.enclosure(one.get("url"), one.get("length"), one.get("type"), place, must=True)
