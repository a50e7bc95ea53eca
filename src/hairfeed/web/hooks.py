"""What providers tell: verified by the provider's own rules, written down once, and answered. A pass works it off."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from typing import Protocol

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from hairfeed.models.events import MailEvent
from hairfeed.store import events
from hairfeed.text.words import one_line
from hairfeed.web.bodies import read_body
from hairfeed.web.desk import Desk
from hairfeed.web.notices import fault
from hairfeed.web.pages import PRIVATE

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
"""No mail of ours is older, whatever a provider's clock says."""

UNREADABLE = (ValueError, KeyError, TypeError, AttributeError, IndexError)
"""What a call that cannot be understood raises where it is read."""


class Hook(Protocol):
    """How one provider's calls are understood: what its adapter says as `deliver.providers.contract.Webhook`, handed to the app."""

    @property
    def largest(self) -> int:
        """Bytes of the longest call that the provider makes."""

    def verify(self, headers: Mapping[str, str], body: bytes, now: datetime) -> bool:
        """Whether the provider sent it, and just now; names of header fields are in lower case."""

    def events(self, body: bytes) -> Sequence[MailEvent]:
        """What a verified call says in our words. It raises one of `UNREADABLE` where it cannot be read."""


class Hooks:
    """Answers for providers' calls."""

    def __init__(self, desk: Desk, hooks: Mapping[str, Hook]) -> None:
        """`hooks` by the name of the provider."""
        self._desk = desk
        self._hooks = hooks

    async def take(self, request: Request) -> Response:
        """POST /hooks/PROVIDER."""
        hook = self._hooks.get(request.path_params["provider"])
        if hook is None:
            return fault(self._desk.pages, request, 404)
        body = await read_body(request, hook.largest)
        return await self._desk.aside(lambda: self._take(hook, dict(request.headers), body))

    def _take(self, hook: Hook, headers: Mapping[str, str], body: bytes) -> Response:
        now = self._desk.clock()
        try:
            # Why not is nobody's business out there.
            if not hook.verify(headers, body, now):
                return PlainTextResponse("refused\n", 401, headers=PRIVATE)
            found = hook.events(body)
        except UNREADABLE:
            return PlainTextResponse("not understood\n", 400, headers=PRIVATE)
        with self._desk.ledger.write() as connection:
            events.keep(connection, [_fitted(event, now) for event in found], now)
        return PlainTextResponse("taken\n", headers=PRIVATE)


def _fitted(event: MailEvent, now: datetime) -> MailEvent:
    """The event as every ledger can keep it: in one line, without what is no character, and no longer than there is room for.

    Its instant is one that can be reckoned with, and not to come.
    """
    return replace(
        event,
        at=min(max(event.at, LONG_AGO), now),
        id=_short(event.id, events.MOST_ID),
        email=_short(event.email.lower(), events.MOST_EMAIL),
        batch_key=_short(event.batch_key, events.MOST_KEY),
        reason=one_line(event.reason)[: events.MOST_REASON],
    )


def _short(text: str, most: int) -> str:
    """A name, or where it is too long a hash that stands for it."""
    plain = one_line(text)
    return plain if len(plain) <= most else sha256(plain.encode()).hexdigest()
