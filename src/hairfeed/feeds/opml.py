"""The list of all feeds as OPML 2.0 (http://opml.org/spec2.opml), for readers that import subscriptions."""

from collections.abc import Sequence

from lxml import etree

from hairfeed.feeds.feed import Feed, FeedKind, as_html, publishable, written
from hairfeed.feeds.feed_words import WORDS
from hairfeed.text.characters import without_forbidden

_GROUPS = {FeedKind.CATEGORY: WORDS.categories, FeedKind.AUTHOR: WORDS.authors}


def build_opml(title: str, feeds: Sequence[Feed]) -> bytes:
    """All feeds, each once, as RSS; in UTF-8. The newest change of any of them is the list's own.

    The site's own feed stands alone; categories and authors are in a group each, which readers import as folders. One level of
    them is all that most readers have. A group has no attribute but its text: with another one it would need a type.
    """
    root = etree.Element("opml", version="2.0")
    head = etree.SubElement(root, "head")
    etree.SubElement(head, "title").text = as_html(without_forbidden(title))
    fit = [publishable(feed) for feed in feeds]
    newest = max(fit, key=lambda feed: feed.updated_at)
    etree.SubElement(head, "dateModified").text = written(newest.zone, newest.updated_at).rfc822
    etree.SubElement(head, "ownerName").text = newest.author
    body = etree.SubElement(root, "body")
    for kind in FeedKind:
        of_kind = [feed for feed in fit if feed.kind == kind]
        name = as_html(without_forbidden(f"{title}: {_GROUPS[kind]}")) if kind in _GROUPS else ""
        group = etree.SubElement(body, "outline", text=name) if of_kind and name else body
        for feed in of_kind:
            _add(group, feed)
    return bytes(etree.tostring(root, encoding="UTF-8", xml_declaration=True, pretty_print=True))


def _add(group: etree._Element, feed: Feed) -> None:
    etree.SubElement(
        group,
        "outline",
        type="rss",
        # The specification's word for RSS 2.0, too.
        version="RSS",
        text=as_html(feed.title),
        title=as_html(feed.title),
        description=as_html(feed.description),
        language=feed.language,
        # What the feed itself has as its link, for readers compare the two.
        htmlUrl=feed.home_url,
        xmlUrl=feed.addresses.rss,
    )
