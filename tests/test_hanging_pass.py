"""A pass that lives and does not go on, on both databases: who comes later says so, and goes on when its process is gone."""

import json
import platform
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import select, update

from hairfeed.errors import StoreDown
from hairfeed.models.reports import RunState
from hairfeed.pipeline import run_pass
from hairfeed.store import runs
from hairfeed.store.database import Ledger, open_ledger
from hairfeed.store.runs import LONGEST_SILENCE, RunningPass, SignsOfLife
from hairfeed.store.schema.operations import runs as table
from tests import test_cli
from tests.conftest import FRIDAY, Publication
from tests.schedule.test_up import PATIENCE, hairfeed, slow_source
from tests.store import place
from tests.store.postgresql_server import a_server, make_database

MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)
NOON = datetime(2026, 8, 14, 12, tzinfo=UTC)


@pytest.fixture(params=["where the other tests have it"] if place.ON_POSTGRESQL else ["sqlite", "postgresql"])
def site(publication: Publication, request: pytest.FixtureRequest) -> Publication:
    """A publication with a page, and no pass yet."""
    if request.param == "postgresql":
        publication.configure("sqlite:///../hairfeed.db", make_database(request.getfixturevalue("postgresql")))
    publication.page("brushing")
    publication.ledger().close()
    return publication


@pytest.fixture
def stopped(site: Publication) -> Iterator["subprocess.Popen[str]"]:
    """The process of a pass that was stopped while it waits for a web site, which answers when it goes on."""
    with slow_source(site) as (asked, free), hairfeed("run", "-c", site.config) as process:
        assert asked.wait(PATIENCE)
        process.send_signal(signal.SIGSTOP)
        free.set()
        # The others have what they need.
        site.sources('[sources.articles]\ntype = "folder"\npath = "../articles"')
        yield process


def command(site: Publication, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return test_cli.hairfeed(*arguments, "-c", site.config)


def let_time_pass(site: Publication) -> None:
    """Have the pass under way give its last sign of life so long ago that it hangs."""
    long_ago = datetime.now(UTC) - LONGEST_SILENCE - MINUTE
    with closing(site.ledger()) as ledger, ledger.write() as connection:
        (sign,) = connection.execute(select(table.c.report)).scalars()
        connection.execute(update(table).values(report=sign | {"heard_at": long_ago.isoformat()}))


def running(ledger: Ledger) -> RunningPass | None:
    with ledger.read() as connection:
        return runs.running(ledger, connection, datetime.now(UTC))


def test_a_pass_that_goes_on_is_named_by_who_leaves_the_work_to_it(site: Publication, stopped: "subprocess.Popen[str]") -> None:
    done = command(site, "run")
    assert (done.returncode, done.stderr) == (0, "")
    assert f"leaves the work to it: pass 1, process {stopped.pid} on {platform.node()}, begun 2" in done.stdout
    report = json.loads(command(site, "run", "--json").stdout)
    assert (report["another_is_running"], report["other"]["run"], report["other"]["hangs"]) == (True, 1, False)
    assert f"running  pass 1, process {stopped.pid} on {platform.node()}, begun 2" in command(site, "status").stdout
    (level,) = [
        one["level"] for one in json.loads(command(site, "doctor", "--offline", "--json").stdout) if one["name"] == "passes"
    ]
    assert level == "warn", "there was no good one yet"


def test_a_pass_that_hangs_is_said_by_all_who_are_asked(site: Publication, stopped: "subprocess.Popen[str]") -> None:
    let_time_pass(site)
    done = command(site, "run")
    assert (done.returncode, done.stdout) == (2, "")
    assert f"hairfeed: pass 1, process {stopped.pid} on {platform.node()}, begun 2" in done.stderr
    assert "see what it waits for, and end it with kill -9" in done.stderr
    lines = command(site, "status").stdout.splitlines()
    assert lines[0].endswith("  running")
    assert lines[1].startswith(f"running  pass 1, process {stopped.pid} on ")
    assert "end it with kill -9" in lines[2]
    checked = command(site, "doctor", "--offline", "--json")
    assert checked.returncode == 1
    failed = [one for one in json.loads(checked.stdout) if one["level"] == "fail"]
    assert [(one["name"], one["found"][:7]) for one in failed] == [("passes", "pass 1,")]
    families = text_string_to_metric_families(command(site, "metrics").stdout)
    silent = [sample.value for one in families for sample in one.samples if sample.name == "hairfeed_running_pass_silent_seconds"]
    assert silent[0] > LONGEST_SILENCE.total_seconds()


def test_a_pass_that_hangs_in_the_middle_of_a_change_is_said_all_the_same(site: Publication) -> None:
    site.configure("lock_timeout = 5", "lock_timeout = 0.1")
    with closing(site.ledger()) as ledger, ledger.pass_lock():
        with ledger.write() as connection:
            runs.begin(connection, FRIDAY, FRIDAY)
        with ledger.write():
            assert "end it with kill -9" in command(site, "run").stderr
            checked = command(site, "doctor", "--offline", "--json")
    assert ("fail", "passes") in {(one["level"], one["name"]) for one in json.loads(checked.stdout)}


def test_when_its_process_is_ended_the_next_pass_goes_on(site: Publication, stopped: "subprocess.Popen[str]") -> None:
    let_time_pass(site)
    stopped.kill()
    stopped.wait(PATIENCE)
    with closing(site.ledger()) as ledger, ledger.read() as connection:
        while ledger.is_pass_lock_held(connection):
            # PostgreSQL's server hears of it in its own time.
            time.sleep(0.01)
    assert command(site, "run").returncode == 0
    states = [
        line.split("  ")[2].partition(",")[0] for line in command(site, "status").stdout.splitlines() if line.startswith("pass ")
    ]
    assert states == ["done", "killed"]


def test_when_it_goes_on_by_itself_all_is_well(site: Publication, stopped: "subprocess.Popen[str]") -> None:
    let_time_pass(site)
    stopped.send_signal(signal.SIGCONT)
    # It has met a site without pages.
    assert stopped.wait(PATIENCE) == 1
    assert command(site, "run").returncode == 0


def test_who_holds_the_lock_and_makes_no_pass_is_no_pass_that_hangs(site: Publication) -> None:
    site.run(FRIDAY)
    with closing(site.ledger()) as ledger, ledger.pass_lock():
        assert running(ledger) is None
        report = site.run(FRIDAY)
    assert (report.another_is_running, report.other) == (True, None)


def test_a_pass_that_was_killed_long_ago_is_not_taken_for_one_that_hangs(site: Publication) -> None:
    with closing(site.ledger()) as ledger:
        with ledger.write() as connection:
            runs.begin(connection, FRIDAY, FRIDAY)
        with ledger.pass_lock():
            found = running(ledger)
            assert found is not None
            assert found.hangs
        assert running(ledger) is None
    assert site.run(FRIDAY).state is RunState.DONE


def test_the_work_of_a_pass_gives_signs_of_life_and_its_report_takes_their_place(site: Publication) -> None:
    begun = datetime.now(UTC)
    # Each look at the clock is a minute after the one before.
    clock = (begun + number * MINUTE for number in count())
    heard: list[tuple[datetime, datetime]] = []

    class Onlooker:
        def step(self, label: str, done: int, total: int) -> None:
            with closing(site.ledger()) as ledger, ledger.read() as connection:
                found = runs.running(ledger, connection, begun)
                assert found is not None
                heard.append((found.started_at, found.heard_at))

    run_pass(site.settings, FRIDAY, Onlooker(), machine=clock.__next__)
    assert heard[0][0] == heard[0][1]
    assert heard[-1][1] - heard[-1][0] >= MINUTE
    with closing(site.ledger()) as ledger, ledger.read() as connection:
        report = runs.last_report(connection)
    assert report is not None
    assert report["state"] == "done"


def test_a_sign_is_given_once_a_minute_also_after_the_clock_was_set_back(site: Publication) -> None:
    times = iter([NOON, *(NOON + seconds * SECOND for seconds in (59, 60, 61, 119, 120, -3600, -3599))])
    heard = []
    with closing(site.ledger()) as ledger, ledger.pass_lock():
        with ledger.write() as connection:
            run = runs.begin(connection, FRIDAY, NOON)
        ledger.before_commit = SignsOfLife(run, times.__next__)
        for _ in range(7):
            with ledger.write():
                pass
            found = running(ledger)
            assert found is not None
            heard.append((found.heard_at - NOON) // SECOND)
    assert heard == [0, 60, 60, 60, 120, -3600, -3600]


def test_a_server_that_went_away_is_named_by_who_asks_for_the_lock(postgresql_programs: Path) -> None:
    with a_server(postgresql_programs) as server, closing(open_ledger(make_database(server.address), 5)) as ledger:
        server.stop()
        with pytest.raises(StoreDown, match="the database cannot be used"), ledger.pass_lock():
            pass
        server.start()
