"""When a page was published: what is believed, what is only guessed, and what is never taken for it."""

import pytest

from hairfeed.collect.html import page as html_page
from hairfeed.collect.html.dates import is_date
from hairfeed.collect.pages import Page

URL = "https://hair.example/wash"
TEXT = "<p>" + "Some words about washing hair that are there to be read by somebody. " * 6 + "</p>"


def parse(body: str, head: str = "", url: str = URL) -> Page:
    return html_page.parse(f"<html><head>{head}<title>How to Wash</title></head><body>{body}</body></html>", url)


ARTICLE = f"<h1>How to Wash</h1>{{}}{TEXT}{TEXT}"
PUBLISHED = '<meta property="article:published_time" content="2024-05-03T23:30:00-07:00">'


@pytest.mark.parametrize(
    ("head", "line", "date"),
    [
        (PUBLISHED, '<time datetime="2020-01-01">', "2024-05-03T23:30:00-07:00"),
        ('<meta name="parsely-pub-date" content="2024-05-03">', "", "2024-05-03"),
        ('<meta itemprop="datePublished" content="2024-05-03">', "", "2024-05-03"),
        ("", '<span itemprop="datePublished" content="2024-05-03">in May</span>', "2024-05-03"),
        ("", '<time datetime="2024-05-03T10:00">May</time>', "2024-05-03T10:00"),
        ("", "<time>3 May 2024</time>", "3 May 2024"),
        ("", "<p>Updated <time>6 June 2024</time>, published <time>3 May 2024</time></p>", "3 May 2024"),
        ("", '<abbr class="published" title="2024-05-03T10:30:00+00:00">Fri 03 May</abbr>', "2024-05-03T10:30:00+00:00"),
        ("", '<p>Posted <span title="2024-05-03T10:30:00Z">3 hours ago</span></p>', "2024-05-03T10:30:00Z"),
        ("", '<footer class="post-info"><abbr class="published" title="2024-05-03">May</abbr></footer>', "2024-05-03"),
        ("", '<article><footer><time datetime="2024-05-03">May</time></footer></article>', "2024-05-03"),
        ("", '<span class="post-date">Published on May 3, 2024</span>', "May 3, 2024"),
        ("", "<p>Plain Hair - 3-5-2024</p>", "3-5-2024"),
        ('<meta name="date" content="last spring"><meta name="pubdate" content="2024-05-03">', "", "2024-05-03"),
        ('<meta name="date" content="0001-01-01T00:00:00">', '<time datetime="2024-05-03">', "2024-05-03"),
    ],
)
def test_a_date_that_the_markup_states_is_trusted_and_stays_as_printed(head: str, line: str, date: str) -> None:
    page = parse(ARTICLE.format(line), head)
    assert (page.date_text, page.date_is_guess) == (date, False)


@pytest.mark.parametrize(
    ("line", "date"),
    [
        ("<p>3. Mai 2024</p>", "2024-05-03"),
        ("<p>Jane Doe, 3 May 2024</p>", "2024-05-03"),
        ("<small>May 3rd, 2024 by Jane</small>", "2024-05-03"),
    ],
)
def test_a_date_that_only_stands_near_the_headline_is_a_guess(line: str, date: str) -> None:
    page = parse(ARTICLE.format(line))
    assert (page.date_text, page.date_is_guess) == (date, True)


def test_a_date_in_the_address_is_a_guess() -> None:
    page = parse(ARTICLE.format(""), url="https://hair.example/2024/05/03/wash")
    assert (page.date_text, page.date_is_guess) == ("2024-05-03", True)


@pytest.mark.parametrize(
    "body",
    [
        ARTICLE.format("") + '<footer><time datetime="2024-05-03">the site is made anew</time></footer>',
        ARTICLE.format("") + '<div class="comments"><a title="2024-05-03T10:30:00Z">2 hours ago</a></div>',
        ARTICLE.format("") + '<p>Updated <span title="2024-05-03T10:30:00Z">an hour ago</span></p>',
        ARTICLE.format(""),
        ARTICLE.format("") + "<footer>Copyright 2019-2025, checked 3 May 2025</footer>",
        ARTICLE.format("") + '<aside><time datetime="2024-05-03">3 May 2024</time></aside>',
        ARTICLE.format("") + '<div class="related-posts"><span class="date">3 May 2024</span></div>',
        ARTICLE.format("") + '<div id="comments"><time datetime="2024-05-03">3 May 2024</time></div>',
        ARTICLE.format(
            "<p>On 3 May 2024 a reader asked us how often one should wash, and we have thought about it ever since then.</p>"
        ),
        ARTICLE.format('<time class="updated" datetime="2024-05-03">3 May 2024</time>'),
    ],
)
def test_an_undated_page_stays_undated(body: str) -> None:
    assert parse(body).date_text is None


def test_an_edit_is_no_publication() -> None:
    page = parse(ARTICLE.format(""), '<meta property="article:modified_time" content="2024-05-03T10:00:00Z">')
    assert (page.date_text, page.updated_text) == (None, "2024-05-03T10:00:00Z")


def test_signed_dates_of_a_list_of_articles_are_not_trusted() -> None:
    page = parse(ARTICLE.format("<p>Plain Hair - 13-5-2024</p><p>Plain Hair - 14-5-2024</p>"))
    assert page.date_text is None or page.date_is_guess


def test_the_date_line_at_the_end_cuts_the_furniture_off() -> None:
    furniture = f"<h2>Related Care Articles</h2><p>Plain Hair - 1-2-2020</p>{TEXT.replace('Some', 'Other')}"
    page = parse(f"<h1>How to Wash</h1>{TEXT}<p>Plain Hair - 8-8-2024</p>{furniture}")
    assert (page.date_text, page.date_is_guess, page.authors) == ("8-8-2024", False, ("Plain Hair",))
    assert "Other words" not in page.html


@pytest.mark.parametrize(
    ("text", "is_one"),
    [("2024-05-03", True), ("8/9/2024", True), ("3 May 2024", True), ("May 2024", False), ("1970-01-01", False), ("x" * 80, False)],
)
def test_a_date_is_a_whole_one(text: str, is_one: bool) -> None:
    assert is_date(text) is is_one
