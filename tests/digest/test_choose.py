"""Which articles an issue carries."""

from datetime import UTC, datetime, timedelta

import pytest

from hairfeed.digest.choose import choose_articles
from hairfeed.models import Article


def an_article(number: int) -> Article:
    """The article with this number; a higher one is older."""
    published_at = datetime(2024, 8, 9, tzinfo=UTC) - timedelta(days=number)
    return Article(
        id=number,
        guid=f"tag:hair.example.org,2024:{number}",
        url=f"https://hair.example.org/{number}",
        title=f"Article {number}",
        authors=("The Editor",),
        topics=("Hair Care",),
        summary="Every hair takes its turn.",
        html="<p>Every hair takes its turn.</p>",
        published_at=published_at,
        published_on=published_at.date(),
        updated_at=None,
    )


WAITING = [an_article(number) for number in range(5)]


def test_the_newest_are_featured_and_the_rest_named() -> None:
    choice = choose_articles(WAITING, fewest=1, most=3)
    assert choice is not None
    assert (list(choice.featured), list(choice.also)) == (WAITING[:3], WAITING[3:])


@pytest.mark.parametrize(("there", "fewest", "enough"), [(0, 1, False), (1, 1, True), (2, 3, False), (3, 3, True)])
def test_with_fewer_than_the_fewest_there_is_no_issue(there: int, fewest: int, enough: bool) -> None:
    assert (choose_articles(WAITING[:there], fewest, most=10) is not None) == enough
