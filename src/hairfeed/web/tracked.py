"""Where the links of counted mails lead: on to the article, whatever is counted; and the picture of one point.

Here, too, a GET changes nothing for a reader: all that it leaves behind is a count and its day, where the operator turned that on.
"""

from base64 import b64decode
from contextlib import suppress

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from hairfeed.errors import StoreError
from hairfeed.models.hits import OPEN
from hairfeed.store import tracking
from hairfeed.subscribers import hits
from hairfeed.text.tokens import Purpose, read
from hairfeed.web.desk import Desk
from hairfeed.web.pages import PRIVATE

_POINT = b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
"""A GIF of one transparent point."""
_LONGEST_NUMBER = 9
"""Digits of an issue's or a link's number."""


class Tracked:
    """Answers for links and pictures in mails."""

    def __init__(self, desk: Desk) -> None:
        """Nothing is read yet."""
        self._desk = desk

    async def point(self, request: Request) -> Response:
        """GET /l/ISSUE/TOKEN/0.gif: the same picture for everyone."""
        issue, reader = self._named(request)
        if request.method == "GET":
            await self._desk.aside(lambda: self._note(request, issue, reader, OPEN))
        return Response(_POINT, media_type="image/gif", headers=PRIVATE)

    async def follow(self, request: Request) -> Response:
        """GET /l/ISSUE/TOKEN/LINK: on to where the issue's link leads, and nowhere else."""
        issue, reader = self._named(request)
        link = _number(request.path_params["link"])
        return await self._desk.aside(lambda: self._follow(request, issue, reader, link))

    def _follow(self, request: Request, issue: int, reader: int, link: int) -> Response:
        with self._desk.ledger.read() as connection:
            target = tracking.target(connection, issue, link)
        if target is None:
            raise HTTPException(404)
        if request.method == "GET":
            self._note(request, issue, reader, link)
        return RedirectResponse(target, 302, headers=PRIVATE)

    def _note(self, request: Request, issue: int, reader: int, link: int) -> None:
        # Whoever follows a link wants to read; that it is counted is none of their concern.
        with suppress(StoreError), self._desk.ledger.write() as connection:
            agent = request.headers.get("user-agent", "")
            hits.note(connection, self._desk.settings, issue, reader, link, agent, self._desk.clock())

    def _named(self, request: Request) -> tuple[int, int]:
        """The issue and the reader of the address.

        Raises:
            ForgedTokenError: we did not make it.
        """
        issue = _number(request.path_params["issue"])
        token = request.path_params["token"]
        return issue, read(self._desk.links.secret, Purpose.TRACK, token, [str(issue)], self._desk.clock()).subscriber_id


def _number(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= _LONGEST_NUMBER):
        raise HTTPException(404)
    return int(text)
