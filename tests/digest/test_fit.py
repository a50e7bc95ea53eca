"""A digest that fits: what is given up, in which order, and in how few renderings."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hairfeed.digest.content import DigestArticle, DigestContent
from hairfeed.digest.fit import LIMIT, Fitted, Trim, fit, size_of
from hairfeed.errors import TemplateError
from hairfeed.text.merge import Placeholder, address_token, name_token
from tests.digest.newsroom import PlainRenderer
from tests.digest.sample import a_digest, an_article

LONGEST = {Placeholder.NAME: 600, Placeholder.UNSUBSCRIBE: 80, Placeholder.PREFERENCES: 80}
SENTENCES = " ".join(f"Sentence number {number} says that hair grows." for number in range(20))


def some(count: int, summary: str = SENTENCES, first: int = 1) -> list[DigestArticle]:
    return [an_article(number, f"About {number}", summary) for number in range(first, first + count)]


def shown(renderer: PlainRenderer, content: DigestContent) -> tuple[Fitted, DigestContent]:
    """The outcome, and what was rendered for it."""
    fitted = fit(content, renderer, LONGEST)
    again = PlainRenderer(renderer.article_bytes)
    (chosen,) = (one for one in renderer.contents if again.render(one).html == fitted.rendering.html)
    return fitted, chosen


def titles(articles: Sequence[DigestArticle]) -> list[str]:
    return [article.title for article in articles]


def test_what_fits_is_rendered_once_as_it_is() -> None:
    renderer = PlainRenderer()
    content = a_digest(some(10), some(5, first=11))
    fitted = fit(content, renderer, LONGEST)
    assert renderer.contents == [content]
    assert (fitted.trim, str(fitted.trim)) == (Trim(), "")


def test_first_summaries_become_shorter_sentence_by_sentence() -> None:
    renderer = PlainRenderer(article_bytes=8_700)
    fitted, chosen = shown(renderer, a_digest(some(10)))
    assert fitted.trim == Trim(summaries=True)
    assert str(fitted.trim) == "shorter summaries"
    for article in chosen.featured:
        assert len(article.summary) <= 300
        assert SENTENCES.startswith(article.summary)
        assert article.summary.endswith(".")


def test_then_the_last_articles_lose_their_summaries_and_stand_before_those_by_title() -> None:
    renderer = PlainRenderer(article_bytes=12_000)
    fitted, chosen = shown(renderer, a_digest(some(10), some(2, first=11)))
    assert fitted.trim == Trim(summaries=True, moved=3)
    assert titles(chosen.featured) == titles(some(7))
    assert titles(chosen.also) == titles(some(5, first=8))
    assert str(fitted.trim) == "shorter summaries, 3 articles by title only"


def test_then_titles_are_left_to_the_site_and_counted() -> None:
    renderer = PlainRenderer(article_bytes=60_000)
    long = [replace(article, title="T" * 300) for article in some(500, first=11)]
    fitted, chosen = shown(renderer, replace(a_digest(some(2), long), trimmed=7))
    assert len(chosen.featured) == 1
    assert chosen.also[0].title == "About 2"
    assert chosen.trimmed == 7 + fitted.trim.dropped
    assert 1 + len(chosen.also) + fitted.trim.dropped == 502
    assert len(chosen.also) > 90
    assert fitted.size <= LIMIT


@pytest.mark.parametrize("article_bytes", [0, 1_000, 9_500, 30_000, 88_000])
@pytest.mark.parametrize("also", [0, 3, 500])
def test_fitting_takes_few_renderings_and_no_more_is_given_up_than_needed(article_bytes: int, also: int) -> None:
    renderer = PlainRenderer(article_bytes)
    fitted = fit(a_digest(some(50), some(also, first=51)), renderer, LONGEST)
    assert fitted.size <= LIMIT
    assert len(renderer.contents) <= 12
    if article_bytes and fitted.trim.moved and not fitted.trim.dropped:
        assert fitted.size + article_bytes > LIMIT


def test_what_cannot_fit_names_the_template_and_the_article() -> None:
    with pytest.raises(TemplateError, match=r"mail programs cut it off after 90000; .* digest\.html, .* hairfeed articles hold 1$"):
        fit(a_digest(some(3)), PlainRenderer(article_bytes=LIMIT), LONGEST)


@pytest.mark.parametrize(
    ("html", "size"),
    [
        ("größe", 7),
        (address_token(Placeholder.UNSUBSCRIBE), 80),
        (f"<a>{name_token('reader')}</a>", 7 + 600),
        (name_token("&" * 200), 1000),
    ],
)
def test_a_placeholder_counts_as_its_longest_value(html: str, size: int) -> None:
    assert size_of(html, LONGEST) == size


def test_a_broken_placeholder_is_an_error_of_the_template() -> None:
    with pytest.raises(TemplateError, match="a placeholder was broken"):
        size_of(address_token(Placeholder.UNSUBSCRIBE)[:-10], LONGEST)


@given(st.lists(st.text(min_size=1, max_size=400), min_size=1, max_size=6), st.integers(0, 60_000))
def test_whatever_stands_in_summaries_the_result_fits(summaries: list[str], article_bytes: int) -> None:
    articles = [an_article(number, f"About {number}", summary * 40) for number, summary in enumerate(summaries)]
    fitted = fit(a_digest(articles), PlainRenderer(article_bytes), LONGEST)
    assert fitted.size <= LIMIT
