"""One client's connection, with an end to what it may send and to how long it may take."""

import asyncio
from asyncio.events import TimerHandle

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

MOST_HEAD = 16 << 10
"""Bytes of a request before its body begins, and between the pieces of its body."""
PATIENCE = 20.0
"""Seconds; a client that gets nothing done for twice as long loses its connection at the latest."""


class Connection(HttpToolsProtocol):
    """uvicorn's connection, which ends when a client keeps it waiting: uvicorn itself waits for ever, for any number of bytes."""

    patience = PATIENCE
    _watch: TimerHandle | None = None
    _unread = 0
    """Bytes that came since the last piece of a request was complete."""
    _requests = 0
    _is_whole = True
    """Whether the request under way has come as a whole."""
    _seen: tuple[int, int] | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to watch."""
        super().connection_made(transport)
        self.look_again()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop watching."""
        super().connection_lost(exc)
        if self._watch is not None:
            self._watch.cancel()

    def data_received(self, data: bytes) -> None:
        """Read on, unless it is too much."""
        self._unread += len(data)
        super().data_received(data)
        if self._unread > MOST_HEAD and not self.transport.is_closing():
            self.send_400_response("Request header is too long.")

    def on_headers_complete(self) -> None:
        """A request begins to be answered."""
        self._unread = 0
        self._is_whole = False
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """A piece of it more."""
        self._unread = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        """It is whole."""
        self._unread = 0
        self._requests += 1
        self._is_whole = True
        super().on_message_complete()

    def look_again(self) -> None:
        """Look how far the client is. Twice the same sight: nothing was asked, nothing was taken, and it is not us who are busy."""
        sight = self._requests, self.transport.get_write_buffer_size()
        is_ours = self._is_whole and sight[1] == 0 and self._is_answering()
        if sight == self._seen and not is_ours:
            self.transport.abort()
            return
        self._seen = sight
        self._watch = self.loop.call_later(self.patience, self.look_again)

    def _is_answering(self) -> bool:
        cycle: RequestResponseCycle | None = self.cycle
        return cycle is not None and not cycle.response_complete
