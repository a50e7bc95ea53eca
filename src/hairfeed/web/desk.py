"""What all answers to readers need: the ledger, the clock, the keys, the pages; and how an answer is made off the event loop."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from ipaddress import IPv4Address, IPv6Address
from typing import TypeVar

from anyio import CapacityLimiter
from anyio.to_thread import run_sync
from starlette.requests import Request

from hairfeed.errors import ForgedTokenError
from hairfeed.settings import Settings
from hairfeed.settings.web import Web
from hairfeed.store import subscribers
from hairfeed.store.database import Connection, Ledger
from hairfeed.store.secrets import secret
from hairfeed.subscribers.offers import Offer, offers
from hairfeed.text.reader_links import ReaderLinks
from hairfeed.text.tokens import Bearer, Purpose, read
from hairfeed.web.client import client_address
from hairfeed.web.pages import Pages

AT_ONCE = 8
"""Answers under way in threads: a ledger takes one writer at a time anyway, and has some connections."""

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Desk:
    """Where readers are attended to."""

    settings: Settings
    web: Web
    ledger: Ledger
    clock: Callable[[], datetime]
    links: ReaderLinks
    forms_key: bytes
    pages: Pages
    newsletters: tuple[str, ...]
    """All that a link may be for: also those that left the config, and an empty name for all of a reader's."""
    _threads: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(AT_ONCE))

    def offers(self, connection: Connection) -> list[Offer]:
        """What readers may choose."""
        return offers(self.settings, connection)

    def bearer(self, request: Request, purpose: Purpose, *, whenever: bool = False) -> Bearer:
        """Whom the link in the address stands for; `whenever`, also when it is too old.

        Raises:
            ForgedTokenError, ExpiredTokenError: as `tokens.read` does.
        """
        token = request.path_params["token"]
        if not token.isascii():
            raise ForgedTokenError("this link is not complete, or not one of ours")
        now = datetime.fromtimestamp(0, self.clock().tzinfo) if whenever else self.clock()
        return read(self.links.secret, purpose, token, self.newsletters, now)

    def client(self, request: Request) -> IPv4Address | IPv6Address | None:
        """Who asks."""
        peer = request.client.host if request.client else None
        return client_address(peer, request.headers.getlist("x-forwarded-for"), self.web.trusted_proxies)

    async def aside(self, work: Callable[[], Answer]) -> Answer:
        """Do what takes a look at the ledger in a thread, a few at a time."""
        return await run_sync(work, limiter=self._threads)


def open_desk(settings: Settings, web: Web, ledger: Ledger, clock: Callable[[], datetime]) -> Desk:
    """Make what is needed once: every key is made here, so that later a look at a page writes nothing."""
    with ledger.write() as connection:
        links = ReaderLinks(web.url, secret(connection, "links"))
        forms_key = secret(connection, "forms")
        known = {"": None} | dict.fromkeys([*settings.newsletters, *subscribers.newsletter_names(connection)])
    # An empty name last: most links are for one newsletter.
    names = (*(name for name in known if name), "")
    return Desk(settings, web, ledger, clock, links, forms_key, Pages(settings, web), names)
