"""What someone asks for on a form, judged before anything is known of their address: the same for everybody."""

import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from ipaddress import IPv4Address, IPv6Address

from disposable_email_domains import blocklist

from hairfeed.errors import SubscriberError
from hairfeed.models.subscribers import SignUp
from hairfeed.schedule.zones import known, places
from hairfeed.store import attempts, sign_ups
from hairfeed.subscribers.addresses import address
from hairfeed.subscribers.offers import Offer
from hairfeed.text.translations import Translations
from hairfeed.text.words import one_line
from hairfeed.web.bodies import Fields
from hairfeed.web.client import network_of
from hairfeed.web.desk import Desk
from hairfeed.web.stamps import OLDEST

TRAP = "website"
"""A field that people do not see, and that programs fill in."""
LONGEST_NAME = 60
_LONGEST_ADDRESS = 320
# Not a name: an address to lure to, or what a spreadsheet would compute.
_NO_NAME = re.compile(r"[/@<>{}\[\]|\\]|\bwww\.|^[=+\-]")

ADDRESS, NEWSLETTER, NAME = "email", "newsletter", "name"
"""Fields that a fault may be in."""


@dataclass(frozen=True, slots=True)
class Way:
    """By which way a form came, and which version of it: both stand in the proof of consent."""

    source: str
    form: str


@dataclass(frozen=True, slots=True)
class Wish:
    """A form as it was filled in, good or not; the page shows it again."""

    email: str = ""
    typed: str = ""
    """The address as it was written; in the ledger, a domain in another script has another form."""
    name: str = ""
    newsletters: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    language: str = ""
    time_zone: str = ""
    faults: dict[str, str] = field(default_factory=dict)
    """By field what is wrong and what to do, in the reader's language."""


class TooMany(Exception):
    """A network asks too often."""

    def __init__(self, seconds: int) -> None:
        """`seconds` until it may ask again."""
        super().__init__(seconds)
        self.seconds = seconds


def wording(words: Translations) -> str:
    """What a reader agrees to by sending the form, word for word as it stands there."""
    return words.gettext(
        "By pressing Subscribe I ask for the chosen newsletters by e-mail. Every issue has a link by which I can leave at any time."
    )


def wording_version(words: Translations) -> str:
    """What tells these words from those of another language or of another HairFeed: a form of the site brings it back."""
    return hashlib.sha256(wording(words).encode()).hexdigest()[:12]


def wish(fields: Fields, offered: Sequence[Offer], words: Translations, *, disposable: bool) -> Wish:
    """What the form says, with its faults."""
    typed, name = fields.one("email")[:_LONGEST_ADDRESS], one_line(fields.one("name"))
    names = {offer.name for offer in offered}
    wanted = tuple(dict.fromkeys(fields.all("newsletter")))
    faults = {}
    try:
        email = address(typed)
    except SubscriberError:
        email = typed
        faults[ADDRESS] = words.gettext("This is no complete e-mail address. Write it like name@example.com.")
    else:
        if not disposable and _is_disposable(email):
            faults[ADDRESS] = words.gettext("Mail to throw-away addresses gets lost. Please give an address that you keep.")
    if not wanted and len(offered) == 1:
        wanted = (offered[0].name,)
    if not wanted:
        faults[NEWSLETTER] = words.gettext("Please choose at least one newsletter.")
    elif not names.issuperset(wanted):
        wanted = tuple(name for name in wanted if name in names)
        faults[NEWSLETTER] = words.gettext("One of these newsletters is not offered any more. Please choose again.")
    if not is_name(name):
        faults[NAME] = name_fault(words)
    spoken = {tag for offer in offered for tag in offer.languages}
    language = fields.one("language") if fields.one("language") in spoken else ""
    return Wish(email, typed, name, wanted, tuple(fields.all("topic")), language, chosen_zone(fields, offered), faults)


def zones_to_choose(offered: Iterable[Offer]) -> Mapping[str, Sequence[str]]:
    """The time zones that people may choose, by part of the world; none where no newsletter goes by them."""
    return places() if any(offer.local_time for offer in offered) else {}


def chosen_zone(fields: Fields, offered: Iterable[Offer]) -> str:
    """The time zone of a form; empty where none was chosen, or nobody could."""
    zone = fields.one("time_zone")
    return zone if any(offer.local_time for offer in offered) and zone in known() else ""


def is_name(text: str) -> bool:
    """Whether mails may call someone so; an empty one they may."""
    return len(text) <= LONGEST_NAME and _NO_NAME.search(text) is None


def name_fault(words: Translations) -> str:
    """What to say of what is no name."""
    return words.gettext("Please give just a name, of at most %(count)d letters, or none.") % {"count": LONGEST_NAME}


def is_trapped(fields: Fields) -> bool:
    """Whether the form was filled in by a program."""
    return bool(fields.one(TRAP))


def take(
    desk: Desk,
    asked: Wish,
    offered: Sequence[Offer],
    client: IPv4Address | IPv6Address | None,
    way: Way,
    words: Translations,
    once: str | None = None,
) -> bool:
    """Write down a wish without faults. Nothing is looked up about its address: answer and time are the same for everybody.

    `once` is what the form is known by if it can be sent only once; False when it was sent before.

    Raises:
        TooMany: the network asked too often lately.
    """
    now, web = desk.clock(), desk.web
    network = _key(desk, "network", network_of(client))
    with desk.ledger.read() as connection:
        count, ends_at = attempts.counted(connection, network, now)
    if count >= web.sign_ups_per_hour:
        raise TooMany(max(1, int((ends_at - now).total_seconds())))
    with desk.ledger.write() as connection:
        attempts.count(connection, network, timedelta(hours=1), now)
        if once is not None and attempts.count(connection, _key(desk, "once", once), OLDEST, now) > 1:
            return False
        # One address asked for again and again is somebody's prank: the answer does not tell that it is the last.
        tries = attempts.count(connection, _key(desk, "address", _mailbox(asked.email)), timedelta(days=1), now)
        if tries <= web.sign_ups_per_address:
            sign_ups.add(connection, _sign_up(desk, asked, offered, client, way, words, now))
    return True


def _sign_up(
    desk: Desk,
    asked: Wish,
    offered: Sequence[Offer],
    client: IPv4Address | IPv6Address | None,
    way: Way,
    words: Translations,
    now: datetime,
) -> SignUp:
    chosen = {offer.name: offer for offer in offered if offer.name in asked.newsletters}
    return SignUp(
        asked_at=now,
        email=asked.email,
        newsletters={name: offer.chosen(asked.topics) for name, offer in chosen.items()},
        name=asked.name,
        language=asked.language or words.language,
        time_zone=asked.time_zone,
        source=way.source,
        form=way.form,
        wording=wording(words),
        network_address=str(client) if desk.web.record_address and client is not None else None,
    )


def _is_disposable(email: str) -> bool:
    """Whether the domain, or one that it is below, belongs to a service for throw-away addresses."""
    labels = email.rpartition("@")[2].split(".")
    return any(".".join(labels[start:]) in blocklist for start in range(len(labels) - 1))


def _mailbox(email: str) -> str:
    """The address without what stands behind a plus: with most providers all such addresses are one mailbox (RFC 5233)."""
    local, _, domain = email.rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"


def _key(desk: Desk, limit: str, what: str) -> str:
    """What is counted, as nobody can read it: limits keep neither addresses nor networks."""
    return hmac.digest(desk.forms_key, f"{limit}\0{what}".encode(), hashlib.sha256).hex()
