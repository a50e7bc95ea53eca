"""What only this installation knows: made at first use, and kept as long as the ledger."""

from secrets import token_bytes

from sqlalchemy import Connection, select

from hairfeed.store.inserts import insert_into
from hairfeed.store.schema.operations import secrets

_BYTES = 32


def secret(connection: Connection, name: str) -> bytes:
    """The 32 random bytes by this name, the same for everyone who ever asks; the connection may write."""
    known = connection.execute(select(secrets.c.value).where(secrets.c.name == name)).scalar()
    if known is None:
        keep(connection, name, token_bytes(_BYTES))
        known = connection.execute(select(secrets.c.value).where(secrets.c.name == name)).scalar_one()
    return bytes(known)


def keep(connection: Connection, name: str, value: bytes) -> None:
    """Have this secret by this name, unless there is one."""
    # Two may ask at once: whoever comes first has made it.
    connection.execute(insert_into(connection, secrets).values(name=name, value=value).on_conflict_do_nothing())


def beginning_with(connection: Connection, beginning: str) -> dict[str, bytes]:
    """Every secret whose name begins so."""
    rows = connection.execute(select(secrets).where(secrets.c.name.startswith(beginning, autoescape=True)))
    return {row.name: bytes(row.value) for row in rows}
