"""Take a list of readers in: look through it, read it piece by piece into the ledger, and let all of it count at once.

Killed at any moment, the same command goes on where it was. Until the last transaction nothing of the list shows anywhere.
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
from hairfeed.models.subscribers import SignUp
from hairfeed.settings import Settings
from hairfeed.store import import_end, imports, sign_ups
from hairfeed.store.database import Connection, Ledger
from hairfeed.store.imports import Import, Piece
from hairfeed.subscribers.addresses import SEAL, Seals, keep_key
from hairfeed.subscribers.subscriptions import ASKED_BY_OPERATOR
from hairfeed.subscribers.transfer import source
from hairfeed.subscribers.transfer.cells import guarded
from hairfeed.subscribers.transfer.dialects import DIALECTS, REJECTED
from hairfeed.subscribers.transfer.judge import Refused, Rules, judge
from hairfeed.subscribers.transfer.parts import ListFile
from hairfeed.subscribers.transfer.source import Asked
from hairfeed.subscribers.transfer.tables import Unreadable

AT_ONCE = 2000
"""Rows in one transaction: the web and a pass wait no longer than for these."""
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


def look_through(ledger: Ledger, settings: Settings, file: ListFile, wishes: Wishes, watch: Watch, now: datetime) -> Outcome:
    """What an import would do. It happens in tables that nobody else sees, and nothing is kept.

    Raises:
        SubscriberError: the list cannot be imported as wished.
    """
    rules = _rules(settings, file, wishes, now)
    with ledger.read() as connection:
        imports.in_private(connection)
        begun = imports.begin(connection, file.name, "", now)
        first: list[StagedRow | RefusedRow] = []
        for piece, _ in _pieces(file, wishes, rules, begun.position, AT_ONCE, watch):
            kept = _without_erased(connection, piece)
            first.extend(islice(chain(kept.rows, kept.refused), _SHOWN - len(first)))
            begun = imports.stage(connection, begun, kept) or begun
        counts = import_end.count(connection, _repeated(connection, rules), begun.erased)
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
    at_once: int = AT_ONCE,
) -> Outcome:
    """Import a list, or go on with it where a process before was ended; `afresh` drops what one has left behind.

    Rows that cannot be taken in are written to `rejected`, so that they can be mended and imported.

    Raises:
        SubscriberError: the list cannot be imported as wished, another import has not come to its end, or another process
            is at this one.
    """
    rules = _rules(settings, file, wishes, now)
    with ledger.write() as connection:
        # Two that find no import under way would both begin one.
        ledger.be_alone(connection)
        begun = _begun(connection, file, _fingerprint(file, wishes, rules), now, afresh=afresh)
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
    with ledger.write() as connection:
        ledger.be_alone(connection)
        repeated = _repeated(connection, rules)
    watch.step("taking in", begun.position, begun.position)
    with ledger.write() as connection:
        if not imports.claim(connection, begun):
            raise SubscriberError(_TWICE)
        counts = import_end.count(connection, repeated, begun.erased)
        if counts.refused:
            # Before the import counts: after a kill the same command writes it once more.
            _write_refused(connection, rejected)
        refused = _first_refused(connection)
        if wishes.ask:
            sign_ups.add_all(connection, _to_ask(connection, rules))
        import_end.take_in(connection, counts, now)
    return Outcome(begun.position, counts, (), refused, rejected if counts.refused else None, resumed_at)


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


def _begun(connection: Connection, file: ListFile, fingerprint: str, now: datetime, *, afresh: bool) -> Import:
    if afresh:
        imports.drop(connection)
    found = imports.under_way(connection)
    if found is None:
        return imports.begin(connection, file.name, fingerprint, now)
    if found.fingerprint == fingerprint:
        return found
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


def _repeated(connection: Connection, rules: Rules) -> int:
    repeated = imports.mark_repetitions(connection, they_prove=rules.is_our_own)
    return 0 if rules.is_our_own else repeated


def _first_refused(connection: Connection) -> list[RefusedRow]:
    return list(imports.refusals(connection, _SHOWN))


def _to_ask(connection: Connection, rules: Rules) -> Iterator[SignUp]:
    by = f"import of {rules.file}"
    for email, newsletter, topics, language in import_end.who_would_wait(connection):
        yield SignUp(rules.now, email, {newsletter: topics}, language=language, source=by, wording=ASKED_BY_OPERATOR)


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
