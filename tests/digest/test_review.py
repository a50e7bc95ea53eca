"""A draft that waits: what an approval is bound to, and what becomes of drafts that get none."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from hairfeed.digest.plan import differences
from hairfeed.digest.stage import templates
from hairfeed.errors import IssueError
from hairfeed.models.issues import IssueState
from hairfeed.store import issues
from tests.digest.newsroom import BEGIN, FRIDAY, NEXT_FRIDAY, Newsroom

MONDAY = FRIDAY + timedelta(days=3)


@pytest.fixture
def newsroom(tmp_path: Path) -> Newsroom:
    """A newsletter under review, with a draft of one article for two readers."""
    newsroom = Newsroom(tmp_path / "site", mode="review", languages=["de"])
    newsroom.compose(BEGIN)
    newsroom.article("Brushing")
    newsroom.readers(("", ""), ("", ""))
    (issue,) = newsroom.compose(renderer=templates(newsroom.settings)).composed
    assert issue.state is IssueState.DRAFT
    return newsroom


def texts(newsroom: Newsroom) -> set[str]:
    """What the mails in the outbox say, in HTML."""
    bodies = [mail.get_body(("html",)) for mail in newsroom.deliver(MONDAY).values()]
    return {body.get_content().replace("\r\n", "\n") for body in bodies if body}


def test_a_draft_is_sent_to_nobody_however_many_passes_there_are(newsroom: Newsroom) -> None:
    assert newsroom.deliver() == {}
    report = newsroom.compose(MONDAY)
    assert (report.composed, report.waiting) == ((), ("weekly",))
    assert newsroom.deliver(MONDAY) == {}
    assert newsroom.issues() == [(1, "draft", 1)]


def test_an_approved_plan_is_sent_exactly_as_it_was(newsroom: Newsroom) -> None:
    plan = newsroom.plan(MONDAY)
    newsroom.approve(plan.hash, MONDAY)
    assert newsroom.issues() == [(1, "approved", 1)]
    newsroom.configure(mode="review", title="Renamed Since")
    assert texts(newsroom) == {plan.variants[0].html}
    assert newsroom.issues() == [(1, "done", 1)]


def test_while_nothing_changes_the_plan_is_the_draft(newsroom: Newsroom) -> None:
    material, plan = newsroom.next_issue(MONDAY)
    assert material.draft is not None
    assert plan is not None
    assert material.draft.plan_hash == plan.hash
    assert differences(material.draft, plan) == []


def test_looking_at_a_plan_changes_nothing(newsroom: Newsroom) -> None:
    before = newsroom.rows()
    newsroom.plan(MONDAY)
    assert newsroom.rows() == before


def edited(newsroom: Newsroom) -> None:
    newsroom.change(1, title="Brushing Less")


def withheld(newsroom: Newsroom) -> None:
    newsroom.article("Another", now=BEGIN + timedelta(days=1))
    newsroom.compose(NEXT_FRIDAY)
    newsroom.change(1, mailing="withheld")


def chosen(newsroom: Newsroom) -> None:
    newsroom.readers(("hair-care", "de"))


def configured(newsroom: Newsroom) -> None:
    newsroom.configure(mode="review", languages=["de"], title="Renamed")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (edited, "article 1 “Brushing Less” has changed; its subject is “Brushing Less” now"),
        (withheld, "article 1 is not in it any more"),
        (chosen, "readers chose hair-care de since"),
        (configured, "its words or its form have changed: the templates, the config"),
    ],
)
def test_an_approval_of_what_has_changed_since_is_refused_with_what_changed(
    newsroom: Newsroom, change: Callable[[Newsroom], None], said: str
) -> None:
    plan = newsroom.plan(MONDAY)
    change(newsroom)
    before = newsroom.rows()
    with pytest.raises(IssueError) as refusal:
        newsroom.approve(plan.hash, MONDAY)
    assert said in str(refusal.value)
    assert str(refusal.value).endswith("look at it again: hairfeed issues plan weekly")
    assert newsroom.rows() == before
    assert newsroom.approve(newsroom.plan(MONDAY).hash, MONDAY).number == 1


def test_more_readers_of_the_same_choice_change_no_plan(newsroom: Newsroom) -> None:
    plan = newsroom.plan(MONDAY)
    newsroom.readers(("", ""))
    assert newsroom.approve(plan.hash, MONDAY).readers == 3


def test_news_after_the_draft_wait_for_the_next_issue(newsroom: Newsroom) -> None:
    newsroom.article("Drying", now=MONDAY)
    newsroom.approve(newsroom.plan(MONDAY).hash, MONDAY)
    newsroom.compose(NEXT_FRIDAY)
    assert newsroom.issues() == [(2, "draft", 1), (1, "approved", 1)]


def test_a_draft_that_still_waits_when_the_next_issue_is_due_gives_way_to_one_with_all_of_both(newsroom: Newsroom) -> None:
    old = newsroom.plan(MONDAY)
    newsroom.article("Drying", now=MONDAY)
    (issue,) = newsroom.compose(NEXT_FRIDAY, templates(newsroom.settings)).composed
    assert (issue.number, issue.featured, newsroom.issues()) == (1, 2, [(1, "draft", 2)])
    with pytest.raises(IssueError, match="it names an older plan, or none"):
        newsroom.approve(old.hash, NEXT_FRIDAY)


def test_a_draft_that_waits_when_the_newsletter_goes_without_review_is_sent_with_the_next_issue(newsroom: Newsroom) -> None:
    newsroom.configure(mode="auto")
    newsroom.compose(NEXT_FRIDAY)
    assert newsroom.issues() == [(1, "approved", 1)]


def test_a_draft_whose_articles_are_all_gone_is_cancelled_when_the_next_is_due(newsroom: Newsroom) -> None:
    newsroom.change(1, state="gone")
    with pytest.raises(IssueError, match="nothing is left of it; 'hairfeed issues cancel weekly 1' ends it"):
        newsroom.approve("0" * 16, MONDAY)
    assert newsroom.compose(NEXT_FRIDAY).nothing_new == ("weekly",)
    assert newsroom.issues() == [(1, "cancelled", 0)]


def test_without_a_draft_there_is_nothing_to_approve(newsroom: Newsroom) -> None:
    newsroom.approve(newsroom.plan(MONDAY).hash, MONDAY)
    with pytest.raises(IssueError, match="no issue waits for approval"):
        newsroom.approve("0" * 16, MONDAY)


def test_a_draft_is_approved_once_whoever_comes_first(newsroom: Newsroom) -> None:
    plan = newsroom.plan(MONDAY)
    ledger = newsroom.ledger()
    with ledger.read() as connection:
        draft = issues.draft(connection, "weekly")
    assert draft is not None
    with ledger.write() as connection:
        assert issues.save(connection, plan.as_issue(), IssueState.APPROVED, MONDAY, replaces=draft.id)
    with ledger.write() as connection:
        assert not issues.save(connection, plan.as_issue(), IssueState.APPROVED, MONDAY, replaces=draft.id)
    ledger.close()
    assert newsroom.issues() == [(1, "approved", 1)]


def test_a_correction_in_a_draft_that_is_replaced_is_not_lost(newsroom: Newsroom) -> None:
    newsroom.approve(newsroom.plan().hash)
    newsroom.change(1, updated_at=MONDAY)
    newsroom.article("Drying", now=MONDAY)
    newsroom.compose(NEXT_FRIDAY)
    assert list(newsroom.plan(NEXT_FRIDAY).corrected) == ["Brushing"]
    newsroom.article("Washing", now=NEXT_FRIDAY)
    later = NEXT_FRIDAY + timedelta(days=7)
    newsroom.compose(later)
    assert list(newsroom.plan(later).corrected) == ["Brushing"]
