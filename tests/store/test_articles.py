"""What the ledger keeps of sources and articles, on a real database."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection

from hairfeed.models.articles import ArticleState, ChangedArticle, FoundArticle, Mailing, NewArticle
from hairfeed.models.fetches import FirstSight
from hairfeed.store import articles, sources
from hairfeed.store.database import open_ledger
from tests.store import place

NOW = datetime(2024, 8, 9, 9, tzinfo=UTC)
LATER = NOW + timedelta(days=7)


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    """A ledger that is open for writing."""
    ledger = open_ledger(place.migrated(tmp_path / "hairfeed.db"), 5)
    with ledger.write() as connection:
        yield connection
    ledger.close()


@pytest.fixture
def source(connection: Connection) -> int:
    """A source that knows nothing yet."""
    return sources.enter(connection, "articles", "/srv/articles")[0]


def found(name: str = "a", *, on: date = date(2024, 8, 8), topics: tuple[str, ...] = ("Hair Care",)) -> FoundArticle:
    return FoundArticle(
        upstream_id=name,
        stamp=f"stamp of {name}",
        url=f"https://hair.example.org/{name}",
        title=f"About {name}",
        authors=("Jane Doe", "John Roe"),
        topics=topics,
        summary="In short.",
        html="<p>Größe 🧴</p>",
        html_proof="proof of it",
        published_at=datetime(on.year, on.month, on.day, tzinfo=UTC),
        published_on=on,
        content_hash=f"content of {name}",
        form_hash=f"form of {name}",
    )


def new(
    name: str = "a",
    *,
    state: ArticleState = ArticleState.LIVE,
    seen_at: datetime = NOW,
    on: date = date(2024, 8, 8),
    topics: tuple[str, ...] = ("Hair Care",),
) -> NewArticle:
    return NewArticle(found(name, on=on, topics=topics), f"tag:{name}", state, Mailing.ELIGIBLE, seen_at)


def shown_titles(connection: Connection, limit: int = 100) -> list[str]:
    return [article.title.removeprefix("About ") for article in articles.live(connection, limit)]


def only_id(connection: Connection, source: int) -> int:
    (known,) = articles.known_articles(connection, source)
    return known.id


def test_a_source_unknown_to_the_ledger_has_its_archive_before_it(connection: Connection) -> None:
    assert sources.find(connection, "articles", "/srv/articles") == sources.KnownSource(
        None, baseline=True, date_orders=frozenset()
    )


def test_a_source_keeps_its_id_and_its_proofs_after_its_archive(connection: Connection, source: int) -> None:
    sources.remember(connection, source, ["MDY", "DMY"], [], NOW, whole=True, news=0)
    known = sources.find(connection, "articles", "/srv/articles")
    assert known == sources.KnownSource(source, baseline=False, date_orders=frozenset({"DMY", "MDY"}))
    assert sources.enter(connection, "articles", "/srv/articles") == (source, False)


def test_a_source_that_was_not_taken_in_as_a_whole_still_has_its_archive_before_it(connection: Connection, source: int) -> None:
    assert sources.enter(connection, "articles", "/srv/articles") == (source, True)


def test_a_source_at_another_place_begins_again_with_its_archive(connection: Connection, source: int) -> None:
    sources.remember(connection, source, [], [], NOW, whole=True, news=0)
    assert sources.find(connection, "articles", "/srv/other").baseline
    assert sources.enter(connection, "articles", "/srv/other") == (source, True)
    sources.remember(connection, source, [], [], LATER, whole=True, news=0)
    assert sources.enter(connection, "articles", "/srv/other") == (source, False)
    assert sources.enter(connection, "articles", "/srv/articles") == (source, True)


def test_an_article_comes_back_as_it_went_in(connection: Connection, source: int) -> None:
    articles.add(connection, source, [new(topics=("Hair Care", "Scalp"))], NOW, 1)
    (article,) = articles.live(connection, 10)
    put_in = found(topics=("Hair Care", "Scalp"))
    for name in ("url", "title", "authors", "topics", "summary", "html", "html_proof", "published_at", "published_on"):
        assert getattr(article, name) == getattr(put_in, name)
    assert (article.guid, article.updated_at) == ("tag:a", None)


@pytest.mark.parametrize("count", [1, 499, 500, 501, 1203])
def test_any_number_of_articles_comes_in_with_its_topics(connection: Connection, source: int, count: int) -> None:
    articles.add(connection, source, [new(f"{number:04}", topics=(f"Topic {number}",)) for number in range(count)], NOW, 1)
    shown = articles.live(connection, count + 1)
    assert len(shown) == count
    assert all(article.topics == (f"Topic {int(article.title[-4:])}",) for article in shown)
    assert [article.id for article in articles.shown_by_ids(connection, [one.id for one in shown])] == [one.id for one in shown]


def test_the_newest_by_date_then_by_sight_then_by_number_come_first(connection: Connection, source: int) -> None:
    of_the_day = [new("b"), new("c"), new("later seen", seen_at=LATER)]
    articles.add(connection, source, [new("old", on=date(2020, 1, 1)), *of_the_day, new("young", on=date(2024, 8, 9))], NOW, 1)
    assert shown_titles(connection) == ["young", "later seen", "c", "b", "old"]
    assert shown_titles(connection, 2) == ["young", "later seen"]


def test_an_edit_keeps_guid_and_date_and_notes_when_it_was_significant(connection: Connection, source: int) -> None:
    articles.add(connection, source, [new()], NOW, 1)
    edited = replace(found(on=date(2024, 8, 1), topics=("Scalp",)), title="Another Title", authors=())
    change = ChangedArticle(only_id(connection, source), edited, significant=True, republish=False, state=ArticleState.LIVE)
    articles.change(connection, source, [change], LATER, 2)
    (article,) = articles.live(connection, 10)
    assert (article.title, article.authors, article.topics) == ("Another Title", (), ("Scalp",))
    assert (article.guid, article.published_on, article.updated_at) == ("tag:a", date(2024, 8, 8), LATER)


def test_an_edit_that_is_not_significant_leaves_the_update_as_it_was(connection: Connection, source: int) -> None:
    articles.add(connection, source, [new()], NOW, 1)
    change = ChangedArticle(only_id(connection, source), found(), significant=True, republish=False, state=ArticleState.LIVE)
    articles.change(connection, source, [change], NOW, 2)
    articles.change(connection, source, [replace(change, significant=False)], LATER, 3)
    assert [article.updated_at for article in articles.live(connection, 10)] == [NOW]


def test_an_article_that_nobody_has_seen_takes_over_its_date(connection: Connection, source: int) -> None:
    articles.add(connection, source, [new(state=ArticleState.HELD, on=date(2024, 9, 9))], NOW, 1)
    redated = found(on=date(2024, 8, 15))
    change = ChangedArticle(only_id(connection, source), redated, significant=False, republish=True, state=ArticleState.HELD)
    articles.change(connection, source, [change], NOW, 2)
    assert articles.release_due(connection, LATER, 3) == 1
    (article,) = articles.live(connection, 10)
    assert (article.published_on, article.published_at) == (date(2024, 8, 15), datetime(2024, 8, 15, tzinfo=UTC))


def test_a_held_article_goes_live_in_the_second_of_its_date(connection: Connection, source: int) -> None:
    due = datetime(2024, 8, 15, tzinfo=UTC)
    articles.add(connection, source, [new(state=ArticleState.HELD, on=date(2024, 8, 15))], NOW, 1)
    assert (articles.release_due(connection, due - timedelta(seconds=1), 2), articles.count_held(connection)) == (0, 1)
    assert (articles.release_due(connection, due, 3), articles.count_held(connection)) == (1, 0)
    assert articles.release_due(connection, due, 4) == 0
    (known,) = articles.known_articles(connection, source)
    assert (known.state, known.live_at) == (ArticleState.LIVE, due)


def test_an_article_that_was_let_go_is_shown_no_more_and_still_known(connection: Connection, source: int) -> None:
    articles.add(connection, source, [new("a"), new("b")], NOW, 1)
    first = min(known.id for known in articles.known_articles(connection, source))
    articles.miss(connection, [first])
    assert shown_titles(connection) == ["b", "a"]
    articles.let_go(connection, [first], LATER, 2)
    assert shown_titles(connection) == ["b"]
    assert {known.upstream_id: (known.state, known.misses) for known in articles.known_articles(connection, source)} == {
        "a": (ArticleState.GONE, 2),
        "b": (ArticleState.LIVE, 0),
    }


def test_a_stamp_holds_until_the_article_is_missed(connection: Connection, source: int) -> None:
    articles.add(connection, source, [new("a"), new("b"), new("c")], NOW, 1)
    a, b, _ = (known.id for known in articles.known_articles(connection, source))
    articles.miss(connection, [a])
    articles.let_go(connection, [b], NOW, 1)
    assert articles.stamps(connection, source) == {"a": "", "c": "stamp of c"}
    articles.restamp(connection, {a: "a fresh stamp"})
    assert articles.stamps(connection, source) == {"a": "a fresh stamp", "c": "stamp of c"}
    assert {known.upstream_id: known.misses for known in articles.known_articles(connection, source)}["a"] == 0


def test_a_new_stamp_is_nothing_that_readers_see(connection: Connection, source: int) -> None:
    articles.add(connection, source, [new()], NOW, 1)
    articles.restamp(connection, {only_id(connection, source): "a fresh stamp"})
    assert articles.newest_revision(connection) == 1


def test_whatever_readers_see_changes_the_revision(connection: Connection, source: int) -> None:
    assert articles.newest_revision(connection) == 0
    articles.add(connection, source, [new(state=ArticleState.HELD)], NOW, 1)
    assert articles.newest_revision(connection) == 1
    articles.release_due(connection, NOW, 2)
    assert articles.newest_revision(connection) == 2
    number = only_id(connection, source)
    articles.change(connection, source, [ChangedArticle(number, found(), True, False, ArticleState.LIVE)], NOW, 3)
    assert articles.newest_revision(connection) == 3
    articles.let_go(connection, [number], NOW, 4)
    assert articles.newest_revision(connection) == 4


def test_refused_pages_are_those_of_the_last_look(connection: Connection, source: int) -> None:
    first, second = FirstSight(NOW, baseline=True), FirstSight(LATER, baseline=False)
    sources.remember_refused(connection, source, {"a": first, "b": second})
    assert sources.refused_now(connection, source) == {"a": first, "b": second}
    sources.remember_refused(connection, source, {"b": second})
    assert sources.refused_now(connection, source) == {"b": second}
    sources.remember_refused(connection, source, {})
    assert sources.refused_now(connection, source) == {}


def test_sources_do_not_see_each_others_articles(connection: Connection, source: int) -> None:
    other, _ = sources.enter(connection, "more", "/srv/more")
    articles.add(connection, source, [new("a")], NOW, 1)
    sources.remember_refused(connection, source, {"b": FirstSight(NOW, baseline=False)})
    assert articles.known_articles(connection, other) == []
    assert articles.stamps(connection, other) == {}
    assert sources.refused_now(connection, other) == {}
