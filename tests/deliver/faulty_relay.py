"""A mail relay on localhost that goes wrong in every way there is, and keeps the truth of who was mailed."""

import random
import socket
import struct
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from enum import StrEnum
from typing import BinaryIO


class Fault(StrEnum):
    """What goes wrong with a mail. Nobody is mailed `before`; they are `after`."""

    NONE = "none"
    CLOSED_BEFORE_SENDER = "421 to MAIL"
    RESET_AT_SENDER = "reset at MAIL"
    GREYLISTED = "450 to RCPT"
    RESET_AT_RECIPIENT = "reset at RCPT"
    CONFUSED = "a reply too many to RCPT"
    NO_DATA = "451 to DATA"
    RESET_IN_MAIL = "reset in the middle of the mail"
    LATER = "451 to the mail, before"
    RESET_BEFORE = "reset with the mail read, before"
    GARBAGE_BEFORE = "no reply of SMTP to the mail, before"
    RESET_AFTER = "reset without a reply, after"
    GARBAGE_AFTER = "no reply of SMTP to the mail, after"
    CUT_OFF = "half a reply to the mail, after"
    CLOSED_AFTER = "a yes to the mail, and the connection is closed"


DOUBTFUL = {
    Fault.RESET_IN_MAIL,
    Fault.RESET_BEFORE,
    Fault.GARBAGE_BEFORE,
    Fault.RESET_AFTER,
    Fault.GARBAGE_AFTER,
    Fault.CUT_OFF,
}
"""After these nobody but the relay can know: a mail that fits into the buffers between the two is written whole, read or not."""
_TAKEN = {Fault.NONE, Fault.RESET_AFTER, Fault.GARBAGE_AFTER, Fault.CUT_OFF, Fault.CLOSED_AFTER}
_LAST_WORDS = {
    Fault.LATER: b"451 4.3.0 not now\r\n",
    Fault.GARBAGE_BEFORE: b"<html>Welcome!\r\n",
    Fault.GARBAGE_AFTER: b"<html>Welcome!\r\n",
    Fault.CUT_OFF: b"250 2.0.0 ta",
}
_OK = b"250 2.0.0 ok\r\n"
_RESETS = {Fault.RESET_IN_MAIL, Fault.RESET_BEFORE, Fault.RESET_AFTER}


@dataclass
class Truth:
    """What the relay knows."""

    mailed: Counter[str] = field(default_factory=Counter)
    """How often each address was mailed."""
    doubtful: set[str] = field(default_factory=set)
    """Whose mails were read, at least in part, and not answered."""
    mails: dict[str, list[bytes]] = field(default_factory=dict)
    """By address, what was read whole."""


class FaultyRelay:
    """The relay; `faults` are what goes wrong with the mails, one after the other, and nothing does after the last."""

    def __init__(self, faults: Sequence[Fault] = (), *, pipelining: bool = True) -> None:
        """Listens at once."""
        self.truth = Truth()
        self.faults = list(faults)
        self.calls: list[str] = []
        """The recipients of all mails that were read whole, in their order."""
        self.on_call: Callable[[int, bool], None] = lambda number, after: None
        """Told of every mail's number, before it is taken and after."""
        self._pipelining = pipelining
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        # Little room for what is not read yet.
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self.port: int = self._listener.getsockname()[1]

    @property
    def mailed(self) -> Counter[str]:
        """How often each address was mailed: the truth."""
        return self.truth.mailed

    def rest(self) -> None:
        """Nothing that a relay took is ever sent again, however late it took it."""

    def serve(self) -> None:
        """Take connections until the listener is shut down."""
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._converse, args=(connection,), daemon=True).start()

    def stop(self) -> None:
        """No more connections."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _converse(self, connection: socket.socket) -> None:
        # Replies to a group of commands are small writes, which must not wait for each other's receipt: 40 ms a mail.
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with connection, connection.makefile("rb") as stream, suppress(OSError, IndexError):
            connection.sendall(b"220 ready\r\n")
            _Session(self, connection, stream).go_on()

    def greeting(self) -> bytes:
        """What it can do."""
        return b"250-relay\r\n250-SIZE 1000000\r\n250 PIPELINING\r\n" if self._pipelining else b"250 relay\r\n"

    def next_fault(self) -> Fault:
        """What goes wrong with the next mail."""
        with self._lock:
            return self.faults.pop(0) if self.faults else Fault.NONE

    def came(self, reader: str, mail: bytes, *, taken: bool) -> None:
        """A mail was read whole."""
        with self._lock:
            self.calls.append(reader)
            self.on_call(len(self.calls), False)
            if taken:
                self.truth.mailed[reader] += 1
            self.truth.mails.setdefault(reader, []).append(mail)
            self.on_call(len(self.calls), True)


class _Session:
    """One connection: commands are answered one by one, however many come at once."""

    def __init__(self, relay: FaultyRelay, connection: socket.socket, stream: BinaryIO) -> None:
        self._relay, self._connection, self._stream = relay, connection, stream
        self._fault = Fault.NONE
        self._reader = ""

    def go_on(self) -> None:
        """Until one of the two hangs up."""
        while (line := self._stream.readline()) and self._answered(line):
            pass

    def _answered(self, line: bytes) -> bool:
        answers = {b"EHLO": self._hello, b"MAIL": self._sender, b"RCPT": self._recipient, b"DATA": self._data, b"QUIT": self._quit}
        answer = answers.get(line[:4].upper())
        return answer(line) if answer else self._say(_OK)

    def _hello(self, _line: bytes) -> bool:
        return self._say(self._relay.greeting())

    def _quit(self, _line: bytes) -> bool:
        self._say(b"221 bye\r\n")
        return False

    def _sender(self, _line: bytes) -> bool:
        self._fault = self._relay.next_fault()
        if self._fault is Fault.RESET_AT_SENDER:
            return self._reset()
        if self._fault is Fault.CLOSED_BEFORE_SENDER:
            self._say(b"421 4.4.2 idle for too long\r\n")
            return False
        return self._say(_OK)

    def _recipient(self, line: bytes) -> bool:
        if self._fault is Fault.RESET_AT_RECIPIENT:
            return self._reset()
        if self._fault is Fault.GREYLISTED:
            return self._say(b"450 4.2.0 greylisted\r\n")
        self._reader = line.partition(b"<")[2].partition(b">")[0].decode()
        return self._say(_OK * 2 if self._fault is Fault.CONFUSED else _OK)

    def _data(self, _line: bytes) -> bool:
        if not self._reader:
            return self._say(b"554 5.5.1 no valid recipients\r\n")
        if self._fault is Fault.NO_DATA:
            return self._say(b"451 4.3.0 not now\r\n")
        self._say(b"354 go on\r\n")
        if self._fault in DOUBTFUL:
            self._relay.truth.doubtful.add(self._reader)
        return self._mail()

    def _mail(self) -> bool:
        if self._fault is Fault.RESET_IN_MAIL:
            self._stream.readline()
            return self._reset()
        lines = []
        while (line := self._stream.readline()) != b".\r\n":
            if not line:
                return False
            lines.append(line)
        reader, self._reader = self._reader, ""
        self._relay.came(reader, b"".join(lines), taken=self._fault in _TAKEN)
        if self._fault in _RESETS:
            return self._reset()
        self._say(_LAST_WORDS.get(self._fault, b"250-2.0.0 taken,\r\n250 2.0.0 as 4711\r\n"))
        return self._fault not in {Fault.CUT_OFF, Fault.CLOSED_AFTER}

    def _say(self, reply: bytes) -> bool:
        self._connection.sendall(reply)
        return True

    def _reset(self) -> bool:
        """A connection that is gone without a good-bye (RST)."""
        self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        return False


@contextmanager
def a_faulty_relay(faults: Sequence[Fault] = (), *, pipelining: bool = True) -> Iterator[FaultyRelay]:
    """The relay in a thread."""
    relay = FaultyRelay(faults, pipelining=pipelining)
    thread = threading.Thread(target=relay.serve, daemon=True)
    thread.start()
    try:
        yield relay
    finally:
        relay.stop()
        thread.join(10)


def mixed(number: int, seed: str) -> list[Fault]:
    """So many mails, of which a tenth goes wrong in some way."""
    chance = random.Random(seed)
    wrong = [one for one in Fault if one is not Fault.NONE]
    return [chance.choice(wrong) if chance.random() < 1 / 10 else Fault.NONE for _ in range(number)]
