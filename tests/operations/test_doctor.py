"""`hairfeed doctor`: each thing that keeps a mailing from going out is found, named, and has a remedy."""

import json
import ssl
import subprocess
import sys
import textwrap
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from hairfeed.operations.certificate import check_certificate
from hairfeed.operations.checks import Check, Level
from hairfeed.operations.doctor import examine
from tests.collect.web import Web, answer
from tests.conftest import Publication, free_port
from tests.operations.dns_server import knowing
from tests.store import place
from tests.test_cli import hairfeed

NOW = datetime(2026, 8, 14, 9, 0, tzinfo=UTC)


@pytest.fixture
def healthy(publication: Publication) -> Publication:
    """A publication after a good pass."""
    publication.page("brushing")
    publication.run(NOW - timedelta(minutes=5))
    publication.execute("UPDATE runs SET started_at = now_at, finished_at = now_at")
    return publication


def found(publication: Publication, now: datetime = NOW) -> dict[str, Check]:
    """The worst of each check."""
    checks = sorted(examine(publication.settings, now, offline=True), key=lambda one: list(Level).index(one.level))
    assert all(one.do for one in checks if one.level is not Level.OK)
    return {one.name: one for one in checks}


def test_where_all_is_well_nothing_fails(healthy: Publication) -> None:
    levels = {name: one.level for name, one in found(healthy).items()}
    assert levels.pop("provider") is Level.WARN
    assert set(levels) == {"config", "ledger", "clock", "passes", "feeds.directory", "mail.outbox.directory"}
    assert set(levels.values()) == {Level.OK}


def execute(statement: str) -> Callable[[Publication], object]:
    return lambda publication: publication.execute(statement)


def lose_a_source(publication: Publication) -> None:
    (publication.folder / "articles" / "brushing.txt").unlink()
    publication.articles.rmdir()
    publication.run(NOW - timedelta(minutes=1))


@pytest.mark.parametrize(
    ("spoil", "name", "level", "said"),
    [
        (
            execute("UPDATE runs SET started_at = '2026-09-01'"),
            "clock",
            Level.FAIL,
            "behind the last pass, which was at 2026-09-01",
        ),
        (execute("UPDATE runs SET finished_at = '2026-08-01'"), "passes", Level.WARN, "the last good one ended 2026-08-01"),
        (execute("UPDATE newsletters SET last_due_at = '2038-01-01'"), "schedule", Level.WARN, "weekly was served for 2038-01-01"),
        (execute("UPDATE alembic_version SET version_num = '9999'"), "ledger", Level.FAIL, "has schema 9999, this HairFeed knows"),
        (execute("UPDATE sources SET failures = 2"), "sources", Level.WARN, "articles: failed 2 times in a row"),
        (lambda one: one.without_ledger(), "ledger", Level.FAIL, "there is no ledger yet"),
        (execute("UPDATE sources SET failures = 1"), "sources", Level.WARN, "articles: failed once"),
        (lose_a_source, "passes", Level.FAIL, "in the last one failed: source articles"),
    ],
)
def test_what_is_wrong_is_found(
    healthy: Publication, spoil: Callable[[Publication], object], name: str, level: Level, said: str
) -> None:
    spoil(healthy)
    check = found(healthy)[name]
    assert check.level is level
    assert said in check.found


def test_a_ledger_that_is_none_is_found(healthy: Publication) -> None:
    said = place.spoil(healthy.settings.store.url)
    assert said in found(healthy)["ledger"].found


def test_a_clock_from_before_this_was_written_is_wrong(healthy: Publication) -> None:
    checks = list(examine(healthy.settings, datetime(2001, 1, 1, tzinfo=UTC), offline=True))
    assert "this machine believes it is 2001-01-01" in next(one.found for one in checks if one.name == "clock")


def test_a_ledger_that_another_program_holds_is_said(healthy: Publication) -> None:
    healthy.configure("lock_timeout = 5", "lock_timeout = 0.1")
    with place.held(healthy.settings.store.url):
        assert "another program" in found(healthy)["ledger"].found


@pytest.mark.skipif(place.ON_POSTGRESQL, reason="the ledger is no file")
def test_a_ledger_that_everybody_may_read_is_found(healthy: Publication) -> None:
    file = healthy.folder / "hairfeed.db"
    file.chmod(0o644)
    warned = [one for one in examine(healthy.settings, NOW, offline=True) if one.name == "ledger" and one.level is Level.WARN]
    assert [one.found for one in warned] == [f"{file}: everybody on this machine can read it, and it holds readers' addresses"]
    file.chmod(0o660)
    assert [one.level for one in examine(healthy.settings, NOW, offline=True) if one.name == "ledger"] == [Level.OK]


@pytest.mark.skipif(sys.platform == "win32", reason="permissions are POSIX's")
def test_what_this_user_may_not_write_is_found(healthy: Publication) -> None:
    for path in (healthy.folder, healthy.public, *healthy.folder.glob("hairfeed.db")):
        path.chmod(0o555)
    # Root may write everywhere, so it becomes somebody else; once everything is imported and opened to all.
    program = """
        import os, sys
        from datetime import UTC, datetime
        from pathlib import Path
        from hairfeed.operations.doctor import examine
        from hairfeed.settings import load_settings
        settings = load_settings(Path(sys.argv[1]), {})
        list(examine(settings, datetime.now(UTC), offline=True))
        if os.geteuid() == 0:
            folder = Path(sys.argv[1]).parent
            for one in (folder, *folder.parents[:-1]):
                one.chmod(one.stat().st_mode | 0o055)
            os.setuid(65534)
        for check in examine(settings, datetime.now(UTC), offline=True):
            print(check.level, check.name, check.found)
    """
    command = [sys.executable, "-c", textwrap.dedent(program), str(healthy.config)]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "fail feeds.directory" in said
    assert ("fail ledger" in said) is not place.ON_POSTGRESQL


def test_the_provider_and_the_senders_domain_are_asked_unless_offline(healthy: Publication) -> None:
    healthy.configure('provider = "outbox"', 'provider = "smtp"')
    with knowing({"hair.example.org": ["v=spf1 -all"]}) as resolver:
        smtp = f'[mail.smtp]\nhost = "127.0.0.1"\nport = {free_port()}\n\n[doctor]\nresolver = "{resolver}"\n'
        healthy.config.write_text(healthy.config.read_text() + smtp)
        done = hairfeed("doctor", "--json", "-c", healthy.config)
        offline = hairfeed("doctor", "--json", "--offline", "-c", healthy.config)
    assert done.returncode == 1
    levels = {one["name"]: one["level"] for one in json.loads(done.stdout)}
    assert (levels["spf"], levels["dmarc"], levels["dkim"]) == ("ok", "fail", "warn")
    assert levels["provider smtp"] == "fail"
    assert not {"spf", "dkim", "dmarc"} & {one["name"] for one in json.loads(offline.stdout)}


def test_people_get_a_line_a_check_with_what_to_do(publication: Publication) -> None:
    publication.without_ledger()
    done = hairfeed("doctor", "--offline", "-c", publication.config)
    assert done.returncode == 1
    assert done.stderr == ""
    (line,) = [line for line in done.stdout.splitlines() if line.startswith("fail")]
    assert line.split(None, 2)[1] == "ledger"
    assert "there is no ledger yet; make a pass first: hairfeed run; until then nothing is collected or mailed" in line


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of its own authority for localhost, good for 30 days, with its key."""
    file = tmp_path_factory.mktemp("tls") / "server.pem"
    make = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30"]
    make += ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", str(file) + ".key", "-out", str(file)]
    try:
        subprocess.run(make, check=True, capture_output=True)
    except FileNotFoundError:
        pytest.skip("openssl is not installed")
    file.write_bytes(file.read_bytes() + Path(str(file) + ".key").read_bytes())
    return file


@pytest.mark.parametrize(
    ("host", "trusted", "later", "level", "said"),
    [
        ("localhost", True, 0, Level.OK, "holds until"),
        ("localhost", True, 20, Level.WARN, "ends on"),
        ("localhost", False, 0, Level.FAIL, "browsers refuse"),
        ("127.0.0.1", True, 0, Level.FAIL, "browsers refuse"),
    ],
)
def test_the_certificate_is_looked_at_as_a_browser_does(
    certificate: Path, host: str, trusted: bool, later: int, level: Level, said: str
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with Web(tls=context) as web:
        web.pages["/"] = answer()
        now = datetime.now(UTC) + timedelta(days=later)
        check = check_certificate("certificate", web.url(host=host), now, str(certificate) if trusted else None)
    assert check.level is level
    assert said in check.found


def test_where_nobody_answers_the_certificate_fails_and_without_tls_it_warns() -> None:
    with Web() as web:
        pass
    assert check_certificate("certificate", f"https://127.0.0.1:{web.port}", NOW).level is Level.FAIL
    assert check_certificate("certificate", "http://127.0.0.1", NOW).level is Level.WARN
