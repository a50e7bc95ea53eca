"""The three formats of a feed."""

from hairfeed.feeds.feed import SoundFeed
from hairfeed.feeds.json_feed import build_json
from hairfeed.feeds.rss_atom import build_rss_and_atom


def build_formats(feed: SoundFeed) -> dict[str, bytes]:
    """The feed's bytes in each format, by what its files end in; without a dot."""
    rss, atom = build_rss_and_atom(feed)
    return {"rss": rss, "atom": atom, "json": build_json(feed)}
