"""A list of a million readers, into an empty ledger on SQLite, once more, and out again; beside a bare loop that only inserts.

Somebody else writes to the ledger all the while, as the pages do for readers who leave: how long do they wait?
"""

import argparse
import csv
import select
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from hairfeed.models.reports import Nobody
from hairfeed.settings import load_settings
from hairfeed.store import subscribers
from hairfeed.store.database import open_ledger
from hairfeed.subscribers.transfer import exporting, importing, parts
from publication import CONFIG
from timing import Cost, alternate, print_costs, print_ratios, run

HEADER = ("email", "name", "state", "confirmed_at", "source", "wording")
WORDING = "I want the weekly mail of Plain Hair, and can leave at any time."
DOMAINS = ("gmail.com", "example.org", "mail.example.net", "outlook.com")
NOW = datetime(2026, 11, 1, tzinfo=UTC)


def readers(count: int) -> Iterator[tuple[str, ...]]:
    """The same ones every time, in no order of their addresses; one in twenty has left."""
    for number in range(count):
        # Knuth's multiplicative hash: every number once, far from its neighbours.
        place = number * 2654435761 % 2**32
        state = "unsubscribed" if number % 20 == 0 else "confirmed"
        confirmed_at = f"2023-{place % 12 + 1:02d}-{place % 28 + 1:02d}T{place % 24:02d}:{place % 60:02d}:00Z"
        email = f"reader.{place:x}@{DOMAINS[place % len(DOMAINS)]}"
        yield email, f"Reader {place % 1000}", state, confirmed_at, "the form on our site", WORDING


def begin(folder: Path) -> None:
    """An empty ledger with a config beside it."""
    folder.mkdir()
    (folder / "hairfeed.toml").write_text(CONFIG.replace("var/hairfeed.db", "hairfeed.db"))
    open_ledger(load_settings(folder / "hairfeed.toml", {}).store.url, 60).close()


def hairfeed(folder: Path, file: Path) -> None:
    """Import; prints the new subscriptions."""
    settings = load_settings(folder / "hairfeed.toml", {})
    ledger = open_ledger(settings.store.url, 60)
    found = parts.open_list(file, None)
    outcome = importing.take_in(ledger, settings, found, importing.Wishes(), folder / "rejected.csv", Nobody(), NOW)
    print(sum(outcome.counts.new.values()))
    ledger.close()


def leave(folder: Path, _file: Path) -> None:
    """Write a line ten times a second, until somebody says that it is enough; prints how long each had to wait, in seconds."""
    ledger = open_ledger(load_settings(folder / "hairfeed.toml", {}).store.url, 60)
    print("ready", flush=True)
    while not select.select([sys.stdin], [], [], 0.1)[0]:
        began = time.perf_counter()
        with ledger.write() as connection:
            subscribers.suppress(connection, f"{time.monotonic_ns()}@example.com", "left", NOW)
        print(time.perf_counter() - began)
    ledger.close()


@contextmanager
def somebody_leaving(folder: Path) -> Iterator[list[float]]:
    """Have a process leave all the while; the seconds of each, once it has ended."""
    waits: list[float] = []
    command = [sys.executable, __file__, "--work", "leave", str(folder), "-"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        process.stdout.readline()
        yield waits
        said, _ = process.communicate("enough")
        waits += map(float, said.split())


def bare(folder: Path, file: Path) -> None:
    """The same rows into the same tables, in one transaction, with nothing looked at."""
    connection = sqlite3.connect(folder / "hairfeed.db")
    connection.execute("PRAGMA synchronous = FULL")
    now = "2026-11-01 00:00:00.000000"

    def rows() -> Iterator[tuple[int, list[str]]]:
        with file.open(newline="", encoding="utf-8") as text:
            table = csv.reader(text)
            next(table)
            yield from enumerate(table, 1)

    people = ((number, row[0], row[1], now) for number, row in rows())
    connection.executemany("INSERT INTO subscribers (id, email, name, created_at) VALUES (?, ?, ?, ?)", people)
    states = ((number, "weekly", row[2], "", "", now) for number, row in rows())
    connection.executemany(
        "INSERT INTO subscriptions (subscriber_id, newsletter, state, topics, language, changed_at) VALUES (?, ?, ?, ?, ?, ?)",
        states,
    )
    proofs = ((number, "weekly", row[3], row[3], row[4], "", row[5]) for number, row in rows())
    connection.executemany(
        "INSERT INTO consents (subscriber_id, newsletter, asked_at, given_at, source, form, wording, topics, language) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, '', '')",
        proofs,
    )
    connection.commit()
    print(connection.execute("SELECT count(*) FROM subscriptions").fetchone()[0])


def export(folder: Path, file: Path) -> None:
    """Everything into a file."""
    ledger = open_ledger(load_settings(folder / "hairfeed.toml", {}).store.url, 60)
    with ledger.read() as connection, file.with_name("export.csv").open("w", newline="", encoding="utf-8") as text:
        print(exporting.write(connection, text))
    ledger.close()


WORK = {"hairfeed": hairfeed, "bare": bare, "export": export, "leave": leave}


def measure(name: str, folder: Path, file: Path, expected: int) -> Cost:
    """What a process of its own costs."""
    cost, said = run([sys.executable, __file__, "--work", name, str(folder), str(file)])
    # Who left beside the import is in the export, too.
    if int(said) != expected and not (name == "export" and int(said) > expected):
        raise RuntimeError(f"{name}: {said} rows, not {expected}")
    return cost


def main() -> None:
    """Measure, and print tables."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rows", type=int, default=1_000_000)
    arguments.add_argument("--rounds", type=int, default=1)
    arguments.add_argument("--work", nargs=3, help=argparse.SUPPRESS)
    asked = arguments.parse_args()
    if asked.work:
        name, folder, file = asked.work
        WORK[name](Path(folder), Path(file))
        return
    with tempfile.TemporaryDirectory() as home:
        file = Path(home) / "readers.csv"
        with file.open("w", newline="", encoding="utf-8") as text:
            table = csv.writer(text)
            table.writerow(HEADER)
            table.writerows(readers(asked.rows))
        print(f"{asked.rows:,} rows, {file.stat().st_size / 2**20:.0f} MiB", file=sys.stderr)
        compare(Path(home), file, asked.rows, asked.rounds)


def compare(home: Path, file: Path, rows: int, rounds: int) -> None:
    """Everyone in turn, each round with new ledgers."""
    waits: list[float] = []

    def contestant(name: str, expected: int, *, anew: bool) -> Cost:
        folder = home / ("bare" if name == "bare" else "hairfeed")
        if anew:
            shutil.rmtree(folder, ignore_errors=True)
            begin(folder)
        if not anew or name == "bare":
            return measure(name, folder, file, expected)
        with somebody_leaving(folder) as waited:
            cost = measure(name, folder, file, expected)
        waits.extend(waited)
        return cost

    costs = alternate(
        rounds,
        {
            "a bare loop of inserts": lambda: contestant("bare", rows, anew=True),
            "hairfeed subscribers import": lambda: contestant("hairfeed", rows, anew=True),
            "the same list once more": lambda: contestant("hairfeed", 0, anew=False),
            "hairfeed subscribers export": lambda: contestant("export", rows, anew=False),
        },
    )
    print_costs(costs)
    print()
    print_ratios("Import beside the bare loop", costs["hairfeed subscribers import"], costs["a bare loop of inserts"])
    fastest = min(one.cpu for one in costs["hairfeed subscribers import"])
    print(f"Rows a second of CPU: {rows / fastest:,.0f}")
    middle, high = (1000 * value for value in (statistics.median(waits), statistics.quantiles(waits, n=100)[98]))
    longest = 1000 * max(waits)
    print(
        f"Who writes beside it {len(waits)} times waits {middle:.0f} ms (median), {high:.0f} ms (p99), {longest:.0f} ms (longest)"
    )


if __name__ == "__main__":
    main()
