"""What many readers and many newsletters cost on PostgreSQL, on this machine: see README.md beside this file.

    python benchmarks/scale.py deliver --recipients 200000 --workers 4
    python benchmarks/scale.py latency
    python benchmarks/scale.py copy --subscribers 1000000
    python benchmarks/scale.py idle --newsletters 1000

Each starts a server of its own (initdb and postgres must be installed) that writes to the disk as it does in earnest.
"""

import argparse
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from sqlalchemy import func, insert, literal, select
from tests.store.postgresql_server import PostgresqlServer, make_database, programs

from hairfeed.deliver.stage import hand_over
from hairfeed.models.issues import IssueState
from hairfeed.models.reports import Nobody
from hairfeed.models.subscribers import SubscriptionState
from hairfeed.pipeline import run_pass
from hairfeed.settings import Settings
from hairfeed.store import issues, wakeups
from hairfeed.store.database import Ledger, open_ledger
from hairfeed.store.moving import copy_ledger
from hairfeed.store.schema.base import Instant
from hairfeed.store.schema.deliveries import batches
from hairfeed.store.schema.issues import issues as issue_table
from hairfeed.store.schema.issues import variants
from hairfeed.store.schema.subscribers import consents, subscribers, subscriptions
from mail_api import MailApi

NOW = datetime.now(UTC)
HTML = "<!DOCTYPE html>\n<html><body>" + "<p>Hair grows by a third of a millimetre a day.</p>" * 400 + "</body></html>\n"
_TICKS = os.sysconf("SC_CLK_TCK")


@contextmanager
def a_server() -> Iterator[PostgresqlServer]:
    """PostgreSQL as it comes, with its files in a folder that is thrown away."""
    folder = programs()
    if folder is None:
        sys.exit("PostgreSQL's server, initdb and postgres, is not installed")
    with tempfile.TemporaryDirectory() as home:
        server = PostgresqlServer(folder, Path(home))
        server.options = {}
        server.start()
        try:
            yield server
        finally:
            server.stop()


def config(folder: Path, url: str, api: str, *, newsletters: int = 1, batch: int = 1000, calls: int = 4) -> Path:
    """A config file; with one newsletter it is called weekly."""
    names = ["weekly", *(f"letter{number}" for number in range(1, newsletters))]
    sections = "".join(f'[newsletters.{name}]\ntitle = "Hair"\nschedule = "Fri 08:00"\n' for name in names)
    (folder / "articles").mkdir(exist_ok=True)
    path = folder / "hairfeed.toml"
    path.write_text(
        f"""
[site]
title = "Plain Hair"
url = "https://hair.example.org"
timezone = "UTC"
author = "The Editor"
postal_address = "1 Example Street"
[store]
url = "{url}"
[sources.articles]
type = "folder"
path = "articles"
[feeds]
directory = "public"
url = "https://hair.example.org/feeds"
{sections}
[mail]
provider = "mailgun"
from = "Plain Hair Weekly <weekly@hair.example.org>"
reply_to = "editor@hair.example.org"
[mail.mailgun]
url = "{api}"
key = "k"
domain = "hair.example.org"
batch_size = {batch}
concurrency = {calls}
calls_per_second = 1000
""",
        encoding="utf-8",
    )
    return path


def fill(ledger: Ledger, readers: int, *, with_consents: bool = False) -> None:
    """Confirmed readers of the newsletter weekly."""
    for first in range(0, readers, 10_000):
        numbers = range(first + 1, min(first + 10_000, readers) + 1)
        with ledger.write() as connection:
            people = [{"id": one, "email": f"reader{one}@example.net", "name": f"Ann {one}", "created_at": NOW} for one in numbers]
            connection.execute(insert(subscribers), people)
            if with_consents:
                said = {"newsletter": "weekly", "asked_at": NOW, "given_at": NOW, "source": "form", "wording": "Yes, send it."}
                connection.execute(insert(consents), [{"subscriber_id": one, **said} for one in numbers])
    with ledger.write() as connection:
        joined = select(subscribers.c.id, literal("weekly"), literal(SubscriptionState.CONFIRMED.value), literal(NOW, Instant))
        columns = ["subscriber_id", "newsletter", "state", "changed_at"]
        connection.execute(insert(subscriptions).from_select(columns, joined))


def approve(ledger: Ledger) -> None:
    """An issue that is free to be sent."""
    with ledger.write() as connection:
        issues.start_newsletter(connection, "weekly", NOW)
        number = int(connection.execute(select(func.count()).select_from(issue_table)).scalar_one()) + 1
        values = {"newsletter": "weekly", "number": number, "state": IssueState.APPROVED, "due_at": NOW, "composed_at": NOW}
        issue = connection.execute(insert(issue_table).values(values).returning(issue_table.c.id)).scalar_one()
        rendering = {"subject": "How hair grows", "html": HTML, "text": "Hair grows.\n" * 300, "articles": 1}
        connection.execute(insert(variants).values(issue_id=issue, topics="", language="", **rendering))


@dataclass(frozen=True, slots=True)
class Used:
    """What a process has used: seconds of CPU, and bytes of memory at the peak (of a server: now, shared pages counted once)."""

    cpu: float
    memory: int

    def __str__(self) -> str:
        return f"{self.cpu:.1f} s CPU, {self.memory / (1 << 20):.0f} MiB"


def used_by_server(pid: int) -> Used:
    """PostgreSQL with all its processes, those that have ended included."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    ticks, memory = sum(map(int, fields[11:15])), 0
    for child in (str(pid), *Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()):
        with suppress(OSError):
            if child != str(pid):
                ticks += sum(map(int, Path(f"/proc/{child}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[11:13]))
            rollup = Path(f"/proc/{child}/smaps_rollup").read_text(encoding="ascii")
            memory += next(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:")) * 1024
    return Used(ticks / _TICKS, memory)


class Workers:
    """`hairfeed work`, several times."""

    def __init__(self, path: Path, number: int, jobs: int) -> None:
        """They wait for work when this is done."""
        command = [sys.executable, "-m", "hairfeed", "work", "-c", str(path), "--queues", "deliver", "--concurrency", str(jobs)]
        self._processes = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(number)]
        for process in self._processes:
            assert process.stdout is not None
            assert "waiting for work" in process.stdout.readline()

    def used(self) -> list[Used]:
        """Of each, so far."""
        found = []
        for process in self._processes:
            fields = Path(f"/proc/{process.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
            status = Path(f"/proc/{process.pid}/status").read_text(encoding="ascii").splitlines()
            peak = next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM:"))
            found.append(Used(sum(map(int, fields[11:13])) / _TICKS, peak))
        return found

    def close(self) -> None:
        """Tell them to stop, and wait."""
        for process in self._processes:
            process.send_signal(signal.SIGTERM)
        for process in self._processes:
            process.communicate()


def send(ledger: Ledger, settings: Settings, readers: int) -> tuple[float, float]:
    """Freeze an issue and wait until workers have sent it: seconds of the freeze, and from the first claim to the last outcome."""
    approve(ledger)
    began = time.perf_counter()
    hand_over(ledger, settings, datetime.now(UTC), Nobody())
    frozen = time.perf_counter() - began
    query = select(issue_table.c.state).order_by(issue_table.c.id.desc()).limit(1)
    while True:
        with ledger.read() as connection:
            if connection.execute(query).scalar_one() == IssueState.DONE:
                issue = select(func.max(issue_table.c.id)).scalar_subquery()
                first = connection.execute(select(func.min(batches.c.called_at)).where(batches.c.issue_id == issue)).scalar_one()
                owed = connection.execute(select(func.sum(batches.c.size)).where(batches.c.issue_id == issue)).scalar_one()
                assert int(owed) == readers
                return frozen, (datetime.now(UTC) - first).total_seconds()
        time.sleep(0.1)


def deliver(options: Any) -> None:
    """Freeze and deliver to a local server that answers at once."""
    with a_server() as server, MailApi() as api, tempfile.TemporaryDirectory() as folder:
        path = config(Path(folder), make_database(server.address), api.url)
        settings = load(path)
        with closing(open_ledger(settings.store.url, 60)) as ledger:
            fill(ledger, options.recipients)
            for number in options.workers:
                with closing(Workers(path, number, 1)) as workers:
                    before, api_before = used_by_server(server.pid), api.spent().cpu
                    frozen, sent = send(ledger, settings, options.recipients)
                    after = used_by_server(server.pid)
                    print(
                        f"{options.recipients} recipients, {number} workers: frozen in {frozen:.1f} s, delivered in {sent:.1f} s, "
                        f"{options.recipients / sent:,.0f} recipients/s"
                    )
                    for at, used in enumerate(workers.used()):
                        print(f"  worker {at + 1}  {used}")
                    print(f"  PostgreSQL  {Used(after.cpu - before.cpu, after.memory)}")
                    calls = api.spent()
                    print(
                        f"  mail API  {calls.cpu - api_before:.1f} s CPU, {calls.calls} calls, {calls.bytes >> 20} MiB", flush=True
                    )


def latency(options: Any) -> None:
    """One worker and four, each with one call at a time, to a provider that takes 200 ms for an answer."""
    with a_server() as server, MailApi(0.2) as api, tempfile.TemporaryDirectory() as folder:
        path = config(Path(folder), make_database(server.address), api.url, batch=100, calls=1)
        settings = load(path)
        speeds = {}
        with closing(open_ledger(settings.store.url, 60)) as ledger:
            fill(ledger, options.recipients)
            for number in (1, 4):
                with closing(Workers(path, number, 1)) as workers:
                    _, sent = send(ledger, settings, options.recipients)
                    used = ", ".join(map(str, workers.used()))
                speeds[number] = options.recipients / sent
                print(f"{number} workers: {sent:.1f} s, {speeds[number]:,.0f} recipients/s; {used}", flush=True)
        print(f"four deliver {speeds[4] / speeds[1]:.2f} times what one does")


def copy(options: Any) -> None:
    """`hairfeed store copy` from a file to a server."""
    with a_server() as server, tempfile.TemporaryDirectory() as folder:
        source = f"sqlite:///{Path(folder) / 'hairfeed.db'}"
        with closing(open_ledger(source, 60)) as ledger:
            fill(ledger, options.subscribers, with_consents=True)
        held, began, used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.perf_counter(), time.process_time()
        server_used = used_by_server(server.pid).cpu
        rows = copy_ledger(source, make_database(server.address), 60, Nobody())
        cpu, server_cpu = time.process_time() - used, used_by_server(server.pid).cpu - server_used
        seconds, peak = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        total = sum(rows.values())
        print(f"{options.subscribers} subscribers, {total} rows: {seconds:.1f} s, {total / seconds:,.0f} rows/s, proven")
        print(f"  {cpu:.1f} s CPU, and {server_cpu:.1f} s of PostgreSQL")
        print(f"  {peak / 1024:.0f} MiB at the peak, {held / 1024:.0f} MiB before")


def idle(options: Any) -> None:
    """What passes and sweeps cost where many newsletters have nothing to send."""
    with a_server() as server, tempfile.TemporaryDirectory() as folder:
        path = config(Path(folder), make_database(server.address), "http://127.0.0.1:9", newsletters=options.newsletters)
        settings = load(path)
        with closing(open_ledger(settings.store.url, 60)) as ledger:
            with ledger.write() as connection:
                wakeups.prepare(connection)
            run_pass(settings, datetime.now(UTC), workers=True)
            before, used = used_by_server(server.pid).cpu, time.process_time()
            for _ in range(options.times):
                run_pass(settings, datetime.now(UTC), workers=True)
            passes = (time.process_time() - used + used_by_server(server.pid).cpu - before) / options.times
            before, used = used_by_server(server.pid).cpu, time.process_time()
            for _ in range(options.times * 10):
                with ledger.write() as connection:
                    wakeups.sweep(connection, datetime.now(UTC), timedelta(minutes=5))
            sweeps = (time.process_time() - used + used_by_server(server.pid).cpu - before) / (options.times * 10)
        print(f"{options.newsletters} newsletters: a pass {passes * 1000:.0f} ms CPU, a sweep {sweeps * 1000:.1f} ms CPU")
        print(f"  a pass every five minutes and a sweep every 15 s: {(passes / 300 + sweeps / 15) * 100:.2f} % of a core")


def load(path: Path) -> Settings:
    """The settings in the file, whatever the environment says."""
    from hairfeed.settings import load_settings

    return load_settings(path, {})


def main() -> None:
    """Measure what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    for work, options in (
        (deliver, {"--recipients": 200_000}),
        (latency, {"--recipients": 20_000}),
        (copy, {"--subscribers": 1_000_000}),
        (idle, {"--newsletters": 1000, "--times": 5}),
    ):
        command = commands.add_parser(work.__name__, help=work.__doc__)
        command.set_defaults(work=work)
        for name, value in options.items():
            command.add_argument(name, type=int, default=value)
        if work is deliver:
            command.add_argument("--workers", type=int, nargs="+", default=[1, 4])
    chosen = parser.parse_args()
    chosen.work(chosen)


if __name__ == "__main__":
    main()
