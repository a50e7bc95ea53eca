"""SIGKILL at every durable moment of what happens to a draft: doing it again brings the ledger to where it would have been."""

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from hairfeed.errors import IssueError
from hairfeed.store import issues
from hairfeed.store.schema.whole import metadata
from tests.digest.newsroom import BEGIN, FRIDAY, NEXT_FRIDAY, Newsroom
from tests.store import place
from tests.test_kill import in_a_child

MONDAY = FRIDAY + timedelta(days=3)


def cancelled(newsroom: Newsroom) -> None:
    ledger = newsroom.ledger()
    with ledger.write() as connection:
        issues.cancel(connection, 1)
    ledger.close()


def drafted(newsroom: Newsroom) -> None:
    newsroom.compose(FRIDAY)


def merged(newsroom: Newsroom) -> None:
    newsroom.compose(NEXT_FRIDAY)


def approved(newsroom: Newsroom) -> None:
    # A second approval finds it approved.
    with suppress(IssueError):
        newsroom.approve(newsroom.plan(MONDAY).hash, MONDAY)


@pytest.mark.parametrize(
    ("before", "work"),
    [([], drafted), ([drafted], merged), ([drafted], approved), ([drafted], cancelled)],
    ids=["drafted", "merged", "approved", "cancelled"],
)
def test_what_was_killed_anywhere_is_completed_by_doing_it_again(
    tmp_path: Path, before: list[Callable[[Newsroom], None]], work: Callable[[Newsroom], None]
) -> None:
    newsroom = Newsroom(tmp_path / "site", mode="review")
    newsroom.compose(BEGIN)
    newsroom.readers(("", ""), ("scalp", ""))
    newsroom.article("Itching", "Scalp")
    for step in before:
        step(newsroom)
    newsroom.article("Brushing", now=BEGIN + timedelta(days=2))
    url = newsroom.settings.store.url
    snapshot = place.Snapshot(url)
    effects = in_a_child(lambda: work(newsroom))
    expected = _lasting(newsroom)
    assert effects > 2
    for die_at in range(1, effects + 1):
        snapshot.put_back(url)
        in_a_child(lambda: work(newsroom), die_at=die_at)
        work(newsroom)
        assert _lasting(newsroom) == expected, f"killed at effect {die_at} of {effects}"


def _lasting(newsroom: Newsroom) -> dict[str, list[dict[str, Any]]]:
    """What the ledger holds of issues, but for the numbers that rows give themselves: a server leaves those of lost rows out."""
    rows = newsroom.rows()
    names = ("newsletters", "newsletter_topics", "issues", "issue_articles", "issue_corrections", "variants")
    found = {name: [dict(zip(metadata.tables[name].c.keys(), row, strict=True)) for row in rows[name]] for name in names}
    numbers = {row["id"]: row["number"] for row in found["issues"]}
    for row in (row for name in names for row in found[name]):
        row.pop("id", None)
        if "issue_id" in row:
            row["issue_id"] = numbers[row["issue_id"]]
    return found
