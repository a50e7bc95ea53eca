"""How far the mailbox was read."""

from sqlalchemy import Connection, select

from hairfeed.store.inserts import insert_into
from hairfeed.store.schema.subscribers import mailboxes


def last_uid(connection: Connection, name: str, validity: int) -> int:
    """The number of the newest mail that was read; 0 at first, and when the server has numbered its mails anew since."""
    query = select(mailboxes.c.last_uid).where(mailboxes.c.name == name, mailboxes.c.validity == validity)
    return int(connection.execute(query).scalar() or 0)


def remember(connection: Connection, name: str, validity: int, uid: int) -> None:
    """Everything up to this mail was read."""
    seen = {"validity": validity, "last_uid": uid}
    new = insert_into(connection, mailboxes).values(name=name, **seen)
    connection.execute(new.on_conflict_do_update(index_elements=[mailboxes.c.name], set_=seen))
