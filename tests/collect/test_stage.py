"""The collect stage over several passes: real files, a real ledger."""

import os
import shutil
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from hairfeed.models.articles import Article, ArticleState
from hairfeed.models.reports import CollectReport, RunState
from hairfeed.store import articles, catalogue
from tests.conftest import FRIDAY, NEXT_FRIDAY, Publication

SECOND_SOURCE = """
[sources.more]
type = "folder"
path = "../more"

[feeds]
"""


def live(publication: Publication) -> list[Article]:
    """What readers may see, newest first."""
    ledger = publication.ledger()
    with ledger.read() as connection:
        shown = articles.live(connection, 100)
    ledger.close()
    return shown


def titles(publication: Publication) -> list[str]:
    return sorted(article.title for article in live(publication))


def warnings(report: CollectReport) -> list[tuple[str, str]]:
    """File name and reason of every warning."""
    return [(Path(problem.where).name, problem.what) for problem in report.warnings]


def collect(publication: Publication, now: datetime = FRIDAY) -> CollectReport:
    return publication.run(now).collect


def test_a_second_pass_reads_no_page_again(publication: Publication) -> None:
    page = publication.page("wash")
    collect(publication)
    status = page.stat()
    page.write_bytes(b"\x00" * status.st_size)
    os.utime(page, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert collect(publication) == CollectReport(pages=1)
    assert titles(publication) == ["About wash"]


def test_a_touched_page_is_read_once_more_and_changes_nothing(publication: Publication) -> None:
    page = publication.page("wash")
    collect(publication)
    before = live(publication)
    os.utime(page, ns=(1, 1))
    assert collect(publication, NEXT_FRIDAY) == CollectReport(pages=1)
    assert live(publication) == before


def test_an_edit_updates_the_article_that_keeps_its_identity(publication: Publication) -> None:
    publication.page("wash")
    collect(publication)
    (before,) = live(publication)
    publication.page("wash", title="Another Title")
    assert collect(publication, NEXT_FRIDAY).changed == 1
    (after,) = live(publication)
    assert (after.id, after.guid, after.published_at) == (before.id, before.guid, before.published_at)
    assert (after.title, after.updated_at) == ("Another Title", NEXT_FRIDAY)


def test_a_refused_edit_leaves_the_article_as_it_was(publication: Publication) -> None:
    publication.page("wash")
    collect(publication)
    before = live(publication)
    publication.page("wash", title="Another Title", date="31-02-2024")
    assert len(collect(publication, NEXT_FRIDAY).warnings) == 1
    assert live(publication) == before


def test_a_renamed_page_is_the_same_article_at_a_new_address(publication: Publication) -> None:
    page = publication.page("wash")
    collect(publication)
    (before,) = live(publication)
    page.rename(publication.articles / "rinse.txt")
    report = collect(publication, NEXT_FRIDAY)
    assert (report.moved, report.new, report.gone) == (1, 0, 0)
    (after,) = live(publication)
    assert (after.id, after.guid, after.url) == (before.id, before.guid, "https://hair.example.org/rinse")


def test_a_page_rewritten_in_another_format_stays_one_article(publication: Publication) -> None:
    page = publication.page("wash")
    collect(publication)
    (before,) = live(publication)
    page.unlink()
    (publication.articles / "wash.md").write_text("---\ntitle: In Markdown\ndate: 2024-08-08\n---\nNew words.\n", encoding="utf-8")
    report = collect(publication, NEXT_FRIDAY)
    assert (report.moved, report.new) == (1, 0)
    (after,) = live(publication)
    assert (after.guid, after.url, after.title) == (before.guid, before.url, "In Markdown")


def test_a_page_is_missed_once_and_gone_at_the_second(publication: Publication) -> None:
    publication.page("stays")
    page = publication.page("goes")
    collect(publication)
    page.unlink()
    assert collect(publication).gone == 0
    assert titles(publication) == ["About goes", "About stays"]
    assert collect(publication).gone == 1
    assert titles(publication) == ["About stays"]
    assert collect(publication) == CollectReport(pages=1)


def test_a_page_that_returns_in_time_was_never_away(publication: Publication) -> None:
    publication.page("stays")
    page = publication.page("goes")
    text = page.read_bytes()
    collect(publication)
    before = live(publication)
    for _ in range(3):
        page.unlink()
        assert collect(publication).gone == 0
        page.write_bytes(text)
        assert collect(publication).gone == 0
    assert live(publication) == before


def test_a_gone_page_that_returns_is_the_article_it_was(publication: Publication) -> None:
    publication.page("stays")
    page = publication.page("goes")
    text = page.read_bytes()
    collect(publication)
    before = live(publication)
    page.unlink()
    collect(publication)
    collect(publication)
    page.write_bytes(text)
    report = collect(publication)
    assert (report.new, report.changed) == (0, 1)
    assert live(publication) == before


def test_an_article_withdrawn_before_its_date_waits_for_it_when_it_returns(publication: Publication) -> None:
    publication.page("archive", date="2024-08-01")
    collect(publication)
    page = publication.page("coming", date="2024-08-20")
    text = page.read_bytes()
    assert collect(publication).held == 1
    page.unlink()
    collect(publication)
    collect(publication)
    page.write_bytes(text)
    assert collect(publication, NEXT_FRIDAY).held == 1
    assert titles(publication) == ["About archive"]
    assert collect(publication, datetime(2024, 8, 20, tzinfo=UTC)).held == 0
    assert titles(publication) == ["About archive", "About coming"]


def test_a_held_article_goes_live_with_its_date(publication: Publication) -> None:
    publication.page("coming", date="2024-08-15")
    assert (collect(publication).held, titles(publication)) == (1, [])
    assert (collect(publication, NEXT_FRIDAY).held, titles(publication)) == (0, ["About coming"])


def test_a_held_article_takes_a_new_date(publication: Publication) -> None:
    publication.page("coming", date="2024-08-30")
    collect(publication)
    publication.page("coming", date="2024-08-15")
    collect(publication, NEXT_FRIDAY)
    assert [article.published_on for article in live(publication)] == [date(2024, 8, 15)]


def test_a_draft_waits_and_a_published_draft_is_new(publication: Publication) -> None:
    publication.page("archive")
    collect(publication)
    page = publication.articles / "draft.md"
    page.write_text("---\ntitle: A Draft\ndate: 2024-08-09\ndraft: true\n---\nText.\n", encoding="utf-8")
    report = collect(publication)
    assert (report.new, report.warnings) == (0, ())
    page.write_text("---\ntitle: A Draft\ndate: 2024-08-09\ndraft: false\n---\nText.\n", encoding="utf-8")
    assert collect(publication).new == 1


def test_a_date_that_can_be_two_days_waits_for_a_page_that_tells(publication: Publication) -> None:
    publication.page("unclear", date="3-4-2024")
    assert warnings(collect(publication)) == [("unclear.txt", "3-4-2024 can be 3 April or 4 March: set date_order")]
    assert titles(publication) == []
    publication.page("clear", date="23-7-2024")
    assert collect(publication).warnings == ()
    assert {article.title: article.published_on for article in live(publication)} == {
        "About unclear": date(2024, 4, 3),
        "About clear": date(2024, 7, 23),
    }


def test_a_proof_holds_after_its_page_is_gone(publication: Publication) -> None:
    publication.page("other", date="2024-08-01")
    proof = publication.page("proof", date="7-23-2024")
    collect(publication)
    proof.unlink()
    publication.page("later", date="3-4-2024")
    collect(publication)
    assert date(2024, 3, 4) in [article.published_on for article in live(publication)]


def test_proofs_that_contradict_each_other_prove_nothing(publication: Publication) -> None:
    publication.page("one", date="23-7-2024")
    publication.page("two", date="7-24-2024")
    publication.page("unclear", date="3-4-2024")
    both = "has dates with the day first and others with the month first, so none tells the order of the rest; set date_order"
    assert warnings(collect(publication)) == [
        ("articles", both),
        ("unclear.txt", "3-4-2024 can be 3 April or 4 March: set date_order"),
    ]
    assert titles(publication) == ["About one", "About two"]


def test_a_declared_order_settles_every_date(publication: Publication) -> None:
    publication.page("unclear", date="3-4-2024")
    publication.page("against", date="7-23-2024")
    publication.configure('type = "folder"', 'type = "folder"\ndate_order = "DMY"')
    ((name, reason),) = warnings(collect(publication))
    assert name == "against.txt"
    assert "there is no month 23" in reason
    assert [article.published_on for article in live(publication)] == [date(2024, 4, 3)]


def test_an_order_declared_later_takes_in_what_was_refused_as_archive(publication: Publication) -> None:
    publication.page("unclear", date="8-7-2024")
    collect(publication)
    publication.configure('type = "folder"', 'type = "folder"\ndate_order = "MDY"')
    report = collect(publication, NEXT_FRIDAY)
    assert (report.new, report.baseline) == (1, 1)


def test_a_folder_that_is_suddenly_empty_fails_and_changes_nothing(publication: Publication) -> None:
    page = publication.page("wash")
    collect(publication)
    before = live(publication)
    page.unlink()
    for _ in range(3):
        report = publication.run()
        assert report.state is RunState.FAILED
        (failure,) = report.failures
        assert "holds no pages, and 1 articles came from it" in failure.what
    assert live(publication) == before


def test_a_folder_still_empty_is_no_failure(publication: Publication) -> None:
    report = publication.run()
    assert report.state is RunState.DONE
    assert ["holds no pages yet" in problem.what for problem in report.warnings] == [True]


def test_a_missing_folder_fails_by_name_and_the_other_sources_go_on(publication: Publication) -> None:
    publication.page("wash")
    publication.configure("\n[feeds]\n", SECOND_SOURCE)
    report = publication.run()
    assert report.state is RunState.FAILED
    (failure,) = report.failures
    assert str(failure).startswith(f"source more: {publication.folder / 'more'}: cannot be listed: No such file or directory")
    assert titles(publication) == ["About wash"]


def test_a_missing_folder_changes_nothing_of_its_articles(publication: Publication) -> None:
    publication.page("wash")
    collect(publication)
    before = live(publication)
    shutil.move(publication.articles, publication.folder / "away")
    for _ in range(3):
        assert publication.run().state is RunState.FAILED
    assert live(publication) == before
    shutil.move(publication.folder / "away", publication.articles)
    assert collect(publication) == CollectReport(pages=1)


def test_a_changed_address_pattern_moves_every_article_and_makes_none_new(publication: Publication) -> None:
    publication.page("wash")
    publication.page("dry")
    collect(publication)
    guids = {article.guid for article in live(publication)}
    publication.configure('type = "folder"', 'type = "folder"\nurl = "https://new.example.org/{path}.html"')
    report = collect(publication, NEXT_FRIDAY)
    assert (report.new, report.changed) == (0, 2)
    after = live(publication)
    assert {article.guid for article in after} == guids
    assert sorted(article.url for article in after) == ["https://new.example.org/dry.html", "https://new.example.org/wash.html"]
    assert [article.updated_at for article in after] == [None, None]


def test_a_pattern_that_makes_one_address_of_two_is_reported(publication: Publication) -> None:
    publication.page("2023/wash")
    publication.page("2024/wash", title="Another")
    collect(publication)
    publication.configure('type = "folder"', 'type = "folder"\nurl = "https://hair.example.org/{name}"')
    report = collect(publication)
    assert report.changed == 1
    assert [reason for _, reason in warnings(report)] == [
        "would have the same address as 2023/wash.txt (https://hair.example.org/wash); rename one of them"
    ]


def test_another_folder_is_a_new_archive(publication: Publication) -> None:
    publication.page("wash")
    collect(publication)
    shutil.copytree(publication.articles, publication.folder / "elsewhere")
    publication.configure('path = "../articles"', 'path = "../elsewhere"')
    publication.articles = publication.folder / "elsewhere"
    publication.page("dry")
    report = collect(publication)
    assert (report.new, report.baseline) == (1, 1)


def test_what_comes_after_the_archive_is_new(publication: Publication) -> None:
    publication.page("archive", date="2020-01-01")
    assert collect(publication).baseline == 1
    publication.page("fresh", date="2024-08-09")
    publication.page("old", date="2023-01-01")
    report = collect(publication)
    assert (report.new, report.baseline, report.backdated) == (2, 0, 1)
    ((page, reason),) = warnings(report)
    assert (page, reason.partition(" (")[0]) == ("old.txt", "is dated 2023-01-01, too far back to be mailed as new: feeds only")
    assert "hairfeed articles mail " in reason


def test_two_files_that_come_to_one_name_do_not_stop_the_source(publication: Publication) -> None:
    publication.page("wash")
    publication.page("é")
    publication.page("e\u0301", title="The Other")
    for _ in range(2):
        report = collect(publication)
        assert [reason for _, reason in warnings(report)] == [
            "has a name that cannot be told from another file's; rename one of them"
        ]
    assert len(titles(publication)) == 2


def test_more_articles_than_one_statement_takes_come_in_and_go(publication: Publication) -> None:
    for number in range(1100):
        publication.page(f"{number:04}", date="2024-07-01")
    publication.page("stays")
    assert collect(publication).new == 1101
    for number in range(1100):
        (publication.articles / f"{number:04}.txt").unlink()
    collect(publication)
    assert collect(publication, FRIDAY + timedelta(hours=1)).gone == 1100
    assert titles(publication) == ["About stays"]


@pytest.mark.parametrize("state", [ArticleState.LIVE, ArticleState.HELD, ArticleState.GONE])
def test_every_state_of_an_article_is_one_that_the_ledger_gives_back(publication: Publication, state: ArticleState) -> None:
    publication.page("stays")
    page = publication.page("one", date="2024-08-20" if state is ArticleState.HELD else "2024-08-01")
    collect(publication)
    if state is ArticleState.GONE:
        page.unlink()
        collect(publication)
        collect(publication)
    ledger = publication.ledger()
    if state is ArticleState.FORGOTTEN:
        with ledger.write() as connection:
            (one,) = (known.id for known in articles.known_articles(connection, 1) if known.upstream_id == "one.txt")
            catalogue.forget(connection, one, FRIDAY)
    with ledger.read() as connection:
        known = {article.upstream_id: article for article in articles.known_articles(connection, 1)}
    ledger.close()
    assert known["one.txt"].state is state
    assert (known["one.txt"].live_at is None) == (state is ArticleState.HELD)
