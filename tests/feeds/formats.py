"""A feed in one format."""

from hairfeed.feeds.feed import Feed, publishable
from hairfeed.feeds.formats import build_formats


def build_rss(feed: Feed) -> bytes:
    """Its RSS."""
    return build_formats(publishable(feed))["rss"]


def build_atom(feed: Feed) -> bytes:
    """Its Atom."""
    return build_formats(publishable(feed))["atom"]


def build_json(feed: Feed) -> bytes:
    """Its JSON Feed."""
    return build_formats(publishable(feed))["json"]
