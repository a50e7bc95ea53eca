"""Which of the waiting articles an issue carries. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from hairfeed.models import Article


@dataclass(frozen=True, slots=True)
class Choice:
    """`featured` with a summary each, `also` by title and link; both newest first."""

    featured: Sequence[Article]
    also: Sequence[Article]


def choose_articles(waiting: Sequence[Article], fewest: int, most: int) -> Choice | None:
    """The newest `most` in full and the rest by title; None when there are fewer than `fewest`: they wait for the next issue.

    `waiting` is newest first. What does not find room is named, not carried over: an issue tells of its week, and owes nothing.
    """
    if len(waiting) < max(fewest, 1):
        return None
    return Choice(waiting[:most], waiting[most:])
