"""From a page as written to an article, or a reason."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from hairfeed.collect.judge import is_expired, judge, title_notes
from hairfeed.collect.pages import Page
from hairfeed.errors import DateError, PageError
from hairfeed.models.articles import FoundArticle
from hairfeed.settings.sources import AnySource, FeedSource, FolderSource, WebsiteSource
from hairfeed.text.date_order import DateOrder
from hairfeed.text.markup import proof_of
from tests.collect.looks import look_at


def source(url: str | None = None) -> FolderSource:
    return FolderSource(type="folder", path=Path("articles"), url=url)


def page(**changes: Any) -> Page:
    values: dict[str, Any] = {"title": "How to Wash", "html": "<p>Wash gently.</p>", "date_text": "2024-08-08"}
    return Page(**(values | changes))


def judged(found: Page, upstream_id: str = "care/wash.txt", *, url: str | None = None, zone: str = "UTC") -> FoundArticle:
    return judge(found, upstream_id, "stamp", look_at(source(url), zone), None)


@pytest.mark.parametrize(
    ("pattern", "upstream_id", "url"),
    [
        (None, "care/wash.txt", "https://hair.example.org/care/wash"),
        (None, "a.b.md", "https://hair.example.org/a.b"),
        ("https://x.example/{path}.html", "care/wash.txt", "https://x.example/care/wash.html"),
        ("https://x.example/{file}", "care/wash.txt", "https://x.example/care/wash.txt"),
        ("https://x.example/{name}", "care/wash.txt", "https://x.example/wash"),
        ("https://x.example/{year}/{month}/{day}/{slug}/", "2024-08-08-Wash it.md", "https://x.example/2024/08/08/wash-it/"),
        ("https://x.example/{section}/{slug}", "care/wash/index.md", "https://x.example/care/wash"),
        (None, "größe & co 100%.txt", "https://hair.example.org/gr%C3%B6%C3%9Fe%20%26%20co%20100%25"),
        (None, "{name}.txt", "https://hair.example.org/%7Bname%7D"),
        (None, "what?#now.txt", "https://hair.example.org/what%3F%23now"),
    ],
)
def test_the_address_is_made_of_the_files_path(pattern: str | None, upstream_id: str, url: str) -> None:
    assert judged(page(), upstream_id, url=pattern).url == url


def test_an_address_may_be_made_of_category_and_slug() -> None:
    pattern = "https://x.example/{category}/{slug}"
    assert judged(page(topics=("Hair Care",), slug="wash-it"), url=pattern).url == "https://x.example/hair-care/wash-it"
    with pytest.raises(PageError, match="has no category, of which its address is made"):
        judged(page(), url=pattern)


def test_an_address_that_only_a_template_can_tell_needs_a_pattern() -> None:
    found = page(url="/{{ page.fileSlug }}/")
    assert judged(found, url="https://x.example/{name}").url == "https://x.example/wash"
    with pytest.raises(PageError, match="set 'url' for this source"):
        judged(found)


def test_an_address_is_made_of_its_own_date() -> None:
    article = judged(page(address_date_text="2023-12-31"), url="https://x.example/{year}/{name}")
    assert (article.url, article.published_on) == ("https://x.example/2023/wash", date(2024, 8, 8))


@pytest.mark.parametrize(("expiry", "expired"), [(None, False), ("2024-08-08", True), ("2024-08-10", False)])
def test_a_page_expires_at_its_hour(expiry: str | None, expired: bool) -> None:
    assert is_expired(page(expiry_text=expiry), datetime(2024, 8, 9, tzinfo=UTC), look_at(source()).settings.site, None) is expired


@pytest.mark.parametrize(
    ("stated", "url"),
    [
        ("https://other.example/a", "https://other.example/a"),
        ("/care/wash/", "https://hair.example.org/care/wash/"),
        ("wash", "https://hair.example.org/wash"),
        ("/größe a", "https://hair.example.org/gr%C3%B6%C3%9Fe%20a"),
    ],
)
def test_an_address_that_the_page_states_counts(stated: str, url: str) -> None:
    assert judged(page(url=stated)).url == url


@pytest.mark.parametrize(
    "stated",
    ["javascript:alert(1)", "mailto:a@example.org", "ftp://a.example/b", "http://[x", "http://a:99999/", "http://\u2100.example/"],
)
def test_what_is_no_web_address_is_refused(stated: str) -> None:
    with pytest.raises(PageError, match="which is no web address"):
        judged(page(url=stated))


def test_a_day_without_an_hour_begins_in_the_sites_zone() -> None:
    article = judged(page(), zone="Pacific/Auckland")
    assert article.published_on == date(2024, 8, 8)
    assert article.published_at == datetime(2024, 8, 7, 12, tzinfo=UTC)


def test_an_hour_keeps_its_offset_and_its_day() -> None:
    article = judged(page(date_text="2024-08-08T23:30:00-05:00"))
    assert article.published_on == date(2024, 8, 8)
    assert article.published_at == datetime(2024, 8, 9, 4, 30, tzinfo=UTC)


@pytest.mark.parametrize("text", ["31-02-2024", "3-4-2024", "soon", "", "9999-12-31T23:59:00-05:00"])
def test_a_date_in_doubt_is_refused(text: str) -> None:
    with pytest.raises(DateError):
        judged(page(date_text=text))


def test_the_sources_order_settles_a_date() -> None:
    article = judge(page(date_text="3-4-2024"), "a.txt", "stamp", look_at(source()), DateOrder.MDY)
    assert article.published_on == date(2024, 3, 4)


def test_a_refused_date_is_quoted_without_control_characters() -> None:
    with pytest.raises(DateError, match=r"^\[31mred is no date"):
        judged(page(date_text="\x1b[31mred"))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"date_text": None}, "has no date"),
        ({"title": "<script>alert(1)</script>"}, "has no title"),
        ({"title": "\x01\x02"}, "has no title"),
        ({"html": "<script>alert(1)</script><style>p{}</style>"}, "has no text"),
        ({"html": "<img src='x.png'>"}, "has no text"),
    ],
)
def test_a_page_with_nothing_left_is_refused(changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(PageError, match=reason):
        judged(page(**changes))


@pytest.mark.parametrize(
    ("fetched", "where"),
    [
        (WebsiteSource(type="website", url="https://a.example"), r"\[sources.articles\] selectors = { date = \"\.posted\" }"),
        (FeedSource(type="feed", url="https://a.example/feed.xml"), "neither its entry in the feed nor its page states one"),
    ],
)
def test_a_page_without_a_date_is_told_where_its_source_takes_one_from(fetched: AnySource, where: str) -> None:
    with pytest.raises(PageError, match=where):
        judge(page(date_text=None), "a", "stamp", look_at(fetched), None)


def test_an_entry_that_has_no_address_is_named_with_its_feed() -> None:
    feed = look_at(FeedSource(type="feed", url="https://a.example/feed.xml"))
    assert feed.problem("f2", "x").where == "https://a.example/feed.xml, f2"
    assert feed.problem("https://a.example/1", "x").where == "https://a.example/1"


def test_names_are_cleaned_and_told_once() -> None:
    article = judged(page(authors=("<b>Jane</b>  Doe", " "), topics=("Hair\x00 Care", "Hair Care", "")))
    assert (article.authors, article.topics) == (("Jane Doe",), ("Hair Care",))


def test_html_in_title_and_summary_becomes_text() -> None:
    article = judged(page(title="Q &amp; <i>A</i>", summary="<p>Hair &amp; <b>scalp</b></p>"))
    assert (article.title, article.summary) == ("Q & A", "Hair & scalp")


def test_what_is_plain_text_already_is_decoded_no_more() -> None:
    texts = page(
        title="<b> &amp;  <i>A</i>", summary="The <b> tag &amp;c.", authors=("A &lt; B",), topics=("<hr>", "<hr>"), is_plain=True
    )
    article = judged(texts)
    assert (article.title, article.summary) == ("<b> &amp; <i>A</i>", "The <b> tag &amp;c.")
    assert (article.authors, article.topics) == (("A &lt; B",), ("<hr>",))


def test_what_is_written_stays_what_is_read() -> None:
    article = judged(page(summary="By the author.", html="<p>One &amp; two.</p><script>go()</script>"))
    assert (article.title, article.summary, article.html) == ("How to Wash", "By the author.", "<p>One &amp; two.</p>")
    assert article.html_proof == proof_of(article.html)


@pytest.mark.parametrize(
    ("changes", "content", "form"),
    [
        ({}, False, False),
        ({"title": "How Not to Wash"}, True, True),
        ({"html": "<p>Wash hard.</p>"}, True, True),
        ({"html": "<p>Wash\n<em>gently</em>.</p>"}, False, True),
        ({"summary": "In short."}, False, True),
        ({"authors": ("Jane",)}, False, True),
        ({"topics": ("Care",)}, False, True),
        ({"url": "/elsewhere"}, False, True),
        ({"date_text": "2024-08-09"}, False, False),
    ],
)
def test_the_hashes_tell_an_edit_of_the_text_from_one_of_the_form(changes: dict[str, Any], content: bool, form: bool) -> None:
    before, after = judged(page()), judged(page(**changes))
    assert (before.content_hash != after.content_hash, before.form_hash != after.form_hash) == (content, form)


@pytest.mark.parametrize(
    ("title", "notes"),
    [
        ("Plain", []),
        ("a < b > c", []),
        ("A <b>bold</b> one", ["has markup in its title, which was taken out"]),
        ("A\x07bell", ["has control characters in its title, which were taken out"]),
        ("End]]>", ["has ']]>' in its title, which stays as plain text"]),
    ],
)
def test_a_title_published_otherwise_than_written_is_noted(title: str, notes: list[str]) -> None:
    assert title_notes(page(title=title)) == notes


def test_a_title_that_speaks_of_markup_is_no_markup() -> None:
    assert title_notes(page(title="The <b>bold</b> tag", is_plain=True)) == []


def test_a_description_of_a_site_must_say_something_and_a_folders_need_not() -> None:
    found = page(summary="On washing.", html="<p>Wash gently.</p>", url="https://other.example/a")
    site = WebsiteSource(type="website", url="https://other.example/")
    assert judge(found, "https://other.example/a", "stamp", look_at(site), None).summary == "Wash gently."
    assert judged(found).summary == "On washing."
