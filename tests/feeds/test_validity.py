"""Every file is valid, whatever its articles hold: no error, no warning and no remark of any rule."""

import json
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from hairfeed.feeds.feed import Feed, FeedAddresses, Related
from hairfeed.feeds.opml import build_opml
from hairfeed.models.articles import Enclosure, LeadImage
from tests.feeds.difficult import EDITED, FEED, RECORDING, RIGHT_TO_LEFT, SHOW, feed_of
from tests.feeds.formats import build_atom, build_json, build_rss
from tests.feeds.json_schema import JsonFeed
from tests.feeds.rules import faults_of_atom, faults_of_opml, faults_of_rss

FEEDS = {
    "difficult": FEED,
    "show": SHOW,
    "show that moved": replace(SHOW, has_moved=True),
    "recordings but no show": replace(SHOW, podcast=None),
    "summaries": replace(SHOW, is_full=False),
    "right to left": replace(SHOW, language="ar"),
    "archive": replace(
        SHOW, archive_of=FeedAddresses(*(f"https://example.com/feeds/it.{kind}" for kind in ("rss", "atom", "json")))
    ),
    "empty": feed_of(),
}

HOSTILE = {
    "unbalanced": {"html": "<p>one <b>two <i>three</b> four<table><tr><td>five</table></div>"},
    "scripts": {
        "html": "<p>a</p><script>1</script><style>p{}</style><iframe src=x></iframe><form><input></form><svg onload=1></svg>"
    },
    "handlers": {"html": '<p onclick="x()" style="color:red">a <img src="a.png" onerror="x()"></p>'},
    "addresses": {
        "html": '<a href="javascript:x()">a</a> <a href="/b c">b</a> <img src="ü.png" srcset="d e.png 1x, data:x 2x"> <img>'
    },
    "characters": {"html": "<p>\x00\x0b\x85\ud83d\ufffd\ufdd0\uffff</p>", "title": "\x08a\x9f", "summary": "\udfff"},
    "entities": {
        "html": "<p>&nbsp;&bogus; &copy &#0; &#xFFFE; AT&T 5&6</p>",
        "title": "5&6 &copy; &#38; <b",
        "summary": "AT&T &lt; 3<5",
    },
    "end of CDATA": {"html": "<p>]]></p>", "title": "]]>", "summary": "]]>"},
    "nothing": {"html": " ", "title": "", "summary": "\n", "authors": (" ",), "topics": ("", " ")},
    "long": {"title": "Long " * 60},
    "lines": {"title": "one\r\n\ttwo", "summary": "one\n\ntwo"},
    "odd address": {"url": "https://example.com/ö ü/<b>\"?q='&x=[1]#a b"},
    "odd picture": {"image": LeadImage("https://example.com/a b.png", width=0, height=-1)},
    "picture of nothing": {"image": LeadImage("javascript:x()")},
    "relative picture": {"image": LeadImage("/a.png")},
    "odd recording": {"enclosure": Enclosure("https://example.com/ö ü.ogg", "Audio/Ogg; codecs=opus", 1, 0)},
    "recording of nothing": {"enclosure": Enclosure("data:audio/mpeg;base64,AAAA", "audio/mpeg", 4)},
    "recording without a type": {"enclosure": Enclosure("https://example.com/a.mp3", "mp3", 4)},
    "recording of no length": {"enclosure": Enclosure("https://example.com/a.mp3", "audio/mpeg", 0)},
}


def faults(feed: Feed) -> dict[str, list[str]]:
    """What is wrong with each of the three files; nothing of a file that is right."""
    JsonFeed.model_validate_json(build_json(feed))
    found = {"rss": faults_of_rss(build_rss(feed)), "atom": faults_of_atom(build_atom(feed))}
    return {kind: what for kind, what in found.items() if what}


@pytest.mark.parametrize("feed", FEEDS.values(), ids=FEEDS.keys())
def test_a_feed_is_valid_in_every_format(feed: Feed) -> None:
    assert faults(feed) == {}


@pytest.mark.parametrize("changes", HOSTILE.values(), ids=HOSTILE.keys())
@pytest.mark.parametrize("language", ["en", "fa"])
def test_a_hostile_article_leaves_its_feed_valid(changes: dict[str, object], language: str) -> None:
    hostile = replace(RECORDING, **changes)  # type: ignore[arg-type]
    assert faults(replace(SHOW, language=language, articles=(hostile, RIGHT_TO_LEFT))) == {}


@given(
    html=st.lists(
        st.sampled_from(
            ["<p>", "</p>", "<b>", "</i>", "<a href='x y'>", "<img src=", "'", '"', ">", "<", "&", "]]>", "\x00", "\ufffd"]
        )
        | st.text(st.characters(exclude_categories=()), max_size=8)
    ).map("".join)
)
def test_any_body_leaves_its_feed_valid(html: str) -> None:
    assert faults(feed_of(replace(EDITED, html=html))) == {}


@pytest.mark.parametrize("url", ["", "/relative", "javascript:alert(1)", "mailto:a@example.com", "https://", "file:///etc/passwd"])
@pytest.mark.parametrize("build", [build_rss, build_atom, build_json])
def test_an_article_without_a_web_address_is_refused(url: str, build: Callable[[Feed], bytes]) -> None:
    with pytest.raises(ValueError, match="is no web address"):
        build(feed_of(replace(EDITED, url=url)))


def test_a_related_article_without_a_web_address_is_left_out() -> None:
    related = (Related("Bad", "javascript:x()"), Related(" ", "https://example.com/ü"))
    feed = replace(feed_of(EDITED), related={EDITED.id: related})
    assert json.loads(build_json(feed))["items"][0]["_related"] == {
        "items": [{"title": "https://example.com/%C3%BC", "url": "https://example.com/%C3%BC"}]
    }
    assert faults(feed) == {}


def test_the_list_of_feeds_is_valid_whatever_they_are_called() -> None:
    odd = replace(FEED, title="Q&A <b>", description="3<5 & 5&6", addresses=SHOW.previous or FEED.addresses)
    assert faults_of_opml(build_opml("AT&T\x00 <i>", [FEED, odd])) == []


RSS, ATOM = build_rss(SHOW).decode(), build_atom(SHOW).decode()


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("<language>en</language>", ""),
        ("<lastBuildDate>Sun,", "<lastBuildDate>Mon,"),
        (" 2024 10:00:00 +0200", " 24 10:00:00 CEST"),
        ('isPermaLink="false"', ""),
        ("<link>https://example.com/recording<", "<link>/recording<"),
        ("<guid isPermaLink", "<guid>x</guid><guid isPermaLink"),
        ("article/4</guid>", "article/3</guid>"),
        ('length="5781234"', ""),
        ('type="audio/mpeg"', 'type="mp3"'),
        ("<enclosure ", '<enclosure url="https://example.com/b.mp3" length="1" type="audio/mpeg"/><enclosure '),
        ("<itunes:explicit>false<", "<itunes:explicit>no<"),
        ('<itunes:image href="https://example.com/cover.jpg"/>\n    <itunes:category', "<itunes:category"),
        ("&lt;em&gt;hair&lt;/em&gt;", "&lt;em&gt;hair"),
        ("&lt;em&gt;hair&lt;/em&gt;", "&lt;script&gt;&lt;/script&gt;"),
        ("&lt;em&gt;hair&lt;/em&gt;", '&lt;a href="/x"&gt;a&lt;/a&gt;'),
        ("&lt;em&gt;hair&lt;/em&gt;", "\ufffd"),
        ("&lt;em&gt;hair&lt;/em&gt;", "AT&amp;T"),
        ("&#x3C;title&gt; ]]&gt; &#x26; more", "&lt;title&gt; ]]&gt; &amp; more"),
        (' domain="https://example.com/topics/"', ""),
        ("<category ", "<author>a@example.com</author><category "),
        ('rel="self"', 'rel="via"'),
        ("?>\n<?xml-stylesheet", "?><?xml-stylesheet"),
    ],
)
def test_a_fault_of_an_rss_file_is_found(right: str, wrong: str) -> None:
    assert right in RSS
    assert faults_of_rss(RSS.replace(right, wrong).encode())


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        (' xml:lang="en"', ""),
        ('<title type="text">Listen', "<title>Listen"),
        ('<content type="html">', '<content type="CDATA">'),
        ("<id>tag:example.com,2024:article/4<", "<id>article 4<"),
        ("article/4</id>", "article/3</id>"),
        ("<published>2024-09-01T10:00:00+02:00<", "<published>2024-09-01<"),
        ('rel="enclosure"', 'rel="alternate"'),
        ('href="https://example.com/recording.mp3"', 'href="re cording.mp3"'),
        ('length="5781234"', 'length="0"'),
        ('label="FAQ"', 'label=""'),
        ('rel="self"', 'rel="via"'),
        ("<author>", "<source/><author>"),
    ],
)
def test_a_fault_of_an_atom_file_is_found(right: str, wrong: str) -> None:
    assert right in ATOM
    assert faults_of_atom(ATOM.replace(right, wrong).encode())


def test_two_dates_of_change_that_are_one_are_found() -> None:
    document = build_atom(feed_of(RIGHT_TO_LEFT, replace(RIGHT_TO_LEFT, guid="tag:example.com,2024:article/7"))).decode()
    first, second = (part.partition("</updated>")[0] for part in document.split("<updated>")[2:])
    assert any(fault.startswith("updated") for fault in faults_of_atom(document.replace(second, first).encode()))


@pytest.mark.parametrize(
    "wrong",
    [
        {"version": "https://jsonfeed.org/version/1"},
        {"title": ""},
        {"feed_url": "/feed.json"},
        {"author": {"name": "Ann"}},
        {"_related": []},
        {"description": None},
        {"authors": [{}]},
        {"items": [{"id": "1"}]},
        {"items": [{"id": 1, "content_text": "x"}]},
        {"items": [{"id": "1", "content_text": "x", "date_published": "2024-09-01"}]},
        {"items": [{"id": "1", "content_text": "x", "attachments": [{"url": "https://example.com/a"}]}]},
        {"items": [{"id": "1", "content_text": "x"}, {"id": "1", "content_text": "y"}]},
    ],
    ids=str,
)
def test_a_fault_of_a_json_feed_is_found(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        JsonFeed.model_validate_json(json.dumps(json.loads(build_json(FEED)) | wrong))
