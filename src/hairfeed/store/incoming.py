"""Brings an import in that was decided on, piece by piece: a million readers in one transaction would keep all others waiting.

The decision is what counts, as with a database's own journal: what is left to do after it is done by whoever comes next and must
know all readers, should the process be gone that began. So nobody sees a part of an import, and nothing undoes one.
"""

from array import array
from dataclasses import dataclass, replace

from sqlalchemy import Connection, delete, insert, select

from hairfeed.models.imports import ImportCounts
from hairfeed.models.reports import Nobody, Watch
from hairfeed.store import import_end, imports, sign_ups
from hairfeed.store.arrivals import is_coming_in
from hairfeed.store.database import Ledger
from hairfeed.store.imports import Import
from hairfeed.store.order import by_characters
from hairfeed.store.schema.imports import import_piece, import_rows

AT_ONCE = 2000
"""Rows in one transaction: others wait no longer than for these."""
_PARAMETERS = 10_000
"""In one statement: SQLite takes three times as many."""


@dataclass(frozen=True, slots=True)
class Cut:
    """A piece: all rows of some addresses."""

    numbers: "array[int]"
    last: str
    """The last one of these addresses."""


def complete(ledger: Ledger, watch: Watch | None = None, at_once: int = AT_ONCE) -> Import | None:
    """Let the rest of an import come in that was decided on; how this process last saw it, None where there is none.

    Two processes that do it at once share the work.

    Raises:
        StoreError: the ledger cannot be written; the next one goes on.
    """
    with ledger.read() as connection:
        if not is_coming_in(connection):
            return None
        coming, cuts = imports.under_way(connection), _cuts(connection, at_once)
    seen, whole, done = coming, sum(len(cut.numbers) for cut in cuts), 0
    for cut in cuts:
        if coming is not None and coming.taken < cut.last:
            with ledger.write_and_give_way() as connection:
                coming = _take_in(connection, coming.key, cut)
            seen = coming or seen
        done += len(cut.numbers)
        (watch or Nobody()).step("taking in", done, whole)
    while coming is not None:
        with ledger.write_and_give_way() as connection:
            coming = _clear_away(connection, coming.key, at_once)
    return seen


def tally(connection: Connection, *, they_prove: bool) -> ImportCounts:
    """What would come of the rows that were read on this connection (`imports.in_private`)."""
    counts = ImportCounts()
    for cut in _cuts(connection, AT_ONCE):
        _lay_out(connection, cut)
        counts += import_end.count(connection, import_end.mark_repetitions(connection, they_prove=they_prove))
    return counts


def _cuts(connection: Connection, at_once: int) -> list[Cut]:
    """All rows in the order of their addresses' characters, in pieces of so many or few more: an address is in one of them.

    Of a million rows that are 8 MB.
    """
    cuts: list[Cut] = []
    numbers, last = array("q"), ""
    query = select(import_rows.c.id, import_rows.c.email).order_by(by_characters(connection, import_rows.c.email), import_rows.c.id)
    for number, email in connection.execute(query.execution_options(yield_per=10_000)):
        if len(numbers) >= at_once and email != last:
            cuts.append(Cut(numbers, last))
            numbers = array("q")
        numbers.append(number)
        last = email
    return [*cuts, Cut(numbers, last)] if numbers else cuts


def _take_in(connection: Connection, key: str, cut: Cut) -> Import | None:
    """Let a piece come in, unless another process has; None when all of the import has."""
    coming = _held(connection, key)
    if coming is None or coming.decided_at is None:
        return None
    if coming.taken >= cut.last:
        return coming
    # Another process may have cut elsewhere.
    _lay_out(connection, cut, coming.taken)
    counts = import_end.count(connection, import_end.mark_repetitions(connection, they_prove=coming.they_prove))
    ask_next_at = coming.ask_next_at
    if ask_next_at is not None:
        asked = import_end.who_would_wait(connection, coming.file, coming.decided_at)
        times = [ask_next_at + place * coming.between_letters for place in range(len(asked) + 1)]
        sign_ups.add_all(connection, zip(asked, times, strict=False))
        counts, ask_next_at = counts + ImportCounts(asked=len(asked)), times[-1]
    import_end.take_in(connection, counts, coming.decided_at)
    connection.execute(delete(import_piece))
    moved = replace(coming, taken=cut.last, counts=coming.counts + counts, ask_next_at=ask_next_at)
    imports.move_on(connection, moved)
    return moved


def _lay_out(connection: Connection, cut: Cut, taken: str = "") -> None:
    """Have the piece, without who was taken in before, and nothing else, where `import_end` looks for it."""
    connection.execute(delete(import_piece))
    names = [column.name for column in import_rows.c]
    for begin in range(0, len(cut.numbers), _PARAMETERS):
        numbers = list(cut.numbers[begin : begin + _PARAMETERS])
        is_one = (import_rows.c.id.in_(numbers), by_characters(connection, import_rows.c.email) > taken)
        these = select(*(import_rows.c[name] for name in names)).where(*is_one)
        connection.execute(insert(import_piece).from_select(names, these))


def _clear_away(connection: Connection, key: str, most: int) -> Import | None:
    """Forget some rows of an import of which everybody has come in; None when there are none left."""
    coming = _held(connection, key)
    if coming is not None and not imports.shed(connection, most):
        imports.finish(connection, key)
        return None
    return coming


def _held(connection: Connection, key: str) -> Import | None:
    """The import, unless it is done, or another one is under way by now; nobody else goes on with it meanwhile."""
    coming = imports.under_way(connection, hold=True)
    return coming if coming is not None and coming.key == key and not coming.done else None
