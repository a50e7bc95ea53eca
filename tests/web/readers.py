"""Readers of a small publication, at their pages: an app without a server between, a clock in hand, and mails in an outbox."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from typing import Any

from sqlalchemy import select
from starlette.testclient import TestClient
from starlette.types import Receive, Scope, Send

from hairfeed.models.subscribers import SubscriptionState
from hairfeed.pipeline import PassReport
from hairfeed.store import subscribers
from hairfeed.store.database import Ledger
from hairfeed.store.schema.whole import metadata
from hairfeed.store.secrets import secret
from hairfeed.subscribers.erasure import erase
from hairfeed.text.reader_links import ReaderLinks
from hairfeed.web.app import build_app
from hairfeed.web.hooks import Hook
from tests.conftest import FRIDAY, Publication

BASE = "https://hair.example.org/mail"
SITE = "https://hair.example.org"
READER = "reader@example.net"
WEB = f'\n[web]\nurl = "{BASE}"\n'
TWO_NEWSLETTERS = '\n[newsletters.monthly]\ntitle = "Plain Hair Monthly"\nschedule = "0 8 1 * *"\n'


@dataclass(frozen=True)
class Letter:
    """A letter as its reader gets it."""

    email: str
    subject: str
    text: str
    html: str

    @classmethod
    def of(cls, mail: EmailMessage) -> "Letter":
        """From a mail in the outbox."""
        text, html = (mail.get_body((kind,)) for kind in ("plain", "html"))
        assert text is not None
        assert html is not None
        return cls(mail["To"], mail["Subject"], text.get_content(), html.get_content())


class Inside:
    """A look into the ledger of a publication with subscribe pages at `base`."""

    publication: Publication
    ledger: Ledger
    base: str
    now: datetime

    def run(self) -> PassReport:
        """Make a pass now."""
        return self.publication.run(self.now)

    def letters(self) -> list[Letter]:
        """Every letter that went out, the oldest first."""
        return [Letter.of(mail) for name, mail in self.publication.mails().items() if name.startswith("confirmation-")]

    def confirm_link(self) -> str:
        """The link in the newest letter."""
        found = re.search(r"https?://\S+/c/\S+", self.letters()[-1].text)
        assert found is not None
        return found[0]

    def links(self) -> ReaderLinks:
        """Links as mails have them."""
        with self.ledger.write() as connection:
            return ReaderLinks(self.base, secret(connection, "links"))

    def number(self, email: str = READER) -> int:
        """The subscriber's number."""
        with self.ledger.read() as connection:
            found = subscribers.find(connection, email)
        assert found is not None
        return found.id

    def unsubscribe_link(self, email: str = READER, newsletter: str = "weekly") -> str:
        """The link at the foot of a mail."""
        return self.links().unsubscribe(self.number(email), newsletter)

    def suppress(self, email: str) -> None:
        """The operator wants an address never to be mailed."""
        with self.ledger.write() as connection:
            subscribers.suppress(connection, email, "by the operator", self.now)

    def erase(self, email: str = READER) -> None:
        """The operator forgets an address."""
        with self.ledger.write() as connection:
            erase(connection, email, self.now)

    def states(self, email: str = READER) -> dict[str, SubscriptionState]:
        """How someone stands, by newsletter."""
        with self.ledger.read() as connection:
            return {one.newsletter: one.state for one in subscribers.all_subscriptions(connection) if one.email == email}

    def rows(self) -> dict[str, list[Any]]:
        """Everything in the ledger."""
        with self.ledger.read() as connection:
            return {table.name: sorted(map(repr, connection.execute(select(table)))) for table in metadata.sorted_tables}


class Readers(Inside):
    """A publication with subscribe pages. `get` and `post` take paths below the pages' address, or whole addresses."""

    def __init__(self, publication: Publication, extra: str = "", hooks: Mapping[str, Hook] | None = None) -> None:
        """With the publication's readers, if it has had pages before; `extra` is more of the config's section `[web]`."""
        text = publication.config.read_text(encoding="utf-8")
        if WEB not in text:
            publication.config.write_text(text + TWO_NEWSLETTERS + WEB + extra, encoding="utf-8")
        self.publication = publication
        self.base = BASE
        self.now = FRIDAY
        self.open(hooks)

    def open(self, hooks: Mapping[str, Hook] | None = None, *, raises: bool = True) -> None:
        """Start the app, with the config as it is now; `raises`, whether what it stumbles over ends the test."""
        self.ledger = self.publication.ledger()
        built = build_app(self.publication.settings, ledger=self.ledger, hooks=hooks, clock=lambda: self.now)

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            # The client takes what is no coroutine function for the form that ASGI had before its third version.
            await built(scope, receive, send)

        self.client = TestClient(
            app, base_url=SITE, follow_redirects=False, client=("192.0.2.1", 50000), raise_server_exceptions=raises
        )

    def close(self) -> None:
        """Let the ledger go."""
        self.client.close()
        self.ledger.close()

    def later(self, **by: float) -> None:
        """Turn the clock on."""
        self.now += timedelta(**by)

    def get(self, path: str, **more: Any) -> Any:
        """GET, not following."""
        return self.client.get(_path(path), **more)

    def post(self, path: str, fields: Mapping[str, Any] | None = None, **more: Any) -> Any:
        """POST of a form, not following."""
        return self.client.post(_path(path), data=fields, **more)

    def stamp(self) -> str:
        """That of a form asked for some seconds ago."""
        found = re.search(r'name="stamp" value="([^"]+)"', self.get("/").text)
        assert found is not None
        self.later(seconds=5)
        return found[1]

    def sign_up(self, email: str = READER, *newsletters: str, **fields: Any) -> Any:
        """Fill in the form and send it."""
        chosen = list(newsletters) or ["weekly"]
        return self.post("/", {"email": email, "newsletter": chosen, "stamp": self.stamp(), **fields})

    def join(self, email: str = READER, *newsletters: str, **fields: Any) -> None:
        """Subscribe, by form, mail and button."""
        chosen = list(newsletters) or ["weekly"]
        self.sign_up(email, *chosen, **fields)
        self.run()
        self.post(self.confirm_link(), {"action": "confirm", "newsletter": chosen})
        self.later(minutes=1)


def _path(path: str) -> str:
    """A path below the pages' own, or an address of theirs, as a path of the site."""
    return "/mail" + path.removeprefix(BASE)
