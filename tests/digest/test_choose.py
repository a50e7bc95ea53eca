"""Which articles an issue carries, and in which order."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from hairfeed.digest.choose import NOTHING, about, choose_articles
from hairfeed.models.articles import Article
from hairfeed.settings.newsletters import Newsletter


def an_article(number: int, *topics: str, words: int = 5) -> Article:
    """The article with this number; a higher one is older."""
    published_at = datetime(2024, 8, 9, tzinfo=UTC) - timedelta(days=number)
    return Article(
        id=number,
        guid=f"tag:hair.example.org,2024:{number}",
        url=f"https://hair.example.org/{number}",
        title=f"Article {number}",
        authors=("The Editor",),
        topics=topics or ("Hair Care",),
        summary="Every hair takes its turn.",
        html=f"<p>{'Every hair. ' * words}</p>",
        published_at=published_at,
        published_on=published_at.date(),
        updated_at=None,
    )


def a_newsletter(**rules: object) -> Newsletter:
    return Newsletter.model_validate({"title": "Weekly", "schedule": "Fri 08:00", **rules})


def ids(articles: Sequence[Article]) -> list[int]:
    return [article.id for article in articles]


WAITING = [
    an_article(0),
    an_article(1, "Skin & Scalp", "Hair Care"),
    an_article(2, "Summer", words=50),
    an_article(3, "Skin & Scalp"),
    an_article(4),
]


@pytest.mark.parametrize(
    ("rules", "featured", "also", "others"),
    [
        ({}, [0, 1, 2, 3, 4], [], []),
        ({"max_articles": 3}, [0, 1, 2], [3, 4], []),
        ({"max_articles": 1, "max_also": 3}, [0], [1, 2, 3], [4]),
        ({"max_articles": 2, "max_also": 0}, [0, 1], [], [2, 3, 4]),
        ({"lead": "longest", "max_articles": 3}, [2, 0, 1], [3, 4], []),
        ({"lead": "topic:Skin and Scalp"}, [0, 1, 2, 3, 4], [], []),
        ({"lead": "topic:skin & scalp"}, [1, 0, 2, 3, 4], [], []),
        ({"lead": "topic:Summer", "max_articles": 1}, [2], [0, 1, 3, 4], []),
        ({"order": "oldest", "max_articles": 4}, [0, 3, 2, 1], [4], []),
        ({"order": "oldest", "lead": "longest"}, [2, 4, 3, 1, 0], [], []),
        ({"order": "topic", "lead": "longest"}, [2, 0, 4, 1, 3], [], []),
        ({"order": "topic", "topics": ["Summer", "Skin & Scalp", "Hair Care"]}, [0, 2, 1, 3, 4], [], []),
    ],
)
def test_the_rules_choose(rules: dict[str, object], featured: list[int], also: list[int], others: list[int]) -> None:
    choice = choose_articles(WAITING, a_newsletter(**rules))
    assert (ids(choice.featured), ids(choice.also), ids(choice.others)) == (featured, also, others)
    assert sorted(ids(choice.articles)) == [0, 1, 2, 3, 4]


def test_of_nothing_nothing_is_chosen() -> None:
    assert choose_articles([], a_newsletter()) == NOTHING


@pytest.mark.parametrize(
    ("topics", "expected"),
    [(set(), [0, 1, 2, 3, 4]), ({"skin-scalp"}, [1, 3]), ({"hair-care", "summer"}, [0, 1, 2, 4]), ({"x"}, [])],
)
def test_articles_are_about_any_of_their_topics(topics: set[str], expected: list[int]) -> None:
    assert ids(about(WAITING, topics)) == expected
