"""The list of all feeds as OPML 2.0 (http://opml.org/spec2.opml), for readers that import subscriptions."""

from collections.abc import Sequence
from email.utils import format_datetime

from lxml import etree

from hairfeed.feeds.feed import Feed, publishable, written_in


def build_opml(title: str, feeds: Sequence[Feed]) -> bytes:
    """All feeds, each once, as RSS; in UTF-8. The newest change of any of them is the list's own."""
    root = etree.Element("opml", version="2.0")
    head = etree.SubElement(root, "head")
    etree.SubElement(head, "title").text = title
    newest = max(feeds, key=lambda feed: feed.updated_at)
    etree.SubElement(head, "dateModified").text = format_datetime(written_in(newest.zone, newest.updated_at))
    etree.SubElement(head, "ownerName").text = newest.author
    body = etree.SubElement(root, "body")
    for feed in map(publishable, feeds):
        etree.SubElement(
            body,
            "outline",
            type="rss",
            version="RSS2",
            text=feed.title,
            title=feed.title,
            description=feed.description,
            language=feed.language,
            htmlUrl=feed.home_url,
            xmlUrl=feed.addresses.rss,
        )
    return bytes(etree.tostring(root, encoding="UTF-8", xml_declaration=True, pretty_print=True))
