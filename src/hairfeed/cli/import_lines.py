"""What an import says of itself, line by line."""

from collections.abc import Iterator

from hairfeed.cli.common import plain, rows
from hairfeed.models.imports import RefusedRow, StagedRow
from hairfeed.subscribers.transfer.dialects import DIALECTS
from hairfeed.subscribers.transfer.importing import Outcome, Wishes
from hairfeed.subscribers.transfer.parts import ListFile
from hairfeed.subscribers.transfer.source import recognise

_WIDEST = 100
"""Characters of what somebody else has written."""
_MOST_REASONS = 10


def what_it_is(file: ListFile, wishes: Wishes) -> Iterator[str]:
    """How each part of a list is read."""
    for one in recognise(file, wishes.reading):
        yield f"{plain(one.part)}: {DIALECTS[one.dialect].title}, {_encoding(one.encoding)}"
        if one.used:
            yield "  columns: " + plain(", ".join(f"{field} = {column}" for field, column in one.used.items()))
        if one.unused:
            yield "  not used: " + _short(", ".join(one.unused))


def outcome_lines(outcome: Outcome, *, dry_run: bool) -> Iterator[str]:
    """What was done, or would be."""
    if outcome.resumed_at:
        yield f"gone on with after {outcome.resumed_at:,} rows that were read before"
    for one in outcome.first:
        yield f"  {_understood(one)}"
    counts = outcome.counts
    by_state = ", ".join(f"{many:,} {state}" for state, many in sorted(counts.new.items()))
    yield f"{rows(outcome.rows)}{', nothing is changed by a dry run' if dry_run else ''}"
    numbers = (
        ("new subscriptions", sum(counts.new.values()), by_state),
        ("changed", counts.changed, "confirmed or ended, by the list"),
        ("known", counts.known, "stay as they are"),
        ("kept unsubscribed", counts.kept_unsubscribed, "they have left here"),
        ("suppressed", counts.suppressed, "never mailed, or erased here"),
        ("repeated", counts.repeated, "rows for one subscription; who left in one of them has left"),
        ("new suppressions", counts.suppressions, "never mailed from now on"),
        ("to be asked", counts.asked, f"by mail, the last on {outcome.asked_until:%Y-%m-%d}" if outcome.asked_until else ""),
        ("rejected", sum(counts.refused.values()), ""),
    )
    for name, number, meaning in numbers:
        if number or name == "new subscriptions":
            yield f"{name:>18} {number:>10,}{f'  {meaning}' if meaning and number else ''}"
    yield from _refusals(outcome)


def _refusals(outcome: Outcome) -> Iterator[str]:
    reasons = list(outcome.counts.refused.items())
    for (column, reason), many in reasons[:_MOST_REASONS]:
        yield f"{many:>29,}  {column}{': ' if column else ''}{reason}"
    if len(reasons) > _MOST_REASONS:
        yield f"{'':>29}  and {len(reasons) - _MOST_REASONS} other reasons"
    for one in outcome.refused:
        yield f"  {_short(f'{one.place}: {_what(one)}')}"
    if outcome.rejected is not None:
        yield f"All rejected rows are in {outcome.rejected}: mend them there, and import that file"


def _understood(one: StagedRow | RefusedRow) -> str:
    if isinstance(one, RefusedRow):
        return _short(f"{one.place}: rejected: {_what(one)}")
    if not one.newsletter:
        return _short(f"{one.email}: {f'never mailed: {one.suppressed}' if one.suppressed else 'no subscription'}")
    called = f" ({one.name})" if one.name else ""
    proof = f", by {one.source}" if one.source else ""
    return _short(f"{one.email}{called}: {one.newsletter}, {one.state}{proof}")


def _what(one: RefusedRow) -> str:
    where = f"{one.column}: " if one.column else ""
    return f"{where}{one.reason}{f' ({one.detail})' if one.detail else ''}"


def _short(text: str) -> str:
    """In one line."""
    shown = plain(text)
    return shown if len(shown) <= _WIDEST else shown[: _WIDEST - 1] + "…"


def _encoding(name: str) -> str:
    if name == "cp1252":
        return "read as Windows-1252, since it is no UTF-8; if names look wrong, say --encoding"
    return name.removesuffix("-sig").upper()
