"""Providers that tell of the mails they took: their own notices, posted to our web app with their own signatures."""

import json
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from starlette.testclient import TestClient
from starlette.types import Receive, Scope, Send

from hairfeed.models.events import EventKind
from hairfeed.settings.web import Web
from hairfeed.store import events
from hairfeed.store.database import Ledger
from hairfeed.web.app import build_app
from tests.deliver.mailings import Mail
from tests.deliver.sending import NOW, Sending
from tests.deliver.test_notices import KINDS, POSTERS, READER, hook

_SITE = "https://news.example.org"
IDENTITIES = ("m-1", "m.1", "e-1", "92356927693813856")
"""By which the sample notices tell their mails apart."""


def notice(provider: str, mail: Mail, kind: EventKind = EventKind.DELIVERED) -> Any:
    """The provider's own notice of a mail: a sample of its kind, with this mail's ids."""
    sample = POSTERS[provider].delivered
    if kind is not EventKind.DELIVERED:
        sample = next(said for name, said, means in KINDS if (name, means) == (provider, kind))
    key, number = mail.metadata["hf_batch"], mail.metadata["hf_subscriber"]
    text = json.dumps(sample).replace("batch-1", key).replace(READER, mail.to)
    text = re.sub(r"(hf_subscriber\W+)7", rf"\g<1>{number}", text)
    for identity in IDENTITIES:
        text = text.replace(identity, f"{identity}-{key}-{number}")
    return json.loads(text)


def keep_notices(ledger: Ledger, mails: Sequence[Mail], now: datetime) -> None:
    """Keep notices of SES as the hook does, without the way there, for very many of them; the ledger is closed."""
    webhook = hook("ses")
    found = [event for mail in mails for event in webhook.events(json.dumps(_enveloped(notice("ses", mail))).encode())]
    with ledger.write() as connection:
        events.keep(connection, found, now)
    ledger.close()


def _enveloped(said: Any) -> dict[str, str]:
    """As Amazon SNS wraps it."""
    return {"Type": "Notification", "Message": json.dumps(said)}


class Teller:
    """One provider's notices on their way into a ledger."""

    def __init__(self, sending: Sending, provider: str) -> None:
        """The web app of the publication, and the provider's hook."""
        self._provider = provider
        self._ledger = sending.ledger()
        settings = sending.settings.model_copy(update={"web": Web(url=_SITE)})
        self.now = NOW
        built = build_app(settings, ledger=self._ledger, hooks={provider: hook(provider)}, clock=lambda: self.now)

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            # The client takes what is no coroutine function for the form that ASGI had before its third version.
            await built(scope, receive, send)

        self._client = TestClient(app, base_url=_SITE)

    def tell(self, now: datetime, *mails: Mail, kind: EventKind = EventKind.DELIVERED) -> None:
        """Post a notice of each mail."""
        self.now = now
        for mail in mails:
            said = notice(self._provider, mail, kind)
            # Mailgun signs a token of its own for each notice.
            token = {"token": f"{mail.metadata['hf_batch']}-{mail.metadata['hf_subscriber']}-{kind}"}
            headers, body = POSTERS[self._provider].sign(said, now, **(token if self._provider == "mailgun" else {}))
            answer = self._client.post(f"/hooks/{self._provider}", content=body, headers=headers)
            assert answer.status_code == 200, answer.text

    def close(self) -> None:
        """Let the ledger go."""
        self._client.close()
        self._ledger.close()


@contextmanager
def a_teller(sending: Sending, provider: str) -> Iterator[Teller]:
    """The provider, able to post notices."""
    teller = Teller(sending, provider)
    try:
        yield teller
    finally:
        teller.close()
