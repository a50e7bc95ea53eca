"""Sources: where they are, what they have shown, and what is remembered of fetching them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, case, delete, func, insert, literal, select, update

from hairfeed.models.fetches import FetchMemory, FirstSight, PageKind
from hairfeed.store.schema.articles import fetches, refused_pages, sources
from hairfeed.store.schema.base import Instant


@dataclass(frozen=True, slots=True)
class KnownSource:
    """What the ledger knows of a source; `id` is None while it knows nothing.

    `baseline`: its archive has still to be taken in, so nothing of it is mailed. `failures` are looks in a row that failed.
    """

    id: int | None
    baseline: bool
    date_orders: frozenset[str]
    failures: int = 0
    next_try_at: datetime | None = None
    slogans: frozenset[str] = frozenset()
    """Descriptions that several of its pages share: they are the site's, not an article's."""


def find(connection: Connection, name: str, location: str) -> KnownSource:
    """The source called `name`; at another `location` than before it starts over with a baseline."""
    row = connection.execute(select(sources).where(sources.c.name == name)).one_or_none()
    if row is None:
        return KnownSource(None, baseline=True, date_orders=frozenset())
    orders = frozenset(filter(None, row.date_orders.split(",")))
    if row.location != location:
        return KnownSource(row.id, baseline=True, date_orders=orders)
    return KnownSource(row.id, row.baseline_at is None, orders, row.failures, row.next_try_at, frozenset(row.slogans))


def enter(connection: Connection, name: str, location: str) -> tuple[int, bool]:
    """The id of the source at `location`, made if need be, and whether its archive has still to be taken in."""
    source = find(connection, name, location)
    if source.id is None:
        made = insert(sources).values(name=name, location=location, date_orders="", slogans=[], failures=0, usual_new=0)
        return int(connection.execute(made.returning(sources.c.id)).scalar_one()), True
    if source.baseline:
        connection.execute(update(sources).where(sources.c.id == source.id).values(location=location, baseline_at=None))
    return source.id, source.baseline


def remember(
    connection: Connection,
    source_id: int,
    date_orders: Iterable[str],
    slogans: Iterable[str],
    now: datetime,
    *,
    whole: bool,
    news: int,
) -> None:
    """The source was taken in; if as a `whole`, its baseline is done. `news` are the articles that will be mailed."""
    values = {
        "date_orders": ",".join(sorted(date_orders)),
        "slogans": sorted(slogans),
        "failures": 0,
        "next_try_at": None,
        "usual_new": case((sources.c.usual_new < news, news), else_=sources.c.usual_new),
    }
    if whole:
        values["baseline_at"] = func.coalesce(sources.c.baseline_at, literal(now, Instant))
    connection.execute(update(sources).where(sources.c.id == source_id).values(values))


def usual_new(connection: Connection, source_id: int) -> int:
    """The most new articles that one pass has had, floods left aside."""
    return int(connection.execute(select(sources.c.usual_new).where(sources.c.id == source_id)).scalar_one())


def note_failure(connection: Connection, name: str, location: str, failures: int, next_try_at: datetime) -> None:
    """The source could not be looked at; leave it alone until `next_try_at`."""
    source_id, _ = enter(connection, name, location)
    connection.execute(update(sources).where(sources.c.id == source_id).values(failures=failures, next_try_at=next_try_at))


def look_again(connection: Connection) -> None:
    """No source is left alone any longer because it failed; how often it did is still known."""
    connection.execute(update(sources).where(sources.c.next_try_at.is_not(None)).values(next_try_at=None))


def refused_now(connection: Connection, source: int) -> dict[str, FirstSight]:
    """The source's pages that are no articles yet, by upstream id."""
    columns = (refused_pages.c.upstream_id, refused_pages.c.first_seen_at, refused_pages.c.baseline)
    rows = connection.execute(select(*columns).where(refused_pages.c.source_id == source))
    return {upstream_id: FirstSight(first_seen_at, baseline) for upstream_id, first_seen_at, baseline in rows}


def remember_refused(connection: Connection, source: int, pages: Mapping[str, FirstSight]) -> None:
    """These pages of the source, and no others, are no articles yet."""
    before = refused_now(connection, source)
    settled = [{"settled": upstream_id} for upstream_id in before.keys() - pages.keys()]
    if settled:
        of_page = (refused_pages.c.source_id == source, refused_pages.c.upstream_id == bindparam("settled"))
        connection.execute(delete(refused_pages).where(*of_page), settled)
    rows = [
        {"source_id": source, "upstream_id": upstream_id, "first_seen_at": sight.at, "baseline": sight.baseline}
        for upstream_id, sight in pages.items()
        if upstream_id not in before
    ]
    if rows:
        connection.execute(insert(refused_pages), rows)


def fetch_memory(connection: Connection, source: int) -> dict[str, FetchMemory]:
    """What is remembered of every address that was fetched for the source."""
    rows = connection.execute(select(fetches).where(fetches.c.source_id == source))
    return {
        row.url: FetchMemory(PageKind(row.kind), row.fetched_at, row.etag, row.last_modified, row.changed, row.in_vain)
        for row in rows
    }


def forget_fetches(connection: Connection, source: int, urls: Iterable[str]) -> None:
    """These addresses need not be remembered any more."""
    forgotten = [{"forgotten": url} for url in urls]
    if forgotten:
        of_address = (fetches.c.source_id == source, fetches.c.url == bindparam("forgotten"))
        connection.execute(delete(fetches).where(*of_address), forgotten)


def remember_fetches(connection: Connection, source: int, memory: Mapping[str, FetchMemory]) -> None:
    """Remember these addresses, in place of what was remembered of them."""
    old = delete(fetches).where(fetches.c.source_id == source, fetches.c.url == bindparam("old"))
    if memory:
        connection.execute(old, [{"old": url} for url in memory])
    rows = [
        {
            "source_id": source,
            "url": url,
            "kind": seen.kind,
            "fetched_at": seen.fetched_at,
            "etag": seen.etag,
            "last_modified": seen.last_modified,
            "changed": seen.changed,
            "in_vain": seen.in_vain,
        }
        for url, seen in memory.items()
    ]
    if rows:
        connection.execute(insert(fetches), rows)
