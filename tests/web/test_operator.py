"""The operator's pages: what they show, that they want a password, and that they change nothing."""

import os
from collections.abc import Iterator
from contextlib import closing

import pytest
from starlette.testclient import TestClient

from hairfeed.errors import SettingsError
from hairfeed.settings import load_settings
from hairfeed.store import runs
from tests.conftest import NEXT_FRIDAY, Publication
from tests.store import place
from tests.web.operators import PAGES, PASSWORD, operator, trouble, with_password


@pytest.fixture(scope="module")
def weekly(tmp_path_factory: pytest.TempPathFactory) -> Publication:
    """No test changes any of it."""
    publication = with_password(Publication(tmp_path_factory.mktemp("weekly") / "site"))
    trouble(publication)
    return publication


@pytest.fixture
def pages(weekly: Publication) -> Iterator[TestClient]:
    with operator(weekly) as asked:
        yield asked


def test_the_first_page_says_what_waits_for_a_person_and_how_to_settle_it(pages: TestClient) -> None:
    text = pages.get("/operator/").text
    assert "2 mails are in doubt" in text
    assert "<code>hairfeed deliveries list weekly 1</code>" in text
    assert "2 things wait for you" in text
    assert text.count("<p>source lost: ") == 1
    assert '<span class="wait">warning:</span> ' in text
    assert '<span class="bad">something failed</span>' in text
    assert "owed 2, accepted 0, refused 0, unknown 2" in text
    assert "Fri 2024-08-23 08:00" in text


def test_where_all_is_well_nothing_waits(publication: Publication) -> None:
    with_password(publication).page("brushing")
    publication.run(NEXT_FRIDAY)
    with operator(publication) as asked:
        assert "Nothing waits for you" in asked.get("/operator/").text


def test_a_pass_is_told_stage_by_stage_with_its_problems(pages: TestClient) -> None:
    text = pages.get("/operator/passes/2").text
    assert '<span class="bad">failed:</span> source lost: ' in text
    assert "broken.txt" in text
    assert "weekly 1: owed 2  accepted 2  refused 0  unknown 0" in text
    assert "<p>pages 3, new 1</p>" in text


def test_a_pass_is_under_way_or_was_killed(publication: Publication) -> None:
    with_password(publication).page("brushing")
    with closing(publication.ledger()) as ledger:
        with ledger.write() as connection:
            runs.begin(connection, NEXT_FRIDAY, NEXT_FRIDAY)
        with operator(publication) as pages:
            with ledger.pass_lock() as free:
                assert free
                assert f"under way, by process {os.getpid()} on " in pages.get("/operator/").text
                assert "under way" in pages.get("/operator/passes/1").text
            assert '<span class="wait">killed</span>' in pages.get("/operator/").text
            assert "It has left no report yet" in pages.get("/operator/passes/1").text


def test_an_issue_is_told_with_its_receipt_and_articles_and_no_markup_of_theirs(pages: TestClient) -> None:
    text = pages.get("/operator/issues/weekly/1").text
    assert "Hair &amp; Water: 1 &lt; 2" in text
    assert '<a href="https://hair.example.org/feeds/issues/weekly/1/">Its public page</a>' in text


def test_a_newsletter_is_told_day_by_day(pages: TestClient) -> None:
    text = pages.get("/operator/newsletters/weekly").text
    assert "weekly: 1 reader" in text
    assert "<polyline" in text
    assert '<th scope="col" class="number">unsubscribed</th>' in text


def test_articles_are_told_with_what_keeps_them_out_of_mails(pages: TestClient) -> None:
    text = pages.get("/operator/articles").text
    assert "no, was there before" in text
    assert "About archive" in text


@pytest.mark.parametrize("path", PAGES)
def test_no_page_has_an_address_of_a_reader_or_is_kept_by_anybody(pages: TestClient, path: str) -> None:
    answer = pages.get(path)
    assert answer.status_code == 200
    assert "@example.com" not in answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["x-frame-options"] == "DENY"


@pytest.mark.parametrize("path", [*PAGES, "/operator", "/operator/nothing", "/operator/../operator/"])
@pytest.mark.parametrize("password", [None, "", "correct-horse-batter", PASSWORD + "y", PASSWORD.upper()])
def test_without_the_password_nothing_is_told(weekly: Publication, path: str, password: str | None) -> None:
    with operator(weekly, password) as asked:
        answer = asked.get(path)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Basic ")
    assert answer.text == "the operator's password is wanted\n"


@pytest.mark.parametrize(
    "value", ["Basic", "Basic  ", "Basic !!!", "Basic é", "Bearer " + PASSWORD, "basic" + "A" * 10_000, PASSWORD]
)
def test_garbled_credentials_are_none(weekly: Publication, value: str) -> None:
    with operator(weekly, None) as asked:
        assert asked.get("/operator/", headers=[(b"authorization", value.encode("latin-1"))]).status_code == 401


@pytest.mark.parametrize(
    "path",
    ["/operator/passes/99", "/operator/passes/x", "/operator/issues/weekly/9", "/operator/newsletters/monthly", "/operator/x"],
)
def test_what_is_not_there_is_not_found(pages: TestClient, path: str) -> None:
    assert pages.get(path).status_code == 404


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_nothing_can_be_changed(pages: TestClient, path: str, method: str) -> None:
    assert pages.request(method, path).status_code == 405


def test_a_look_changes_nothing(weekly: Publication, pages: TestClient) -> None:
    before = place.contents(weekly.settings.store.url)
    for path in PAGES:
        pages.get(path)
    assert place.contents(weekly.settings.store.url) == before


def test_without_the_section_there_are_no_pages(publication: Publication) -> None:
    with operator(publication) as asked:
        assert asked.get("/operator/").status_code == 404


def test_without_a_ledger_it_is_said_what_makes_one(publication: Publication) -> None:
    with_password(publication).without_ledger()
    with operator(publication) as asked:
        answer = asked.get("/operator/")
    assert answer.status_code == 503
    assert "hairfeed run" in answer.text


@pytest.mark.parametrize("password", ["short", "has a space in the middle of it", ""])
def test_a_weak_password_is_refused(publication: Publication, password: str) -> None:
    with_password(publication, password)
    with pytest.raises(SettingsError, match=r"operator\.password"):
        load_settings(publication.config, {})
