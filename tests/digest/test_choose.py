"""Which articles an issue carries."""

import pytest

from hairfeed.digest.choose import choose_articles
from tests.digest.sample import an_article

WAITING = [an_article(number) for number in range(5)]


def test_the_newest_are_featured_and_the_rest_named() -> None:
    choice = choose_articles(WAITING, fewest=1, most=3)
    assert choice is not None
    assert (list(choice.featured), list(choice.also)) == (WAITING[:3], WAITING[3:])


@pytest.mark.parametrize(("there", "fewest", "enough"), [(0, 1, False), (1, 1, True), (2, 3, False), (3, 3, True)])
def test_with_fewer_than_the_fewest_there_is_no_issue(there: int, fewest: int, enough: bool) -> None:
    assert (choose_articles(WAITING[:there], fewest, most=10) is not None) == enough
