"""Feeds of every kind become pages; broken ones as far as they can be read, and what is no feed says what it is."""

import codecs
import json
from collections.abc import Callable
from contextlib import suppress
from html import escape
from pathlib import Path
from time import process_time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hairfeed.collect.feed_document import parse_feed
from hairfeed.collect.feed_entries import FeedContent, FeedEntry
from hairfeed.collect.pages import Page
from hairfeed.errors import PageError
from hairfeed.feeds.feed import Feed
from hairfeed.feeds.json_feed import build_json
from hairfeed.feeds.rss_atom import build_atom, build_rss
from hairfeed.models import Article
from hairfeed.text.dates import read_date
from tests.feeds.difficult import EDITED, FEED, RIGHT_TO_LEFT, TITLE_ONLY

FEEDS = Path(__file__).parent / "feeds"
URL = "https://combs.example.org/feeds/all.xml"
PRINTED = "2024-08-31T23:30:00-05:00"
LONG = "So it went on with the comb, word after word. " * 20
NAMESPACES = (
    'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/"'
    ' xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd" xmlns:feedburner="http://rssnamespace.org/feedburner/ext/1.0"'
)


def read(content: bytes | str, charset: str | None = None) -> FeedContent:
    """What is in a feed that was fetched from URL."""
    return parse_feed(content.encode() if isinstance(content, str) else content, "application/xml", charset, URL)


def read_file(name: str) -> FeedContent:
    """What is in a feed of this folder."""
    return read((FEEDS / name).read_bytes())


def only(feed: FeedContent) -> FeedEntry:
    """The one entry of a feed."""
    (entry,) = feed.entries
    return entry


def rss(items: str) -> str:
    """An RSS feed around items."""
    return f'<?xml version="1.0"?><rss version="2.0" {NAMESPACES}><channel><title>Combs</title>{items}</channel></rss>'


def item(elements: str) -> FeedEntry:
    """The RSS item with these elements, as it is read."""
    return only(read(rss(f"<item><title>A comb</title>{elements}</item>")))


def atom_entry(elements: str) -> FeedEntry:
    """The Atom entry with these elements, as it is read."""
    return only(read(f'<feed xmlns="http://www.w3.org/2005/Atom"><title>Combs</title><entry>{elements}</entry></feed>'))


def json_item(**fields: object) -> FeedEntry:
    """The item of a JSON Feed with these fields, as it is read."""
    return only(read(json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "Combs", "items": [fields]})))


def refusal(content: bytes | str, media_type: str = "") -> str:
    """Why content is no feed."""
    with pytest.raises(PageError) as refused:
        parse_feed(content.encode() if isinstance(content, str) else content, media_type, None, URL)
    return str(refused.value)


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


# Texts.


@pytest.mark.parametrize(
    ("written", "title"),
    [
        ('<title type="html">Q &amp;amp; A</title>', "Q & A"),
        ('<title type="html">Q &amp;amp;amp; A</title>', "Q &amp; A"),
        ('<title type="html">&lt;b&gt;Q&lt;/b&gt; and A</title>', "Q and A"),
        ('<title type="text">&lt;b&gt;Q&lt;/b&gt; &amp;amp; A</title>', "<b>Q</b> &amp; A"),
        ("<title>  Q\n and A </title>", "Q and A"),
        ('<title type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">Q <i>and</i> A</div></title>', "Q and A"),
        ("<title></title>", ""),
    ],
)
def test_a_title_is_plain_text_decoded_as_often_as_its_type_says(written: str, title: str) -> None:
    assert atom_entry(f'{written}<id>x</id><content type="html">Text.</content>').page.title == title


@pytest.mark.parametrize(
    ("written", "title"),
    [
        ("Q &amp; A", "Q & A"),
        ("Q &amp;amp; A", "Q & A"),
        ("<![CDATA[Q &#8211; A]]>", "Q – A"),  # noqa: RUF001
        ("<![CDATA[<em>Q</em>]]>", "Q"),
        ("The &lt;title&gt; tag", "The <title> tag"),
    ],
)
def test_an_rss_title_is_html_where_it_looks_like_html(written: str, title: str) -> None:
    assert only(read(rss(f"<item><title>{written}</title></item>"))).page.title == title


@pytest.mark.parametrize(
    ("content", "html"),
    [
        ('<content type="html">&lt;p&gt;A &amp;amp; b&lt;/p&gt;</content>', "<p>A &amp; b</p>"),
        ('<content type="text">A &lt;b&gt; &amp; c</content>', "<p>A &lt;b&gt; &amp; c</p>"),
        ("<content>One.\n\nTwo.</content>", "<p>One.</p><p>Two.</p>"),
        ('<content type="html">Bare &amp;amp; short</content>', "<p>Bare &amp; short</p>"),
        ('<content type="image/png">aGFpcg==</content><summary>Hair.</summary>', "<p>Hair.</p>"),
        ('<content src="/a.mp4" type="video/mp4"/><summary>Hair.</summary>', "<p>Hair.</p>"),
    ],
)
def test_atom_content_is_what_its_type_says(content: str, html: str) -> None:
    assert atom_entry(f"<id>x</id><title>A</title>{content}").page.html == html


@pytest.mark.parametrize("order", [1, -1], ids=["summary-first", "content-first"])
def test_the_description_is_the_summary_of_the_content(order: int) -> None:
    texts = ["<description>In short.</description>", "<content:encoded>&lt;p&gt;In full length.&lt;/p&gt;</content:encoded>"]
    page = item("".join(texts[::order])).page
    assert (page.html, page.summary) == ("<p>In full length.</p>", "In short.")


def test_a_description_that_repeats_the_content_is_no_summary() -> None:
    html = "&lt;p&gt;All of&lt;br&gt;it.&lt;/p&gt;"
    assert item(f"<description>All of it.</description><content:encoded>{html}</content:encoded>").page.summary is None


def test_a_long_description_is_the_article() -> None:
    entry = item(f"<description>&lt;p&gt;{LONG}&lt;/p&gt;</description>")
    assert (entry.page.html, entry.page.summary, entry.is_teaser) == (f"<p>{LONG}</p>", None, False)


def test_an_images_caption_is_not_the_article() -> None:
    page = only(read_file("caption.xml")).page
    assert (page.title, page.html) == ("A comb in a picture", "<p>The painter liked combs.</p>")


def test_a_podcasts_summary_is_not_the_article() -> None:
    page = item(f"<description>&lt;p&gt;{LONG}&lt;/p&gt;</description><itunes:summary>In short.</itunes:summary>").page
    assert page.html == f"<p>{LONG}</p>"


def test_links_in_the_content_keep_to_their_xml_base() -> None:
    page = only(read_file("xml-base.xml")).page
    assert page.url == "https://combs.example.org/notes/2024/links.html"
    assert 'src="https://combs.example.org/notes/2024/pictures/comb.png"' in page.html
    assert 'href="https://combs.example.org/notes/2024/other.html"' in page.html


# Teasers.


@pytest.mark.parametrize(
    ("description", "summary"),
    [
        ("", None),
        ("A few words only.", "A few words only."),
        (f"{LONG} And so […]", f"{LONG.strip()} And so […]"),
        (f"{LONG} And so ...", f"{LONG.strip()} And so ..."),
        (f"{LONG} Read more", LONG.strip()),
        (f"{LONG} Read more »", LONG.strip()),
        (f"{LONG} [Read more about A comb]", LONG.strip()),
        (f"{LONG} (more…)", LONG.strip()),
        (f"{LONG} And so… Continue reading A comb →", f"{LONG.strip()} And so…"),
        (f"{LONG} The post A comb appeared first on Combs.", LONG.strip()),
        ("頭皮" * 60, "頭皮" * 60),
    ],
)
def test_a_description_that_is_short_or_cut_is_a_teaser(description: str, summary: str | None) -> None:
    entry = item(f"<description>{description}</description>")
    assert entry.is_teaser
    assert entry.page.summary == summary


@pytest.mark.parametrize(
    "description",
    [LONG, f"{LONG} Whoever wants to can read more, or learn more.", f"{LONG} Brushes, combs and more.", "頭皮ケア" * 100],
)
def test_a_long_description_that_comes_to_its_end_is_no_teaser(description: str) -> None:
    assert not item(f"<description>{description}</description>").is_teaser


@pytest.mark.parametrize(
    ("content", "is_teaser"),
    [
        ("Short, but all of it.", False),
        ("All of it. The post A comb appeared first on Combs.", False),
        ("The beginning… Continue reading A comb", True),
        ("The beginning […]", True),
    ],
)
def test_full_content_is_a_teaser_only_where_it_breaks_off(content: str, is_teaser: bool) -> None:
    assert item(f"<content:encoded>&lt;p&gt;{content}&lt;/p&gt;</content:encoded>").is_teaser is is_teaser


def test_an_entry_with_nothing_but_a_title_is_a_teaser() -> None:
    entry = json_item(id="1", title="A comb", url="https://e.org/1")
    assert (entry.is_teaser, entry.page.html, entry.page.summary) == (True, "", None)


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


# Encodings.

SPOKEN = '<?xml version="1.0"{}?><rss version="2.0"><channel><title>Haar für Zoë – “€”</title></channel></rss>'  # noqa: RUF001
LABELLED = SPOKEN.format(' encoding="{}"')


@pytest.mark.parametrize(
    ("content", "charset"),
    [
        (LABELLED.format("utf-8").encode(), None),
        (LABELLED.format("windows-1252").encode("cp1252"), None),
        (LABELLED.format("iso-8859-1").encode("cp1252"), None),
        (SPOKEN.format("").encode("cp1252"), "ISO-8859-1"),
        (LABELLED.format("utf-16").encode("utf-16"), None),
        (SPOKEN.format("").encode("utf-16-le"), None),
        (SPOKEN.format("").encode("utf-16-be"), None),
        (codecs.BOM_UTF8 + SPOKEN.format("").encode(), None),
        (SPOKEN.format("").encode(), None),
    ],
)
def test_a_feed_is_read_in_its_encoding(content: bytes, charset: str | None) -> None:
    feed = read(content, charset)
    assert (feed.title, feed.notes) == ("Haar für Zoë – “€”", ())  # noqa: RUF001


@pytest.mark.parametrize(
    ("label", "codec", "title"),
    [
        ("Shift_JIS", "cp932", "髪の手入れ"),
        ("ISO-2022-JP", "iso2022_jp", "髪の手入れ"),
        ("gb2312", "gb18030", "头发护理"),
        ("windows-1251", "cp1251", "Уход за волосами"),
        ("ISO-8859-2", "iso8859_2", "Péče o vlasy"),
    ],
)
def test_an_older_encoding_is_read_by_its_label(label: str, codec: str, title: str) -> None:
    feed = f'<?xml version="1.0" encoding="{label}"?><rss version="2.0"><channel><title>{title}</title></channel></rss>'
    assert (read(feed.encode(codec)).title, read(feed.encode(codec)).notes) == (title, ())


@pytest.mark.parametrize(
    ("content", "charset", "note"),
    [
        (LABELLED.format("iso-8859-1").encode(), None, "says that it is in iso-8859-1, but is in UTF-8"),
        (SPOKEN.format("").encode(), "us-ascii", "says that it is in us-ascii, but is in UTF-8"),
        (LABELLED.format("gb2312").encode(), None, "says that it is in gb2312, but is in UTF-8"),
        (LABELLED.format("utf-8").encode("cp1252"), None, "has bytes that are no UTF-8; they were read as windows-1252"),
        (SPOKEN.format("").encode("cp1252"), "no-such", "has bytes that are no UTF-8; they were read as windows-1252"),
    ],
)
def test_a_wrong_label_does_no_harm_and_is_noted(content: bytes, charset: str | None, note: str) -> None:
    feed = read(content, charset)
    assert (feed.title, feed.notes) == ("Haar für Zoë – “€”", (note,))  # noqa: RUF001


def test_a_page_pasted_in_windows_1252_spoils_no_other() -> None:
    pasted = "Zoë’s".encode("cp1252")  # noqa: RUF001
    feed = read("<rss><channel><title>Für ".encode() + pasted + b"</title></channel></rss>")
    assert feed.title == "Für Zoë’s"  # noqa: RUF001


# What is broken.


@pytest.mark.parametrize(
    "before", ["\n\n \t", "\ufeff\n", "<!-- cached -->", "Warning: no such comb in line 7\n", "<br />\n<b>Notice</b>: comb<br />\n"]
)
def test_what_stands_before_a_feed_is_passed_over(before: str) -> None:
    assert only(read(before + rss("<item><title>A comb</title></item>"))).page.title == "A comb"


@pytest.mark.parametrize(
    ("title", "read_as"),
    [
        ("Caf&eacute; &hellip; &nbsp;late", "Café … late"),
        ("Salt & pepper", "Salt & pepper"),
        ("A&nosuch;b", "A&nosuch;b"),
        ("A&#x1F;b &#99999999999;", "Ab"),
        ("Cut\x00 and \x0bdried\x1b", "Cut and dried"),
        ("<![CDATA[R&D]]> & more", "R&D & more"),
    ],
)
def test_what_xml_does_not_allow_in_a_text_is_mended_and_noted(title: str, read_as: str) -> None:
    feed = read(rss(f"<item><title>{title}</title></item>"))
    assert only(feed).page.title == read_as
    assert len(feed.notes) == 1


def test_a_feed_that_breaks_off_loses_its_last_entry_only() -> None:
    feed = read_file("cut-off.xml")
    assert only(feed).page.title == "A whole entry"
    assert feed.notes[-1] == "breaks off; only the entries before are read"


@pytest.mark.parametrize("name", ["rss-2.0.xml", "rss-1.0.rdf", "atom-1.0.xml", "atom-0.3.xml"])
def test_a_feed_that_breaks_off_in_its_first_entry_has_none(name: str) -> None:
    content = (FEEDS / name).read_text(encoding="utf-8")
    assert read(content[: content.index("<title", content.index("</title>")) + 20]).entries == ()


def test_what_follows_the_end_of_a_feed_is_passed_over() -> None:
    assert only(read(rss("<item><title>A comb</title></item>") + "\n<script>count()</script>")).page.title == "A comb"


def test_markup_that_nobody_escaped_is_read() -> None:
    feed = read_file("unescaped.xml")
    first, second = feed.entries
    assert first.page.html.startswith("One line<br>and <p>another, with © and 3")
    assert second.page.html == "<p>It is not hurt.</p>"
    assert feed.notes[0].startswith("is no well-formed XML (")


def test_a_prefix_that_nobody_declared_is_understood() -> None:
    page = only(read_file("no-namespace.xml")).page
    assert (page.authors, page.html) == (("Ina Kamm",), '<p>Nobody has said what "content" is.</p>')


@pytest.mark.parametrize(
    "strange",
    [
        '<ttl x="1">5</ttl>',
        '<item><links a="b"/><tags a="b"/><authors a="b"/><content_detail a="b"/><title>A</title></item>',
        '<item><title_detail a="b"/><summary_detail a="b"/><published_parsed a="b"/><title>A</title></item>',
        '<item><feedburner:origLink a="b">x</feedburner:origLink><id a="b"/><updated a="b"/><title>A</title></item>',
    ],
)
def test_elements_with_the_names_of_the_parsers_own_do_no_harm(strange: str) -> None:
    assert read(rss(strange)).title == "Combs"


@pytest.mark.parametrize(
    "fields",
    [
        {"title": ["A"], "content_html": 5, "url": {"a": 1}, "tags": "x", "authors": "y", "author": "z"},
        {"id": True, "title": "A", "tags": [None, [], {}], "authors": [None, "x", {"name": 3}], "date_published": 7},
        {"id": "\ud800", "title": "\ud800A", "content_text": "\udfff"},
    ],
)
def test_fields_of_the_wrong_kind_do_no_harm(fields: dict[str, object]) -> None:
    assert isinstance(json_item(**fields).upstream_id.encode(), bytes)


# What is hostile.

BOMB = '<!DOCTYPE r [<!ENTITY a "ha"><!ENTITY b "&a;&a;"><!ENTITY c "&b;&b;">]>'
FILE = '<!DOCTYPE r [<!ENTITY c SYSTEM "file:///etc/hostname">]>'
REMOTE = '<!DOCTYPE r SYSTEM "http://127.0.0.1:9/r.dtd" [<!ENTITY % p SYSTEM "http://127.0.0.1:9/p"> %p; <!ENTITY c "x">]>'


@pytest.mark.parametrize("doctype", [BOMB, FILE, REMOTE], ids=["bomb", "file", "remote"])
@pytest.mark.parametrize("line_end", ["", "\n"], ids=["in-line", "on-lines"])
def test_entities_of_the_documents_own_stay_names(doctype: str, line_end: str) -> None:
    prolog = doctype.replace("<!", f"{line_end}<!")
    feed = read(f'<?xml version="1.0"?>{prolog}<rss version="2.0"><channel><title>It is &c;.</title></channel></rss>')
    assert feed.title == "It is &c;."


@pytest.mark.parametrize(
    "hostile",
    [
        rss("<a>" * 20_000 + "</a>" * 20_000),
        rss("<item><title>A</title><description>" + "<b>" * 20_000 + "</description></item>"),
        rss("<item/>" * 400_000),
        rss("<" * 2_000_000),
        rss("<![CDATA[" * 200_000),
        rss("<a b='" * 20_000),
        rss("<item><author>" + "a" * 200_000 + "</author></item>"),
        rss("<item><author>a@" + "a." * 200_000 + "</author></item>"),
        rss("<item>" + "".join(f"<category>{number}</category>" for number in range(50_000)) + "</item>"),
        rss("<item><itunes:keywords>" + ",".join(map(str, range(100_000))) + "</itunes:keywords></item>"),
        rss("".join(f'<n{number}:x xmlns:n{number}="{number}"/>' for number in range(50_000))),
        rss(f"<item xml:base='http://e.org/{'a/' * 50_000}'>" + "<a xml:base='b/'>" * 20_000 + "</item>"),
        rss("<item><title>A</title><description>" + "&amp;amp;x" * 100_000 + "</description></item>"),
        rss("<item><description>" + "The post a (read more […] " * 40_000 + "</description></item>"),
        "<!-- <? " * 200_000,
        '{"version": "https://jsonfeed.org/version/1.1", "items": ' + "[" * 1_000_000,
        '{"version": "https://jsonfeed.org/version/1.1", "items": ' + "9" * 1_000_000,
    ],
    ids=[
        "deep",
        "deep-text",
        "entries",
        "angles",
        "cdata",
        "attributes",
        "author",
        "mail",
        "topics",
        "keywords",
        "prefixes",
        "bases",
        "references",
        "invitations",
        "prolog",
        "lists",
        "digits",
    ],
)
def test_a_feed_made_to_stall_a_reader_does_not(hostile: str) -> None:
    started = process_time()
    with suppress(PageError):
        read(hostile)
    assert process_time() - started < 20


# What is no feed.


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b" \n\t", "is empty"),
        ((FEEDS / "web-page.html").read_bytes(), "is no feed but a web page (HTML)"),
        ('<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"/>', "is no feed but a web page (HTML)"),
        ((FEEDS / "sitemap.xml").read_bytes(), "is no feed but XML or HTML that begins with <urlset>"),
        ("Not found", "is no feed but plain text"),
        (b"\x1f\x8b\x08\x00rss", "is no feed but compressed"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "is no feed but an image"),
        (b"%PDF-1.7", "is no feed but a PDF file"),
        (b"\x7fELF\x02\x01\x01\0\0", "is no feed but binary"),
        ('{"version": "1.0", "items": []}', "is JSON, but no JSON Feed"),
        ("[1, 2]", "is JSON, but no JSON Feed"),
        ('{"version": "https://jsonfeed.org/version/1.1", "items": [{"id"', "is JSON that cannot be read"),
    ],
)
def test_what_is_no_feed_says_what_it_looks_like(content: bytes | str, message: str) -> None:
    assert refusal(content).startswith(message)


def test_a_refusal_names_the_media_type() -> None:
    assert "served as text/html" in refusal("<html></html>", "text/html")


@given(content=st.binary(max_size=400))
def test_arbitrary_bytes_are_a_feed_or_refused(content: bytes) -> None:
    with suppress(PageError):
        assert isinstance(read(content), FeedContent)


PIECES = st.sampled_from(
    ["<", ">", "&", "&amp;", "&#1;", "&#xD800;", "&eacute;", "<![CDATA[", "]]>", "<!--", "-->", "<?x", "?>", "<!DOCTYPE x [", "\0"]
    + [
        f"<{end}{name}>"
        for name in ("item", "title", "link", "content:encoded", "description", "guid", "author")
        for end in ("", "/")
    ]
    + [
        "<dc:date>",
        "<pubDate>2024",
        "</pubDate>",
        "<category/>",
        "<x:y a='",
        "' b=\"",
        "text",
        "é",
        "\ud83d",
        "</channel>",
        "</rss>",
    ]
    + [
        "<source>",
        "<image>",
        "<textInput>",
        "<svg>",
        "</svg>",
        "<div>",
        "<media:content url='",
        "<atom:link href='::'/>",
        "http://[",
    ]
)


@given(pieces=st.lists(PIECES, max_size=40), codec=st.sampled_from(["utf-8", "utf-16", "cp1252"]))
def test_whatever_stands_in_a_feed_it_is_read_or_refused(pieces: list[str], codec: str) -> None:
    with suppress(PageError):
        assert isinstance(read(f"<rss version='2.0'><channel>{''.join(pieces)}".encode(codec, "replace")), FeedContent)


TEXTS = st.text(max_size=9)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(TEXTS, inner, max_size=2),
    max_leaves=3,
)
FIELDS = st.sampled_from(["id", "url", "title", "summary", "content_html", "content_text", "date_published", "authors", "tags"])


@given(items=st.lists(st.dictionaries(FIELDS, JSON, max_size=4), max_size=2))
def test_whatever_stands_in_a_json_feed_it_is_read(items: list[dict[str, object]]) -> None:
    feed = read(json.dumps({"version": "https://jsonfeed.org/version/1.1", "items": items}))
    assert len(feed.entries) <= len(items)
