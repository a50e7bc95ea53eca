"""The web app on a port, by uvicorn, until it is told to stop."""

import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from queue import SimpleQueue
from threading import Thread
from typing import Any

import uvicorn
from starlette.types import ASGIApp

from hairfeed.errors import ServeError
from hairfeed.web.connection import Connection

MOST_CONNECTIONS = 512
"""More are told to come back later; each is a file descriptor."""
GRACE = 10
"""Seconds that answers under way have when the server is told to stop."""


class Server(uvicorn.Server):
    """uvicorn's server; `announce` is called with its address as soon as it listens."""

    def __init__(self, app: ASGIApp, host: str, port: int, announce: Callable[[str], None]) -> None:
        """Port 0 means any that is free."""
        # Who asked is known to nobody here: no access log of uvicorn's, no look at the fields in which a proxy tells it.
        config = uvicorn.Config(
            app,
            host=host,
            port=port,
            http=Connection,
            ws="none",
            lifespan="off",
            interface="asgi3",
            log_config=None,
            log_level="error",
            access_log=False,
            proxy_headers=False,
            server_header=False,
            limit_concurrency=MOST_CONNECTIONS,
            timeout_graceful_shutdown=GRACE,
        )
        super().__init__(config)
        self._announce = announce

    async def startup(self, sockets: list[Any] | None = None) -> None:
        """Listen, and say where.

        Raises:
            ServeError: it cannot listen there.
        """
        # uvicorn would say in words of its own that it cannot, and end the program.
        await super().startup(sockets or [_listening(self.config.host, self.config.port)])
        if self.started:
            host, port = self.servers[0].sockets[0].getsockname()[:2]
            self._announce(f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}")


@contextmanager
def serving(app: ASGIApp, host: str, port: int) -> Iterator[str]:
    """Serve in a thread of its own, at the address that is given; at the end, what is under way is finished.

    Raises:
        ServeError: it cannot listen there.
    """
    started: SimpleQueue[str | ServeError] = SimpleQueue()
    server = Server(app, host, port, started.put)

    def run() -> None:
        try:
            server.run()
        except ServeError as error:
            started.put(error)

    thread = Thread(target=run, name="web")
    thread.start()
    address = started.get()
    if isinstance(address, ServeError):
        raise address
    try:
        yield address
    finally:
        server.should_exit = True
        thread.join()


def _listening(host: str, port: int) -> socket.socket:
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        what = f"nothing can listen on port {port} of {host}"
        raise ServeError(f"{what}: give another --port or --host, or stop what has it") from error


def serve(app: ASGIApp, host: str, port: int, announce: Callable[[str], None]) -> None:
    """Serve until SIGTERM or SIGINT; what is under way then is finished.

    Raises:
        ServeError: it cannot listen there.
    """
    server = Server(app, host, port, announce)
    # uvicorn raises the signals again that it was stopped by; this takes them, and those that come before it listens.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, server.handle_exit)
    server.run()
