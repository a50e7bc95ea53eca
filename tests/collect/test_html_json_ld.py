"""JSON-LD as it is found: graphs, references, other spellings, and broken."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hairfeed.collect.html.json_ld import Declared, pixels, read_declared

ARTICLE = {"@type": "BlogPosting", "headline": "How to Wash", "datePublished": "2024-05-03"}


def declared(*values: Any) -> Declared:
    return read_declared([json.dumps(value) for value in values])


@pytest.mark.parametrize(
    "value",
    [
        ARTICLE,
        [ARTICLE],
        {"@graph": [{"@type": "WebSite", "name": "Plain Hair"}, ARTICLE]},
        {"@type": "WebPage", "headline": "No", "mainEntity": ARTICLE},
        [{"@type": "Person", "name": "Jane"}, {**ARTICLE, "@type": ["Thing", "https://schema.org/NewsArticle"]}],
    ],
)
def test_the_article_is_found_wherever_it_is(value: Any) -> None:
    found = declared(value)
    assert (found.is_article, found.headline, found.published) == (True, "How to Wash", "2024-05-03")


@pytest.mark.parametrize(
    "script",
    [
        '{"@type": "Article", "headline": "How to Wash",}',
        '<!-- {"@type": "Article", "headline": "How to Wash"} -->',
        '//<![CDATA[\n{"@type": "Article", "headline": "How to Wash"}\n//]]>',
        '{"@type": "Article", "headline": "How to\n Wash"}',
        '{"@type": "Article", "headline": "How to Wash"};',
        '{"@type": "WebSite"} {"@type": "Article", "headline": "How to Wash"}',
        "{&quot;@type&quot;: &quot;Article&quot;, &quot;headline&quot;: &quot;How to Wash&quot;}",
        '{"@type": "Article", "headline": "How to Wash"} and then something else',
    ],
)
def test_broken_json_is_read_as_far_as_it_can_be(script: str) -> None:
    assert (read_declared([script]).headline or "").split() == ["How", "to", "Wash"]


@pytest.mark.parametrize("script", ["", "null", "{", "[1, 2]", '"Article"', '{"@type": {"a": 1}}', "[" * 100_000])
def test_what_is_no_article_declares_nothing(script: str) -> None:
    assert not read_declared([script]).is_article


@pytest.mark.parametrize(
    "author",
    ["Jane Doe", ["Jane Doe"], {"name": "Jane Doe"}, [{"@type": "Person", "name": ["Jane Doe"]}], {"@id": "#jane"}],
)
def test_an_author_is_found_in_every_form(author: Any) -> None:
    assert declared({**ARTICLE, "author": author}, {"@id": "#jane", "name": "Jane Doe"}).authors == ("Jane Doe",)


def test_references_that_run_in_a_circle_end() -> None:
    found = declared(
        {**ARTICLE, "@id": "#a", "author": {"@id": "#b"}, "image": {"@id": "#b"}}, {"@id": "#b", "name": {"@id": "#a"}}
    )
    assert found.authors == ()


@pytest.mark.parametrize(
    ("value", "size"), [(800, 800), ("800", 800), ("800px", 800), ({"value": 800}, 800), ("auto", None), (0, None), (None, None)]
)
def test_a_size_is_pixels_or_unknown(value: object, size: int | None) -> None:
    assert pixels(value) == size


@given(
    st.text(max_size=60) | st.recursive(st.none() | st.text(max_size=4), lambda inner: st.lists(inner, max_size=3)).map(json.dumps)
)
def test_whatever_a_script_holds_is_no_error(script: str) -> None:
    read_declared([script])


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["@id", "name", "url", "@type", "@value"]), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(["headline", "author", "image", "datePublished", "keywords", "publisher", "@id"]), JSON))
def test_whatever_an_article_declares_is_no_error(fields: dict[str, Any]) -> None:
    assert declared({**fields, "@type": "Article"}).is_article
