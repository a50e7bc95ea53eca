"""The topics that articles have: what readers may choose among."""

from dataclasses import dataclass

from sqlalchemy import Connection, select

from hairfeed.store.schema.feeds import feeds

_FOLDER = "category/"


@dataclass(frozen=True, slots=True)
class Topic:
    """A category; subscriptions keep its slug."""

    slug: str
    label: str
    """As first spelt by an author."""


def topics(connection: Connection) -> list[Topic]:
    """The topics of the articles that readers see now, by label."""
    query = select(feeds.c.path, feeds.c.label).where(feeds.c.path.startswith(_FOLDER), feeds.c.present > 0)
    found = [Topic(row.path.removeprefix(_FOLDER).rstrip("/"), row.label) for row in connection.execute(query)]
    return sorted(found, key=lambda topic: topic.label.casefold())
