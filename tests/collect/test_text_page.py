"""Pages in the publication's own form: what is the article, what is furniture, what is refused."""

import re
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hairfeed.collect.folder import text_page
from hairfeed.collect.pages import Page
from hairfeed.errors import PageError

PAGE = """Hair Care

How Often to Wash

Twice a week is enough for most.

Plain Hair - 8-8-2024

Related Hair Care Articles

Read All Hair Care Articles
"""


def page_with(body: str, date_line: str = "Plain Hair - 8-8-2024", below: str = "") -> Page:
    return text_page.parse(f"Hair Care\n\nHow Often to Wash\n\n{body}\n\n{date_line}\n\n{below}")


def test_the_form_gives_category_title_text_author_and_date() -> None:
    assert text_page.parse(PAGE) == Page(
        title="How Often to Wash",
        html="<p>Twice a week is enough for most.</p>",
        date_text="8-8-2024",
        authors=("Plain Hair",),
        topics=("Hair Care",),
    )


def test_the_empty_line_between_category_and_title_may_be_left_out() -> None:
    assert text_page.parse(PAGE.replace("Hair Care\n\nHow", "Hair Care\nHow")) == text_page.parse(PAGE)


@pytest.mark.parametrize("line_end", ["\r\n", "\r"])
def test_the_line_ends_of_other_systems_change_nothing(line_end: str) -> None:
    assert text_page.parse(PAGE.replace("\n", line_end)) == text_page.parse(PAGE)


@pytest.mark.parametrize(
    ("body", "html"),
    [
        ("One line\nwrapped into two.", "<p>One line wrapped into two.</p>"),
        ("One.\n\n\n\nTwo.", "<p>One.</p>\n<p>Two.</p>"),
        ("A Heading\n\nText.", "<h2>A Heading</h2>\n<p>Text.</p>"),
        ("Is This a Heading?\n\nText.", "<h2>Is This a Heading?</h2>\n<p>Text.</p>"),
        ("A sentence.\n\nText.", "<p>A sentence.</p>\n<p>Text.</p>"),
        ("It begins:\n\nText.", "<p>It begins:</p>\n<p>Text.</p>"),
        ("Text.\n\nThe last line is no heading", "<p>Text.</p>\n<p>The last line is no heading</p>"),
        (f"{'long ' * 21}line\n\nText.", f"<p>{'long ' * 21}line</p>\n<p>Text.</p>"),
        ("  • one\n  • two", "<ul><li>one</li><li>two</li></ul>"),
        ("- one\n- two", "<ul><li>one</li><li>two</li></ul>"),
        ("* one\n* two", "<ul><li>one</li><li>two</li></ul>"),
        ("\u2013 one\n\u2014 two", "<ul><li>one</li><li>two</li></ul>"),
        ("• one\n  goes on\n• two", "<ul><li>one goes on</li><li>two</li></ul>"),
        ("1. one\n2. two", "<ol><li>one</li><li>two</li></ol>"),
        ("1) one\n   goes on\n2) two", "<ol><li>one goes on</li><li>two</li></ol>"),
        ("-5 degrees are cold.", "<p>-5 degrees are cold.</p>"),
        ("2024 was a year.\n1 was not.", "<p>2024 was a year. 1 was not.</p>"),
        ("A & B < C > D \"e\" 'f'.", "<p>A &amp; B &lt; C &gt; D \"e\" 'f'.</p>"),
        ("<b>bold</b> words.", "<p>&lt;b&gt;bold&lt;/b&gt; words.</p>"),
    ],
)
def test_the_body_becomes(body: str, html: str) -> None:
    assert page_with(body).html == html


@pytest.mark.parametrize(
    ("line", "author", "date"),
    [
        ("Plain Hair - 8-8-2024", "Plain Hair", "8-8-2024"),
        ("Plain Hair \u2013 8-8-2024", "Plain Hair", "8-8-2024"),
        ("Plain Hair \u2014 8-8-2024", "Plain Hair", "8-8-2024"),
        ("Plain Hair | 8-8-2024", "Plain Hair", "8-8-2024"),
        ("  Plain Hair   -   8-8-2024  ", "Plain Hair", "8-8-2024"),
        ("Jean-Luc - 08/08/2024", "Jean-Luc", "08/08/2024"),
        ("Dr. A. Smith - 8.8.2024", "Dr. A. Smith", "8.8.2024"),
        ("Plain Hair - 2024-08-08", "Plain Hair", "2024-08-08"),
        ("Plain Hair - 31-02-2024", "Plain Hair", "31-02-2024"),
        ("8-8-2024", None, "8-8-2024"),
    ],
)
def test_a_date_line_is(line: str, author: str | None, date: str) -> None:
    page = page_with("Text.", line)
    assert (page.authors, page.date_text, page.html) == ((author,) if author else (), date, "<p>Text.</p>")


@pytest.mark.parametrize(
    "line", ["Plain Hair, 8-8-2024", "Seen on 8-8-2024", "Plain Hair - 8-8/2024", "Plain Hair - 8-8-2024 again"]
)
def test_a_line_that_only_mentions_a_date_is_text(line: str) -> None:
    page = page_with("Text.", line)
    assert page.date_text is None
    assert line in page.html


def test_a_dated_line_within_the_article_stays_text() -> None:
    page = page_with("First visit - 1-2-2024\n\nIt went well.")
    assert page.date_text == "8-8-2024"
    assert page.html == "<h2>First visit - 1-2-2024</h2>\n<p>It went well.</p>"


@pytest.mark.parametrize(
    "below",
    [
        "Related Hair Care Articles\n\nAn older one\n\nPlain Hair - 1-2-2020\n\nRead All Hair Care Articles",
        "Read All Hair Care Articles\n\nPlain Hair - 1-2-2020",
        "© Plain Hair\n\n1-2-2020",
        "Copyrights 2024\n\n1-2-2020",
    ],
)
def test_dates_in_the_furniture_below_are_not_the_pages(below: str) -> None:
    page = page_with("Text.", below=below)
    assert (page.date_text, page.html) == ("8-8-2024", "<p>Text.</p>")


def test_a_page_without_a_date_does_not_take_that_of_a_related_article() -> None:
    page = page_with(
        "Text.", "", "Related Hair Care Articles\n\nAn older one\n\nPlain Hair - 1-2-2020\n\nRead All Hair Care Articles"
    )
    assert page.date_text is None


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "is empty"),
        (" \n\t\n", "is empty"),
        ("Plain Hair - 8-8-2024", "has a date line and nothing before it"),
        ("Hair Care\n\nPlain Hair - 8-8-2024", "has no title"),
        ("Hair Care\n\nTwo lines\nof text.\n\nMore.\n\n8-8-2024", "has no title"),
        ("Two lines of a text\nwithout category and title.\n\nMore of it\n\nMore.\n\n8-8-2024", "has no title"),
        ("Hair Care\nHow Often to Wash\nTwice a week.\n\nMore\n\nMore.\n\n8-8-2024", "has no title"),
        ("Hair Care\n\n• an item\n\nMore.\n\n8-8-2024", "has no title"),
        (f"Hair Care\n\n{'A long sentence ' * 10}ends.\n\nMore.\n\n8-8-2024", "has no title"),
        ("Hair Care\n\nHow Often to Wash\n\nPlain Hair - 8-8-2024", "has no text below its title"),
        ("How Often to Wash\n\nTwice a week.\n\n8-8-2024", "the form is: category, title, empty line, text, and 'Author - "),
    ],
)
def test_a_page_out_of_form_is_refused_with_the_reason(text: str, reason: str) -> None:
    with pytest.raises(PageError, match=reason):
        text_page.parse(text)


@pytest.mark.parametrize("control", ["\x0b", "\x0c", "\x1c", "\x1e", "\x85", "\u2028"])
def test_a_control_character_does_not_break_a_title_in_two(control: str) -> None:
    page = text_page.parse(PAGE.replace("Often to", f"Often{control}to"))
    assert page.title == f"How Often{control}to Wash"


word = st.text(
    st.characters(codec="utf-8", categories=["L", "Nd", "So", "Sc"], include_characters="&<>'\""), min_size=1, max_size=12
)
line = st.lists(word, min_size=1, max_size=12).map(" ".join)
paragraph = line.map(lambda text: f"So {text}.")
items = st.lists(line, min_size=1, max_size=4)


def rendered(block: str | list[str]) -> str:
    return block if isinstance(block, str) else "\n".join(f"  • {item}" for item in block)


def read_back(html: str) -> list[str | list[str]]:
    blocks: list[str | list[str]] = []
    for block in html.split("\n"):
        if block.startswith("<ul>"):
            blocks.append([unescape(item) for item in re.findall("<li>(.*?)</li>", block)])
        else:
            blocks.append(unescape(re.sub("^<p>|</p>$", "", block)))
    return blocks


@given(category=line, title=line.map(lambda text: f"On {text}"), blocks=st.lists(paragraph | items, min_size=1, max_size=6))
def test_what_is_written_in_the_form_is_read_back(category: str, title: str, blocks: list[str | list[str]]) -> None:
    body = "\n\n".join(rendered(block) for block in blocks)
    page = text_page.parse(f"{category}\n\n{title}\n\n{body}\n\n\nPlain Hair - 8-8-2024\n\n\nRelated Articles\n")
    assert (page.topics, page.title, page.date_text) == ((category,), title, "8-8-2024")
    assert read_back(page.html) == blocks


@given(below=st.lists(line | st.just("Plain Hair - 1-2-2020"), max_size=6))
def test_nothing_below_the_furniture_begins_to_matter(below: list[str]) -> None:
    furniture = "\n\n".join(["Related Hair Care Articles", *below])
    assert page_with("Text.", below=furniture) == page_with("Text.")


@given(below=st.lists(line, max_size=6))
def test_nothing_below_the_date_line_is_part_of_the_article(below: list[str]) -> None:
    assert page_with("Text.", below="\n".join(below)) == page_with("Text.")
