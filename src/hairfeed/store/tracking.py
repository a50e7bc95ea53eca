"""Opens and clicks, where a newsletter counts them: where links lead, who followed them lately, and how many did before."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, delete, func, insert, select

from hairfeed.models.hits import Hit, LinkCount
from hairfeed.store.inserts import insert_into
from hairfeed.store.schema.base import Instant
from hairfeed.store.schema.deliveries import batches, recipients
from hairfeed.store.schema.issues import issues
from hairfeed.store.schema.subscribers import subscribers
from hairfeed.store.schema.tracking import hit_counts, hits, issue_links


def number_links(connection: Connection, issue_id: int, links: Mapping[str, int]) -> None:
    """Write down where an issue's links lead, instead of what was written before."""
    connection.execute(delete(issue_links).where(issue_links.c.issue_id == issue_id))
    if links:
        rows = [{"issue_id": issue_id, "number": number, "url": url} for url, number in links.items()]
        connection.execute(insert(issue_links), rows)


def target(connection: Connection, issue_id: int, link: int) -> str | None:
    """Where a link leads; None where the issue has no such link."""
    query = select(issue_links.c.url).where(issue_links.c.issue_id == issue_id, issue_links.c.number == link)
    found: str | None = connection.execute(query).scalar()
    return found


def targets(connection: Connection, issue_id: int) -> dict[int, str]:
    """Where an issue's links lead, by number."""
    query = select(issue_links.c.number, issue_links.c.url).where(issue_links.c.issue_id == issue_id)
    return dict(connection.execute(query.order_by(issue_links.c.number)).all())


def newsletter_of(connection: Connection, issue_id: int, subscriber_id: int) -> tuple[str, datetime | None] | None:
    """The newsletter of an issue that someone was sent, and when; None where they were not, or are erased."""
    query = (
        select(issues.c.newsletter, func.max(batches.c.called_at, type_=Instant).label("called_at"))
        .join(recipients, recipients.c.issue_id == issues.c.id)
        .join(subscribers, subscribers.c.id == recipients.c.subscriber_id)
        .outerjoin(
            batches,
            (batches.c.issue_id == issues.c.id)
            & (batches.c.number == recipients.c.batch)
            & recipients.c.subscriber_id.between(batches.c.first_id, batches.c.last_id),
        )
        .where(issues.c.id == issue_id, recipients.c.subscriber_id == subscriber_id, subscribers.c.email.contains("@"))
        # Of a batch that was split, the last call that had them in it.
        .group_by(issues.c.newsletter)
    )
    row = connection.execute(query).one_or_none()
    return None if row is None else (row.newsletter, row.called_at)


def of(connection: Connection, subscriber_id: int) -> list[tuple[str, int, str | None, datetime]]:
    """Someone's opens and clicks that are known one by one, in their order: newsletter, number, where to (None: opened), when."""
    led = (issue_links.c.issue_id == hits.c.issue_id) & (issue_links.c.number == hits.c.link)
    query = (
        select(issues.c.newsletter, issues.c.number, issue_links.c.url, hits.c.at)
        .join(issues, issues.c.id == hits.c.issue_id)
        .outerjoin(issue_links, led)
        .where(hits.c.subscriber_id == subscriber_id)
        .order_by(hits.c.at, hits.c.id)
    )
    return [(row.newsletter, row.number, row.url, row.at) for row in connection.execute(query)]


def count(connection: Connection, issue_id: int, subscriber_id: int) -> int:
    """How many opens and clicks of someone are known one by one."""
    query = select(func.count()).where(hits.c.issue_id == issue_id, hits.c.subscriber_id == subscriber_id)
    return int(connection.execute(query).scalar_one())


def keep(connection: Connection, issue_id: int, hit: Hit) -> None:
    """Write down an open or a click."""
    values = {
        "issue_id": issue_id,
        "subscriber_id": hit.subscriber_id,
        "link": hit.link,
        "at": hit.at,
        "by_machine": hit.by_machine,
    }
    connection.execute(insert(hits).values(values))


def hits_of(connection: Connection, issue_id: int) -> Iterator[Hit]:
    """The opens and clicks of an issue that are still known one by one, reader by reader."""
    columns = (hits.c.subscriber_id, hits.c.link, hits.c.at, hits.c.by_machine)
    query = select(*columns).where(hits.c.issue_id == issue_id).order_by(hits.c.subscriber_id)
    return (Hit(*row) for row in connection.execute(query.execution_options(yield_per=1000)))


def counts_of(connection: Connection, issue_id: int) -> list[LinkCount]:
    """The opens and clicks of an issue that are known as numbers alone."""
    query = select(hit_counts.c.link, hit_counts.c.readers, hit_counts.c.machines).where(hit_counts.c.issue_id == issue_id)
    return [LinkCount(*row) for row in connection.execute(query)]


def forget_old(connection: Connection, before: datetime, most: int) -> dict[int, list[Hit]]:
    """Forget the oldest `most` hits from before, and the others of their readers in these issues; by issue, reader by reader.

    A reader's hits in an issue go together: so nobody is counted twice whose hits are of two days, and a burst is seen as one.
    """
    oldest = select(hits.c.issue_id, hits.c.subscriber_id).where(hits.c.at < before).order_by(hits.c.at).limit(most)
    readers: dict[int, set[int]] = defaultdict(set)
    for issue_id, subscriber_id in connection.execute(oldest):
        readers[issue_id].add(subscriber_id)
    found: dict[int, list[Hit]] = {}
    for issue_id, numbers in sorted(readers.items()):
        found |= _forget(connection, hits.c.issue_id == issue_id, hits.c.subscriber_id.in_(numbers))
    return found


def forget(connection: Connection, subscriber_id: int) -> dict[int, list[Hit]]:
    """Forget what someone opened; by issue."""
    return _forget(connection, hits.c.subscriber_id == subscriber_id)


def _forget(connection: Connection, *which: ColumnElement[bool]) -> dict[int, list[Hit]]:
    # What is counted is what was deleted: two who do this at once never have the same.
    gone = delete(hits).where(*which).returning(hits.c.issue_id, hits.c.subscriber_id, hits.c.link, hits.c.at, hits.c.by_machine)
    found: dict[int, list[Hit]] = defaultdict(list)
    for issue_id, *of_one in connection.execute(gone):
        found[issue_id].append(Hit(*of_one))
    return {issue_id: sorted(some, key=lambda hit: hit.subscriber_id) for issue_id, some in found.items()}


def add_counts(connection: Connection, issue_id: int, counts: Iterable[LinkCount]) -> None:
    """Add hits that are known no more to the sums of an issue."""
    rows = [{"issue_id": issue_id, "link": one.link, "readers": one.readers, "machines": one.machines} for one in counts]
    if rows:
        new = insert_into(connection, hit_counts)
        sums = {name: hit_counts.c[name] + new.excluded[name] for name in ("readers", "machines")}
        connection.execute(new.on_conflict_do_update(index_elements=["issue_id", "link"], set_=sums), rows)
