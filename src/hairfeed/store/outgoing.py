"""Whether there is anything to deliver: all that most passes ask of deliveries."""

from sqlalchemy import Connection, exists, literal, select

from hairfeed.models.issues import OPEN, IssueState
from hairfeed.store.schema.deliveries import letters
from hairfeed.store.schema.issues import issues


def is_anything_to_send(connection: Connection) -> bool:
    """Whether an issue is free to be sent or on its way, or a letter waits."""
    on_its_way = exists(literal(1)).where(issues.c.state.in_([IssueState.APPROVED, IssueState.SENDING]))
    written = exists(literal(1)).where(letters.c.state.in_(OPEN))
    return bool(connection.execute(select(on_its_way | written)).scalar())
