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
    series = "generate_series(1, {0}) AS {1} ({1})"
    if make_url(url).get_backend_name() == "sqlite":
        series = "(WITH RECURSIVE s (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM s WHERE x < {0}) SELECT x AS {1} FROM s) AS {1}s"
    begun = _at(NOW - timedelta(days=1000))
    batches = -(-readers // BATCH)
    with ledger.write() as connection:
        execute: Callable[[str], Any] = lambda statement: connection.execute(text(statement))  # noqa: E731
        execute(f"INSERT INTO newsletters (name, started_at) VALUES ('weekly', {begun})")
        execute(
            "INSERT INTO subscribers (id, email, created_at) "
            f"SELECT n, 'reader' || n || '@example.net', {begun} FROM {series.format(readers, 'n')}"
        )
        execute(
            "INSERT INTO subscriptions (subscriber_id, newsletter, state, topics, language, changed_at) "
            f"SELECT n, 'weekly', 'confirmed', '', '', {begun} FROM {series.format(readers, 'n')}"
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
                f"SELECT {number}, n, {number}, (n - 1) / {BATCH} FROM {series.format(readers, 'n')}"
                f" WHERE mod(n, 100) >= {silent} OR {number} > {issues - LATE}"
            )
            execute(
                "INSERT INTO batches "
                "(issue_id, number, first_id, last_id, size, variant_id, state, key, attempt, called_at, provider) "
                f"SELECT {number}, b - 1, (b - 1) * {BATCH} + 1, b * {BATCH}, {BATCH}, {number}, 'accepted', "
                f"'hf-{number}-' || (b - 1), 1, {at}, 'resend' FROM {series.format(batches, 'b')}"
            )
    with ledger.write() as connection:
        connection.execute(text("ANALYZE"))


def tell(ledger: Ledger, url: str, events: int, issue: int) -> None:
    """One notice a reader of an issue: in a hundred three hard bounces, two soft ones, the others delivered."""
    series = "generate_series(1, {0}) AS n (n)"
    if make_url(url).get_backend_name() == "sqlite":
        series = "(WITH RECURSIVE s (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < {0}) SELECT n FROM s) AS ns"
    kind = "CASE WHEN mod(n, 100) < 3 THEN 'hard bounce' WHEN mod(n, 100) < 5 THEN 'soft bounce' ELSE 'delivered' END"
    with ledger.write() as connection:
        connection.execute(
            text(
                "INSERT INTO events (provider, event_id, kind, email, batch_key, subscriber_id, happened_at, received_at, reason) "
                f"SELECT 'resend', 'e' || n, {kind}, 'reader' || n || '@example.net', 'hf-{issue}-' || ((n - 1) / {BATCH}), n, "
                f"{_at(NOW)}, {_at(NOW)}, 'no such user' FROM {series.format(events)}"
            )
        )
        connection.execute(text("ANALYZE events"))


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
    for what, least, passes in (("too few issues", chosen.issues + 1, 1), ("enough", 6, 12)):
        ready = settings(least)
        assert ready.web is not None
        for number in range(passes):
            now = NOW + timedelta(days=1 if what == "enough" else 0, minutes=number)
            found, cost = timed(lambda: work_off_silence(ledger, ready, ready.web, now, _question))  # type: ignore[arg-type]  # noqa: B023
            _say(f"silence, {what}, pass {number + 1}: asked {found[0]}, retired {found[1]}", cost)
    if not chosen.events:
        return
    tell(ledger, url, chosen.events, chosen.issues)
    report, cost = timed(lambda: attend(ledger, settings(6), NOW, _nobody, _nobody, _question))
    _say(f"events: {report.events:,} worked off, {report.suppressed:,} suppressed", cost)


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
