"""Feeds in every encoding and state become pages; what is no feed says what it is."""

import codecs
import json
from contextlib import suppress
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hairfeed.collect.feed.document import parse_feed
from hairfeed.collect.feed.entries import FeedContent
from hairfeed.errors import PageError
from tests.collect.feed_reader import FEEDS, URL, json_item, only, read, read_file, rss


def refusal(content: bytes | str, media_type: str = "") -> str:
    """Why content is no feed."""
    with pytest.raises(PageError) as refused:
        parse_feed(content.encode() if isinstance(content, str) else content, media_type, None, URL)
    return str(refused.value)


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
