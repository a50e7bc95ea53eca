"""Feeds pushed to a bucket of an S3 server on this machine."""

import re
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator
from datetime import timedelta

import pytest

from hairfeed.models.reports import RunState
from hairfeed.shelf import FEED_FILES
from tests.collect.photos import illustrate
from tests.collect.web import Asked, Web, answer
from tests.conftest import FRIDAY, NEXT_FRIDAY, Publication, free_port
from tests.feeds.places import KEY, MOTO, SECRET, S3Server, files_below, push_to
from tests.feeds.test_websub import Hub, name_hubs

needs_server = pytest.mark.skipif(not MOTO.exists(), reason=f"{MOTO} is missing: see .ci/run")


@pytest.fixture(scope="module")
def server() -> Iterator[S3Server]:
    """One server for all tests: it takes seconds to start."""
    one = S3Server()
    yield one
    one.stop()


@pytest.fixture
def bucket(server: S3Server) -> S3Server:
    """The server with an empty bucket."""
    server.begin_again()
    return server


def push_to_bucket(publication: Publication, endpoint: str, *lines: str) -> None:
    """Have the bucket in the config."""
    access = [f'key = "{KEY}"', f'secret = "{SECRET}"', 'region = "us-east-1"', f'endpoint = "{endpoint}"']
    push_to(publication, 'type = "s3"', 'bucket = "shelf"', *access, *lines, name="cdn")


def plain_files(publication: Publication) -> dict[str, bytes]:
    """What a bucket should hold."""
    return {
        path: content for path, content in files_below(publication.public).items() if not path.endswith((".gz", ".br", ".gone"))
    }


@needs_server
def test_plain_files_are_pushed_then_what_changes_then_nothing(publication: Publication, bucket: S3Server) -> None:
    push_to_bucket(publication, bucket.url, 'prefix = "/site/feeds/"')
    publication.configure("[feeds]", "[feeds]\nitems = 1\ncompress = ['gzip', 'br']")
    publication.page("brushing")
    publication.page("dandruff", category="Scalp & Skin")
    report = publication.run(FRIDAY)
    assert bucket.files("site/feeds/") == plain_files(publication)
    assert report.push.done[0].sent == len(plain_files(publication)) == len(bucket.files())
    publication.page("itching", category="Scalp & Skin", date="13-8-2024")
    report = publication.run(NEXT_FRIDAY)
    assert bucket.files("site/feeds/") == plain_files(publication)
    assert 0 < report.push.done[0].sent < len(plain_files(publication))
    assert publication.run(NEXT_FRIDAY).push.done == ()


@needs_server
def test_readers_are_told_what_a_file_is_and_how_long_it_holds(publication: Publication, bucket: S3Server) -> None:
    push_to_bucket(publication, bucket.url)
    publication.configure("[feeds]", "[feeds]\nitems = 1")
    publication.page("brushing", category="Archive")
    publication.page("drying", category="Archive")
    publication.run(FRIDAY)
    publication.subscribe("ann@example.com")
    illustrate(publication)
    publication.run(NEXT_FRIDAY)
    said = {path: (bucket.headers(path)["Content-Type"], bucket.headers(path)["Cache-Control"]) for path in bucket.files()}
    assert said["feed.rss"] == ("application/rss+xml; charset=utf-8", "public, max-age=900")
    assert said["category/archive/feed.atom"] == ("application/atom+xml; charset=utf-8", "public, max-age=900")
    assert said["feed.json"] == ("application/feed+json; charset=utf-8", "public, max-age=900")
    assert said["feeds.opml"] == ("text/x-opml; charset=utf-8", "public, max-age=900")
    assert said["issues/weekly/1/index.html"] == ("text/html; charset=utf-8", "public, max-age=900")
    (picture,) = (control for path, control in said.items() if path.startswith("pictures/"))
    assert picture == ("image/png", "public, max-age=31536000, immutable")
    documents = {path: control for path, (_, control) in said.items() if re.search(r"archive/\d", path)}
    assert len(documents) == 21
    assert set(documents.values()) == {"public, max-age=31536000, immutable"}


@needs_server
def test_what_is_withdrawn_is_deleted_and_what_others_put_there_stays(publication: Publication, bucket: S3Server) -> None:
    push_to_bucket(publication, bucket.url)
    publication.configure("[feeds]", "[feeds]\nitems = 1")
    publication.page("brushing")
    page = publication.page("dandruff", category="Scalp Care")
    publication.run(FRIDAY)
    bucket.ask("PUT", "category/notes.txt")
    bucket.ask("DELETE", "category/scalp-care/feed.rss")
    page.unlink()
    publication.run(FRIDAY + timedelta(hours=1))
    report = publication.run(FRIDAY + timedelta(hours=2))
    assert not report.failures
    assert report.push.done[0].withdrawn > 3
    assert bucket.files() == plain_files(publication) | {"category/notes.txt": b""}


@needs_server
def test_a_storage_that_is_down_is_a_failure_and_the_next_pass_goes_on(publication: Publication, bucket: S3Server) -> None:
    down = f"http://127.0.0.1:{free_port()}"
    push_to_bucket(publication, down)
    publication.page("brushing")
    publication.subscribe("ann@example.com")
    publication.run(FRIDAY)
    publication.page("swimming", date="13-8-2024")
    with Hub() as hub:
        name_hubs(publication, hub.url_)
        report = publication.run(NEXT_FRIDAY)
        assert report.state is RunState.FAILED
        (failure,) = report.failures
        assert str(failure).startswith(f"push cdn: s3://shelf/ at {down}: ")
        assert "\n" not in str(failure)
        assert b"About swimming" in (publication.public / "feed.rss").read_bytes()
        assert len(publication.mails()) == 1
        assert hub.told() == []
        publication.configure(down, bucket.url)
        assert publication.run(NEXT_FRIDAY).state is RunState.DONE
        assert bucket.files() == plain_files(publication)
        assert len(hub.told()) == 9


@needs_server
def test_a_bucket_that_is_not_there_is_named(publication: Publication, bucket: S3Server) -> None:
    push_to_bucket(publication, bucket.url)
    publication.configure('"shelf"', '"lost"')
    publication.page("brushing")
    (failure,) = publication.run(FRIDAY).failures
    assert f"s3://lost/ at {bucket.url}: refused with NoSuchBucket; see the bucket's name" in str(failure)


@needs_server
def test_a_key_that_may_not_write_is_a_failure_that_shows_no_key(publication: Publication, bucket: S3Server) -> None:
    push_to_bucket(publication, bucket.url)
    publication.page("brushing")
    bucket.demand_keys()
    (failure,) = publication.run(FRIDAY).failures
    assert "refused with InvalidAccessKeyId" in str(failure)
    assert KEY not in str(failure)
    assert SECRET not in str(failure)


KILLED_AT_THE_SEVENTH = """
import os, signal, sys
from itertools import count
from datetime import datetime
from pathlib import Path
import obstore
from hairfeed.pipeline import run_pass
from hairfeed.settings import load_settings

numbers, put = count(1), obstore.put
def killing_put(*arguments, **options):
    if next(numbers) == 7:
        os.kill(os.getpid(), signal.SIGKILL)
    return put(*arguments, **options)
obstore.put = killing_put
run_pass(load_settings(Path(sys.argv[1]), {}), datetime.fromisoformat(sys.argv[2]))
"""


@needs_server
def test_a_push_killed_in_the_middle_is_completed_by_the_next_pass(publication: Publication, bucket: S3Server) -> None:
    push_to_bucket(publication, bucket.url)
    publication.page("brushing")
    # A process of its own: what the library keeps running does not outlive a fork.
    command = [sys.executable, "-c", KILLED_AT_THE_SEVENTH, str(publication.config), FRIDAY.isoformat()]
    assert subprocess.run(command, check=False).returncode == -signal.SIGKILL
    assert len(bucket.files()) < len(plain_files(publication))
    assert publication.run(FRIDAY).state is RunState.DONE
    assert bucket.files() == plain_files(publication)


class Taker(Web):
    """A storage that takes everything but what is said to be refused, and keeps nothing."""

    refused = "nothing"

    def reply(self, asked: Asked) -> Iterable[bytes]:
        """Keep the order of what arrives."""
        self.asked.append(asked)
        if self.refused in asked.path:
            return [answer(b"<Error><Code>AccessDenied</Code></Error>", "403 Forbidden")]
        return [answer(b"", "200 OK", 'ETag: "1"')]


def kinds(storage: Taker) -> list[str]:
    """What was put, in its order: neighbours of one kind count once."""
    found = [kind_of(path.rpartition("/")[2]) for path in storage.paths]
    return [kind for kind, before in zip(found, ["", *found], strict=False) if kind != before]


def kind_of(name: str) -> str:
    """What a file is: a list of feeds, a feed, or what a feed leads to."""
    if name.endswith(".opml"):
        return "list"
    return "feed" if name in FEED_FILES else "document"


def test_readers_never_find_a_feed_before_what_it_leads_to(publication: Publication) -> None:
    publication.configure("[feeds]", "[feeds]\nitems = 1")
    publication.page("brushing")
    publication.page("drying")
    with Taker() as storage:
        push_to_bucket(publication, f"http://127.0.0.1:{storage.port}")
        publication.run(FRIDAY)
        assert kinds(storage) == ["document", "feed", "list"]


def test_feeds_stay_as_they_are_while_their_archive_is_not_there(publication: Publication) -> None:
    publication.configure("[feeds]", "[feeds]\nitems = 1")
    publication.page("brushing")
    publication.page("drying")
    with Taker() as storage:
        push_to_bucket(publication, f"http://127.0.0.1:{storage.port}")
        storage.refused = "/archive/"
        (failure,) = publication.run(FRIDAY).failures
        assert "refused with AccessDenied" in str(failure)
        assert kinds(storage) == ["document"]
        storage.refused = "nothing"
        publication.run(FRIDAY)
        assert kinds(storage) == ["document", "feed", "list"]


def test_keys_may_come_from_the_environment_and_a_strange_session_does_not_mix_with_ours(
    publication: Publication, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"ACCESS_KEY_ID": "AKIDOTHER", "SECRET_ACCESS_KEY": "other", "SESSION_TOKEN": "theirs"}.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    publication.page("brushing")
    with Taker() as storage:
        push_to_bucket(publication, f"http://127.0.0.1:{storage.port}")
        publication.run(FRIDAY)
        assert {(KEY in asked.headers["authorization"], "x-amz-security-token" in asked.headers) for asked in storage.asked} == {
            (True, False)
        }
        storage.asked.clear()
        publication.configure(f'key = "{KEY}"\nsecret = "{SECRET}"\n', 'prefix = "other"\n')
        publication.run(FRIDAY)
        assert {
            ("AKIDOTHER" in asked.headers["authorization"], asked.headers["x-amz-security-token"]) for asked in storage.asked
        } == {(True, "theirs")}


def test_a_target_that_left_the_config_is_filled_anew_when_it_comes_back(publication: Publication) -> None:
    publication.page("brushing")
    before = publication.config.read_text()
    with Taker() as storage:
        push_to_bucket(publication, f"http://127.0.0.1:{storage.port}")
        with_target = publication.config.read_text()
        first = publication.run(FRIDAY).push.done
        publication.config.write_text(before)
        publication.run(FRIDAY)
        publication.config.write_text(with_target)
        assert publication.run(FRIDAY).push.done == first
        assert first


def test_without_its_library_a_bucket_says_what_to_install(publication: Publication, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "obstore", None)
    push_to_bucket(publication, "https://storage.example")
    publication.page("brushing")
    (failure,) = publication.run(FRIDAY).failures
    assert "pip install 'hairfeed[s3]'" in str(failure)
