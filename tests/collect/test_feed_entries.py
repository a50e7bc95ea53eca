"""Feeds of every format become pages: names, dates, authors, topics and addresses."""

from collections.abc import Callable
from html import escape
from zoneinfo import ZoneInfo

import pytest

from hairfeed.collect.feed.entries import FeedContent, FeedEntry
from hairfeed.collect.pages import Page
from hairfeed.feeds.feed import Feed
from hairfeed.models.articles import Article
from hairfeed.text.dates import read_date
from tests.collect.feed_reader import atom_entry, item, only, read, read_file, rss
from tests.feeds.difficult import EDITED, FEED, RIGHT_TO_LEFT, TITLE_ONLY
from tests.feeds.formats import build_atom, build_json, build_rss

PRINTED = "2024-08-31T23:30:00-05:00"


# The formats.


def test_rss_2_0_is_read() -> None:
    assert read_file("rss-2.0.xml") == FeedContent(
        title="Combs & Brushes",
        entries=(
            FeedEntry(
                upstream_id="combs-7",
                page=Page(
                    is_plain=True,
                    title="How to wash a brush",
                    html='<p>Take <em>warm</em> water.</p><p><img src="/tub.png" alt="A tub"></p>',
                    date_text="Sat, 31 Aug 2024 23:30:00 -0500",
                    authors=("Ina Kamm", "Bo Borste"),
                    topics=("Brushes", "Care"),
                    summary="Warm water, and patience.",
                    url="https://combs.example.org/wash?id=7#soap",
                ),
                updated_text=None,
                is_teaser=False,
            ),
        ),
        language="en",
        minutes_to_live=90,
        notes=(),
    )


def test_rss_0_91_is_read_without_its_doctype() -> None:
    feed = read_file("rss-0.91.xml")
    assert (feed.title, feed.language, feed.notes) == ("Combs of the Past", "en-us", ())
    assert only(feed).page == Page(
        is_plain=True,
        title="A comb of bone",
        html="<p>It has lost nine of its teeth.</p>",
        date_text=None,
        summary="It has lost nine of its teeth.",
        url="https://combs.example.org/bone",
    )


def test_rss_1_0_is_read_with_dublin_cores_date() -> None:
    entry = only(read_file("rss-1.0.rdf"))
    assert entry.upstream_id == "https://combs.example.org/horn"
    assert (entry.page.date_text, entry.updated_text) == (PRINTED, None)
    assert (entry.page.authors, entry.page.topics) == (("Ina Kamm",), ("Horn",))


def test_atom_1_0_is_read() -> None:
    feed = read_file("atom-1.0.xml")
    assert (feed.title, feed.language, feed.notes) == ("Combs & Brushes", "en-GB", ())
    assert only(feed) == FeedEntry(
        upstream_id="tag:combs.example.org,2024:1",
        page=Page(
            is_plain=True,
            title="Is 3 < 5?",
            html="<p>It is, <b>always</b>.</p>",
            date_text=PRINTED,
            authors=("Ina Kamm", "Bo Borste"),
            topics=("Hair Care", "teeth"),
            summary="Of teeth and numbers.",
            url="https://combs.example.org/1",
        ),
        updated_text="2024-09-02T08:00:00Z",
        is_teaser=False,
    )


def test_atom_0_3_is_read() -> None:
    feed = read_file("atom-0.3.xml")
    assert feed.title == "Combs & Brushes"
    entry = only(feed)
    assert (entry.page.title, entry.page.html) == ("The wide comb", "<p>For curls, and for nothing else.</p>")
    assert (entry.page.date_text, entry.updated_text) == ("2004-08-31T23:30:00-05:00", "2004-09-02T08:00:00Z")


def test_json_feed_1_1_is_read() -> None:
    feed = read_file("json-1.1.json")
    assert (feed.title, feed.language, feed.minutes_to_live, feed.notes) == ("Combs & Brushes", "en", None, ())
    assert feed.entries[0] == FeedEntry(
        upstream_id="https://combs.example.org/13",
        page=Page(
            is_plain=True,
            title="A comb of glass",
            html="<p>It was a gift, and <i>broke</i>.</p>",
            date_text=PRINTED,
            authors=("Ina Kamm",),
            topics=("Glass", "Gifts", "7"),
            summary="It was a gift.",
            url="https://combs.example.org/13",
        ),
        updated_text="2024-09-02T08:00:00Z",
        is_teaser=False,
    )


def test_json_feed_1_0_is_read() -> None:
    entry = only(read_file("json-1.0.json"))
    assert (entry.upstream_id, entry.page.url) == ("12", "https://combs.example.org/12")
    assert entry.page.authors == ("Ina Kamm",)
    assert entry.page.html == "<p>Cold in winter &amp; loud.<br>Always &lt; 5 cm.</p><p>Nobody wants it.</p>"


BUILDERS = {"rss": build_rss, "atom": build_atom, "json": build_json}


@pytest.mark.parametrize("article", [EDITED, RIGHT_TO_LEFT, TITLE_ONLY], ids=["edited", "right-to-left", "title-only"])
@pytest.mark.parametrize("build", BUILDERS.values(), ids=BUILDERS)
def test_what_our_own_feeds_say_comes_back(build: Callable[[Feed], bytes], article: Article) -> None:
    found = next(entry for entry in read(build(FEED)).entries if entry.upstream_id == article.guid)
    assert (found.page.title, found.page.url) == (article.title, article.url)
    assert found.page.html == (article.html or f"<p>{escape(article.title, quote=False)}</p>")
    assert (found.page.authors, found.page.topics) == (article.authors or (FEED.author,), article.topics)
    assert not found.is_teaser


@pytest.mark.parametrize("article", [EDITED, TITLE_ONLY], ids=["edited", "title-only"])
@pytest.mark.parametrize("build", BUILDERS.values(), ids=BUILDERS)
def test_the_day_of_our_own_feeds_stays_the_local_one(build: Callable[[Feed], bytes], article: Article) -> None:
    found = next(entry for entry in read(build(FEED)).entries if entry.upstream_id == article.guid)
    assert found.page.date_text is not None
    printed = read_date(found.page.date_text, order=None, zone=ZoneInfo("Asia/Tokyo"))
    assert (printed.at, printed.on) == (article.published_at, article.published_on)


@pytest.mark.parametrize("build", BUILDERS.values(), ids=BUILDERS)
def test_our_own_feeds_need_no_mending(build: Callable[[Feed], bytes]) -> None:
    feed = read(build(FEED))
    assert (feed.title, feed.language, feed.notes) == (FEED.title, FEED.language, ())


# Names.


@pytest.mark.parametrize(
    ("elements", "name"),
    [
        ('<guid isPermaLink="false"> a-1 </guid><link>https://e.org/1</link>', "a-1"),
        ("<guid>1234</guid><link>https://e.org/1</link>", "1234"),
        ("<guid></guid><link>https://e.org/1?utm_source=x</link>", "https://e.org/1"),
        ("<link>https://e.org/1</link>", "https://e.org/1"),
    ],
)
def test_an_entrys_name_is_its_guid_else_its_link(elements: str, name: str) -> None:
    assert item(elements).upstream_id == name


def test_without_guid_and_link_title_and_date_make_a_name_that_lasts() -> None:
    dated = "<pubDate>Sat, 31 Aug 2024 23:30:00 -0500</pubDate>"
    assert (
        item(f"{dated}<description>One.</description>").upstream_id == item(f"{dated}<description>Two.</description>").upstream_id
    )
    assert item(dated).upstream_id != item("").upstream_id


def test_of_two_entries_with_one_name_the_first_counts() -> None:
    feed = read(rss("<item><title>One</title><guid>x</guid></item><item><title>Two</title><guid>x</guid></item>"))
    assert only(feed).page.title == "One"
    assert feed.notes == ("has several entries with the id 'x'; the first one counts",)


def test_an_entry_that_says_nothing_is_left_out() -> None:
    feed = read(rss("<item><guid>x</guid></item>"))
    assert feed.entries == ()
    assert feed.notes == ("has an entry without title, text and address, which was left out",)


# Dates.


@pytest.mark.parametrize(
    ("dates", "date_text", "updated_text"),
    [
        (f"<published>{PRINTED}</published>", PRINTED, None),
        (f"<updated>{PRINTED}</updated>", PRINTED, None),
        (f"<published>{PRINTED}</published><updated>2025</updated>", PRINTED, "2025"),
        (f"<updated>2025</updated><published>{PRINTED}</published>", PRINTED, "2025"),
        ("<published> on a Sunday </published>", "on a Sunday", None),
        ("", None, None),
    ],
)
def test_a_date_stays_as_it_is_printed(dates: str, date_text: str | None, updated_text: str | None) -> None:
    entry = atom_entry(f"<id>x</id><title>A</title>{dates}")
    assert (entry.page.date_text, entry.updated_text) == (date_text, updated_text)


def test_an_rss_items_pub_date_goes_before_dublin_cores() -> None:
    entry = item(f"<dc:date>{PRINTED}</dc:date><pubDate>Sat, 31 Aug 2024 23:30:00 -0500</pubDate>")
    assert (entry.page.date_text, entry.updated_text) == ("Sat, 31 Aug 2024 23:30:00 -0500", PRINTED)


# Authors, topics, addresses.


@pytest.mark.parametrize(
    ("author", "names"),
    [
        ("ina@combs.example (Ina Kamm)", ("Ina Kamm",)),
        ("ina@combs.photography (Ina Kamm)", ("Ina Kamm",)),
        ("ina@combs.example (Ina Kamm)</author><author>bo@combs.example", ("Ina Kamm",)),
        ("Ina Kamm (ina@combs.example)", ("Ina Kamm",)),
        ("Ina Kamm &lt;ina@combs.example&gt;", ("Ina Kamm",)),
        ("Ina Kamm (the elder)", ("Ina Kamm (the elder)",)),
        ("Ina Kamm", ("Ina Kamm",)),
        ("ina@combs.example", ()),
        ("ina@combs.photography", ()),
        ("", ()),
    ],
)
def test_an_author_is_a_name_and_never_a_mail_address(author: str, names: tuple[str, ...]) -> None:
    assert item(f"<author>{author}</author>").page.authors == names


def test_the_authors_of_an_atom_feed_are_those_of_entries_without() -> None:
    entry = "<entry><id>x</id><title>A</title></entry>"
    feed = read(f'<feed xmlns="http://www.w3.org/2005/Atom"><author><name>The Desk</name></author>{entry}</feed>')
    assert only(feed).page.authors == ("The Desk",)


def test_the_authors_of_a_json_feed_are_those_of_items_without() -> None:
    assert read_file("json-1.1.json").entries[1].page.authors == ("The Desk",)


def test_the_managing_editor_of_an_rss_feed_is_no_author() -> None:
    feed = read(rss("<managingEditor>a@e.org (The Desk)</managingEditor><item><title>A</title></item>"))
    assert only(feed).page.authors == ()


def test_a_topic_counts_once_and_by_its_label() -> None:
    kind = '<category scheme="http://schemas.google.com/g/2005#kind" term="post"/>'
    entry = atom_entry(f'<id>x</id><title>A</title>{kind}<category term="a" label="Hair"/><category term="Hair"/>')
    assert entry.page.topics == ("Hair",)


@pytest.mark.parametrize(
    ("elements", "url"),
    [
        ("<link>https://e.org/a?b=1&amp;c=2</link>", "https://e.org/a?b=1&c=2"),
        ("<link>https://e.org/a?UTM_Source=x&amp;b=1&amp;utm_id=2</link>", "https://e.org/a?b=1"),
        ("<link>https://e.org/a?utm_source=x</link>", "https://e.org/a"),
        ("<link> /a </link>", "https://combs.example.org/a"),
        ("<guid>https://e.org/a</guid>", "https://e.org/a"),
        ('<guid isPermaLink="false">https://e.org/a</guid>', None),
        ("<guid>a-1</guid>", None),
        ("<link>https://f.org/1</link><feedburner:origLink>https://e.org/a</feedburner:origLink>", "https://e.org/a"),
        ("<link>javascript:alert(1)</link>", None),
        ("<link>https://[e.org/a</link>", None),
        ("<link></link>", None),
    ],
)
def test_the_address_is_that_of_the_page_absolute_and_untracked(elements: str, url: str | None) -> None:
    assert item(elements).page.url == url


@pytest.mark.parametrize(("ttl", "minutes"), [("60", 60), ("0", None), ("an hour", None), ("9" * 5000, None), ("", None)])
def test_a_time_to_live_is_a_number_of_minutes(ttl: str, minutes: int | None) -> None:
    assert read(rss(f"<ttl>{ttl}</ttl>")).minutes_to_live == minutes
