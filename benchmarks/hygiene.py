"""What it costs to look after very many readers: to find silent ones, work off what providers told, and forget who opened what.

`python benchmarks/hygiene.py --postgresql postgresql+psycopg://user@host/empty`; without an empty database there, on SQLite alone.
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlalchemy.engine import make_url

from hairfeed.settings import Settings, load_settings
from hairfeed.store import silence
from hairfeed.store.database import Ledger, open_ledger
from hairfeed.subscribers.silence import work_off_silence
from hairfeed.subscribers.stage import attend
from publication import CONFIG
from timing import timed

EVERY = timedelta(days=40)
"""Between two issues: those that a year's silence is told by are few enough to be made."""
NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
BATCH, LATE = 1000, 5
_INACTIVE = "tracking = true\ninactive = {{ ask_after_days = 365, retire_after_days = 30, least_issues = {least} }}\n"
_WEB = '\n[web]\nurl = "https://news.example.org"\n'


def fill(ledger: Ledger, url: str, readers: int, issues: int, silent: int) -> None:
    """Readers who were nearly all heard of lately; of `silent` in a hundred never, but they were mailed the last issues alone.

    One in a thousand was mailed all of them, and was never heard of: these are to be asked.
    """
    begun = _at(NOW - timedelta(days=1000))
    batches = -(-readers // BATCH)
    with ledger.write() as connection:
        execute: Callable[[str], Any] = lambda statement: connection.execute(text(statement))  # noqa: E731
        execute(f"INSERT INTO newsletters (name, started_at) VALUES ('weekly', {begun})")
        execute(
            "INSERT INTO subscribers (id, email, created_at) "
            f"SELECT n, 'reader' || n || '@example.net', {begun} FROM {_series(url, readers)}"
        )
        execute(
            "INSERT INTO subscriptions (subscriber_id, newsletter, state, topics, language, changed_at) "
            f"SELECT n, 'weekly', 'confirmed', '', '', {begun} FROM {_series(url, readers)}"
        )
        heard = f"mod(subscriber_id, 100) >= {silent} AND mod(subscriber_id, 1000) < 999"
        execute(f"UPDATE subscriptions SET active_on = '{NOW:%Y-%m-%d}' WHERE {heard}")
        for number in range(1, issues + 1):
            at = _at(NOW - EVERY * (issues - number + 1))
            execute(
                "INSERT INTO issues (id, newsletter, number, state, due_at, composed_at, plan_hash) "
                f"VALUES ({number}, 'weekly', {number}, 'done', {at}, {at}, '')"
            )
            execute(f"INSERT INTO issue_links (issue_id, number, url) VALUES ({number}, 1, 'https://hair.example.org/1')")
            execute(
                "INSERT INTO variants (id, issue_id, topics, language, articles, subject, html, text) "
                f"VALUES ({number}, {number}, '', '', 1, 's', 'h', 't')"
            )
            execute(
                "INSERT INTO recipients (issue_id, subscriber_id, variant_id, batch) "
                f"SELECT {number}, n, {number}, (n - 1) / {BATCH} FROM {_series(url, readers)}"
                f" WHERE mod(n, 100) >= {silent} OR {number} > {issues - LATE}"
            )
            execute(
                "INSERT INTO batches "
                "(issue_id, number, first_id, last_id, size, variant_id, state, key, attempt, called_at, provider) "
                f"SELECT {number}, n - 1, (n - 1) * {BATCH} + 1, n * {BATCH}, {BATCH}, {number}, 'accepted', "
                f"'hf-{number}-' || (n - 1), 1, {at}, 'resend' FROM {_series(url, batches)}"
            )
    with ledger.write() as connection:
        connection.execute(text("ANALYZE"))


def tell(ledger: Ledger, url: str, events: int, issue: int) -> None:
    """One notice a reader of an issue: in a hundred three hard bounces, two soft ones, the others delivered."""
    kind = "CASE WHEN mod(n, 100) < 3 THEN 'hard bounce' WHEN mod(n, 100) < 5 THEN 'soft bounce' ELSE 'delivered' END"
    with ledger.write() as connection:
        connection.execute(
            text(
                "INSERT INTO events (provider, event_id, kind, email, batch_key, subscriber_id, happened_at, received_at, reason) "
                f"SELECT 'resend', 'e' || n, {kind}, 'reader' || n || '@example.net', 'hf-{issue}-' || ((n - 1) / {BATCH}), n, "
                f"{_at(NOW)}, {_at(NOW)}, 'no such user' FROM {_series(url, events)}"
            )
        )
        connection.execute(text("ANALYZE events"))


def open_all(ledger: Ledger, url: str, opens: int) -> None:
    """So many readers opened the first issue, long ago."""
    opened = f"SELECT 1, n, 0, {_at(NOW - timedelta(days=200))}, false FROM {_series(url, opens)}"
    with ledger.write() as connection:
        connection.execute(text(f"INSERT INTO hits (issue_id, subscriber_id, link, at, by_machine) {opened}"))


def _series(url: str, most: int) -> str:
    """A table of the numbers from 1 on."""
    if make_url(url).get_backend_name() == "postgresql":
        return f"generate_series(1, {most}) AS numbers (n)"
    return f"(WITH RECURSIVE s (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < {most}) SELECT n FROM s) AS numbers"


def _at(moment: datetime) -> str:
    return f"'{moment:%Y-%m-%d %H:%M:%S}.000000'"


@dataclass(frozen=True, slots=True)
class Written:
    """A mail."""

    subject: str
    text: str
    html: str


def _question(*_: object, **__: object) -> Written:
    return Written("Do you still want it?", "Do you?\n", "<p>Do you?</p>")


def _nobody(*_: object, **__: object) -> Written:
    raise AssertionError("nobody has signed up")


def measure(name: str, ledger: Ledger, url: str, settings: Callable[[int], Settings], chosen: argparse.Namespace) -> None:
    """All of it, a line each."""
    began = time.perf_counter()
    fill(ledger, url, chosen.readers, chosen.issues, chosen.silent)
    print(f"\n## {name}, {chosen.readers:,} readers, {chosen.issues} issues (made in {time.perf_counter() - began:.0f} s)\n")
    for what, least in (("too few issues", chosen.issues + 1), ("enough", 6)):
        ready, number = settings(least), 0
        now = NOW + timedelta(days=1 if what == "enough" else 0)
        while not _is_through(ledger, now):
            assert ready.web is not None
            (asked, _), cost = timed(lambda: work_off_silence(ledger, ready, ready.web, now, _question))  # type: ignore[arg-type]  # noqa: B023
            number += 1
            _say(f"silence, {what}, pass {number}: asked {asked}", cost)
    if not chosen.events:
        return
    tell(ledger, url, chosen.events, chosen.issues)
    report, cost = timed(lambda: attend(ledger, settings(6), NOW, _nobody, _nobody, _question))
    _say(f"events: {report.events:,} worked off, {report.suppressed:,} suppressed", cost)
    open_all(ledger, url, opens := min(chosen.readers, chosen.events))
    _, cost = timed(lambda: attend(ledger, settings(6), NOW, _nobody, _nobody, _question))
    _say(f"opens: {opens:,} became sums", cost)


def _is_through(ledger: Ledger, now: datetime) -> bool:
    with ledger.read() as connection:
        return silence.where_to_seek(connection, "weekly", now.date()) is None


def _say(what: str, cost: Any) -> None:
    print(f"| {what} | {cost.wall:.2f} s | CPU of this process {cost.cpu:.2f} s | peak {cost.peak / 2**20:.0f} MiB |", flush=True)


def main() -> None:
    """Both databases."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--readers", type=int, default=1_000_000)
    options.add_argument("--issues", type=int, default=12)
    options.add_argument("--silent", type=int, default=10, help="of a hundred readers")
    options.add_argument("--events", type=int, default=1_000_000)
    options.add_argument("--postgresql", help="an empty database, as in store.url")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        places = [("SQLite", f"sqlite:///{folder}/hairfeed.db")]
        places += [("PostgreSQL", chosen.postgresql)] if chosen.postgresql else []
        for name, url in places:

            def settings(least: int, url: str = url) -> Settings:
                config = Path(folder, "hairfeed.toml")
                counting = CONFIG.replace("[mail]", f"{_INACTIVE.format(least=least)}\n[mail]")
                config.write_text(counting.replace("sqlite:///var/hairfeed.db", url) + _WEB, encoding="utf-8")
                return load_settings(config)

            ledger = open_ledger(url, 60)
            measure(name, ledger, url, settings, chosen)
            ledger.close()


if __name__ == "__main__":
    main()
