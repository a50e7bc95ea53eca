"""Take a list of readers in: look through it, read it piece by piece into the ledger, and decide that all of it counts.

Killed at any moment, the same command goes on where it was. Before the decision nothing of the list shows anywhere, after it
all of it: whoever must know all readers brings in what has not come in yet (`store/incoming.py`).
"""

import csv
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from itertools import chain, islice
from pathlib import Path

from hairfeed.errors import ImportFileError, SubscriberError
from hairfeed.files import private_file
from hairfeed.models.imports import HEADER, ImportCounts, RefusedRow, StagedRow
from hairfeed.models.reports import Watch
from hairfeed.settings import Settings
from hairfeed.store import imports, incoming
from hairfeed.store.database import Connection, Ledger
from hairfeed.store.imports import Import, Piece
from hairfeed.subscribers.addresses import SEAL, Seals, keep_key
from hairfeed.subscribers.transfer import source
from hairfeed.subscribers.transfer.cells import guarded
from hairfeed.subscribers.transfer.dialects import DIALECTS, REJECTED
from hairfeed.subscribers.transfer.judge import Refused, Rules, judge
from hairfeed.subscribers.transfer.parts import ListFile
from hairfeed.subscribers.transfer.source import Asked
from hairfeed.subscribers.transfer.tables import Unreadable

_SHOWN = 5
_TWICE = "another process imports this list, too, and is ahead; this one has stopped, and nothing is lost"


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the operator says of the list."""

    newsletter: str | None = None
    """For rows that name none."""
    lists: Mapping[str, str] = field(default_factory=dict)
    """Newsletters by the names that the list has for them; empty for those that are left out."""
    consent: str | None = None
    """By what right those without a proof are mailed."""
    ask: bool = False
    """Whether those who wait for their own word are asked for it by mail."""
    reading: Asked = field(default_factory=Asked)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an import did, or would do."""

    rows: int
    counts: ImportCounts
    first: Sequence[StagedRow | RefusedRow]
    """Of a dry run, how the first rows are understood."""
    refused: Sequence[RefusedRow]
    """The first ones."""
    rejected: Path | None = None
    """Where all of those are that could not be taken in."""
    resumed_at: int = 0
    """Rows that had been read before."""
    asked_until: datetime | None = None
    """When the last of those who wait for their own word is asked for it; None where nobody is."""


def look_through(ledger: Ledger, settings: Settings, file: ListFile, wishes: Wishes, watch: Watch, now: datetime) -> Outcome:
    """What an import would do. It happens in tables that nobody else sees, and nothing is kept.

    Raises:
        SubscriberError: the list cannot be imported as wished.
    """
    rules = _rules(settings, file, wishes, now)
    with ledger.read() as connection:
        imports.in_private(connection)
        begun = imports.begin(connection, file.name, "", now, they_prove=rules.is_our_own)
        first: list[StagedRow | RefusedRow] = []
        for piece, _ in _pieces(file, wishes, rules, begun.position, incoming.AT_ONCE, watch):
            kept = _without_erased(connection, piece)
            first.extend(islice(chain(kept.rows, kept.refused), _SHOWN - len(first)))
            begun = imports.stage(connection, begun, kept) or begun
        counts = incoming.tally(connection, they_prove=rules.is_our_own)
        counts += ImportCounts(suppressed=begun.erased, refused=imports.count_refusals(connection))
        return Outcome(begun.position, counts, first, _first_refused(connection))


def take_in(
    ledger: Ledger,
    settings: Settings,
    file: ListFile,
    wishes: Wishes,
    rejected: Path,
    watch: Watch,
    now: datetime,
    *,
    afresh: bool = False,
    at_once: int = incoming.AT_ONCE,
) -> Outcome:
    """Import a list, or go on with it where a process before was ended; `afresh` drops what one has left behind.

    Rows that cannot be taken in are written to `rejected`, so that they can be mended and imported.

    Raises:
        SubscriberError: the list cannot be imported as wished, another import has not come to its end, or another process
            is at this one.
    """
    rules = _rules(settings, file, wishes, now)
    # Of an import that was ended after it was decided on.
    incoming.complete(ledger, watch)
    with ledger.write() as connection:
        # Two that find no import under way would both begin one.
        ledger.be_alone(connection)
        begun = _begun(connection, file, _fingerprint(file, wishes, rules), now, rules, afresh=afresh)
    if begun.done:
        return _heard(ledger, begun, (), rejected, begun.position)
    resumed_at = begun.position
    for piece, keys in _pieces(file, wishes, rules, resumed_at, at_once, watch):
        with ledger.write() as connection:
            for key in keys:
                keep_key(connection, key)
            moved = imports.stage(connection, begun, _without_erased(connection, piece))
            if moved is None:
                raise SubscriberError(_TWICE)
        begun = moved
    if file.has_changed():
        raise ImportFileError(f"{file.path}: was changed while it was read; nothing of it counts. Import it anew, with --afresh")
    with ledger.read() as connection:
        refused = _first_refused(connection)
        if refused:
            # Before the import counts: after a kill the same command writes it once more.
            _write_refused(connection, rejected)
    with ledger.write() as connection:
        # Not while an issue writes down who gets it.
        ledger.be_alone(connection)
        asks_a_day = settings.web.ask_per_day if wishes.ask and settings.web else 0
        decided = imports.decide(connection, begun, asks_a_day, now)
    if decided is None:
        raise SubscriberError(_TWICE)
    seen = incoming.complete(ledger, watch, at_once) or decided
    return _heard(ledger, seen, refused, rejected, resumed_at)


def _heard(ledger: Ledger, begun: Import, refused: Sequence[RefusedRow], rejected: Path, resumed_at: int) -> Outcome:
    """What became of an import; the ledger may forget it."""
    with ledger.write() as connection:
        known = imports.under_way(connection)
        ended = known if known is not None and known.key == begun.key else begun
        imports.was_heard(connection, begun.key)
    where = rejected if ended.counts.refused else None
    until = ended.ask_next_at - ended.between_letters if ended.ask_next_at and ended.counts.asked else None
    return Outcome(ended.position, ended.counts, (), refused, where, resumed_at, until)


def _rules(settings: Settings, file: ListFile, wishes: Wishes, now: datetime) -> Rules:
    for name in (*([wishes.newsletter] if wishes.newsletter else []), *filter(None, wishes.lists.values())):
        if name not in settings.newsletters:
            raise SubscriberError(f"{name}: no such newsletter; the config has: {', '.join(settings.newsletters) or 'none'}")
    if wishes.ask and settings.web is None:
        raise SubscriberError("--ask needs pages on which readers can confirm: a section [web] in the config")
    only = next(iter(settings.newsletters)) if len(settings.newsletters) == 1 else None
    kinds = {part.dialect for part in source.recognise(file, wishes.reading)}
    return Rules(
        file=file.name,
        languages={
            name: tuple(dict.fromkeys((one.language or settings.site.language, *one.languages)))
            for name, one in settings.newsletters.items()
        },
        newsletter=wishes.newsletter or only,
        lists=wishes.lists,
        consent=wishes.consent,
        keeps_addresses=settings.web is not None and settings.web.record_address,
        timezone=settings.site.timezone,
        now=now,
        is_our_own=all(DIALECTS[kind].is_our_own for kind in kinds),
    )


def _fingerprint(file: ListFile, wishes: Wishes, rules: Rules) -> str:
    """Of all that decides how rows come in."""
    said = [file.digest, asdict(wishes), dict(rules.languages), rules.newsletter, rules.keeps_addresses]
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def _begun(connection: Connection, file: ListFile, fingerprint: str, now: datetime, rules: Rules, *, afresh: bool) -> Import:
    """The import of this list, which was begun before, or begins now."""
    found = imports.under_way(connection)
    if found is not None and found.fingerprint == fingerprint and not afresh:
        return found
    if afresh or (found is not None and found.done):
        imports.drop(connection)
        found = imports.under_way(connection)
    if found is None:
        return imports.begin(connection, file.name, fingerprint, now, they_prove=rules.is_our_own)
    what = (
        "this file is another one, or was changed, or the options are others" if found.file == file.name else "this is another one"
    )
    raise SubscriberError(
        f"an import of {found.file}, begun {found.began_at:%Y-%m-%d %H:%M}, has not come to its end, and {what}; "
        "nothing of it counts yet. Wait for it or repeat its command, or drop it with --afresh"
    )


def _pieces(
    file: ListFile, wishes: Wishes, rules: Rules, position: int, at_once: int, watch: Watch
) -> Iterator[tuple[Piece, set[bytes]]]:
    """The rows from this one on, looked through, `at_once` in a piece; and keys of erased addresses that are among them."""
    total = sum(part.lines for part in file.parts)
    found = islice(source.rows(file, wishes.reading), position, None)
    done = position
    while piece := list(islice(found, at_once)):
        rows: list[StagedRow] = []
        refused: list[RefusedRow] = []
        keys: set[bytes] = set()
        for place, row in piece:
            if isinstance(row, Unreadable):
                refused.append(RefusedRow(place.part, place.line, "", row.reason, "", {"text": row.text}))
                continue
            try:
                taken = judge(row, rules)
            except Refused as error:
                cells = {name: text for name, text in asdict(row).items() if text}
                refused.append(RefusedRow(place.part, place.line, error.column, error.reason, error.detail, cells))
                continue
            if taken is not None:
                rows.append(taken)
                if taken.email.startswith(SEAL):
                    keys.add(bytes.fromhex(row.erased_key))
        yield Piece(len(piece), rows, refused), keys
        done += len(piece)
        watch.step("reading", done, max(total, done))


def _without_erased(connection: Connection, piece: Piece) -> Piece:
    """Leave out whom this ledger has erased."""
    seals = Seals(connection)
    by_seal = {seal: row.email for row in piece.rows if not row.email.startswith(SEAL) for seal in seals.of(row.email)}
    erased = {by_seal[seal] for seal in imports.erased_among(connection, list(by_seal))}
    kept = [row for row in piece.rows if row.email not in erased] if erased else piece.rows
    return replace(piece, rows=kept, erased=len(piece.rows) - len(kept))


def _first_refused(connection: Connection) -> list[RefusedRow]:
    return list(imports.refusals(connection, _SHOWN))


def _write_refused(connection: Connection, path: Path) -> None:
    """As a table that can be mended and imported: what is wrong with each row, and the row in our words."""
    try:
        with private_file(path) as file:
            table = csv.writer(file)
            table.writerow([*REJECTED, *HEADER, "text"])
            for one in imports.refusals(connection):
                cells = [guarded(one.cells.get(name, "")) for name in (*HEADER, "text")]
                table.writerow([one.place, one.column, guarded(one.reason + (f": {one.detail}" if one.detail else "")), *cells])
    except OSError as error:
        raise ImportFileError(
            f"{path}: the rejected rows cannot be written: {error.strerror}; nothing of the list counts yet: make room, "
            "or name another file with --rejected, and repeat the command"
        ) from error
