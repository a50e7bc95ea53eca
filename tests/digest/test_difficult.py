"""Articles that no digest is made for, through the shipped templates and the inliner: the issue is right without harm, or waits."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml.html import document_fromstring

from hairfeed.digest.choose import Choice
from hairfeed.digest.fit import LIMIT, fit
from hairfeed.digest.links import Tracker
from hairfeed.digest.showing import Showing
from hairfeed.digest.stage import templates
from hairfeed.models.reports import ComposeReport
from hairfeed.settings.web import Web
from hairfeed.text.merge import MARK, Mergeable, Placeholder
from tests.deliver.sending import the_settings
from tests.digest.newsroom import BEGIN, FRIDAY, Newsroom
from tests.digest.test_choose import an_article
from tests.store import place


@pytest.fixture
def newsroom(tmp_path: Path) -> Newsroom:
    """A newsletter that has begun, with subscribe pages."""
    newsroom = Newsroom(tmp_path / "site")
    newsroom.settings = newsroom.settings.model_copy(update={"web": Web(url="https://hair.example.org/mail")})
    newsroom.compose(BEGIN)
    return newsroom


def compose(newsroom: Newsroom) -> ComposeReport:
    return newsroom.compose(FRIDAY, templates(newsroom.settings))


def html(newsroom: Newsroom) -> str:
    """What readers who chose nothing get."""
    found = newsroom.variants()["", ""].html
    assert len(found.encode()) <= LIMIT
    return found


def test_an_article_of_five_megabytes_is_an_article_like_any_other(newsroom: Newsroom) -> None:
    newsroom.article("Brushing", html="<p>Every hair takes its turn.</p>" * 150_000, summary="Hair. " * 800_000)
    (issue,) = compose(newsroom).composed
    assert (issue.featured, issue.trimmed) == (1, ())
    assert len(html(newsroom)) < 20_000


def test_titles_of_ten_thousand_characters_are_cut_and_fit(newsroom: Newsroom) -> None:
    for number in range(10):
        newsroom.article(f"{number} " + "Haarwäsche " * 900)
    (issue,) = compose(newsroom).composed
    assert issue.featured == 10
    assert len(issue.subject) <= 90
    assert "Haarwäsche…" in html(newsroom)


def test_five_hundred_articles_at_once_are_named_as_far_as_there_is_room(newsroom: Newsroom) -> None:
    newsroom.configure(max_also=500)
    newsroom.articles(510, summary="Every hair takes its turn, and then it rests for a while. " * 6)
    (issue,) = compose(newsroom).composed
    assert (issue.featured, issue.also) == (10, 500)
    (trimmed,) = issue.trimmed
    assert trimmed.startswith("all topics: shorter summaries, ")
    assert trimmed.endswith(" articles left to the site")
    assert "About 509" in html(newsroom)


NO_NUL = pytest.mark.skipif(place.ON_POSTGRESQL, reason="PostgreSQL keeps no NUL; collecting takes it out of titles")


@pytest.mark.parametrize(
    "title",
    [
        "Two\r\nlines\r\nBcc: all@example.com",
        "<script>alert(1)</script>",
        "{{ 7 * 7 }}",
        pytest.param("\x00\x1b[31m", marks=NO_NUL),
        "\u202eTurned",
    ],
)
def test_a_title_stays_one_line_of_words(newsroom: Newsroom, title: str) -> None:
    newsroom.article(title)
    compose(newsroom)
    variant = newsroom.variants()["", ""]
    assert not set(variant.subject) & set("\r\n\x00\x1b\u202e")
    assert "<script" not in variant.html


def test_a_text_that_looks_like_a_placeholder_is_none(newsroom: Newsroom) -> None:
    forged = f"https://{MARK}preferences0.invalid/ {MARK}name09z"
    newsroom.article(f"About {forged}", f"Topic {forged}", summary=f"See {forged}.", url=f"https://hair.example.org/{MARK}name09z")
    compose(newsroom)
    fields = {field.placeholder for field in Mergeable.of(html(newsroom)).fields}
    assert fields <= {Placeholder.UNSUBSCRIBE, Placeholder.PREFERENCES}
    filled = Mergeable.of(html(newsroom)).fill_html(dict.fromkeys(Placeholder, "https://hair.example.org/filled"))
    assert filled.count("https://hair.example.org/filled") == len(Mergeable.of(html(newsroom)).fields)


def test_a_template_that_lets_nothing_fit_is_named_and_the_issue_waits(newsroom: Newsroom) -> None:
    own = newsroom.folder / "templates" / "email"
    own.mkdir(parents=True)
    page = f'<!DOCTYPE html>\n<html lang="en"><head><title>x</title></head><body><p>{"Monster " * 12_000}</p></body></html>\n'
    for name in ("digest.html", "article.html"):
        (own / name).write_text(page)
    site = newsroom.settings.site.model_copy(update={"templates": newsroom.folder / "templates"})
    newsroom.settings = newsroom.settings.model_copy(update={"site": site})
    article = newsroom.article("Brushing")
    report = compose(newsroom)
    assert report.composed == ()
    (failure,) = report.failures
    assert f"shorten the template digest.html, or keep the article out: hairfeed articles hold {article}" in failure.what
    assert failure.what.endswith("the issue waits until this is mended")
    assert newsroom.issues() == []
    (own / "digest.html").unlink()
    (own / "article.html").unlink()
    assert len(compose(newsroom).composed) == 1


SETTINGS = the_settings(Path("nowhere"), outbox={"directory": "outbox"}).model_copy(update={"web": Web(url="https://a.example/m")})
SHOWING = Showing(SETTINGS, SETTINGS.newsletters["weekly"], Tracker(), 1, FRIDAY.date())
SHIPPED = templates(SETTINGS)
WORDS = st.one_of(
    st.text(max_size=300), st.sampled_from(["</td></table>", "<!-- -->", "{{ x }}", "&amp;", MARK, "<![if mso]>", "%name%"])
)


@settings(max_examples=60)
@given(st.lists(st.tuples(WORDS, WORDS, WORDS), min_size=1, max_size=4), st.integers(1, 4))
def test_whatever_articles_say_the_mail_is_whole(words: list[tuple[str, str, str]], featured: int) -> None:
    articles = [
        replace(an_article(number, topic), title=title, summary=summary * 40)
        for number, (title, summary, topic) in enumerate(words)
    ]
    content = SHOWING.content(Choice(articles[:featured], articles[featured:]), "en", articles[:1])
    fitted = fit(content, SHIPPED, dict.fromkeys(Placeholder, 100))
    assert fitted.size <= LIMIT
    page = document_fromstring(fitted.rendering.html)
    assert page.xpath("//script | //img") == []
    assert Mergeable.of(fitted.rendering.html).fields
    assert {link.get("href") for link in page.iter("a")} >= {article.url for article in articles}
    assert "\n" not in fitted.rendering.subject
