"""Mail relays in threads: one that behaves (aiosmtpd), and one that answers from a script and may break off anywhere."""

import socket
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from tests.deliver.faulty_api import TAKEN, Fault


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
        controller.stop()


class FaultyRelay:
    """A relay that goes wrong in the ways of its `faults`, a mail each, and keeps the truth of who was mailed."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        """Nothing was taken."""
        self.port = free_port()
        self.mailed: Counter[str] = Counter()
        self.calls: list[str] = []
        """The recipients of all mails that came whole, in their order."""
        self.on_call: Callable[[int, bool], None] = lambda number, after: None
        """Told of every mail's number, before it is taken and after."""
        self._faults = list(faults)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        """Take the mail, or not, and say so, or not."""
        (reader,) = envelope.rcpt_tos
        fault = self._faults.pop(0) if self._faults else Fault.NONE
        self.calls.append(reader)
        number = len(self.calls)
        self.on_call(number, False)
        self.mailed.update([reader] if fault in TAKEN else [])
        self.on_call(number, True)
        if fault in {Fault.RESET_BEFORE, Fault.RESET_AFTER}:
            server.transport.abort()
        return "451 not now" if fault is Fault.THROTTLED else "250 taken"


@contextmanager
def a_faulty_relay(faults: Sequence[Fault]) -> Iterator[FaultyRelay]:
    """The relay in a thread."""
    relay = FaultyRelay(faults)
    controller = Controller(relay, hostname="127.0.0.1", port=relay.port)
    controller.start()
    try:
        yield relay
    finally:
        controller.stop()


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
    taken: list[bytes] = field(default_factory=list)
    """Mails that arrived whole, answered or not."""

    def serve(self, listener: socket.socket) -> None:
        """Every connection in a thread of its own, until the listener is shut down."""
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=self._take, args=(connection,)).start()

    def _take(self, connection: socket.socket) -> None:
        with connection, connection.makefile("rb") as lines, suppress(OSError):
            self._converse(connection, lines)

    def _converse(self, connection: socket.socket, lines: BinaryIO) -> None:
        connection.sendall(b"220 ready\r\n")
        while line := lines.readline():
            command = line.split()[0].decode().upper()
            answer = self.answers.get(command, "250 OK")
            if command == "DATA" and answer is not None and answer.startswith("354"):
                connection.sendall(f"{answer}\r\n".encode())
                self.taken.append(b"".join(iter(lines.readline, b".\r\n")))
                answer = self.answers["END"]
            if answer is None:
                return
            connection.sendall(f"{answer}\r\n".encode())


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
