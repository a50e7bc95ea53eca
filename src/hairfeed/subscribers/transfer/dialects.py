"""Whose list a file is, by the names of its columns, and how its rows read: exports of other programs, tables of any make. Pure.

Columns and states are as their makers document them: listmonk (cmd/subscribers.go, its API), Mailchimp (export of an audience),
Buttondown (OpenAPI: Subscriber, SubscriberType), Ghost (export of members), Substack (email_list of its archive).
"""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from hairfeed.errors import ImportFileError
from hairfeed.models.imports import HEADER, Row
from hairfeed.subscribers.transfer.cells import unguarded
from hairfeed.subscribers.transfer.json_list import COLUMNS as JSON_COLUMNS
from hairfeed.subscribers.transfer.judge import says_never

Reading = Callable[[Sequence[str]], Row]
"""Reads the cells of one row."""

REJECTED = ("rejected_line", "rejected_column", "rejected_reason")
"""What a file of rejected rows has before the columns of `Row`."""

_SPELLINGS: dict[str, tuple[str, ...]] = {
    "email": ("email", "emailaddress", "mail", "emailadresse", "adresseemail", "correoelectronico", "correo"),
    "name": ("name", "fullname", "displayname", "nombre", "nom"),
    "newsletter": ("newsletter", "list", "liste", "lista"),
    "state": ("state", "status", "subscriptionstatus", "subscriberstatus", "estado", "statut"),
    "topics": ("topics", "topic"),
    "language": ("language", "lang", "locale", "sprache", "langue", "idioma"),
    "time_zone": ("timezone", "zeitzone", "zonahoraria", "fuseauhoraire"),
    "changed_at": ("changedat", "lastchanged"),
    "known_since": ("knownsince", "createdat", "created", "creationdate", "dateadded", "signupdate", "subscribedat", "joined"),
    "asked_at": ("askedat", "optintime", "optinat"),
    "confirmed_at": ("confirmedat", "confirmtime", "confirmationtime", "confirmationdate", "consentat", "consentdate"),
    "source": ("source", "consentsource", "signupsource"),
    "form": ("form", "formversion"),
    "wording": ("wording", "consent", "consenttext", "consentwording"),
    "network_address": ("networkaddress", "ipaddress", "ip", "confirmip", "optinip"),
    "suppressed": ("suppressed",),
    "suppressed_at": ("suppressedat",),
    "erased_key": ("erasedkey",),
}
_LEFT_AT = ("unsubscribedat", "unsubtime", "unsubscribetime", "unsubscribedate", "unsubscriptiondate", "optoutat", "optouttime")
_HAS_LEFT = ("unsubscribed", "optedout", "optout", "emaildisabled", "emailblacklisted")
_NO = frozenset(["", "false", "no", "n", "0", "null", "none"])
_FIRST_NAMES, _LAST_NAMES = ("firstname", "fname", "vorname", "givenname", "prenom"), ("lastname", "lname", "nachname", "surname")

_BUTTONDOWN = {
    **dict.fromkeys(
        ("regular", "premium", "gifted", "trialed", "churned", "churning", "past_due", "paused", "upcoming", "unpaid"), "subscribed"
    ),
    "unactivated": "pending",
    "blocked": "never subscribed",
    "spammy": "never subscribed",
    "removed": "blocklisted",
    "undeliverable": "bounced",
}


@dataclass(frozen=True, slots=True)
class Dialect:
    """A kind of list."""

    title: str
    needs: frozenset[str]
    """Names of columns that tell it, as `_plain` has them."""
    reading: Callable[["Columns", str], Reading]
    """Makes a reading for the columns of a file of that name."""
    is_our_own: bool = False
    """An export of HairFeed: a row is a proof, and two for one subscription are no repetition."""


class Columns:
    """The columns of one table, found by any spelling of their names."""

    def __init__(self, names: Sequence[str]) -> None:
        """`names` are as the file's first row has them."""
        self.names = [name.strip() for name in names]
        self._places = {_plain(name): place for place, name in reversed(list(enumerate(names)))}

    def place(self, *spellings: str) -> int | None:
        """Where the first of these is that the table has; None where it has none."""
        return next((self._places[one] for one in spellings if one in self._places), None)

    def cell(self, *spellings: str) -> Callable[[Sequence[str]], str]:
        """Reads that column; empty where there is none, or the row is too short."""
        place = self.place(*spellings)
        return _nothing if place is None else lambda cells: cells[place].strip() if place < len(cells) else ""

    def has(self, needs: frozenset[str]) -> bool:
        """Whether all these are there."""
        return needs <= self._places.keys()


def _nothing(_cells: Sequence[str]) -> str:
    return ""


def _plain(name: str) -> str:
    """A column's name without case, accents and what stands between letters: `E-Mail` is `email`."""
    bare = "".join(one for one in unicodedata.normalize("NFKD", name.casefold()) if not unicodedata.combining(one))
    return re.sub(r"[\W_]+", "", bare)


def _any_make(columns: Columns, file: str, named: Mapping[str, int] | None = None) -> Reading:
    """A table whose columns are told by their names, or by `named`, which has the place of each field."""
    places = named if named is not None else fields_of(columns)
    if "email" not in places:
        known = ", ".join(columns.names[:20])
        raise ImportFileError(f"{file}: which column has the addresses? There are: {known}; say it with --map email=COLUMN")
    first, last = columns.cell(*_FIRST_NAMES), columns.cell(*_LAST_NAMES)
    left_at, has_left = columns.cell(*_LEFT_AT), columns.cell(*_HAS_LEFT)
    pairs = tuple(places.items())
    is_ours = columns.has(frozenset(map(_plain, REJECTED)))

    def read(cells: Sequence[str]) -> Row:
        values = {field: cells[place] for field, place in pairs if place < len(cells)}
        if is_ours:
            values = {field: unguarded(value) for field, value in values.items()}
        if "name" not in places:
            values["name"] = f"{first(cells)} {last(cells)}"
        values["email"] = values.get("email", "").strip()
        row = Row(**values)
        # Whatever the state says beside it: who may have left is not mailed. Who bounced or complained is not even then.
        if left_at(cells).lower() not in _NO or has_left(cells).lower() not in _NO:
            state = row.state if says_never(row.state) else "unsubscribed"
            row = replace(row, state=state, changed_at=left_at(cells) or row.changed_at)
        return row

    return read


def fields_of(columns: Columns) -> dict[str, int]:
    """The fields that the columns' names tell, with their places."""
    found = {field: columns.place(*spellings) for field, spellings in _SPELLINGS.items()}
    return {field: place for field, place in found.items() if place is not None}


def is_read_besides(column: str) -> bool:
    """Whether the column makes a part of a field: a first or last name, or whether somebody left."""
    return _plain(column) in {*_FIRST_NAMES, *_LAST_NAMES, *_LEFT_AT, *_HAS_LEFT}


def _hairfeed(columns: Columns, _file: str) -> Reading:
    places = [(field, columns.place(_plain(field))) for field in HEADER]

    def read(cells: Sequence[str]) -> Row:
        return Row(**{field: unguarded(cells[place]) for field, place in places if place is not None and place < len(cells)})

    return read


def _mailchimp(columns: Columns, file: str) -> Reading:
    """The state is in the file's name, or in the columns that only one of the files has."""
    cell = columns.cell
    name = PurePosixPath(file).name.lower()
    states = ("nonsubscribed", "unsubscribed", "cleaned", "subscribed")
    state = next((one for one in states if name.startswith(one)), "")
    if not state:
        state = "unsubscribed" if columns.has(frozenset(["unsubtime"])) else "subscribed"
        state = "cleaned" if columns.has(frozenset(["cleantime"])) else state
    email, first, last = cell("emailaddress"), cell(*_FIRST_NAMES), cell(*_LAST_NAMES)
    asked, confirmed, address, tells_state = cell("optintime"), cell("confirmtime"), cell("confirmip", "optinip"), cell("status")
    left, changed, time_zone = cell("unsubtime", "cleantime"), cell("lastchanged"), cell("timezone")

    def read(cells: Sequence[str]) -> Row:
        asked_at, confirmed_at = asked(cells), confirmed(cells)
        # Who was brought in by the account's owner has a time of confirming, too, but none of asking.
        proof = {"asked_at": asked_at, "confirmed_at": confirmed_at, "network_address": address(cells)} if asked_at else {}
        return Row(
            email=email(cells),
            name=f"{first(cells)} {last(cells)}",
            state=tells_state(cells) or ("never subscribed" if state == "nonsubscribed" else state),
            time_zone=time_zone(cells),
            changed_at=left(cells) or (changed(cells) if state != "subscribed" else ""),
            known_since=asked_at or confirmed_at,
            source="Mailchimp" if proof else "",
            **proof,
        )

    return read


def _listmonk(columns: Columns, _file: str) -> Reading:
    """One row a reader; of lists it says nothing."""
    email, name, status, since = (columns.cell(one) for one in ("email", "name", "status", "createdat"))
    states = {"enabled": "subscribed", "disabled": "unsubscribed"}

    def read(cells: Sequence[str]) -> Row:
        state = status(cells)
        return Row(email=email(cells), name=name(cells), state=states.get(state, state), known_since=since(cells))

    return read


def _listmonk_lists(columns: Columns, _file: str) -> Reading:
    """One row a reader and list."""
    cell = columns.cell
    email, name, status, since = cell("email"), cell("name"), cell("status"), cell("createdat")
    of_list, state_in_list, optin, updated = cell("list"), cell("liststatus"), cell("listoptin"), cell("listupdatedat")

    def read(cells: Sequence[str]) -> Row:
        state = state_in_list(cells)
        if status(cells) in {"disabled", "blocklisted"}:
            state = {"disabled": "unsubscribed"}.get(status(cells), "blocklisted")
        elif state == "unconfirmed" and optin(cells) == "single":
            # Nobody is asked to confirm there.
            state = "subscribed"
        return Row(
            email=email(cells),
            name=name(cells),
            newsletter=of_list(cells),
            state=state,
            changed_at=updated(cells) if state == "unsubscribed" else "",
            known_since=since(cells),
        )

    return read


def _buttondown(columns: Columns, _file: str) -> Reading:
    cell = columns.cell
    email, kind, since, left = cell("emailaddress", "email"), cell("type"), cell("creationdate"), cell("unsubscriptiondate")

    def read(cells: Sequence[str]) -> Row:
        state = kind(cells).lower().replace(" ", "_")
        return Row(email=email(cells), state=_BUTTONDOWN.get(state, state), changed_at=left(cells), known_since=since(cells))

    return read


def _ghost(columns: Columns, _file: str) -> Reading:
    cell = columns.cell
    email, name, gets, since, deleted = (cell(one) for one in ("email", "name", "subscribedtoemails", "createdat", "deletedat"))

    def read(cells: Sequence[str]) -> Row:
        gets_mail = gets(cells).lower() == "true" and not deleted(cells)
        state = "subscribed" if gets_mail else "unsubscribed"
        return Row(email=email(cells), name=name(cells), state=state, changed_at=deleted(cells), known_since=since(cells))

    return read


def _substack(columns: Columns, _file: str) -> Reading:
    cell = columns.cell
    email, name, off, since = cell("email"), cell("name"), cell("emaildisabled"), cell("createdat")

    def read(cells: Sequence[str]) -> Row:
        state = "unsubscribed" if off(cells).lower() == "true" else "subscribed"
        return Row(email=email(cells), name=name(cells), state=state, known_since=since(cells))

    return read


ANY_MAKE = "csv"
DIALECTS: dict[str, Dialect] = {
    "hairfeed": Dialect("HairFeed", frozenset(map(_plain, HEADER)) - {"erasedkey", "timezone"}, _hairfeed, is_our_own=True),
    "mailchimp": Dialect("Mailchimp", frozenset(["emailaddress", "leid", "euid"]), _mailchimp),
    "listmonk-lists": Dialect("listmonk, with lists", frozenset(map(_plain, JSON_COLUMNS)), _listmonk_lists),
    "listmonk": Dialect("listmonk", frozenset(["uuid", "email", "name", "attributes", "status"]), _listmonk),
    "buttondown": Dialect("Buttondown", frozenset(["emailaddress", "type", "creationdate"]), _buttondown),
    "ghost": Dialect("Ghost", frozenset(["email", "subscribedtoemails", "createdat"]), _ghost),
    "substack": Dialect("Substack", frozenset(["email", "activesubscription", "emaildisabled"]), _substack),
    ANY_MAKE: Dialect("a table", frozenset(), _any_make),
}
"""By the name that --from knows. Of those whose columns a file has, the first one is meant."""


def dialect_of(columns: Columns) -> str:
    """Whose list it is."""
    if columns.has(frozenset(map(_plain, REJECTED))):
        return ANY_MAKE
    return next(name for name, dialect in DIALECTS.items() if columns.has(dialect.needs))


def reading_by_map(columns: Columns, file: str, wanted: Mapping[str, str]) -> Reading:
    """A reading by `field=column` pairs.

    Raises:
        ImportFileError: as `places_by_map`, or no column has the addresses.
    """
    return _any_make(columns, file, places_by_map(columns, wanted))


def places_by_map(columns: Columns, wanted: Mapping[str, str]) -> dict[str, int]:
    """Where the fields are by the columns' names, and by `field=column` pairs; a column is its name, or its number counted from 1.

    Raises:
        ImportFileError: there is no such field or column.
    """
    places = fields_of(columns)
    for field, column in wanted.items():
        if field not in _SPELLINGS:
            raise ImportFileError(f"--map: there is no field {field!r}; there are {', '.join(_SPELLINGS)}")
        place = columns.place(_plain(column))
        if place is None and column.isdecimal() and 1 <= int(column) <= len(columns.names):
            place = int(column) - 1
        if place is None:
            raise ImportFileError(f"--map: there is no column {column!r}; there are {', '.join(columns.names)}")
        places[field] = place
    return places
