"""Tables of an import under way: what was read of it so far. None of it counts before the import is whole."""

from typing import Any

from sqlalchemy import JSON, Boolean, Column, Integer, String, Table, Text

from hairfeed.store.schema.base import Instant, Number, metadata

imports = Table(
    "imports",  # one row at most
    metadata,
    Column("key", String(32), primary_key=True),
    Column("file", Text, nullable=False),  # as people call it
    Column("fingerprint", String(64), nullable=False),  # of its bytes, and of how they are read
    Column("began_at", Instant, nullable=False),
    Column("they_prove", Boolean, nullable=False),  # whether each of several rows for a subscription brings a proof of its own
    Column("position", Number, nullable=False),  # the rows of the file that were read
    Column("erased", Integer, nullable=False),  # those among them whose address was erased here: nothing of them is kept
    # When it was decided that all of it counts. From then on it comes in piece by piece, whatever happens; null while it is read.
    Column("decided_at", Instant),
    Column("taken", String(320), nullable=False),  # everybody up to this address has come in
    Column("asks_a_day", Integer, nullable=False),  # of those who wait for their own word; zero: nobody is asked for it
    Column("ask_next_at", Instant),  # when the next of them is to be asked
    Column("counts", JSON, nullable=False),  # what became of those who have come in
    Column("done", Boolean, nullable=False),  # everybody has; whoever asked for it has not heard yet
)


def _row() -> list[Column[Any]]:
    return [
        Column("id", Number, primary_key=True),
        Column("email", String(320), nullable=False),
        Column("name", Text, nullable=False),
        Column("time_zone", String(64), nullable=False),  # empty where nobody knows
        Column("created_at", Instant),  # null where the row makes no subscriber
        Column("newsletter", String(32), nullable=False),  # empty where it makes no subscription
        Column("state", String(16), nullable=False),
        Column("rank", Integer, nullable=False),  # of two rows for one subscription the lower one decides: first of all who left
        Column("topics", Text, nullable=False),
        Column("language", String(35), nullable=False),
        Column("changed_at", Instant),
        Column("asked_at", Instant),  # null where the row brings no proof
        Column("given_at", Instant),
        Column("source", Text, nullable=False),
        Column("form", String(16), nullable=False),
        Column("wording", Text, nullable=False),
        Column("network_address", String(45)),
        Column("suppressed", Text),  # why the address is never to be mailed
        Column("suppressed_at", Instant),
        Column("decides", Boolean, nullable=False),  # false for a repetition
        Column("proves", Boolean, nullable=False),
    ]


import_rows = Table("import_rows", metadata, *_row())
import_piece = Table("import_piece", metadata, *_row())
"""Those of them that come in by the transaction at hand: empty for everybody else."""

import_refusals = Table(
    "import_refusals",
    metadata,
    Column("id", Number, primary_key=True),
    Column("part", Text, nullable=False),  # of several tables in one file; else empty
    Column("line", Number, nullable=False),  # where the row begins, counted from 1
    Column("column", String(32), nullable=False),  # empty where it is the row as a whole
    Column("reason", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("cells", Text, nullable=False),  # the row, in JSON
)
