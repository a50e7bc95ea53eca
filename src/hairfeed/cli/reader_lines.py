"""What is known of readers, line by line, and as JSON."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import date

from hairfeed.store.subscribers import Subscription
from hairfeed.subscribers.kept import Kept
from hairfeed.text.words import one_line


def list_lines(found: Iterable[Subscription], width: int) -> Iterator[str]:
    """A line each; `width` is that of the column with the newsletters' names."""
    return (f"{one.newsletter:<{width}}  {one.state:<12}  {one.changed_at:%Y-%m-%d}  {one.email}" for one in found)


def list_json(found: Iterable[Subscription]) -> Iterator[str]:
    """An array, with a line for each, however many they are."""
    before = "["
    for one in found:
        yield f"{before}{_json(asdict(one))}"
        before = ","
    yield "]" if before == "," else "[]"


def reader_json(kept: Kept) -> str:
    """An object; instants in RFC 3339."""
    return _json(asdict(kept), indent=2)


def reader_lines(kept: Kept) -> Iterator[str]:
    """For people."""
    if kept.known_since is not None:
        called = f" ({kept.name})" if kept.name else ""
        lives = f", in {kept.time_zone}" if kept.time_zone else ""
        yield f"{kept.email}{called}, known since {kept.known_since:%Y-%m-%d}{lives}"
    if kept.suppressed is not None:
        yield f"never mailed: {one_line(kept.suppressed)}"
    for one in kept.subscriptions:
        choices = "".join(f", {what} {value}" for what, value in (("topics", one.topics), ("language", one.language)) if value)
        yield f"{one.newsletter}: {one.state} since {one.changed_at:%Y-%m-%d %H:%M}{choices}{_silence(one)}"
    for proof in kept.consents:
        confirmed = f", confirmed {proof.given_at:%Y-%m-%d %H:%M}" if proof.given_at else ", not confirmed"
        where = f" from {proof.network_address}" if proof.network_address else ""
        form = f", form {proof.form}" if proof.form else ""
        yield f"{proof.newsletter}: asked {proof.asked_at:%Y-%m-%d %H:%M}{where} by {one_line(proof.source)}{form}{confirmed}"
        yield f"  “{one_line(proof.wording)}”"
    for sign_up in kept.sign_ups:
        names = ", ".join(sign_up.newsletters)
        yield f"asked {sign_up.asked_at:%Y-%m-%d %H:%M} for {names} by {one_line(sign_up.source)}; waits for a pass"
    for letter in kept.letters:
        yield f"letter of {letter.at:%Y-%m-%d %H:%M}: {letter.kind}"
    for event in kept.events:
        why = f": {one_line(event.reason)}" if event.reason else ""
        yield f"{event.at:%Y-%m-%d %H:%M}: {event.kind}, says {event.provider}{why}"
    for hit in kept.hits:
        what = f"followed to {hit.url}" if hit.url else "opened"
        yield f"{hit.at:%Y-%m-%d %H:%M}: {hit.newsletter} {hit.number} was {what}"
    if kept.issues:
        yield f"issues: {', '.join(f'{one.newsletter} {one.number}' for one in kept.issues)}"


def _silence(one: Subscription) -> str:
    active = f", last heard of {one.active_on:%Y-%m-%d}" if one.active_on else ""
    asked = f", asked whether they stay {one.asked_to_stay_at:%Y-%m-%d}" if one.asked_to_stay_at else ""
    return f"{active}{asked}{', did not answer' if one.is_retired else ''}"


def _json(value: object, indent: int | None = None) -> str:
    return json.dumps(value, ensure_ascii=False, indent=indent, default=_day)


def _day(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{value!r} has no form in JSON")
