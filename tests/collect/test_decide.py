"""What becomes of what a source shows, case by case."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, TypeVar

import pytest

from hairfeed.collect.decide import Decision, Policy, decide
from hairfeed.models.articles import ArticleState, FoundArticle, KnownArticle, Mailing
from hairfeed.models.fetches import FirstSight

NOW = datetime(2024, 8, 9, 9, tzinfo=UTC)
TODAY = NOW.date()
LIVE, HELD, GONE = ArticleState.LIVE, ArticleState.HELD, ArticleState.GONE
POLICY = Policy(source="articles", authority="hair.example.org", baseline=False, mail_backdated_days=30, now=NOW)
TAG = "tag:hair.example.org,2024-08-08:articles"


def found(name: str, *, content: str = "", form: str = "", on: date = date(2024, 8, 8), url: str = "") -> FoundArticle:
    return FoundArticle(
        upstream_id=name,
        stamp=f"new stamp of {name}",
        url=url or f"https://hair.example.org/{name}",
        title=f"About {name}",
        authors=(),
        topics=(),
        summary="",
        html="",
        published_at=datetime.combine(on, time(), UTC),
        published_on=on,
        content_hash=content or f"content of {name}",
        form_hash=form or f"form of {name}",
    )


def known(
    name: str,
    number: int = 1,
    *,
    state: ArticleState = LIVE,
    misses: int = 0,
    seen: bool | None = None,
    on: date = date(2024, 8, 8),
) -> KnownArticle:
    is_seen = state is not HELD if seen is None else seen
    return KnownArticle(
        id=number,
        guid=f"{TAG}/{name}",
        upstream_id=name,
        stamp=f"stamp of {name}",
        url=f"https://hair.example.org/{name}",
        content_hash=f"content of {name}",
        form_hash=f"form of {name}",
        published_on=on,
        live_at=NOW - timedelta(days=1) if is_seen else None,
        state=state,
        misses=misses,
    )


def decided(
    articles: Sequence[FoundArticle] = (),
    ledger: Sequence[KnownArticle] = (),
    policy: Policy = POLICY,
    unread: Sequence[str] = (),
) -> Decision:
    """The decision when `articles` were read and `unread` are there beside."""
    return decide(articles, {article.upstream_id for article in articles} | set(unread), ledger, policy)


@pytest.mark.parametrize(
    ("days", "state", "mailing"),
    [
        (0, LIVE, Mailing.ELIGIBLE),
        (-30, LIVE, Mailing.ELIGIBLE),
        (-31, LIVE, Mailing.BACKDATED),
        (-4000, LIVE, Mailing.BACKDATED),
        (1, HELD, Mailing.ELIGIBLE),
        (365, HELD, Mailing.ELIGIBLE),
    ],
)
def test_a_new_article_is_mailed_held_or_too_far_back(days: int, state: ArticleState, mailing: Mailing) -> None:
    (new,) = decided([found("a", on=TODAY + timedelta(days=days))]).new
    assert (new.state, new.mailing) == (state, mailing)


@pytest.mark.parametrize(("days", "mailing"), [(0, Mailing.BASELINE), (-4000, Mailing.BASELINE), (1, Mailing.ELIGIBLE)])
def test_of_the_archive_only_what_is_still_to_come_is_mailed(days: int, mailing: Mailing) -> None:
    (new,) = decided([found("a", on=TODAY + timedelta(days=days))], policy=replace(POLICY, baseline=True)).new
    assert new.mailing is mailing


def test_an_article_more_than_a_year_ahead_is_reported_and_stays_out() -> None:
    decision = decided([found("a", on=TODAY + timedelta(days=367)), found("b")])
    assert [new.found.upstream_id for new in decision.new] == ["b"]
    (problem,) = decision.problems
    assert str(problem) == "a: is dated 2025-08-11, more than a year ahead; is the year right?"


@pytest.mark.parametrize(
    ("sight", "mailing"),
    [
        (FirstSight(NOW - timedelta(days=90), baseline=True), Mailing.BASELINE),
        (FirstSight(NOW - timedelta(days=90), baseline=False), Mailing.ELIGIBLE),
    ],
)
def test_a_mended_page_is_judged_by_when_it_was_first_seen(sight: FirstSight, mailing: Mailing) -> None:
    policy = replace(POLICY, refused={"a": sight})
    (new,) = decided([found("a", on=TODAY - timedelta(days=100))], policy=policy).new
    assert (new.mailing, new.first_seen_at) == (mailing, sight.at)


def test_a_touched_page_that_says_the_same_gets_a_new_stamp_and_nothing_else() -> None:
    assert decided([found("a")], [known("a")]) == Decision(restamped={1: "new stamp of a"})


def test_an_unread_page_changes_nothing() -> None:
    assert decided([], [known("a")], unread=["a"]) == Decision()


@pytest.mark.parametrize(("content", "significant"), [("content of a", False), ("other content", True)])
def test_an_edit_is_significant_when_the_text_is_another_one(content: str, significant: bool) -> None:
    (change,) = decided([found("a", content=content, form="other form")], [known("a")]).changed
    assert (change.id, change.significant, change.republish, change.state) == (1, significant, False, LIVE)


@pytest.mark.parametrize("form", ["form of a", "other form"])
def test_a_date_that_readers_have_seen_stays_and_is_reported(form: str) -> None:
    decision = decided([found("a", form=form, on=date(2024, 8, 7))], [known("a")])
    (problem,) = decision.problems
    assert str(problem) == "a: is dated 2024-08-07 now; readers have seen 2024-08-08, which stays"
    assert not any(change.republish for change in decision.changed)


def test_a_held_article_takes_over_whatever_is_found() -> None:
    held = known("a", state=HELD, on=TODAY + timedelta(days=9))
    (change,) = decided([found("a", content="other", form="other", on=TODAY)], [held]).changed
    assert (change.republish, change.significant, change.state) == (True, False, HELD)


def test_a_held_article_takes_a_new_date_though_nothing_else_changed() -> None:
    decision = decided([found("a", on=TODAY)], [known("a", state=HELD, on=TODAY + timedelta(days=9))])
    assert [change.republish for change in decision.changed] == [True]
    assert decision.problems == []


def test_a_held_article_is_not_moved_more_than_a_year_ahead() -> None:
    decision = decided([found("a", on=TODAY + timedelta(days=400))], [known("a", state=HELD, on=TODAY + timedelta(days=9))])
    assert decision.changed == []
    assert ["more than a year ahead" in problem.what for problem in decision.problems] == [True]


@pytest.mark.parametrize("state", [LIVE, GONE])
def test_a_page_under_a_new_name_is_the_same_article(state: ArticleState) -> None:
    decision = decided([found("b", content="content of a")], [known("a", state=state)])
    assert [(moved.id, moved.found.upstream_id, moved.significant, moved.state) for moved in decision.moved] == [
        (1, "b", False, LIVE)
    ]
    assert (decision.new, decision.missed, decision.gone) == ([], [], [])


def test_a_held_article_may_move_too() -> None:
    (moved,) = decided([found("b", content="content of a")], [known("a", state=HELD)]).moved
    assert (moved.state, moved.republish) == (HELD, True)


def test_a_copy_beside_its_original_is_an_article_of_its_own() -> None:
    decision = decided([found("b", content="content of a")], [known("a")], unread=["a"])
    assert [new.found.upstream_id for new in decision.new] == ["b"]
    assert decision.moved == []


def test_of_two_copies_of_what_is_absent_one_is_the_article() -> None:
    decision = decided([found("b", content="content of a"), found("c", content="content of a")], [known("a")])
    assert [moved.found.upstream_id for moved in decision.moved] == ["b"]
    assert [new.found.upstream_id for new in decision.new] == ["c"]


def test_of_two_articles_with_one_text_the_one_that_is_not_gone_moves() -> None:
    twins = [replace(known("a", 1), content_hash="same"), replace(known("b", 2, state=GONE), content_hash="same")]
    (moved,) = decided([found("c", content="same")], twins).moved
    assert moved.id == 1


def test_a_page_that_takes_over_the_address_is_the_same_article() -> None:
    decision = decided([found("a.md", content="other", url="https://hair.example.org/a")], [known("a")])
    assert [(moved.id, moved.significant) for moved in decision.moved] == [(1, True)]
    assert (decision.new, decision.missed) == ([], [])


def test_a_page_at_the_address_of_what_is_gone_is_new() -> None:
    decision = decided([found("a.md", content="other", url="https://hair.example.org/a")], [known("a", state=GONE)])
    assert [new.found.upstream_id for new in decision.new] == ["a.md"]


@pytest.mark.parametrize(
    ("state", "misses", "missed", "gone"), [(LIVE, 0, [1], []), (LIVE, 1, [], [1]), (HELD, 1, [], [1]), (GONE, 2, [], [])]
)
def test_an_absent_article_is_missed_once_and_gone_at_the_second(
    state: ArticleState, misses: int, missed: list[int], gone: list[int]
) -> None:
    decision = decided([], [known("a", state=state, misses=misses)])
    assert (decision.missed, decision.gone) == (missed, gone)


def test_a_missed_page_that_is_back_but_refused_counts_its_misses_anew() -> None:
    assert decided([], [known("a", misses=1)], unread=["a"]) == Decision(restamped={1: ""})


def test_a_gone_article_returns_as_it_was() -> None:
    (change,) = decided([found("a")], [known("a", state=GONE)]).changed
    assert (change.state, change.significant, change.republish) == (LIVE, False, False)


def test_an_article_that_went_before_its_date_is_held_again_when_it_returns() -> None:
    (change,) = decided([found("a", on=TODAY + timedelta(days=9))], [known("a", state=GONE, seen=False)]).changed
    assert (change.state, change.republish) == (HELD, True)


def test_of_two_new_pages_with_one_address_the_second_stays_out() -> None:
    decision = decided([found("a.md", url="https://x.example/a"), found("a.txt", url="https://x.example/a")])
    assert [new.found.upstream_id for new in decision.new] == ["a.md"]
    assert [str(problem) for problem in decision.problems] == [
        "a.txt: would have the same address as a.md (https://x.example/a); rename one of them"
    ]


@pytest.mark.parametrize("other_is_read", [True, False])
def test_a_new_page_does_not_take_a_known_ones_address(other_is_read: bool) -> None:
    pages = [found("a.md", url="https://hair.example.org/b"), *([found("b")] if other_is_read else [])]
    decision = decided(pages, [known("b")], unread=["b"])
    assert decision.new == []
    assert [problem.where for problem in decision.problems] == ["a.md"]


def test_a_known_page_does_not_take_anothers_address_either() -> None:
    decision = decided([found("b", form="other", url="https://hair.example.org/a")], [known("a", 1), known("b", 2)], unread=["a"])
    assert decision.changed == []
    assert [problem.where for problem in decision.problems] == ["b"]


def test_two_pages_may_change_addresses_with_each_other() -> None:
    pages = [
        found("a", form="other", url="https://hair.example.org/b"),
        found("b", form="other", url="https://hair.example.org/a"),
    ]
    decision = decided(pages, [known("a", 1), known("b", 2)])
    assert [change.id for change in decision.changed] == [1, 2]
    assert decision.problems == []


@pytest.mark.parametrize(
    ("name", "guid"),
    [
        ("care/wash.txt", f"{TAG}/care/wash.txt"),
        ("größe a.txt", f"{TAG}/gr%C3%B6%C3%9Fe%20a.txt"),
    ],
)
def test_a_guid_is_a_tag_of_site_day_source_and_page(name: str, guid: str) -> None:
    assert [new.guid for new in decided([found(name)]).new] == [guid]


def test_a_guid_is_never_taken_twice() -> None:
    mover = replace(known("b", 1), guid=f"{TAG}/a")
    second = replace(known("c", 2), guid=f"{TAG}/a~2")
    assert [new.guid for new in decided([found("a")], [mover, second], unread=["b", "c"]).new] == [f"{TAG}/a~3"]


def test_the_same_pages_get_the_same_guids_from_an_empty_ledger() -> None:
    pages = [found("a"), found("b")]
    assert [new.guid for new in decided(pages).new] == [new.guid for new in decided(pages[::-1]).new][::-1]


# How the work grows.


A = TypeVar("A", FoundArticle, KnownArticle)


class Counted(str):
    """A text that counts how often it is compared or looked up."""

    times = 0
    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        Counted.times += 1
        return str.__eq__(self, other)

    def __hash__(self) -> int:
        Counted.times += 1
        return str.__hash__(self)


def counted(article: A) -> A:
    names = ("upstream_id", "stamp", "url", "content_hash", "form_hash")
    texts: dict[str, Any] = {name: Counted(getattr(article, name)) for name in names}
    return replace(article, **texts)


def work(number: int, new_name: str, *, content: str, url: str, away: bool) -> int:
    """Comparisons of a decision about `number` articles against as many that are known."""
    ledger = [counted(known(f"{one}", one, misses=1)) for one in range(number)]
    pages = [
        counted(found(new_name.format(one), content=content.format(one), url=url.format(one) if url else ""))
        for one in range(0 if away else number)
    ]
    present = {article.upstream_id for article in pages}
    Counted.times = 0
    decide(pages, present, ledger, POLICY)
    return Counted.times


@pytest.mark.parametrize(
    ("new_name", "content", "url", "away"),
    [
        ("{}", "content of {}", "", False),
        ("{}", "other content of {}", "", False),
        ("new {}", "content of {}", "", False),
        ("new {}", "other content of {}", "https://hair.example.org/{}", False),
        ("new {}", "other content of {}", "", False),
        ("new {}", "the same content", "", False),
        ("new {}", "other content of {}", "https://hair.example.org/one", False),
        ("", "", "", True),
    ],
    ids=["unchanged", "edited", "renamed", "taken over", "replaced", "copies", "one address", "gone"],
)
def test_the_work_grows_with_the_articles_and_no_faster(new_name: str, content: str, url: str, away: bool) -> None:
    few = work(2_000, new_name, content=content, url=url, away=away)
    many = work(20_000, new_name, content=content, url=url, away=away)
    assert few > 0
    assert many < 11 * few
