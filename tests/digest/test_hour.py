"""Hours that are late, quiet, skipped or ahead: what becomes of articles, topics and drafts, and that a look does nothing."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from hairfeed.models.issues import IssueState
from tests.digest.newsroom import BEGIN, FRIDAY, NEXT_FRIDAY, Newsroom

HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(days=7)
EIGHT = FRIDAY - 3 * HOUR
"""In Berlin."""
MERGE, SKIP = {"too_late": "send within 6h, else merge"}, {"too_late": "send within 6h, else skip"}


def room(folder: Path, **newsletter: Any) -> Newsroom:
    """A newsletter that has begun, with a reader."""
    newsroom = Newsroom(folder / "site", **newsletter)
    newsroom.compose(BEGIN)
    newsroom.readers(("", ""))
    return newsroom


def titles(newsroom: Newsroom, now: Any) -> list[str]:
    _, plan = newsroom.next_issue(now)
    return [one.title for one in plan.articles] if plan else []


@pytest.mark.parametrize("topics", [[], ["Hair Care"]])
def test_what_was_skipped_is_in_no_later_issue_and_what_came_since_is(tmp_path: Path, topics: list[str]) -> None:
    newsroom = room(tmp_path, topics=topics, **SKIP)
    newsroom.article("Early", now=FRIDAY - DAY)
    newsroom.article("Later", now=FRIDAY + 3 * HOUR)
    (warning,) = newsroom.compose(FRIDAY + 6 * HOUR).warnings
    assert "what waited then is not mailed" in warning.what
    assert titles(newsroom, NEXT_FRIDAY) == ["Later"]
    newsroom.compose(NEXT_FRIDAY)
    assert newsroom.issues() == [(1, "approved", 1)]
    newsroom.configure(topics=topics)
    assert newsroom.compose(NEXT_FRIDAY + 7 * DAY).nothing_new == ("weekly",)


@pytest.mark.parametrize(
    ("newsletter", "after", "is_due", "due_at", "shown"),
    [
        ({}, 0 * HOUR, True, EIGHT, ["Early"]),
        ({}, -4 * HOUR, False, EIGHT, ["Early"]),
        (MERGE, 6 * HOUR, False, EIGHT + WEEK, ["Early", "Later"]),
        (SKIP, 6 * HOUR, False, EIGHT + WEEK, ["Later"]),
        (SKIP, WEEK, True, EIGHT + WEEK, ["Later"]),
        ({"quiet": "22:00-12:00"}, 0 * HOUR, False, EIGHT, ["Early"]),
    ],
)
def test_a_look_shows_what_a_pass_would_make_of_it_and_changes_nothing(
    tmp_path: Path, newsletter: dict[str, Any], after: timedelta, is_due: bool, due_at: datetime, shown: list[str]
) -> None:
    newsroom = room(tmp_path, order="oldest", lead="topic:None", **newsletter)
    newsroom.article("Early", now=FRIDAY - DAY)
    if after > HOUR:
        newsroom.article("Later", now=FRIDAY + 3 * HOUR)
    before = newsroom.rows()
    material, plan = newsroom.next_issue(FRIDAY + after)
    assert plan is not None
    assert (material.is_due, material.due_at, sorted(one.title for one in plan.articles)) == (is_due, due_at, shown)
    assert newsroom.rows() == before
    assert bool(newsroom.compose(FRIDAY + after).composed) is is_due


def test_a_draft_outlives_an_hour_that_is_skipped_and_can_be_approved_as_it_is(tmp_path: Path) -> None:
    newsroom = room(tmp_path, mode="review", **SKIP)
    newsroom.article("Early", now=FRIDAY - DAY)
    newsroom.compose(FRIDAY)
    drafted = newsroom.plan(FRIDAY)
    newsroom.article("Between", now=FRIDAY + DAY)
    report = newsroom.compose(NEXT_FRIDAY + 6 * HOUR)
    assert (report.waiting, len(report.warnings)) == (("weekly",), 1)
    assert newsroom.plan(NEXT_FRIDAY + 6 * HOUR).hash == drafted.hash
    newsroom.approve(drafted.hash, NEXT_FRIDAY + 6 * HOUR)
    assert len(newsroom.deliver(NEXT_FRIDAY + 6 * HOUR)) == 1
    assert newsroom.compose(NEXT_FRIDAY + 7 * DAY).nothing_new == ("weekly",)


def test_a_draft_that_waits_when_the_next_hour_comes_is_joined_without_what_was_skipped(tmp_path: Path) -> None:
    newsroom = room(tmp_path, mode="review", **SKIP)
    newsroom.article("Early", now=FRIDAY - DAY)
    newsroom.compose(FRIDAY)
    newsroom.article("Skipped", now=FRIDAY + DAY)
    newsroom.article("New", now=NEXT_FRIDAY + DAY)
    (issue,) = newsroom.compose(NEXT_FRIDAY + 7 * DAY).composed
    assert (issue.number, issue.state) == (1, IssueState.DRAFT)
    assert sorted(titles(newsroom, NEXT_FRIDAY + 7 * DAY)) == ["Early", "New"]


def test_an_approval_that_comes_after_the_hour_is_too_late_is_sent(tmp_path: Path) -> None:
    newsroom = room(tmp_path, mode="review", **MERGE)
    newsroom.article("Early", now=FRIDAY - DAY)
    newsroom.compose(FRIDAY)
    late = FRIDAY + 5 * DAY
    newsroom.approve(newsroom.plan(late).hash, late)
    newsroom.compose(late)
    assert len(newsroom.deliver(late)) == 1


@pytest.mark.parametrize("topics", [[], ["Hair Care"]])
def test_a_newsletter_that_began_under_a_clock_of_years_ahead_mails_what_is_new(tmp_path: Path, topics: list[str]) -> None:
    newsroom = Newsroom(tmp_path / "site", topics=topics)
    newsroom.compose(BEGIN.replace(year=2034))
    (warning,) = newsroom.compose(BEGIN).warnings
    assert "it counts from now on" in warning.what
    newsroom.article("Early", now=FRIDAY - DAY)
    assert newsroom.compose(FRIDAY).composed


def test_an_issue_is_of_the_day_in_its_newsletters_zone(tmp_path: Path) -> None:
    newsroom = room(tmp_path, timezone="Pacific/Auckland")
    newsroom.article("Early", now=FRIDAY - 2 * DAY)
    plan = newsroom.plan(FRIDAY - DAY)
    assert f"{plan.due_at:%a %H}" == "Thu 20"
    assert f"{plan.content.issued_on:%a}" == "Fri"
