"""A list of a million readers, into an empty ledger on SQLite, once more, and out again; beside a bare loop that only inserts."""

import argparse
import csv
import shutil
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from hairfeed.models.reports import Nobody
from hairfeed.settings import load_settings
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


class LastStep(Nobody):
    """Notes when the last transaction begins."""

    began = 0.0

    def step(self, label: str, done: int, total: int) -> None:  # noqa: ARG002 - the signature is a watch's
        """Look at the clock."""
        if label == "taking in":
            self.began = time.perf_counter()


def hairfeed(folder: Path, file: Path) -> None:
    """Import; prints the new subscriptions and the seconds of the last transaction, for which other writers wait."""
    settings = load_settings(folder / "hairfeed.toml", {})
    ledger, watch = open_ledger(settings.store.url, 60), LastStep()
    found = parts.open_list(file, None)
    outcome = importing.take_in(ledger, settings, found, importing.Wishes(), folder / "rejected.csv", watch, NOW)
    print(sum(outcome.counts.new.values()), time.perf_counter() - watch.began)
    ledger.close()


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
    connection.executemany("INSERT INTO subscriptions VALUES (?, ?, ?, ?, ?, ?)", states)
    proofs = ((number, "weekly", row[3], row[3], row[4], "", row[5]) for number, row in rows())
    connection.executemany(
        "INSERT INTO consents (subscriber_id, newsletter, asked_at, given_at, source, form, wording, topics, language) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, '', '')",
        proofs,
    )
    connection.commit()
    print(connection.execute("SELECT count(*) FROM subscriptions").fetchone()[0], 0)


def export(folder: Path, file: Path) -> None:
    """Everything into a file."""
    ledger = open_ledger(load_settings(folder / "hairfeed.toml", {}).store.url, 60)
    with ledger.read() as connection, file.with_name("export.csv").open("w", newline="", encoding="utf-8") as text:
        print(exporting.write(connection, text), 0)
    ledger.close()


WORK = {"hairfeed": hairfeed, "bare": bare, "export": export}


def measure(name: str, folder: Path, file: Path, expected: int) -> tuple[Cost, float]:
    """What a process of its own costs, and the seconds of its last transaction."""
    cost, said = run([sys.executable, __file__, "--work", name, str(folder), str(file)])
    number, seconds = said.split()
    if int(number) != expected:
        raise RuntimeError(f"{name}: {number} rows, not {expected}")
    return cost, float(seconds)


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
    last_steps: list[float] = []

    def contestant(name: str, expected: int, *, anew: bool) -> Cost:
        folder = home / ("bare" if name == "bare" else "hairfeed")
        if anew:
            shutil.rmtree(folder, ignore_errors=True)
            begin(folder)
        cost, seconds = measure(name, folder, file, expected)
        if anew and name == "hairfeed":
            last_steps.append(seconds)
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
    print(f"Rows a second of CPU: {rows / fastest:,.0f}; the last transaction: {min(last_steps):.1f} s by the clock")


if __name__ == "__main__":
    main()
