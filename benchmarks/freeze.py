"""Freezing an issue for a million readers beside one raw statement that writes the same recipients, on SQLite and on PostgreSQL.

`python benchmarks/freeze.py --postgresql postgresql+psycopg://user@host/empty`; without an empty database there, on SQLite alone.
The statement writes recipients and nothing else: HairFeed, in the same transaction, looks the issue up and writes its batches; by
zone, for readers in forty zones, it gives every batch its hour, too.
"""

import argparse
import shutil
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, text
from sqlalchemy.engine import make_url

from hairfeed.store import deliveries, zones
from hairfeed.store.database import open_ledger
from timing import Cost, alternate, print_costs, print_ratios, timed

BATCH = 1000
GOAL = 1.5
"""Of the raw statement's time."""
NOW = "'2024-08-16 09:00:00.000000'"

STATEMENT = text(
    "INSERT INTO recipients (issue_id, subscriber_id, variant_id, batch) "
    "SELECT 1, s.subscriber_id, 1, (row_number() OVER (ORDER BY s.subscriber_id) - 1) / 1000 FROM subscriptions s "
    "JOIN subscribers p ON p.id = s.subscriber_id WHERE s.newsletter = 'weekly' AND s.state = 'confirmed' "
    "AND NOT EXISTS (SELECT 1 FROM suppressions x WHERE x.email = p.email)"
)


def fill(url: str, readers: int) -> None:
    """Make a ledger with an approved issue, so many confirmed readers, and one in a hundred of them suppressed."""
    ledger = open_ledger(url, 60)
    numbers = (
        f"generate_series(1, {readers}) AS numbers (n)"
        if make_url(url).get_backend_name() == "postgresql"
        else f"(WITH RECURSIVE s (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < {readers}) SELECT n FROM s) AS numbers"
    )
    email = "'reader' || n || '@example.net'"
    statements = (
        f"INSERT INTO newsletters (name, started_at) VALUES ('weekly', {NOW})",
        "INSERT INTO subscribers (id, email, time_zone, created_at) "
        f"SELECT n, {email}, 'Area/City' || n % 40, {NOW} FROM {numbers}",
        "INSERT INTO subscriptions (subscriber_id, newsletter, state, topics, language, changed_at) "
        f"SELECT id, 'weekly', 'confirmed', '', '', {NOW} FROM subscribers",
        "INSERT INTO suppressions (email, reason, since_at) "
        f"SELECT {email}, 'complaint', {NOW} FROM {numbers} WHERE mod(n, 100) = 0",
        "INSERT INTO issues (id, newsletter, number, state, due_at, composed_at, plan_hash) "
        f"VALUES (1, 'weekly', 1, 'approved', {NOW}, {NOW}, '')",
        "INSERT INTO variants (id, issue_id, topics, language, articles, subject, html, text) "
        "VALUES (1, 1, '', '', 1, 's', 'h', 't')",
    )
    with ledger.write() as connection:
        for statement in statements:
            connection.execute(text(statement))
    with ledger.write() as connection:
        connection.execute(text("ANALYZE"))
    ledger.close()


def frozen(url: str, freeze: Callable[[Connection], object], expected: int) -> Cost:
    """Freeze in one transaction; what that cost by the clock."""
    ledger = open_ledger(url, 60)

    def work() -> None:
        with ledger.write() as connection:
            freeze(connection)

    _, cost = timed(work)
    with ledger.read() as connection:
        count = connection.execute(text("SELECT count(*) FROM recipients")).scalar_one()
    ledger.close()
    assert count == expected, f"{count} recipients"
    return cost


def by_zone(connection: Connection) -> None:
    """As the deliver stage does for a newsletter at its readers' own hours."""
    deliveries.freeze(connection, 1, BATCH, by_zone=True)
    now = datetime(2024, 8, 16, 9, tzinfo=UTC)
    zones.hold(connection, 1, lambda zone: now + timedelta(minutes=30 * int(zone.removeprefix("Area/City"))))


def compare(name: str, rounds: int, begin_again: Callable[[], str], readers: int) -> None:
    """HairFeed beside the statement."""
    expected = readers - readers // 100
    ways: dict[str, Callable[[Connection], object]] = {
        "HairFeed": lambda connection: deliveries.freeze(connection, 1, BATCH),
        "HairFeed, by zone": by_zone,
        "the statement": lambda connection: connection.execute(STATEMENT),
    }
    costs = alternate(rounds, {how: lambda way=way: frozen(begin_again(), way, expected) for how, way in ways.items()})  # type: ignore[misc]
    print(f"\n## {name}, {readers:,} readers\n")
    print_costs(costs)
    print_ratios(f"HairFeed to the statement (goal {GOAL})", costs["HairFeed"], costs["the statement"])
    print_ratios("by zone to the statement", costs["HairFeed, by zone"], costs["the statement"])


def on_sqlite(readers: int, rounds: int) -> None:
    """Every run in a file of its own."""
    with tempfile.TemporaryDirectory() as name:
        template, file = Path(name, "template.db"), Path(name, "hairfeed.db")
        fill(f"sqlite:///{template}", readers)

        def begin_again() -> str:
            for old in Path(name).glob("hairfeed.db*"):
                old.unlink()
            shutil.copyfile(template, file)
            return f"sqlite:///{file}"

        compare("SQLite", rounds, begin_again, readers)


def on_postgresql(url: str, readers: int, rounds: int) -> None:
    """Every run in the same database, emptied of what the one before has written."""
    fill(url, readers)

    def begin_again() -> str:
        ledger = open_ledger(url, 60)
        with ledger.write() as connection:
            connection.execute(text("TRUNCATE recipients, batches, refusals"))
            connection.execute(text("UPDATE issues SET state = 'approved'"))
        ledger.close()
        return url

    compare("PostgreSQL", rounds, begin_again, readers)


def main() -> None:
    """Both."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--readers", type=int, default=1_000_000)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--postgresql", help="an empty database, as in store.url")
    chosen = options.parse_args()
    on_sqlite(chosen.readers, chosen.rounds)
    if chosen.postgresql:
        on_postgresql(chosen.postgresql, chosen.readers, chosen.rounds)
    else:
        print("\nPostgreSQL was left out: name an empty database with --postgresql")


if __name__ == "__main__":
    main()
