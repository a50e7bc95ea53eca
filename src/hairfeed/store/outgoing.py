"""Whether there is anything to deliver: all that most passes ask of deliveries."""

from sqlalchemy import ColumnElement, Connection, exists, literal, select

from hairfeed.models.issues import OPEN, BatchState, IssueState
from hairfeed.store.schema.deliveries import batches, letters
from hairfeed.store.schema.issues import issues


def is_anything_to_send(connection: Connection) -> bool:
    """Whether an issue is free to be sent or on its way, one that was stopped is to be settled, or a letter waits."""
    on_its_way = exists(literal(1)).where(issues.c.state.in_([IssueState.APPROVED, IssueState.SENDING]))
    written = exists(literal(1)).where(letters.c.state.in_(OPEN))
    stopped = exists(literal(1)).where(is_stopped_and_open())
    return bool(connection.execute(select(on_its_way | written | stopped)).scalar())


def is_stopped_and_open() -> ColumnElement[bool]:
    """Of an issue, whether it was paused or cancelled while mails were under way or in doubt.

    Of a paused issue pending batches wait for it to go on; of a cancelled one nothing waits any more.
    """
    of_it = batches.c.issue_id == issues.c.id
    open_yet = exists(literal(1)).where(of_it, batches.c.state.in_(OPEN))
    begun = exists(literal(1)).where(of_it, batches.c.state.in_([BatchState.SUBMITTING, BatchState.IN_DOUBT]))
    return ((issues.c.state == IssueState.CANCELLED) & open_yet) | ((issues.c.state == IssueState.PAUSED) & begun)
