"""Mail relays in threads: one that behaves (aiosmtpd), and one that answers from a script and may break off anywhere."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword


@dataclass
class Relay:
    """What a relay took, and what it answers to whom."""

    port: int = 0
    taken: list[tuple[str, bytes]] = field(default_factory=list)
    """Every recipient with the bytes of the mail, in the order of arrival."""
    answers: dict[str, str] = field(default_factory=dict)
    """Replies to RCPT that are no 250, by recipient."""
    data_answers: dict[str, str] = field(default_factory=dict)
    """Replies to the mail itself that are no 250, by recipient."""
    connections: set[Any] = field(default_factory=set)
    senders: list[str] = field(default_factory=list)

    @property
    def readers(self) -> list[str]:
        """Who has a mail, as often as they have it."""
        return sorted(reader for reader, _ in self.taken)

    async def handle_MAIL(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:  # noqa: N802
        """Note the sender and the connection."""
        self.connections.add(session.peer)
        self.senders.append(address)
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:  # noqa: N802
        """Answer as `answers` says."""
        if address in self.answers:
            return self.answers[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        """Take the mail, or answer as `data_answers` says."""
        (reader,) = envelope.rcpt_tos
        if reader in self.data_answers:
            return self.data_answers[reader]
        self.taken.append((reader, envelope.content))
        return "250 taken"


@contextmanager
def a_relay(password: str | None = None) -> Iterator[Relay]:
    """A relay on localhost; with a `password` it lets only `weekly` in."""

    def log_in(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        assert isinstance(data, LoginPassword)
        right = (data.login, data.password) == (b"weekly", (password or "").encode())
        return AuthResult(success=right, handled=False)

    relay = Relay()
    login = {"authenticator": log_in, "auth_required": True, "auth_require_tls": False} if password else {}
    relay.port = free_port()
    controller = Controller(relay, hostname="127.0.0.1", port=relay.port, **login)
    controller.start()
    try:
        yield relay
    finally:
        hang_up(controller.loop)
        controller.stop()


def hang_up(loop: asyncio.AbstractEventLoop) -> None:
    """Let every connection of a relay in this loop come to its end: one that is left half closed would be heard of later."""

    async def end() -> None:
        talks = asyncio.all_tasks() - {asyncio.current_task()}
        for talk in talks:
            talk.cancel()
        await asyncio.gather(*talks, return_exceptions=True)
        for _ in range(_LAST_TURNS):
            await asyncio.sleep(0)

    asyncio.run_coroutine_threadsafe(end(), loop).result()


_LAST_TURNS = 10
"""Of a loop; closing a connection takes it two or three."""


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class ScriptedRelay:
    """A relay that gives its `answers`; where the answer is None, it hangs up instead."""

    port: int
    answers: dict[str, str | None]
    connections: int | None = None
    """So many at once; more are told to come back later."""
    mails_a_connection: int | None = None
    """After so many the sender is told that this connection is over."""
    taken: list[bytes] = field(default_factory=list)
    """Mails that arrived whole, answered or not."""
    greeted: int = 0
    """Connections that were not turned away."""
    turns: int = 0
    """How often the relay spoke after it had been waiting: what a distance between the two would cost."""
    _open: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def serve(self, listener: socket.socket) -> None:
        """Every connection in a thread of its own, until the listener is shut down."""
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=self._take, args=(connection,)).start()

    def _take(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):
            with self._lock:
                self._open += 1
                welcome = self.connections is None or self._open <= self.connections
                self.greeted += welcome
            try:
                connection.sendall(b"220 ready\r\n" if welcome else b"421 4.7.0 too many connections\r\n")
                if welcome:
                    self._converse(connection)
            finally:
                with self._lock:
                    self._open -= 1

    def _converse(self, connection: socket.socket) -> None:
        """Answer what has come, and all at once what came at once."""
        waiting, in_mail, mails = b"", False, 0
        while came := connection.recv(1 << 20):
            waiting += came
            answers = b""
            while (length := _length(waiting, in_mail=in_mail)) is not None:
                said, waiting = waiting[:length], waiting[length:]
                command = "END" if in_mail else said.split()[0].decode().upper()
                answer = self.answers.get(command, "250 OK")
                if command == "MAIL" and mails == self.mails_a_connection:
                    connection.sendall(answers + b"421 4.7.0 start anew\r\n")
                    return
                if in_mail:
                    self.taken.append(said[:-3])
                    mails += 1
                in_mail = command == "DATA" and answer is not None and answer.startswith("354")
                if answer is None:
                    connection.sendall(answers)
                    return
                answers += f"{answer}\r\n".encode()
            if answers:
                self.turns += 1
                connection.sendall(answers)


def _length(waiting: bytes, *, in_mail: bool) -> int | None:
    """How long the next command or the mail is with its end; None as long as that is not there."""
    if in_mail and waiting.startswith(b".\r\n"):
        return 3
    end = b"\r\n.\r\n" if in_mail else b"\r\n"
    found = waiting.find(end)
    return found + len(end) if found >= 0 else None


@contextmanager
def a_scripted_relay(**answers: str | None) -> Iterator[ScriptedRelay]:
    """A relay whose answers to `MAIL`, `RCPT`, `DATA` and to the mail itself (`END`) are given."""
    listener = socket.create_server(("127.0.0.1", 0))
    usual: dict[str, str | None] = {"DATA": "354 go on", "END": "250 taken", "QUIT": "221 bye"}
    relay = ScriptedRelay(listener.getsockname()[1], usual | answers)
    thread = threading.Thread(target=relay.serve, args=(listener,), daemon=True)
    thread.start()
    try:
        yield relay
    finally:
        # Wakes the thread up, where closing alone would not.
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(10)
