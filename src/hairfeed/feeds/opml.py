"""The list of all feeds as OPML 2.0 (http://opml.org/spec2.opml), for readers that import subscriptions."""

from collections.abc import Sequence
from email.utils import format_datetime

from lxml import etree

from hairfeed.feeds.feed import Feed, as_html, publishable, written_in
from hairfeed.text.markup import without_forbidden


def build_opml(title: str, feeds: Sequence[Feed]) -> bytes:
    """All feeds, each once, as RSS; in UTF-8. The newest change of any of them is the list's own."""
    root = etree.Element("opml", version="2.0")
    head = etree.SubElement(root, "head")
    etree.SubElement(head, "title").text = as_html(without_forbidden(title))
    fit = [publishable(feed) for feed in feeds]
    newest = max(fit, key=lambda feed: feed.updated_at)
    etree.SubElement(head, "dateModified").text = format_datetime(written_in(newest.zone, newest.updated_at))
    etree.SubElement(head, "ownerName").text = newest.author
    body = etree.SubElement(root, "body")
    for feed in fit:
        etree.SubElement(
            body,
            "outline",
            type="rss",
            version="RSS2",
            text=as_html(feed.title),
            title=as_html(feed.title),
            description=as_html(feed.description),
            language=feed.language,
            htmlUrl=feed.home_url,
            xmlUrl=feed.addresses.rss,
        )
    return bytes(etree.tostring(root, encoding="UTF-8", xml_declaration=True, pretty_print=True))
