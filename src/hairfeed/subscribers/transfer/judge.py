"""Whether a row of a list can be taken in, and as what: the rules of consent for readers whom somebody brings. Pure.

A row comes in confirmed only with a proof (when the reader confirmed), or with the operator's word by what right
(`Rules.consent`). Without either it waits, unmailed, for the reader's own word. Who left, bounced or complained there is not
mailed here, whatever else the file says of them.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from functools import lru_cache
from ipaddress import ip_address
from operator import attrgetter

from hairfeed.errors import SubscriberError
from hairfeed.models.imports import HEADER, Row, StagedRow
from hairfeed.models.subscribers import SubscriptionState
from hairfeed.schedule.zones import known as known_zones
from hairfeed.subscribers.addresses import SEAL, address_in_a_list, is_seal_of
from hairfeed.subscribers.subscriptions import LONGEST_NAME, name
from hairfeed.text.slugs import slug

LONGEST_TEXT = 10_000
"""Characters of what a reader agreed to, of a reason or a source."""
NO_WORDS = "The list says that the reader confirmed, and not to which words."
_LONGEST_FORM = 16
_LONGEST_TOPICS = 2_000

_STATES: dict[str, SubscriptionState | None] = {
    **dict.fromkeys(
        ("", "subscribed", "confirmed", "active", "enabled", "opted-in", "opted in", "optin", "true", "yes", "1"), None
    ),
    **dict.fromkeys(("pending", "unconfirmed", "unactivated"), SubscriptionState.PENDING),
    **dict.fromkeys(
        ("unsubscribed", "unsubscribe", "inactive", "disabled", "opted-out", "opted out", "optout", "false", "no", "0"),
        SubscriptionState.UNSUBSCRIBED,
    ),
}
"""None: subscribed, if there is a proof or the operator's word."""
_NEVER = {
    **dict.fromkeys(("bounced", "bounce", "hard bounce", "hardbounced", "cleaned", "undeliverable"), "bounced"),
    **dict.fromkeys(("complained", "complaint", "spam", "abuse"), "complaint"),
    **dict.fromkeys(("blocklisted", "blacklisted", "blocked", "banned", "suppressed"), "blocklisted"),
}
"""States that say never to mail the address, and why."""
_cells = attrgetter(*HEADER)
_NO_READER = frozenset(["never subscribed", "nonsubscribed", "non-subscribed", "transactional"])


class Refused(Exception):
    """A row cannot be taken in: in which column, why, and what the file says there."""

    def __init__(self, column: str, reason: str, detail: str = "") -> None:
        """`reason` is in words that rows share."""
        super().__init__(reason)
        self.column, self.reason, self.detail = column, reason, detail[:200]


@dataclass(frozen=True, slots=True)
class Rules:
    """How a list is to be taken in."""

    file: str
    """What to call the list in proofs and reasons."""
    languages: Mapping[str, tuple[str, ...]]
    """By newsletter those that its readers may choose; its own first."""
    newsletter: str | None
    """For rows that name none."""
    lists: Mapping[str, str]
    """Newsletters by the names that the list has for them; empty for those that are left out."""
    consent: str | None
    """The operator's word by what right these readers are mailed."""
    keeps_addresses: bool
    """Whether a proof has the network address."""
    timezone: tzinfo
    """Of instants that do not say theirs."""
    now: datetime
    is_our_own: bool = False
    """An export of HairFeed: a proof that is not confirmed is a request, and texts are kept as they are."""


def judge(row: Row, rules: Rules) -> StagedRow | None:
    """What the row comes in as; None where its list is left out.

    Raises:
        Refused: it cannot be taken in.
    """
    if "\0" in (whole := "".join(_cells(row))) or _has_surrogates(whole):
        raise Refused("", "holds characters that are no text", ascii(whole)[:100])
    if row.email.startswith(SEAL):
        return _erased(row, rules)
    try:
        email = address_in_a_list(row.email)
    except SubscriberError as error:
        raise Refused("email", "no e-mail address", f"{row.email!r}: {error.__cause__}") from error
    state, never = _state(row)
    reason = _text("suppressed", row.suppressed) or (f"{never}, says {rules.file}" if never else None)
    suppressed_at = (_instant("suppressed_at", row.suppressed_at, rules) or rules.now) if reason else None
    if never or (reason and not row.newsletter and not row.known_since):
        return StagedRow(email, suppressed=reason, suppressed_at=suppressed_at)
    known_since = _instant("known_since", row.known_since, rules)
    # Of a subscriber without a subscription HairFeed's own exports have a row.
    newsletter = "" if rules.is_our_own and not row.newsletter and known_since else _newsletter(row.newsletter, rules)
    if newsletter is None:
        return None
    called = _name(row.name)
    if not newsletter:
        return StagedRow(email, called, _time_zone(row), known_since, suppressed=reason, suppressed_at=suppressed_at)
    proof = _proof(row, rules, state, known_since)
    state = state or (SubscriptionState.CONFIRMED if proof.given_at else SubscriptionState.PENDING)
    return StagedRow(
        email=email,
        name=called,
        time_zone=_time_zone(row),
        created_at=known_since or proof.asked_at or rules.now,
        newsletter=newsletter,
        state=state,
        topics=_topics(row.topics),
        language=row.language if row.language in rules.languages[newsletter][1:] else "",
        changed_at=_instant("changed_at", row.changed_at, rules) or proof.given_at or rules.now,
        asked_at=proof.asked_at,
        given_at=proof.given_at,
        source=proof.source,
        form=proof.form,
        wording=proof.wording,
        network_address=proof.network_address,
        suppressed=reason,
        suppressed_at=suppressed_at,
    )


@dataclass(frozen=True, slots=True)
class _Proof:
    asked_at: datetime | None = None
    """None: there is no proof."""
    given_at: datetime | None = None
    source: str = ""
    form: str = ""
    wording: str = ""
    network_address: str | None = None


def _proof(row: Row, rules: Rules, state: SubscriptionState | None, known_since: datetime | None) -> _Proof:
    asked_at = _instant("asked_at", row.asked_at, rules)
    given_at = _instant("confirmed_at", row.confirmed_at, rules)
    source, wording = _text("source", row.source), _text("wording", row.wording)
    if len(row.form) > _LONGEST_FORM:
        raise Refused("form", f"longer than {_LONGEST_FORM} characters", row.form)
    network = _network(row.network_address) if rules.keeps_addresses else None
    if given_at is not None or (asked_at is not None and (rules.is_our_own or state is SubscriptionState.PENDING)):
        if not rules.is_our_own:
            source = source or f"import of {rules.file}"
            wording = wording or rules.consent or NO_WORDS
        return _Proof(asked_at or given_at, given_at, source, row.form, wording, network)
    if state is None and rules.consent:
        by = f"import of {rules.file}, vouched for by the operator"
        return _Proof(asked_at or known_since or rules.now, rules.now, by, row.form, rules.consent, network)
    return _Proof()


def _erased(row: Row, rules: Rules) -> StagedRow:
    try:
        key = bytes.fromhex(row.erased_key)
    except ValueError:
        key = b""
    if not is_seal_of(key, row.email):
        raise Refused("erased_key", "is not the key of this erased address", row.email)
    since = _instant("suppressed_at", row.suppressed_at, rules) or rules.now
    return StagedRow(row.email, suppressed=_text("suppressed", row.suppressed) or "erased", suppressed_at=since)


def says_never(state: str) -> bool:
    """Whether a state is that of an address which is never to be mailed."""
    return state.strip().casefold() in _NEVER


def _state(row: Row) -> tuple[SubscriptionState | None, str | None]:
    """The state that the row claims, and why the address is never to be mailed."""
    word = row.state.strip().casefold()
    if word in _NO_READER:
        raise Refused("state", "never subscribed to a newsletter", row.state)
    if word in _NEVER:
        return None, _NEVER[word]
    if word not in _STATES:
        raise Refused("state", "no state of a subscription", row.state)
    return _STATES[word], None


def _newsletter(called: str, rules: Rules) -> str | None:
    """The newsletter's name; None where this list is left out."""
    if called in rules.lists:
        return rules.lists[called] or None
    if called in rules.languages:
        return called
    if called:
        raise Refused("newsletter", "no newsletter of the config; say which with --lists", called)
    if rules.newsletter is None:
        raise Refused("newsletter", "missing; say which with --newsletter")
    return rules.newsletter


def _name(text: str) -> str:
    try:
        return name(text)
    except SubscriberError as error:
        raise Refused("name", f"longer than {LONGEST_NAME} characters", text) from error


def _time_zone(row: Row) -> str:
    """As with languages: one that is not known here is no choice."""
    return row.time_zone if row.time_zone and row.time_zone in known_zones() else ""


def _topics(text: str) -> str:
    if len(text) > _LONGEST_TOPICS:
        raise Refused("topics", f"longer than {_LONGEST_TOPICS} characters", text)
    return ",".join(sorted({slug(topic) for topic in text.split(",") if topic.strip()})) if text else ""


def _text(column: str, text: str) -> str:
    if len(text) > LONGEST_TEXT:
        raise Refused(column, f"longer than {LONGEST_TEXT} characters", text)
    return text


def _network(text: str) -> str | None:
    if not text.strip():
        return None
    try:
        return str(ip_address(text.strip()))
    except ValueError as error:
        raise Refused("network_address", "no network address", text) from error


def _instant(column: str, text: str, rules: Rules) -> datetime | None:
    if not text or not (plain := text.strip()):
        return None
    try:
        found = _read_instant(plain, rules.timezone)
    except (ValueError, OverflowError) as error:
        raise Refused(column, "no instant; write it like 2024-08-16T09:00:00Z", text) from error
    if found > rules.now:
        raise Refused(column, "lies in the future", text)
    return found


# As Go prints an instant: 2024-08-16 09:00:00.123456789 +0000 UTC.
_GO = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)(\.\d{1,6})?\d* ([+-]\d{4})( [A-Z]\w*)?")


@lru_cache(maxsize=4096)
def _read_instant(text: str, timezone: tzinfo) -> datetime:
    if match := _GO.fullmatch(text):
        text = f"{match[1]}{match[2] or ''}{match[3]}"
    found = datetime.fromisoformat(text)
    return (found if found.tzinfo else found.replace(tzinfo=timezone)).astimezone(UTC)


def _has_surrogates(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False
