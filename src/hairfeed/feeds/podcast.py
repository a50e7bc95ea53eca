"""What podcast players and directories read in an RSS feed beside its enclosures.

The vocabularies are Apple's (https://podcasters.apple.com/support/823-podcast-requirements) and that of Podcasting 2.0
(https://podcasting2.org/docs/podcast-namespace).
"""

from lxml import etree

from hairfeed.feeds.feed import Feed
from hairfeed.models.articles import Article
from hairfeed.settings.podcast import Podcast

_ITUNES = "http://www.itunes.com/dtds/podcast-1.0.dtd"
_PODCASTING = "https://podcastindex.org/namespace/1.0"

_PLAYABLE = ("audio/", "video/")


def namespaces(feed: Feed) -> dict[str, str]:
    """The prefixes that the root declares; none for a feed without recordings, or without the config's section.

    Half of what a show must say is known to the operator alone, and a show that leaves it out is refused by directories and
    flagged by validators. Players take the enclosures without it.
    """
    return {"itunes": _ITUNES, "podcast": _PODCASTING} if _is_show(feed) else {}


def add_show(channel: etree._Element, feed: Feed) -> None:
    """Say of a feed with recordings what directories ask for."""
    if feed.podcast is None or not _is_show(feed):
        return
    _itunes(channel, "author").text = feed.author
    _add_settings(channel, feed.author, feed.podcast)
    _podcasting(channel, "guid").text = feed.podcast_guid
    if feed.has_moved:
        # Directories change the address that they keep when both the redirect and the feed say so.
        _itunes(channel, "new-feed-url").text = feed.addresses.rss


def add_episode(item: etree._Element, article: Article, feed: Feed) -> None:
    """Say of an article with a recording what players show of it."""
    if article.enclosure is None or not _is_episode(article) or not _is_show(feed):
        return
    _itunes(item, "author").text = ", ".join(article.authors)
    if article.enclosure.seconds is not None:
        _itunes(item, "duration").text = str(article.enclosure.seconds)
    if article.image is not None:
        _itunes(item, "image", href=article.image.url)


def _is_show(feed: Feed) -> bool:
    return feed.podcast is not None and any(map(_is_episode, feed.articles))


def _is_episode(article: Article) -> bool:
    """Whether players find something to play: RSS has no recording without its length."""
    one = article.enclosure
    return one is not None and one.length is not None and one.media_type.startswith(_PLAYABLE)


def _add_settings(channel: etree._Element, author: str, podcast: Podcast) -> None:
    _itunes(channel, "image", href=podcast.image)
    category = _itunes(channel, "category", text=podcast.category)
    if podcast.subcategory is not None:
        _itunes(category, "category", text=podcast.subcategory)
    _itunes(channel, "explicit").text = "true" if podcast.explicit else "false"
    _itunes(channel, "type").text = podcast.type
    locked = _podcasting(channel, "locked")
    locked.text = "yes" if podcast.locked else "no"
    if podcast.owner_email is not None:
        locked.set("owner", podcast.owner_email)
        owner = _itunes(channel, "owner")
        _itunes(owner, "name").text = author
        _itunes(owner, "email").text = podcast.owner_email


def _itunes(parent: etree._Element, name: str, **attributes: str) -> etree._Element:
    return etree.SubElement(parent, f"{{{_ITUNES}}}{name}", attributes)


def _podcasting(parent: etree._Element, name: str) -> etree._Element:
    return etree.SubElement(parent, f"{{{_PODCASTING}}}{name}")
