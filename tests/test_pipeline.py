"""The job as a whole: a publication's weeks, two passes at once, and what a pass may meet."""

import json
import threading
from datetime import timedelta

import feedparser
import pytest

from hairfeed.errors import StoreError
from hairfeed.models.reports import RunState
from hairfeed.pipeline import run_pass
from hairfeed.store import runs
from tests.conftest import FRIDAY, NEXT_FRIDAY, Publication, receipt
from tests.store import place


def titles(publication: Publication, feed: str = "feed.rss") -> list[str]:
    """The titles that a reader of the feed sees."""
    parsed = feedparser.parse((publication.public / feed).read_bytes())
    assert not parsed.bozo
    return [entry.title for entry in parsed.entries]


def test_the_first_pass_takes_the_archive_in_and_mails_nobody(publication: Publication) -> None:
    publication.page("brushing", date="13-7-2024")
    publication.page("drying", date="8-8-2024")
    publication.subscribe("ann@example.com")
    report = publication.run(FRIDAY)
    assert (report.collect.new, report.collect.baseline) == (2, 2)
    assert titles(publication) == ["About drying", "About brushing"]
    assert publication.mails() == {}


def test_a_week_later_only_the_new_article_is_mailed(publication: Publication) -> None:
    publication.page("brushing", date="13-7-2024")
    publication.subscribe("ann@example.com", "ben@example.com")
    publication.run(FRIDAY)
    publication.page("swimming", date="13-8-2024", title="Swimming and Hair")
    report = publication.run(NEXT_FRIDAY)
    assert str(receipt(report)) == "owed 2  accepted 2  refused 0  unknown 0"
    mails = publication.mails()
    assert sorted(str(mail["To"]) for mail in mails.values()) == ["ann@example.com", "ben@example.com"]
    for mail in mails.values():
        assert mail["Subject"] == "Swimming and Hair"
        for part in mail.walk():
            if not part.is_multipart():
                assert "Swimming and Hair" in part.get_content()
                assert "https://hair.example.org/swimming" in part.get_content()
                # It is there as a related article alone.
                assert part.get_content().count("https://hair.example.org/brushing") == 1


def test_a_pass_that_finds_nothing_new_changes_nothing(publication: Publication) -> None:
    publication.page("brushing")
    publication.subscribe("ann@example.com")
    publication.run(FRIDAY)
    publication.page("swimming", date="13-8-2024")
    publication.run(NEXT_FRIDAY)
    before = {path: path.stat().st_mtime_ns for path in publication.folder.rglob("*.*") if path.suffix in (".rss", ".eml")}
    report = publication.run(NEXT_FRIDAY + timedelta(hours=1))
    assert (report.collect.new, report.collect.changed, report.publish.written) == (0, 0, ())
    assert (report.compose.composed, report.deliver.receipts) == ((), ())
    assert {path: path.stat().st_mtime_ns for path in before} == before


def test_an_article_is_mailed_once_however_often_it_is_edited(publication: Publication) -> None:
    publication.page("brushing")
    publication.subscribe("ann@example.com")
    publication.run(FRIDAY)
    publication.page("swimming", date="13-8-2024")
    publication.run(NEXT_FRIDAY)
    publication.page("swimming", date="13-8-2024", body="Rinse before and after. Nothing else has changed.")
    report = publication.run(NEXT_FRIDAY + timedelta(days=7))
    assert report.collect.changed == 1
    assert report.compose.nothing_new == ("weekly",)
    assert len(publication.mails()) == 1
    assert b"Rinse before and after" in (publication.public / "feed.atom").read_bytes()


def test_a_reader_who_joins_later_gets_the_next_issue_only(publication: Publication) -> None:
    publication.page("brushing")
    publication.run(FRIDAY)
    publication.page("swimming", date="13-8-2024", title="Swimming")
    publication.run(NEXT_FRIDAY)
    publication.subscribe("zoe@example.com", now=NEXT_FRIDAY)
    publication.page("drying", date="19-8-2024", title="Drying")
    publication.run(NEXT_FRIDAY + timedelta(days=7))
    assert [mail["Subject"] for mail in publication.mails().values()] == ["Drying"]


def test_articles_of_tomorrow_wait_for_tomorrow_and_are_mailed_then(publication: Publication) -> None:
    publication.page("brushing")
    publication.subscribe("ann@example.com")
    publication.run(FRIDAY)
    publication.page("swimming", date="20-8-2024", title="Swimming")
    early = publication.run(NEXT_FRIDAY)
    assert (early.collect.held, early.compose.nothing_new) == (1, ("weekly",))
    assert titles(publication) == ["About brushing"]
    publication.run(NEXT_FRIDAY + timedelta(days=7))
    assert titles(publication) == ["Swimming", "About brushing"]
    assert [mail["Subject"] for mail in publication.mails().values()] == ["Swimming"]


def test_what_is_dated_long_ago_goes_into_the_feeds_and_not_into_the_mail(publication: Publication) -> None:
    publication.page("brushing")
    publication.subscribe("ann@example.com")
    publication.run(FRIDAY)
    publication.page("found-in-a-drawer", date="14-1-2023")
    report = publication.run(NEXT_FRIDAY)
    assert report.collect.backdated == 1
    assert "too far back to be mailed" in str(report.warnings[0])
    assert titles(publication) == ["About brushing", "About found-in-a-drawer"]
    assert publication.mails() == {}


def test_pages_of_the_archive_stay_archive_when_their_dates_become_clear_later(publication: Publication) -> None:
    publication.page("brushing", date="3-8-2024")
    publication.page("drying", date="8-8-2024")
    publication.subscribe("ann@example.com")
    assert "set date_order" in str(publication.run(FRIDAY).warnings[0])
    publication.configure('path = "../articles"', 'path = "../articles"\ndate_order = "DMY"')
    report = publication.run(NEXT_FRIDAY)
    assert (report.collect.new, report.collect.baseline) == (1, 1)
    assert titles(publication) == ["About drying", "About brushing"]
    assert publication.mails() == {}


def test_a_page_that_is_mended_after_weeks_is_mailed_by_the_day_it_was_first_seen(publication: Publication) -> None:
    publication.page("brushing")
    publication.subscribe("ann@example.com")
    publication.run(FRIDAY)
    publication.page("swimming", date="13-8")
    publication.run(NEXT_FRIDAY)
    publication.page("swimming", date="13-8-2024", title="Swimming")
    publication.run(NEXT_FRIDAY + timedelta(days=42))
    assert [mail["Subject"] for mail in publication.mails().values()] == ["Swimming"]


def test_a_vanished_article_leaves_the_feeds_at_the_second_pass_without_it(publication: Publication) -> None:
    publication.page("brushing")
    page = publication.page("drying")
    publication.run(FRIDAY)
    page.unlink()
    publication.run(FRIDAY + timedelta(hours=1))
    assert "About drying" in titles(publication)
    report = publication.run(FRIDAY + timedelta(hours=2))
    assert report.collect.gone == 1
    assert titles(publication) == ["About brushing"]


def test_a_vanished_article_is_not_mailed(publication: Publication) -> None:
    publication.page("brushing")
    publication.subscribe("ann@example.com")
    publication.run(FRIDAY)
    page = publication.page("swimming", date="2024-8-10")
    publication.run(FRIDAY + timedelta(days=2))
    page.unlink()
    publication.run(FRIDAY + timedelta(days=3))
    publication.run(FRIDAY + timedelta(days=4))
    assert publication.run(NEXT_FRIDAY).compose.nothing_new == ("weekly",)
    assert publication.mails() == {}


def test_after_a_month_of_silence_there_is_one_issue_not_four(publication: Publication) -> None:
    publication.page("brushing")
    publication.subscribe("ann@example.com")
    publication.run(FRIDAY)
    publication.page("swimming", date="13-8-2024")
    report = publication.run(FRIDAY + timedelta(days=28))
    assert len(report.compose.composed) == 1
    assert publication.run(FRIDAY + timedelta(days=28)).compose.composed == ()


def test_while_one_pass_runs_another_leaves_the_work_to_it(publication: Publication) -> None:
    publication.page("brushing")
    inside, done = threading.Event(), threading.Event()

    class Slow:
        def step(self, label: str, done_: int, total: int) -> None:
            inside.set()
            assert done.wait(timeout=300)

    first = threading.Thread(target=lambda: run_pass(publication.settings, FRIDAY, Slow()))
    first.start()
    assert inside.wait(timeout=300)
    second = publication.run(FRIDAY)
    done.set()
    first.join()
    assert second.another_is_running
    assert (second.collect.pages, second.state) == (0, RunState.DONE)
    assert titles(publication) == ["About brushing"]


def test_the_report_of_a_pass_is_kept_in_the_ledger(publication: Publication) -> None:
    publication.page("brushing")
    report = publication.run(FRIDAY)
    ledger = publication.ledger()
    with ledger.read() as connection:
        kept = runs.last_report(connection)
    ledger.close()
    assert report.collect.new == 1
    assert kept == json.loads(json.dumps(report.as_json()))


def test_feeds_that_cannot_be_written_fail_and_the_mail_goes_out(publication: Publication) -> None:
    publication.page("brushing")
    publication.subscribe("ann@example.com")
    publication.run(FRIDAY)
    feed = (publication.public / "feed.rss").read_bytes()
    publication.page("swimming", date="13-8-2024")
    # Root may write anywhere, so the way is blocked by a folder in the file's place.
    (publication.public / ".feed.atom.part").mkdir()
    report = publication.run(NEXT_FRIDAY)
    assert report.state is RunState.FAILED
    assert "feed.atom" in str(report.failures[0])
    assert "cannot be written" in str(report.failures[0])
    assert len(publication.mails()) == 1
    assert feedparser.parse(feed).entries
    (publication.public / ".feed.atom.part").rmdir()
    assert publication.run(NEXT_FRIDAY).state is RunState.DONE
    assert titles(publication, "feed.atom")[0] == "About swimming"


def test_a_source_that_is_missing_fails_and_the_others_go_on(publication: Publication) -> None:
    publication.configure("[feeds]", '[sources.lost]\ntype = "folder"\npath = "../lost"\n\n[feeds]')
    publication.page("brushing")
    report = publication.run(FRIDAY)
    assert [problem.where for problem in report.failures] == ["source lost"]
    assert str(publication.folder / "lost") in str(report.failures[0])
    assert titles(publication) == ["About brushing"]


def test_a_store_that_is_held_by_another_program_is_named_and_nothing_changes(publication: Publication) -> None:
    publication.page("brushing")
    publication.run(FRIDAY)
    before = publication.files()
    publication.page("swimming", date="8-8-2024")
    publication.configure("lock_timeout = 5", "lock_timeout = 0.1")
    url = publication.settings.store.url
    with place.held(url), pytest.raises(StoreError, match=f"{url.rpartition('/')[2]}: another program"):
        publication.run(FRIDAY)
    assert publication.files() == before
    assert publication.run(FRIDAY).collect.new == 1


def test_a_broken_template_stops_the_issue_and_not_the_feeds(publication: Publication) -> None:
    templates = publication.folder / "templates" / "email"
    templates.mkdir(parents=True)
    (templates / "digest.txt").write_text("{{ no_such_name }}\n")
    publication.configure('author = "The Editor"', 'author = "The Editor"\ntemplates = "../templates"')
    publication.page("brushing")
    publication.subscribe("ann@example.com")
    publication.run(FRIDAY)
    publication.page("swimming", date="13-8-2024")
    report = publication.run(NEXT_FRIDAY)
    assert "digest.txt:1" in str(report.failures[0])
    assert titles(publication)[0] == "About swimming"
    assert publication.mails() == {}
    (templates / "digest.txt").unlink()
    assert str(receipt(publication.run(NEXT_FRIDAY))) == "owed 1  accepted 1  refused 0  unknown 0"


@pytest.mark.parametrize("count", [11, 25])
def test_articles_beyond_the_limit_are_listed_by_title_and_never_again(publication: Publication, count: int) -> None:
    publication.configure('path = "../articles"', 'path = "../articles"\nflood = 100')
    publication.page("brushing")
    publication.subscribe("ann@example.com")
    publication.run(FRIDAY)
    for number in range(count):
        publication.page(f"page-{number}", date="13-8-2024")
    (issue,) = publication.run(NEXT_FRIDAY).compose.composed
    assert (issue.featured, issue.also) == (10, count - 10)
    assert publication.run(NEXT_FRIDAY + timedelta(days=7)).compose.nothing_new == ("weekly",)
