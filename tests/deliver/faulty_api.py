"""A mail API on localhost that goes wrong in every way there is, and keeps the truth of who was mailed.

It speaks HTTP by itself, so that a connection can be reset at any byte. How a provider's calls, answers, keys and look-ups are
written is a `Dialect`'s matter: another provider is another dialect.
"""

import json
import random
import socket
import struct
import threading
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from enum import StrEnum
from typing import BinaryIO, Protocol


class Fault(StrEnum):
    """What goes wrong with a call. `after` is after the provider took the mails, `before` is before it, and it takes none."""

    NONE = "none"
    THROTTLED = "429 with seconds"
    THROTTLED_UNTIL = "429 with a date"
    THROTTLED_SILENTLY = "429 without a word on when"
    ERROR_BEFORE = "500 before"
    ERROR_AFTER = "500 after"
    UNAVAILABLE = "503 before"
    RESET_AT_ONCE = "reset before anything is read"
    RESET_MIDWAY = "reset in the middle of the request"
    RESET_BEFORE = "reset with the request read, before"
    RESET_AFTER = "reset without an answer, after"
    CUT_OFF = "an answer that is cut off, after"
    GARBAGE = "200 with a web page, before"
    GARBAGE_AFTER = "200 with a web page, after"
    TRICKLE = "an answer that comes byte by byte and does not end, after"


TAKEN = {Fault.NONE, Fault.ERROR_AFTER, Fault.RESET_AFTER, Fault.CUT_OFF, Fault.GARBAGE_AFTER, Fault.TRICKLE}
"""Faults of calls whose mails were taken."""
STATUS = {
    Fault.THROTTLED_UNTIL: (429, {"Date": "Fri, 16 Aug 2024 09:00:00 GMT", "Retry-After": "Fri, 16 Aug 2024 09:00:03 GMT"}),
    Fault.THROTTLED_SILENTLY: (429, {}),
    Fault.ERROR_BEFORE: (500, {}),
    Fault.ERROR_AFTER: (500, {}),
    Fault.UNAVAILABLE: (503, {"Retry-After": "1"}),
}


@dataclass(frozen=True)
class ApiCall:
    """A request as it came."""

    method: str
    path: str
    headers: dict[str, str]
    """By lower-case names."""
    body: bytes


@dataclass(frozen=True)
class Answer:
    """A response."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Truth:
    """What the provider knows."""

    mailed: Counter[str] = field(default_factory=Counter)
    """How often each address was mailed."""
    taken: dict[str, tuple[bytes, Answer]] = field(default_factory=dict)
    """By key: the body that was taken, and what was answered."""
    refused: dict[str, str] = field(default_factory=dict)
    """Addresses that are never taken, and why."""


class Dialect(Protocol):
    """How one provider speaks."""

    def key(self, call: ApiCall) -> str:
        """What the call is known by."""

    def take(self, call: ApiCall, truth: Truth) -> Answer:
        """Take what the call holds, or refuse it; keys are dealt with as this provider does."""


class ResendDialect:
    """Batches with an idempotency key; permissive: the bad are named, the others taken."""

    def key(self, call: ApiCall) -> str:
        """The header."""
        return call.headers["idempotency-key"]

    def take(self, call: ApiCall, truth: Truth) -> Answer:
        """The first answer again for the same bytes, 409 for others."""
        key = self.key(call)
        if key in truth.taken:
            body, answer = truth.taken[key]
            return answer if body == call.body else Answer(409, b'{"name": "invalid_idempotent_request"}')
        people = [item["to"][0] for item in json.loads(call.body)]
        good = [one for one in people if one not in truth.refused]
        truth.mailed.update(good)
        errors = [{"index": at, "message": truth.refused[one]} for at, one in enumerate(people) if one in truth.refused]
        answer = Answer(200, json.dumps({"data": [{"id": f"id-{one}"} for one in good], "errors": errors}).encode())
        truth.taken[key] = (call.body, answer)
        return answer


class StrictDialect(ResendDialect):
    """The same, but one bad address makes it refuse the whole call, without saying which."""

    def take(self, call: ApiCall, truth: Truth) -> Answer:
        """422 for all, or a yes to all."""
        if any(item["to"][0] in truth.refused for item in json.loads(call.body)):
            return Answer(422, b'{"name": "validation_error", "message": "Invalid `to` field"}')
        return super().take(call, truth)


class FaultyApi:
    """The server; `faults` are what goes wrong with the calls, one after the other, and nothing does after the last."""

    def __init__(self, dialect: Dialect | None = None, faults: Sequence[Fault] = ()) -> None:
        """Listens at once."""
        self.truth = Truth()
        self.dialect = dialect or ResendDialect()
        self.faults = list(faults)
        self.calls: list[str] = []
        """The keys of all calls that were read whole, in their order."""
        self.on_call: Callable[[int, bool], None] = lambda number, after: None
        """Told of every call's number, before its mails are taken and after."""
        self.before_answer: Callable[[int], None] = lambda number: None
        """Told of every call's number before it is answered, while others may be made."""
        self.patience = 2
        """Seconds that `THROTTLED` asks for."""
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._idle, self._talks = threading.Condition(), 0
        self._unplugged = False
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]

    @property
    def mailed(self) -> Counter[str]:
        """How often each address was mailed."""
        return self.truth.mailed

    def serve(self) -> None:
        """Take connections until the listener is shut down."""
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with self._idle:
                self._talks += 1
            threading.Thread(target=self._converse, args=(connection,), daemon=True).start()

    def rest(self) -> None:
        """Wait until all that clients sent who are gone since was heard: a busy server hears the dead."""
        with socket.create_connection(("127.0.0.1", self.port)) as last:
            # Connections are taken in their order.
            last.shutdown(socket.SHUT_WR)
            last.recv(1)
        with self._idle:
            self._idle.wait_for(lambda: self._talks == 0)

    def stop(self) -> None:
        """No more connections, and no answer that goes on."""
        self._over.set()
        if not self._unplugged:
            self._close()

    def unplug(self) -> None:
        """From now on connections are refused, and those that there are end without a further answer."""
        self._unplugged = True
        self._close()

    def plug_in(self) -> None:
        """Be there again."""
        self._unplugged = False
        self._listener = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self.serve, daemon=True).start()

    def _close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _next_fault(self) -> Fault:
        with self._lock:
            return self.faults.pop(0) if self.faults else Fault.NONE

    def _converse(self, connection: socket.socket) -> None:
        try:
            with connection, connection.makefile("rb") as stream, suppress(OSError, ValueError):
                while self._one(connection, stream):
                    pass
        finally:
            with self._idle:
                self._talks -= 1
                self._idle.notify_all()

    def _one(self, connection: socket.socket, stream: BinaryIO) -> bool:
        """Answer one request; False when the connection is over."""
        if not connection.recv(1, socket.MSG_PEEK):
            return False
        fault = self._next_fault()
        if fault is Fault.RESET_AT_ONCE:
            return _reset(connection)
        call = _read(stream, whole=fault is not Fault.RESET_MIDWAY)
        if fault is Fault.RESET_MIDWAY:
            return _reset(connection)
        with self._lock:
            self.calls.append(self.dialect.key(call))
            number = len(self.calls)
            self.on_call(number, False)
            answer = self.dialect.take(call, self.truth) if fault in TAKEN else Answer(200, b"<html>Welcome!")
            self.on_call(number, True)
        self.before_answer(number)
        return self._answer(connection, fault, answer)

    def _answer(self, connection: socket.socket, fault: Fault, answer: Answer) -> bool:
        if self._unplugged or fault in {Fault.RESET_BEFORE, Fault.RESET_AFTER}:
            return _reset(connection)
        if fault is Fault.THROTTLED:
            answer = Answer(429, b'{"message": "not now"}', {"Retry-After": str(self.patience)})
        elif fault in STATUS:
            status, headers = STATUS[fault]
            answer = Answer(status, b'{"message": "not now"}', headers)
        elif fault is Fault.GARBAGE_AFTER:
            answer = Answer(200, b"<html>Welcome!")
        if fault is Fault.TRICKLE:
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
            while not self._over.wait(0.02):
                connection.sendall(b" ")
            return False
        content = _written(answer)
        connection.sendall(content[: len(content) - 7] if fault is Fault.CUT_OFF else content)
        return fault is not Fault.CUT_OFF


def _read(stream: BinaryIO, *, whole: bool) -> ApiCall:
    method, path, *_ = stream.readline().decode().split(" ")
    headers = {}
    while line := stream.readline().decode().strip():
        name, _, value = line.partition(":")
        headers[name.strip().lower()] = value.strip()
    length = int(headers.get("content-length", "0"))
    wanted = length if whole else length // 2
    body = stream.read(wanted)
    if len(body) < wanted:
        raise ConnectionResetError("the client is gone")
    return ApiCall(method, path, headers, body)


def _written(answer: Answer) -> bytes:
    headers = {"Content-Length": str(len(answer.body))} | answer.headers
    lines = [f"HTTP/1.1 {answer.status} Status", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode() + answer.body


def _reset(connection: socket.socket) -> bool:
    """A connection that is gone without a good-bye (RST)."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    return False


@contextmanager
def a_faulty_api(dialect: Dialect | None = None, faults: Sequence[Fault] = ()) -> Iterator[FaultyApi]:
    """The server in a thread."""
    api = FaultyApi(dialect, faults)
    thread = threading.Thread(target=api.serve, daemon=True)
    thread.start()
    try:
        yield api
    finally:
        api.stop()
        thread.join(10)


def mixed(number: int, seed: int | str, without: Collection[Fault] = ()) -> list[Fault]:
    """So many calls, of which a third goes wrong in some way: not by an answer that does not end, and `without` some others."""
    chance = random.Random(seed)
    wrong = [one for one in Fault if one not in {Fault.NONE, Fault.TRICKLE, *without}]
    return [chance.choice(wrong) if chance.random() < 1 / 3 else Fault.NONE for _ in range(number)]
