"""What is no article: listings, home pages, logins, errors; and what only looks like one of them."""

import pytest

from hairfeed.collect.html import page as html_page

TEXT = "<p>" + "Some words about washing hair that are there to be read by somebody. " * 20 + "</p>"
LINKS = "".join(f'<li><a href="/{number}">An article about hair</a></li>' for number in range(20))
CARDS = "".join(
    f'<article><h2><a href="/{number}">One of many</a></h2><p>A few words to begin with.</p></article>' for number in range(6)
)
DECLARED = '<script type="application/ld+json">{"@type": "Article", "headline": "A"}</script>'


def is_article(body: str, head: str = "", url: str = "https://hair.example/wash", title: str = "How to Wash") -> bool:
    return html_page.parse(f"<html><head><title>{title}</title>{head}</head>{body}</html>", url).is_article


@pytest.mark.parametrize(
    ("body", "head", "url", "title"),
    [
        (TEXT, "", "https://hair.example/", "Plain Hair"),
        (TEXT, "", "https://hair.example/tag/scalp/", "Scalp"),
        (TEXT, "", "https://hair.example/page/2/", "Page 2"),
        (f'<body class="archive category">{TEXT}', "", "https://hair.example/x", "Care"),
        (CARDS, "", "https://hair.example/x", "Care"),
        (f"<main><ul>{LINKS}</ul></main>", "", "https://hair.example/x", "All of it"),
        (TEXT, "", "https://hair.example/en/", "Plain Hair"),
        ('<body class="home"><p>Look around on this site.</p>', "", "https://hair.example/x", "Welcome"),
        ("<p>This page is not here any more.</p>", "", "https://hair.example/x", "Page not found"),
        ("<p>Your name</p><form><input type='password'></form>", "", "https://hair.example/x", "Members"),
        ("<p>A few words of welcome.</p>", '<meta property="og:type" content="website">', "https://hair.example/x", "Plain Hair"),
        (TEXT, '<script type="application/ld+json">{"@type": "CollectionPage"}</script>', "https://hair.example/x", "Care"),
    ],
)
def test_what_is_no_article_is_known(body: str, head: str, url: str, title: str) -> None:
    assert not is_article(body, head, url, title)


@pytest.mark.parametrize(
    ("body", "head", "url"),
    [
        (TEXT, "", "https://hair.example/wash"),
        (TEXT, DECLARED, "https://hair.example/"),
        (TEXT + CARDS, DECLARED, "https://hair.example/x"),
        (TEXT, '<meta property="og:type" content="website">', "https://hair.example/x"),
        (f'<body class="single search-bar">{TEXT}', "", "https://hair.example/x"),
        (f'<body class="home">{TEXT}', "", "https://hair.example/x"),
        ("<p>Short, and dated.</p>", '<meta name="date" content="2024-05-03">', "https://hair.example/x"),
    ],
)
def test_in_doubt_a_page_is_an_article(body: str, head: str, url: str) -> None:
    assert is_article(body, head, url)
