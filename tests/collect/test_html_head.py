"""Who, what and when: the order in which the places of a page are believed."""

import json
from typing import Any

import pytest

from hairfeed.collect.html import head as html_head
from hairfeed.collect.html import page as html_page
from hairfeed.collect.html.tree import read_document
from hairfeed.collect.pages import Page
from hairfeed.errors import PageError
from hairfeed.models.articles import LeadImage

URL = "https://hair.example/care/wash"
TEXT = "<p>" + "Some words about washing hair that are there to be read by somebody. " * 6 + "</p>"


def parse(head: str = "", text: str = "", url: str | None = URL, **selectors: str) -> Page:
    return html_page.parse(
        f"<html><head>{head}</head><body><article><h1>How to Wash</h1>{text}{TEXT}</article></body></html>", url, selectors
    )


def json_ld(**fields: Any) -> str:
    return f'<script type="application/ld+json">{json.dumps({"@type": "Article", **fields})}</script>'


def test_a_selector_of_the_config_overrides_everything() -> None:
    head = json_ld(headline="No", datePublished="2020-01-01", author="No One", description="Not this one of all the summaries.")
    body = (
        '<i class="t">Yes</i><i class="d" title="2021-02-03T04:05:06Z">3 Feb</i><i class="a">Jane Doe</i><i class="s">In short.</i>'
        '<i class="c">Care</i><img class="p" src="/yes.jpg"><div class="b"><p>The body, <b>as chosen</b>.</p>'
        "<script>x()</script></div>"
    )
    page = parse(head, body, title=".t", date=".d", author=".a", summary=".s", topics=".c", image=".p", body=".b")
    assert (page.title, page.date_text, page.authors, page.summary) == ("Yes", "2021-02-03T04:05:06Z", ("Jane Doe",), "In short.")
    assert (page.topics, page.html) == (("Care",), "<p>The body, <b>as chosen</b>.</p>")
    assert page.image == LeadImage("https://hair.example/yes.jpg")


def test_a_selector_that_finds_nothing_leaves_the_field_to_the_page() -> None:
    page = parse(json_ld(headline="How to Wash", datePublished="2020-01-01"), title=".none", date=".none", body=".none")
    assert (page.title, page.date_text) == ("How to Wash", "2020-01-01")
    assert "Some words" in page.html


@pytest.mark.parametrize(("field", "selector"), [("title", "h1["), ("date", "::"), ("body", "div >"), ("image", "")])
def test_a_selector_that_is_none_is_named(field: str, selector: str) -> None:
    with pytest.raises(PageError, match=f"{field}.*mend it in the config"):
        parse(**{field: selector})


def test_a_selector_for_an_unknown_field_is_named() -> None:
    with pytest.raises(PageError, match="'titel', which is no field"):
        parse(titel="h1")


@pytest.mark.parametrize(
    ("head", "heading", "title"),
    [
        ("<title>Wash It Well | Plain Hair</title>", "", "Wash It Well"),
        ("<title>Plain Hair: Wash It Well</title>", "Wash It Well", "Wash It Well"),
        ("<title>Hair Loss - What Works</title>", "", "Hair Loss - What Works"),
        ('<title>Wash It Well - Plain Hair</title><meta property="og:site_name" content="Plain Hair">', "", "Wash It Well"),
        ('<title>Plain Hair | Wash It Well</title><meta property="og:site_name" content="Plain Hair">', "", "Wash It Well"),
        ('<meta property="og:title" content="Wash Your Hair Well Today">', "Wash Your Hair Well", "Wash Your Hair Well"),
        ('<meta property="og:title" content="Wash It Well">', '<a href="/">Plain Hair</a>', "Wash It Well"),
        (
            '<title>Wash It Well | Plain Hair</title><meta property="og:site_name" content="Plain Hair">',
            "Plain Hair",
            "Wash It Well",
        ),
        ("<title>Wash It Well | Plain Hair</title>", "Plain Hair", "Wash It Well"),
        ("<title>洗頭髮的方法 - The Plain Hair</title>", "", "洗頭髮的方法"),
        ("<title>Wash It Well | Plain Hair</title>", "Wash It Well Tweet", "Wash It Well"),
        (json_ld(headline="Wash It Well &amp; Often"), "", "Wash It Well & Often"),
        ("", "Wash It Well", "Wash It Well"),
    ],
)
def test_the_title_is_the_headline_without_the_site(head: str, heading: str, title: str) -> None:
    page = html_page.parse(f"<html><head>{head}</head><body><h1>{heading}</h1>{TEXT}</body></html>", URL)
    assert page.title == title


@pytest.mark.parametrize(
    ("head_title", "body"),
    [
        ("Plain Hair ~ Wash It Well", "<h1>Plain Hair</h1><h2>Care</h2><h2>Wash It Well</h2>"),
        ("The Whole of Plain Hair - Wash It Well", '<p><a href="/">The Whole of Plain Hair</a></p>'),
        (
            "The Whole of Plain Hair - Wash It Well",
            '<h1><a href="/index.html">The Whole of Plain Hair</a></h1><h3>Wash It Well</h3>',
        ),
        ("Wash It Well | Plain Hair", '<h1><a href="">Wash It Well</a></h1>'),
        ("Wash It Well- Plain Hair", "<h2>Wash It Well</h2>"),
    ],
)
def test_where_the_first_heading_is_the_sites_the_headline_is_found_below(head_title: str, body: str) -> None:
    page = html_page.parse(f"<html><head><title>{head_title}</title></head><body>{body}{TEXT}</body></html>", URL)
    assert page.title == "Wash It Well"


@pytest.mark.parametrize(
    ("texts", "names"),
    [
        (["By Jane Doe"], ("Jane Doe",)),
        (["Jane Doe and John Roe"], ("Jane Doe", "John Roe")),
        (["Jane Doe, John Roe & Ann Poe"], ("Jane Doe", "John Roe", "Ann Poe")),
        (["Doe, Jane"], ("Jane Doe",)),
        (["Jane Doe, MD"], ("Jane Doe",)),
        (["Written by Jane Doe on 3 May 2024"], ("Jane Doe",)),
        (["Von Jutta Krämer"], ("Jutta Krämer",)),
        (["https://social.example/jane"], ()),
        (["@jane", "admin", "Editor", "jane@hair.example"], ()),
        (["JANE DOE", "Jane Doe"], ("JANE DOE",)),
        (["Sanderson Bylund"], ("Sanderson Bylund",)),
        (["山田太郎"], ("山田太郎",)),
    ],
)
def test_an_author_is_a_name(texts: list[str], names: tuple[str, ...]) -> None:
    assert html_head.names(texts) == names


def test_a_byline_on_the_page_tells_the_author_where_the_head_does_not() -> None:
    assert parse('<meta name="author" content="admin">', '<p class="byline">By Jane Doe</p>').authors == ("Jane Doe",)
    assert parse("", '<p>Filed by <a href="/author/jane-doe.html">Jane Doe</a></p>').authors == ("Jane Doe",)


CAPTION = '<figure><img src="a.jpg"><figcaption>A comb on a table in the evening light.</figcaption></figure>'
LEAD = "Wash it in the evening, and let it dry by itself. It takes an hour."


@pytest.mark.parametrize(
    ("description", "is_kept"),
    [
        (LEAD, True),
        ("Wash it in the evening, and let it dry by itself.", True),
        ("A comb on a table in the evening light.", True),
        (f"{LEAD} A comb on a table in the evening light. Some words", False),
        ("Wash it in the evening, and let it dry by", False),
        ("How to Wash: posted in Care by Jane", False),
        ("What to do in the evening, and how long it takes.", True),
    ],
)
def test_a_description_that_a_machine_cut_out_of_the_text_is_none(description: str, *, is_kept: bool) -> None:
    page = parse(f'<meta name="description" content="{description}">', f"<p>{LEAD}</p>{CAPTION}")
    assert page.summary == (description if is_kept else None)


@pytest.mark.parametrize(
    "description",
    ["", "How to Wash", "Plain Hair", "Plain Hair - all about hair, every day", "Welcome to our little site about hair and more"],
)
def test_what_says_nothing_of_the_article_is_no_summary(description: str) -> None:
    head = f'<meta name="description" content="{description}"><meta property="og:site_name" content="Plain Hair">'
    standfirst = "Six short rules for washing, and one for those who never have the time."
    assert parse(head).summary is None
    assert parse(head, f'<p class="article__standfirst">{standfirst}</p>').summary == standfirst


@pytest.mark.parametrize(
    ("head", "body", "topics"),
    [
        ('<meta property="article:section" content="Care">', "", ("Care",)),
        (json_ld(articleSection=["Care", "Scalp"]), "", ("Care", "Scalp")),
        (json_ld(keywords="hair, wash"), "", ("hair", "wash")),
        (json_ld(keywords="a, b, c, d, e, f"), '<a rel="tag" href="/t">Care</a>', ("Care",)),
        ("", '<div class="breadcrumb"><a href="/">Home</a> / <a href="/care">Care</a> / How to Wash</div>', ("Care",)),
        ("", "", ()),
    ],
)
def test_the_topics_are_the_few_that_the_page_names(head: str, body: str, topics: tuple[str, ...]) -> None:
    assert parse(head, body).topics == topics


@pytest.mark.parametrize(("tag", "language"), [("en", "en"), ("pt_BR", "pt-BR"), ("x", None), ("<b>", None), ("", None)])
def test_the_language_is_a_tag_or_none(tag: str, language: str | None) -> None:
    document = read_document(f'<html lang="{tag}"><body><p>A</p></body></html>', None, None)
    assert html_head.language(document) == language


@pytest.mark.parametrize(
    ("head", "body", "image"),
    [
        ('<meta property="og:image" content="/a.jpg">', "", LeadImage("https://hair.example/a.jpg")),
        (
            '<meta property="og:image" content="/a.jpg">',
            '<img src="/s/a.jpg" alt="A head">',
            LeadImage("https://hair.example/a.jpg", "A head"),
        ),
        (json_ld(image={"url": "b.jpg", "width": "800px"}), "", LeadImage("https://hair.example/care/b.jpg", "", 800)),
        (json_ld(image=["b.jpg", "c.jpg"]), "", LeadImage("https://hair.example/care/b.jpg")),
        ('<meta property="og:image" content="/site-logo.png">', '<img src="d.jpg">', LeadImage("https://hair.example/care/d.jpg")),
        ("", '<img src="/icons/x.png"><img src="e.jpg" width="30"><img src="f.jpg">', LeadImage("https://hair.example/care/f.jpg")),
        ("", '<img src="data:image/gif;base64,xx">', None),
        ('<meta property="og:image" content="https://hair.example/">', "", None),
        (
            '<meta property="og:image" content="/theme/images/home.jpg">',
            '<img src="d.jpg">',
            LeadImage("https://hair.example/care/d.jpg"),
        ),
        ("", '<img src="/forkme_ribbon.png"><img src="d.jpg">', LeadImage("https://hair.example/care/d.jpg")),
        ('<meta property="og:image" content="javascript:x()">', "", None),
    ],
)
def test_the_lead_image_is_the_first_that_is_a_picture(head: str, body: str, image: LeadImage | None) -> None:
    assert parse(head, body).image == image
