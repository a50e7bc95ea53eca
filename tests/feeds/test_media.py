"""Recordings, pictures, podcasts and the stylesheet."""

import json
from dataclasses import replace
from io import BytesIO
from typing import Any

import feedparser
import podcastparser
import pytest
from lxml import etree

from hairfeed.feeds.feed import Feed
from hairfeed.files import shipped
from hairfeed.models.articles import Enclosure
from tests.conftest import FRIDAY, Publication
from tests.feeds.difficult import EDITED, FEED, RECORDING, SHOW, feed_of
from tests.feeds.formats import build_atom, build_json, build_rss
from tests.feeds.readers import NAMESPACES

ADDRESS = "https://example.com/recording.mp3"
OF_UNKNOWN_LENGTH = replace(RECORDING, enclosure=Enclosure(ADDRESS, "audio/mpeg"))


def elements(content: bytes, path: str) -> list[dict[str, str]]:
    """The attributes of what the XPath finds."""
    found = etree.fromstring(content).xpath(path, namespaces=NAMESPACES)
    return [{str(name): str(value) for name, value in element.attrib.items()} for element in found]


def texts(content: bytes, path: str) -> list[str]:
    """The texts of what the XPath finds."""
    return [str(text) for text in etree.fromstring(content).xpath(f"{path}/text()", namespaces=NAMESPACES)]


def json_item(feed: Feed) -> dict[str, Any]:
    """The first item."""
    item = json.loads(build_json(feed))["items"][0]
    assert isinstance(item, dict)
    return item


def test_a_recording_has_address_length_and_type_in_every_format() -> None:
    feed = feed_of(RECORDING)
    assert elements(build_rss(feed), "//item/enclosure") == [{"url": ADDRESS, "length": "5781234", "type": "audio/mpeg"}]
    assert elements(build_atom(feed), "//atom:entry/atom:link[@rel='enclosure']") == [
        {"rel": "enclosure", "href": ADDRESS, "type": "audio/mpeg", "length": "5781234"}
    ]
    assert json_item(feed)["attachments"] == [
        {"url": ADDRESS, "mime_type": "audio/mpeg", "size_in_bytes": 5_781_234, "duration_in_seconds": 754}
    ]


def test_a_recording_of_unknown_length_is_in_atom_and_json_only() -> None:
    feed = feed_of(OF_UNKNOWN_LENGTH)
    assert elements(build_rss(feed), "//enclosure") == []
    assert elements(build_atom(feed), "//atom:link[@rel='enclosure']") == [
        {"rel": "enclosure", "href": ADDRESS, "type": "audio/mpeg"}
    ]
    assert json_item(feed)["attachments"] == [{"url": ADDRESS, "mime_type": "audio/mpeg"}]


@pytest.mark.parametrize("build", [build_rss, build_atom])
def test_feedparser_finds_the_recording_and_the_page(build: Any) -> None:
    (entry,) = feedparser.parse(build(feed_of(RECORDING))).entries
    assert entry.link == RECORDING.url
    assert [(one.href, one.type, one.length) for one in entry.enclosures] == [(ADDRESS, "audio/mpeg", "5781234")]
    assert entry.media_thumbnail == [{"url": "https://example.com/cover.jpg", "width": "1200", "height": "630"}]


@pytest.mark.parametrize("build", [build_rss, build_atom])
def test_a_picture_is_a_thumbnail_and_no_enclosure(build: Any) -> None:
    content = build(feed_of(replace(RECORDING, enclosure=None)))
    thumbnails = elements(content, "//media:thumbnail")
    assert thumbnails == [{"url": "https://example.com/cover.jpg", "width": "1200", "height": "630"}]
    assert b"enclosure" not in content
    assert b"media:content" not in content


def test_a_picture_is_the_image_of_a_json_feed() -> None:
    assert json_item(feed_of(RECORDING))["image"] == "https://example.com/cover.jpg"


@pytest.mark.parametrize("build", [build_rss, build_atom])
def test_only_vocabularies_in_use_are_declared(build: Any) -> None:
    assert not {"media", "itunes", "podcast", "fh"} & etree.fromstring(build(feed_of(EDITED))).nsmap.keys()


def test_a_show_says_what_directories_ask_for() -> None:
    channel = etree.fromstring(build_rss(SHOW)).find("channel")
    assert channel.findtext("itunes:author", namespaces=NAMESPACES) == SHOW.author
    assert channel.find("itunes:image", NAMESPACES).get("href") == "https://example.com/cover.jpg"
    category = channel.find("itunes:category", NAMESPACES)
    assert (category.get("text"), category[0].get("text")) == ("Health & Fitness", "Medicine")
    assert channel.findtext("itunes:explicit", namespaces=NAMESPACES) == "false"
    assert channel.findtext("itunes:type", namespaces=NAMESPACES) == "episodic"
    assert channel.findtext("itunes:owner/itunes:email", namespaces=NAMESPACES) == "editor@example.com"
    locked = channel.find("podcast:locked", NAMESPACES)
    assert (locked.text, locked.get("owner")) == ("no", "editor@example.com")


def test_a_show_has_the_guid_that_it_began_with() -> None:
    assert texts(build_rss(SHOW), "//podcast:guid") == [SHOW.podcast_guid]


def test_an_episode_says_what_players_show() -> None:
    content = build_rss(SHOW)
    assert texts(content, "//item/itunes:duration") == ["754"]
    assert texts(content, "//item/itunes:author") == ["Ann O'Neil, Ayşe Öztürk"]
    assert elements(content, "//item/itunes:image") == [{"href": "https://example.com/cover.jpg"}]


def test_a_podcast_player_finds_the_episode() -> None:
    show = podcastparser.parse("https://example.com/feeds/feed.rss", BytesIO(build_rss(SHOW)))
    (episode,) = (one for one in show["episodes"] if one["enclosures"])
    assert (show["title"], show["explicit"], show["itunes_author"]) == (SHOW.title, False, SHOW.author)
    assert (episode["total_time"], episode["guid"]) == (754, RECORDING.guid)
    assert episode["enclosures"] == [{"url": ADDRESS, "file_size": 5_781_234, "mime_type": "audio/mpeg"}]


@pytest.mark.parametrize(
    "feed",
    [replace(SHOW, podcast=None), replace(SHOW, articles=FEED.articles), replace(SHOW, articles=(OF_UNKNOWN_LENGTH,))],
    ids=["no section", "no recording", "no length"],
)
def test_a_feed_without_recordings_or_without_the_section_is_no_show(feed: Feed) -> None:
    assert b"itunes" not in build_rss(feed)
    assert b"podcastindex" not in build_rss(feed)


@pytest.mark.parametrize("build", [build_rss, build_atom])
def test_the_stylesheet_is_named_before_the_feed(build: Any) -> None:
    second = build(SHOW).decode().splitlines()[1]
    assert second == '<?xml-stylesheet type="text/css" href="https://example.com/feeds/feed.css?a=1&amp;b=2"?>'
    assert b"xml-stylesheet" not in build(FEED)


def test_the_stylesheet_is_published_where_feeds_look_for_it(publication: Publication) -> None:
    publication.page("brushing")
    publication.run(FRIDAY)
    assert (publication.public / "feed.css").read_bytes() == shipped("templates/web/feed.css").read_bytes()
    for name in ("feed.rss", "feed.atom"):
        assert 'href="https://hair.example.org/feeds/feed.css"?>' in (publication.public / name).read_text()


def test_the_section_makes_feeds_with_recordings_shows(publication: Publication) -> None:
    section = '[feeds.podcast]\nimage = "https://hair.example.org/c.jpg"\ncategory = "Arts"\nexplicit = true\n\n[newsletters'
    publication.configure("[newsletters", section)
    podcast = publication.settings.feeds.podcast
    assert podcast is not None
    content = build_rss(replace(SHOW, podcast=podcast))
    assert texts(content, "//itunes:explicit") == ["true"]
    assert elements(content, "//channel/itunes:category") == [{"text": "Arts"}]
    assert elements(content, "//itunes:owner") == []
