"""HTML pages: the article among everything else that a page holds."""

import pytest

from hairfeed.collect.html import page as html_page
from hairfeed.errors import PageError


def url_of(body: str, head: str = "<title>How to Wash</title>") -> str:
    return f"<!doctype html><html><head>{head}</head><body>{body}</body></html>"


@pytest.mark.parametrize(
    ("head", "body", "title"),
    [
        ("<title>From the Title</title>", "<p>Text.</p>", "From the Title"),
        ("<title>A - Site</title>", "<h1>From the <em>Heading</em></h1><p>Text.</p>", "From the Heading"),
        ('<title>A</title><meta property="og:title" content="From the Card">', "<h1>B</h1><p>Text.</p>", "From the Card"),
        ("<title>From the Title</title>", "<h1> </h1><p>Text.</p>", "From the Title"),
    ],
)
def test_the_title_is_that_of_card_heading_or_head(head: str, body: str, title: str) -> None:
    assert html_page.parse(url_of(body, head)).title == title


@pytest.mark.parametrize(
    ("head", "body", "date"),
    [
        ('<meta property="article:published_time" content="2024-08-08T09:00:00Z">', "", "2024-08-08T09:00:00Z"),
        ('<meta name="date" content="2024-08-08">', "", "2024-08-08"),
        ('<meta name="dcterms.date" content="2024-08-08">', "", "2024-08-08"),
        ("", '<time datetime="2024-08-08">last week</time>', "2024-08-08"),
        ("", "<time>8 August 2024</time>", "8 August 2024"),
        ("", "<time>1999-01-01</time><article><time>2024-08-08</time><p>A</p></article>", "2024-08-08"),
        ("", "<p>Plain Hair - 8-8-2024</p>", "8-8-2024"),
        ('<meta name="date" content=" ">', "<p>Plain Hair - 8-8-2024</p>", "8-8-2024"),
        ('<meta name="date" content="2024-08-08">', "<p>Plain Hair - 9-9-2024</p>", "2024-08-08"),
        ("", "", None),
    ],
)
def test_the_date_is_that_of_head_time_or_date_line(head: str, body: str, date: str | None) -> None:
    page = html_page.parse(url_of(f"<p>Text.</p>{body}", f"<title>How to Wash</title>{head}"))
    assert page.date_text == date


def test_the_head_tells_author_section_summary_and_address() -> None:
    page = html_page.parse(
        url_of(
            "<p>Text.</p>",
            '<title>A</title><meta name="author" content="Jane Doe"><meta property="article:section" content="Hair Care">'
            '<meta name="description" content="In short."><link rel="canonical" href="https://hair.example.org/wash">',
        )
    )
    assert (page.authors, page.topics) == (("Jane Doe",), ("Hair Care",))
    assert (page.summary, page.url) == ("In short.", "https://hair.example.org/wash")


@pytest.mark.parametrize(
    "body",
    [
        "<p>Menu</p><article><p>Text.</p></article><p>More</p>",
        "<p>Menu</p><main><p>Text.</p></main><p>More</p>",
        "<nav>Menu</nav><p>Text.</p><footer>Imprint</footer>",
        "<header>Logo</header><aside>Ad</aside><p>Text.</p>",
        "<script>go()</script><style>p{}</style><noscript>Turn it on</noscript><form>Search</form><p>Text.</p>",
        "<header><nav>Menu</nav></header><h1>How to Wash</h1><p>Text.</p>",
        "<template><p>Later</p></template><p>Text.</p>",
    ],
)
def test_only_the_article_of_a_page_is_taken(body: str) -> None:
    assert html_page.parse(url_of(body)).html == "<p>Text.</p>"


@pytest.mark.parametrize(
    "below",
    [
        "<p>Imprint</p>",
        "<h2>Related Hair Care Articles</h2><p>An older one</p><p>Plain Hair - 1-2-2020</p>",
        "<p>Read All Hair Care Articles</p><p>1-2-2020</p>",
        "Bare words <b>and</b> more",
    ],
)
def test_the_date_line_and_all_below_it_are_no_part_of_the_article(below: str) -> None:
    page = html_page.parse(url_of(f"<div><p>Text.</p><p>Plain&nbsp;Hair - 8-8-2024</p>{below}</div>{below}"))
    assert (page.html, page.date_text, page.authors) == ("<div><p>Text.</p></div>", "8-8-2024", ("Plain Hair",))


def test_a_page_without_a_date_does_not_take_that_of_a_related_article() -> None:
    page = html_page.parse(url_of("<p>Text.</p><h2>Related Hair Care Articles</h2><p>Plain Hair - 1-2-2020</p>"))
    assert page.date_text is None


@pytest.mark.parametrize(("robots", "draft"), [("noindex", True), ("NOINDEX, nofollow", True), ("index, follow", False)])
def test_a_page_that_search_engines_must_not_list_is_a_draft(robots: str, draft: bool) -> None:
    page = html_page.parse(url_of("<p>Text.</p>", f'<title>A</title><meta name="robots" content="{robots}">'))
    assert page.draft is draft


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("<!-- nothing -->", "is empty"),
        ("<p>Text.</p>", "has no title"),
        ("<title>A</title>", "has no text"),
        ("<title>A<body><p>Text.</p>", "has no text"),
        ("<title>A</title><script>go()</script>", "has no text"),
        ("<title>A</title><p>Plain Hair - 8-8-2024</p>", "has no text"),
    ],
)
def test_a_page_without_title_or_text_is_refused(text: str, reason: str) -> None:
    with pytest.raises(PageError, match=reason):
        html_page.parse(text)


@pytest.mark.parametrize(
    "text",
    [
        "<title>How to Wash</title><p>Text.</div></b></html>",
        "<title>How to Wash</title></head></head><body><body><p>Text.</p>",
        "<TITLE>How to Wash</TITLE><P>Text.</P>",
    ],
)
def test_broken_html_is_read_as_far_as_it_goes(text: str) -> None:
    page = html_page.parse(text)
    assert (page.title, page.html) == ("How to Wash", "<p>Text.</p>")


@pytest.mark.parametrize(
    "declaration",
    [
        '<?xml version="1.0" encoding="iso-8859-1"?>',
        '<?xml version="1.0" encoding="iso-8859-1">',
        '\n<?xml encoding="utf-16"?>',
        '<meta charset="iso-8859-1">',
        '<meta http-equiv="Content-Type" content="text/html; charset=koi8-r">',
    ],
)
def test_a_declared_encoding_does_not_count_any_more(declaration: str) -> None:
    page = html_page.parse(f"{declaration}<html><title>Größe</title><body><p>Für alle.</p></body></html>")
    assert (page.title, page.html) == ("Größe", "<p>Für alle.</p>")


def test_deep_tags_lose_no_text() -> None:
    page = html_page.parse(url_of("<div>" * 1000 + "<p>Deep.</p>" + "</div>" * 1000 + "<p>After.</p>"))
    assert "Deep." in page.html
    assert page.html.endswith("<p>After.</p>")


def test_tags_too_deep_to_be_read_as_a_whole_are_refused() -> None:
    with pytest.raises(PageError, match="too deep"):
        html_page.parse(url_of("<p>Text.</p>" + "<div>" * 100_000 + "<p>Deep.</p>"))


def test_a_long_article_in_many_blocks_takes_no_time_to_search_for_its_date_line() -> None:
    text = "word " * 200_000
    page = html_page.parse(url_of("<div>" * 1500 + f"<p>{text}</p>" + "</div>" * 1500 + "<p>Plain Hair - 8-8-2024</p>"))
    assert page.date_text == "8-8-2024"
    assert page.html.count("word ") == 200_000


@pytest.mark.parametrize(
    "reference", ["&#31;", "&#x1f;", "&#0;", "&#xFFFF;", "&#xD800;", "&#99999999;", "&#x" + "f" * 5000 + ";", "\x1f"]
)
def test_characters_that_no_feed_may_carry_are_gone(reference: str) -> None:
    assert html_page.parse(url_of(f"{reference}<h1>A</h1>{reference}<p>Te{reference}xt.</p>")).html.endswith("<p>Text.</p>")
