"""The HTML of articles with its proofs, for who has to look at all of it."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, select, update

from hairfeed.store.schema.articles import articles

_MANY = 500


class Body(NamedTuple):
    """An article's HTML, its address, and what proves that the HTML was sanitised."""

    id: int
    url: str
    html: str
    html_proof: str


def bodies_after(connection: Connection, last: int) -> list[Body]:
    """The next bodies by their articles' ids, some hundred at a time; from the first on after 0."""
    query = select(*(articles.c[name] for name in Body._fields)).where(articles.c.id > last).order_by(articles.c.id).limit(_MANY)
    return [Body._make(row) for row in connection.execute(query)]


def replace_bodies(connection: Connection, bodies: Sequence[Body]) -> None:
    """Put these in place of what their articles have; for readers the articles are no others."""
    statement = update(articles).where(articles.c.id == bindparam("its_id"))
    rows = [{"its_id": body.id, "sound": body.html, "proof": body.html_proof} for body in bodies]
    if rows:
        connection.execute(statement.values(html=bindparam("sound"), html_proof=bindparam("proof")), rows)
