"""Feeds pushed to an rsync daemon on this machine, over a shell that stands in for SSH, and over a real SSH."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from hairfeed.feeds.push.stage import PushReport, push
from hairfeed.models.reports import Nobody, RunState
from tests.conftest import FRIDAY, NEXT_FRIDAY, Publication
from tests.feeds.places import SSHD, RsyncDaemon, SshServer, files_below, push_to
from tests.feeds.test_websub import Hub, name_hubs
from tests.store import place
from tests.test_kill import in_a_child

pytestmark = pytest.mark.skipif(not shutil.which("rsync"), reason="rsync is not installed")


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[RsyncDaemon]:
    """A daemon with an empty folder."""
    with RsyncDaemon(tmp_path / "daemon") as one:
        yield one


def test_everything_is_pushed_then_what_changes_then_nothing(publication: Publication, daemon: RsyncDaemon) -> None:
    push_to(publication, 'type = "rsync"', f'target = "{daemon.url}/open"')
    publication.configure("[feeds]", "[feeds]\nitems = 1\ncompress = ['gzip']")
    publication.page("brushing")
    publication.page("dandruff", category="Scalp Care")
    report = publication.run(FRIDAY)
    assert daemon.files() == files_below(publication.public)
    assert report.push.done[0].sent == len(daemon.files()) == report.publish.files
    publication.page("itching", category="Scalp Care", date="13-8-2024")
    report = publication.run(NEXT_FRIDAY)
    assert daemon.files() == files_below(publication.public)
    assert 0 < report.push.done[0].sent < report.publish.files
    assert publication.run(NEXT_FRIDAY).push.done == ()


def test_what_is_withdrawn_is_taken_away_and_what_others_put_there_stays(publication: Publication, daemon: RsyncDaemon) -> None:
    push_to(publication, 'type = "rsync"', f'target = "{daemon.url}/open"')
    publication.configure("[feeds]", "[feeds]\nitems = 1")
    publication.page("brushing")
    page = publication.page("dandruff", category="Scalp Care")
    publication.run(FRIDAY)
    (daemon.folder / "category/scalp-care/notes.txt").write_text("by others")
    page.unlink()
    publication.run(FRIDAY + timedelta(hours=1))
    report = publication.run(FRIDAY + timedelta(hours=2))
    assert report.push.done[0].withdrawn > 3
    assert daemon.files() == files_below(publication.public) | {"category/scalp-care/notes.txt": b"by others"}
    assert "category/scalp-care/feed.rss.gone" in daemon.files()


def test_what_is_withdrawn_is_taken_away_although_its_folder_is_gone_here(publication: Publication, daemon: RsyncDaemon) -> None:
    push_to(publication, 'type = "rsync"', f'target = "{daemon.url}/open"')
    publication.page("brushing")
    publication.run(FRIDAY)
    publication.configure("[feeds]", "[feeds]\ncategories = false\nauthors = false")
    shutil.rmtree(publication.public / "category")
    publication.run(FRIDAY)
    publication.configure("categories = false\nauthors = false", "")
    publication.page("itching", category="Scalp Care")
    publication.run(FRIDAY)
    assert daemon.files() == files_below(publication.public)


def test_a_daemon_that_is_down_is_a_failure_and_the_next_pass_goes_on(publication: Publication, daemon: RsyncDaemon) -> None:
    push_to(publication, 'type = "rsync"', f'target = "{daemon.url}/open"')
    publication.page("brushing")
    publication.subscribe("ann@example.com")
    publication.run(FRIDAY)
    before = daemon.files()
    daemon.stop()
    publication.page("swimming", date="13-8-2024")
    with Hub() as hub:
        name_hubs(publication, hub.url_)
        report = publication.run(NEXT_FRIDAY)
        assert report.state is RunState.FAILED
        (failure,) = report.failures
        assert str(failure).startswith(f"push mirror: {daemon.url}/open/: cannot be reached (rsync's status 10")
        assert b"About swimming" in (publication.public / "feed.rss").read_bytes()
        assert len(publication.mails()) == 1
        assert daemon.files() == before
        assert hub.told() == []
        daemon.start()
        assert publication.run(NEXT_FRIDAY).state is RunState.DONE
        assert daemon.files() == files_below(publication.public)
        assert len(hub.told()) == 9


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("/nowhere", "the daemon refuses us: see the module's name, user and password"),
        ("/closed", "the daemon refuses us: see the module's name, user and password"),
        ("/open/a/b", "see who may write, and whether the folder is there"),
    ],
)
def test_a_place_that_takes_nothing_is_named(publication: Publication, daemon: RsyncDaemon, place: str, said: str) -> None:
    push_to(publication, 'type = "rsync"', f'target = "{daemon.url}{place}"')
    publication.page("brushing")
    (failure,) = publication.run(FRIDAY).failures
    assert said in failure.what
    assert daemon.files() == {}


def test_a_password_opens_a_closed_module_and_is_shown_to_nobody(publication: Publication, daemon: RsyncDaemon) -> None:
    place = f"{daemon.url.replace('://', '://ann@')}/closed"
    push_to(publication, 'type = "rsync"', f'target = "{place}"', 'password = "wrong s3cret"')
    publication.page("brushing")
    (failure,) = publication.run(FRIDAY).failures
    assert "s3cret" not in str(failure)
    publication.configure("wrong s3cret", "s3cret words")
    assert publication.run(FRIDAY).state is RunState.DONE
    assert daemon.files() == files_below(publication.public)


def test_over_ssh_the_folder_is_filled_in_the_same_way(
    publication: Publication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Stands in for ssh: notes how it was called, and runs the command here.
    shell = tmp_path / "bin" / "ssh"
    shell.parent.mkdir()
    shell.write_text(
        f'#!/bin/sh\necho "$@" >> {tmp_path}/calls\nwhile [ "$1" != mirror.example ]; do shift; done\nshift\nexec "$@"\n'
    )
    shell.chmod(0o755)
    monkeypatch.setenv("PATH", f"{shell.parent}:{os.environ['PATH']}")
    remote = tmp_path / "srv"
    push_to(publication, 'type = "rsync"', f'target = "ann@mirror.example:{remote}"')
    page = publication.page("brushing")
    publication.page("drying", category="Styling")
    publication.run(FRIDAY)
    assert files_below(remote) == files_below(publication.public)
    page.unlink()
    publication.run(FRIDAY + timedelta(hours=1))
    publication.run(FRIDAY + timedelta(hours=2))
    assert files_below(remote) == files_below(publication.public)
    assert (tmp_path / "calls").read_text().startswith("-o BatchMode=yes -o ConnectTimeout=60 -l ann mirror.example rsync --server")


@pytest.fixture
def mirror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SshServer]:
    """A machine that is reached by a real SSH."""
    if not SSHD or not shutil.which("ssh"):
        pytest.skip("OpenSSH's server and client are not installed")
    if os.getuid() == 0 and not Path("/run/sshd").is_dir():
        pytest.skip("sshd needs the folder /run/sshd when root starts it: see .ci/run")
    with SshServer(tmp_path / "ssh") as server:
        monkeypatch.setenv("PATH", f"{server.known}:{os.environ['PATH']}")
        yield server


@pytest.mark.usefixtures("mirror")
def test_a_real_ssh_carries_files_there_and_takes_them_away(publication: Publication, tmp_path: Path) -> None:
    remote = tmp_path / "srv" / "feeds"
    remote.parent.mkdir()
    push_to(publication, 'type = "rsync"', f'target = "mirror.example:{remote}"')
    page = publication.page("brushing")
    publication.page("drying", category="頭皮")
    assert publication.run(FRIDAY).state is RunState.DONE
    assert files_below(remote) == files_below(publication.public)
    page.unlink()
    publication.run(FRIDAY + timedelta(hours=1))
    assert publication.run(FRIDAY + timedelta(hours=2)).push.done[0].withdrawn
    assert files_below(remote) == files_below(publication.public)


def test_a_host_whose_key_is_unknown_is_sent_nothing(publication: Publication, mirror: SshServer, tmp_path: Path) -> None:
    mirror.known_hosts.write_text("")
    push_to(publication, 'type = "rsync"', f'target = "mirror.example:{tmp_path / "srv"}"')
    publication.page("brushing")
    (failure,) = publication.run(FRIDAY).failures
    assert "SSH cannot connect" in failure.what
    assert "host key is known" in failure.what
    assert not (tmp_path / "srv").exists()


def test_a_machine_without_rsync_is_told_so(publication: Publication, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    push_to(publication, 'type = "rsync"', 'target = "rsync://127.0.0.1/open"')
    publication.page("brushing")
    monkeypatch.setenv("PATH", str(tmp_path))
    (failure,) = publication.run(FRIDAY).failures
    assert "there is no program rsync on this machine" in failure.what


def push_again(publication: Publication) -> PushReport:
    """The last of a pass alone."""
    ledger = publication.ledger()
    try:
        return push(ledger, publication.settings, Nobody())
    finally:
        ledger.close()


def test_a_push_killed_anywhere_is_completed_at_the_other_end(
    publication: Publication, daemon: RsyncDaemon, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What a killed pass leaves among the temporary files goes with the test's.
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    push_to(publication, 'type = "rsync"', f'target = "{daemon.url}/open"')
    publication.configure("[feeds]", "[feeds]\nauthors = false\ncategories = false\nitems = 1")
    publication.page("brushing")
    page = publication.page("drying")
    publication.run(FRIDAY)
    page.unlink()
    publication.run(FRIDAY + timedelta(hours=1))
    publication.page("swimming", date="13-8-2024")
    daemon.stop()
    publication.run(NEXT_FRIDAY)
    daemon.start()
    snapshot = publication.folder.with_name("snapshot")
    shutil.copytree(publication.folder, snapshot)
    url = publication.settings.store.url
    ledger = place.Snapshot(url)
    remote = daemon.files()
    effects = in_a_child(lambda: push_again(publication))
    expected = daemon.files()
    assert expected == files_below(publication.public)
    assert remote.keys() - expected.keys()
    assert effects > 15
    for die_at in range(1, effects + 1):
        shutil.rmtree(publication.folder)
        shutil.copytree(snapshot, publication.folder)
        ledger.put_back(url)
        for path in daemon.files():
            (daemon.folder / path).unlink()
        for path, content in remote.items():
            (daemon.folder / path).write_bytes(content)
        in_a_child(lambda: push_again(publication), die_at=die_at)
        assert not push_again(publication).failures
        assert daemon.files() == expected, f"killed at effect {die_at} of {effects}"
