"""WebSub hubs, played by a server on this machine: told of what changed, soon, or later, and never not."""

import json
import shutil
import threading
from collections.abc import Iterable, Iterator
from datetime import timedelta
from urllib.parse import parse_qs

import feedparser
import pytest

from hairfeed.feeds.websub import Limits, tell_hubs
from hairfeed.models.reports import RunState
from hairfeed.store import hub_pings
from tests.collect.web import Asked, ResetConnection, Web, answer, redirect
from tests.conftest import FRIDAY, NEXT_FRIDAY, Publication, free_port
from tests.store import place
from tests.test_kill import in_a_child

FORMATS = ("rss", "atom", "json")


class Hub(Web):
    """Takes every ping, until it is told to answer otherwise."""

    def __init__(self) -> None:
        """It listens at once."""
        super().__init__()
        self.url_ = self.url("/hub/", host="127.0.0.1")
        self.says(answer(b"", "204 No Content"))

    def says(self, *replies: bytes) -> None:
        """Its answers from now on, the last for ever."""
        self.pages["/hub/"] = list(replies)

    def told(self) -> list[str]:
        """The topics of the pings since the last look."""
        forms = [parse_qs(asked.body.decode(), strict_parsing=True) for asked in self.asked]
        self.asked.clear()
        assert all(form["hub.mode"] == ["publish"] and form["hub.url"] == form["hub.topic"] for form in forms)
        return [topic for form in forms for topic in form["hub.url"]]


@pytest.fixture
def hub() -> Iterator[Hub]:
    """A hub."""
    with Hub() as one:
        yield one


def name_hubs(publication: Publication, *urls: str) -> None:
    """Put these hubs into the config."""
    listed = ", ".join(f'"{url}"' for url in urls)
    publication.configure("[feeds]", f"[feeds]\nhubs = [{listed}]")


def topics(*folders: str) -> set[str]:
    """The addresses of the feeds in these folders."""
    return {f"https://hair.example.org/feeds/{folder}feed.{kind}" for folder in folders for kind in FORMATS}


def waiting(publication: Publication) -> list[hub_pings.Ping]:
    """What hubs are still to be told."""
    ledger = publication.ledger()
    with ledger.read() as connection:
        pings = hub_pings.owed(connection)
    ledger.close()
    return pings


def test_a_hub_is_told_of_the_feeds_that_changed_and_of_no_other_file(publication: Publication, hub: Hub) -> None:
    name_hubs(publication, hub.url_)
    publication.configure("[newsletters", "items = 1\ncompress = ['gzip']\n\n[newsletters")
    publication.page("brushing", category="Hair Care")
    publication.page("dandruff", category="Scalp Care")
    report = publication.run(FRIDAY)
    told = hub.told()
    assert set(told) == topics("", "category/hair-care/", "category/scalp-care/", "author/plain-hair/")
    assert len(told) == len(set(told))
    assert (report.hubs.hubs, report.hubs.files, report.hubs.warnings) == (1, 12, ())
    publication.page("itching", category="Scalp Care", date="13-8-2024")
    publication.run(NEXT_FRIDAY)
    assert set(hub.told()) == topics("", "category/scalp-care/", "author/plain-hair/")


def test_topics_are_what_the_feeds_call_themselves(publication: Publication, hub: Hub) -> None:
    name_hubs(publication, hub.url_)
    publication.page("brushing", category="Haare für Männer")
    publication.run(FRIDAY)
    folder = publication.public / "category/haare-für-männer"
    links = [link for kind in ("rss", "atom") for link in feedparser.parse((folder / f"feed.{kind}").read_bytes()).feed.links]
    themselves = {link.href for link in links if link.rel == "self"} | {json.loads((folder / "feed.json").read_bytes())["feed_url"]}
    assert themselves == topics("category/haare-f%C3%BCr-m%C3%A4nner/")
    assert themselves < set(hub.told())


def test_a_ping_is_a_form_from_us(publication: Publication, hub: Hub) -> None:
    name_hubs(publication, hub.url_)
    publication.page("brushing")
    publication.run(FRIDAY)
    assert {asked.method for asked in hub.asked} == {"POST"}
    assert hub.asked[0].headers["content-type"] == "application/x-www-form-urlencoded"
    assert hub.asked[0].headers["user-agent"].startswith("HairFeed/")


def test_a_hub_is_not_told_when_nothing_changed(publication: Publication, hub: Hub) -> None:
    name_hubs(publication, hub.url_)
    publication.page("brushing")
    publication.run(FRIDAY)
    hub.told()
    (publication.public / "feed.rss").unlink()
    report = publication.run(FRIDAY)
    assert report.publish.written == ("feed.rss",)
    assert (hub.told(), report.hubs.files) == ([], 0)


def test_every_hub_is_told_although_another_is_down(publication: Publication, hub: Hub) -> None:
    down = f"http://127.0.0.1:{free_port()}/"
    name_hubs(publication, down, hub.url_)
    publication.page("brushing")
    report = publication.run(FRIDAY)
    assert report.state is RunState.DONE
    assert len(hub.told()) == 9
    (warning,) = report.warnings
    assert warning.where == f"hub {down}"
    assert "a later pass tells it (9 feed files)" in warning.what


@pytest.mark.parametrize("reply", [answer(b"", f"{status} No") for status in (408, 429, 500, 503)])
def test_a_hub_that_cannot_answer_now_is_told_later(publication: Publication, hub: Hub, reply: bytes) -> None:
    name_hubs(publication, hub.url_)
    publication.page("brushing")
    hub.says(reply)
    assert publication.run(FRIDAY).state is RunState.DONE
    hub.says(answer())
    hub.told()
    publication.run(FRIDAY + timedelta(minutes=4))
    assert hub.told() == []
    publication.run(FRIDAY + timedelta(minutes=6))
    assert set(hub.told()) == topics("", "category/hair-care/", "author/plain-hair/")
    assert waiting(publication) == []


def test_waits_grow_to_an_hour_and_after_three_days_the_hub_hears_of_the_next_change_only(
    publication: Publication, hub: Hub
) -> None:
    name_hubs(publication, hub.url_)
    publication.page("brushing")
    hub.says(answer(b"", "503 Busy"))
    now, waits = FRIDAY, []
    publication.run(now)
    for _ in range(6):
        (due_at,) = {ping.next_try_at for ping in waiting(publication)}
        waits.append((due_at - now).total_seconds() / 60)
        now = due_at
        publication.run(now)
    assert waits == [5, 10, 20, 40, 60, 60]
    (warning,) = publication.run(FRIDAY + timedelta(days=4)).warnings
    assert "after 3 days it is not told again" in warning.what
    assert waiting(publication) == []
    hub.says(answer())
    hub.told()
    publication.page("drying", date="13-8-2024")
    publication.run(NEXT_FRIDAY)
    assert set(hub.told()) == topics("", "category/hair-care/", "author/plain-hair/")


def test_a_change_meanwhile_does_not_bring_a_failing_hub_forward(publication: Publication, hub: Hub) -> None:
    name_hubs(publication, hub.url_)
    publication.page("brushing")
    hub.says(answer(b"", "429 Too Many", "Retry-After: 7200"))
    publication.run(FRIDAY)
    assert len(hub.told()) == 1
    publication.page("drying", date="9-8-2024")
    publication.run(FRIDAY + timedelta(hours=1))
    assert hub.told() == []
    hub.says(answer())
    publication.run(FRIDAY + timedelta(hours=2))
    assert set(hub.told()) == topics("", "category/hair-care/", "author/plain-hair/")


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (answer(b"no such\n topic", "404 Not Found"), "answers 404 no such topic; it is not told again"),
        (redirect("https://elsewhere.example/"), "answers 302: it is at https://elsewhere.example/ now; it is not told again"),
    ],
)
def test_a_hub_that_refuses_is_reported_and_not_asked_again(publication: Publication, hub: Hub, reply: bytes, said: str) -> None:
    name_hubs(publication, hub.url_)
    publication.page("brushing")
    hub.says(reply)
    report = publication.run(FRIDAY)
    assert report.state is RunState.DONE
    (warning,) = report.warnings
    assert said in warning.what
    assert len(hub.told()) == 9
    assert publication.run(FRIDAY + timedelta(days=1)).warnings == []
    assert hub.told() == []


def test_a_yes_counts_although_what_follows_never_comes(publication: Publication, hub: Hub) -> None:
    name_hubs(publication, hub.url_)
    publication.page("brushing")
    hub.says(answer(b"taken", "202 Accepted", length=50))
    assert publication.run(FRIDAY).hubs.files == 9
    assert waiting(publication) == []


def test_a_hub_that_breaks_off_is_told_later(publication: Publication, hub: Hub) -> None:
    def broken(asked: Asked) -> Iterable[bytes]:
        raise ResetConnection

    name_hubs(publication, hub.url_)
    publication.page("brushing")
    hub.pages["/hub/"] = broken
    (warning,) = publication.run(FRIDAY).warnings
    assert "gives no answer" in warning.what
    assert len(waiting(publication)) == 9


def test_a_hub_that_never_answers_holds_nobody_up(publication: Publication, hub: Hub) -> None:
    over = threading.Event()

    def endless(asked: Asked) -> Iterable[bytes]:
        over.wait()
        return []

    down = f"http://127.0.0.1:{free_port()}/"
    name_hubs(publication, down)
    publication.page("brushing")
    publication.run(FRIDAY)
    publication.configure(down, hub.url_)
    hub.pages["/hub/"] = endless
    ledger = publication.ledger()
    with ledger.write() as connection:
        hub_pings.owe(connection, [hub.url_], topics(""), FRIDAY)
    try:
        report = tell_hubs(ledger, publication.settings, FRIDAY, Limits(total=0.2))
    finally:
        over.set()
        ledger.close()
    assert "is not done in time; a later pass tells it (3 feed files)" in str(report.warnings[0])
    assert [ping.attempts for ping in waiting(publication)] == [1, 1, 1]


def test_a_hub_that_left_the_config_is_forgotten(publication: Publication, hub: Hub) -> None:
    name_hubs(publication, hub.url_)
    publication.page("brushing")
    hub.says(answer(b"", "503 Busy"))
    publication.run(FRIDAY)
    publication.configure(f'"{hub.url_}"', "")
    publication.run(FRIDAY)
    assert waiting(publication) == []


def test_a_pass_killed_anywhere_tells_the_hub_of_every_change(publication: Publication, hub: Hub) -> None:
    name_hubs(publication, hub.url_)
    publication.configure("[newsletters", "categories = false\nauthors = false\n\n[newsletters")
    publication.page("brushing")
    publication.run(FRIDAY)
    publication.page("swimming", date="13-8-2024")
    hub.told()
    snapshot = publication.folder.with_name("snapshot")
    shutil.copytree(publication.folder, snapshot)
    url = publication.settings.store.url
    ledger = place.Snapshot(url)
    effects = in_a_child(lambda: publication.run(NEXT_FRIDAY))
    expected = set(hub.told())
    assert expected == topics("")
    for die_at in range(1, effects + 1):
        shutil.rmtree(publication.folder)
        shutil.copytree(snapshot, publication.folder)
        ledger.put_back(url)
        in_a_child(lambda: publication.run(NEXT_FRIDAY), die_at=die_at)
        publication.run(NEXT_FRIDAY)
        assert set(hub.told()) == expected, f"killed at effect {die_at} of {effects}"
        assert waiting(publication) == []
