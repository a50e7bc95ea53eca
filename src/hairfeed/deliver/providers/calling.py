"""One HTTP call to a mail API: made once, never repeated, and with the truth about whether anything was sent."""

import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

from hairfeed.deliver.clock import seconds
from hairfeed.deliver.providers.contract import Request, Response
from hairfeed.errors import NoAnswer, NotConnected

CONNECT_SECONDS = 10
IDLE_SECONDS = 5
"""After this much rest a connection is made anew: one that the server just closed would leave a batch in doubt for nothing."""
MOST_BYTES = 8 << 20
"""Of an answer; that to a thousand recipients has a tenth of it."""


class Caller:
    """Makes calls over connections that are kept, one session a thread."""

    def __init__(
        self,
        where: str,
        timeout: float,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        timer: Callable[[], float] = seconds,
    ) -> None:
        """`where` names the provider in messages; the timeout, in seconds, is for handing a call over and for its whole answer."""
        self._timer = timer
        self._where = where
        self._timeout = timeout
        self.clock = clock
        self._own = threading.local()
        self._sessions: list[requests.Session] = []

    def call(self, request: Request, secrets: Mapping[str, str]) -> Response:
        """Make the call.

        Raises:
            NotConnected: nothing was sent, or not all of it.
            NoAnswer: something was sent, and no whole answer came.
        """
        deadline = self._timer() + self._timeout
        try:
            with self._session().request(
                request.method,
                request.url,
                data=_Body(request.body, lambda: self._timer() > deadline, self._where) if request.body else None,
                headers={**request.headers, **secrets},
                timeout=(CONNECT_SECONDS, self._timeout),
                allow_redirects=False,
                stream=True,
            ) as answer:
                body = self._body(answer, deadline)
                return Response(answer.status_code, body, self.clock(), answer.headers)
        except requests.RequestException as error:
            raise NoAnswer(f"{self._where}: no answer: {error}") from error
        finally:
            self._own.used = self._timer()

    def close(self) -> None:
        """Give all connections back."""
        for session in self._sessions:
            session.close()

    def _session(self) -> requests.Session:
        session: requests.Session | None = getattr(self._own, "session", None)
        if session is None:
            session = self._own.session = requests.Session()
            # Else a .netrc entry for the host would take the place of the key, and a proxy would read it.
            session.trust_env = False
            session.headers.update({"Accept-Encoding": "identity", "User-Agent": "HairFeed"})
            for scheme in ("http://", "https://"):
                session.mount(scheme, _Adapter(self._where))
            self._sessions.append(session)
        elif self._timer() - self._own.used > IDLE_SECONDS:
            for adapter in session.adapters.values():
                adapter.close()
        return session

    def _body(self, answer: requests.Response, deadline: float) -> bytes:
        """The answer's body, as long as it comes in time and within reason."""
        pieces, size, stated = [], 0, int(answer.headers.get("Content-Length") or -1)
        try:
            # Pieces as they come: a byte a second is no way round the deadline.
            while piece := answer.raw.read1(1 << 16):
                pieces.append(piece)
                size += len(piece)
                # What has come whole while this process stood still is as good as ever.
                if size > MOST_BYTES or (size != stated and self._timer() > deadline):
                    raise NoAnswer(f"{self._where}: {answer.status_code}, and an answer that does not end")
        except (HTTPError, OSError) as error:
            raise NoAnswer(f"{self._where}: {answer.status_code}, and the answer broke off: {error}") from error
        if stated not in {-1, size}:
            raise NoAnswer(f"{self._where}: {answer.status_code}, and an answer that is cut off")
        return b"".join(pieces)


class _Body(BytesIO):
    """A body whose last piece is handed over in time, or never: a process that stood still meanwhile must not go on with it."""

    def __init__(self, body: bytes, is_late: Callable[[], bool], where: str) -> None:
        super().__init__(body)
        self._size, self._is_late, self._where = len(body), is_late, where

    def read(self, size: int | None = -1) -> bytes:
        if self.tell() < self._size and self._is_late():
            raise NotConnected(f"{self._where}: the call could not be handed over in time")
        return super().read(size)


class _Adapter(HTTPAdapter):
    """The transport of requests, with connections that tell whether they were ever made."""

    def __init__(self, where: str) -> None:
        self._where = where
        super().__init__(pool_connections=2, pool_maxsize=1, max_retries=0)

    def init_poolmanager(self, *arguments: Any, **named: Any) -> None:
        super().init_poolmanager(*arguments, **named)
        self.poolmanager.pool_classes_by_scheme = {"http": _pool(HTTPConnectionPool), "https": _pool(HTTPSConnectionPool)}


class _Connecting:
    """A connection whose failure to come about is an exception of its own: nothing between it and the caller changes it."""

    def connect(self) -> None:
        try:
            super().connect()  # type: ignore[misc]
        except (OSError, HTTPError) as error:
            # What urllib3 says of it begins with the connection's name in Python.
            said = error.__cause__ or error
            raise NotConnected(f"{getattr(self, 'host', '')} cannot be reached: {said}") from error


class _PlainConnection(_Connecting, HTTPConnection):
    pass


class _TLSConnection(_Connecting, HTTPSConnection):
    pass


def _pool(kind: type[Any]) -> type[Any]:
    connection = _TLSConnection if issubclass(kind, HTTPSConnectionPool) else _PlainConnection
    return type(f"_{kind.__name__}", (kind,), {"ConnectionCls": connection})
