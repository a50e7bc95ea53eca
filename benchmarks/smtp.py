"""Delivering through a relay: HairFeed's pool of connections beside a bare loop of smtplib over one connection.

`python benchmarks/smtp.py` with the Python that HairFeed is installed for. The relay is another process on this machine, which
reads every mail whole and says yes; with `--latency` each of its answers comes so many seconds later, as over a network. Both send
mails of the same size to as many readers. Every run is a process of its own. It fails when a mail was lost or doubled, never on a
time.
"""

import argparse
import asyncio
import json
import os
import smtplib
import sys
import tempfile
from collections import deque
from functools import partial
from multiprocessing import Process, Queue
from pathlib import Path
from typing import Any

from deliver_ledger import NOW, copy_of, make_ledger, settings_for
from timing import Cost, Spread, alternate, print_costs, run, timed

GOAL = 3
"""Mails a second, of those of the bare loop."""
_LOOP = "smtplib, 1 connection"
_HTML_BYTES, _MAIL_BYTES = 40_000, 55_000
"""Of a page, and of the mail that comes of it."""
_HELLO = b"250-sink\r\n250-SIZE 50000000\r\n250-8BITMIME\r\n250 PIPELINING\r\n"


class Sink(asyncio.Protocol):
    """A relay that takes everything, as quickly as Python does; one with `latency` answers so many seconds later."""

    def __init__(self, latency: float, readers: "deque[bytes]") -> None:
        """`readers` gets everyone who was mailed."""
        self._latency, self._readers = latency, readers
        self._buffer = bytearray()
        self._reader: bytes | None = None
        self._in_mail = False

    def connection_made(self, transport: Any) -> None:
        """Greet."""
        self._transport = transport
        self._answer(b"220 sink\r\n")

    def data_received(self, data: bytes) -> None:
        """Answer what has come whole, all that came together in one piece."""
        self._buffer += data
        answers = b""
        while (answer := self._next()) is not None:
            answers += answer
        if answers:
            self._answer(answers)

    def _next(self) -> bytes | None:
        if self._in_mail:
            # No mail of the benchmark is empty, so its end has a line before it.
            if (end := self._buffer.find(b"\r\n.\r\n")) < 0:
                return None
            del self._buffer[: end + 5]
            self._in_mail = False
            self._readers.append(self._reader or b"")
            return b"250 2.0.0 taken\r\n"
        if (end := self._buffer.find(b"\r\n")) < 0:
            return None
        line = bytes(self._buffer[:end])
        del self._buffer[: end + 2]
        verb = line[:4].upper()
        if verb == b"RCPT":
            self._reader = line[8:]
        self._in_mail = verb == b"DATA"
        return {b"EHLO": _HELLO, b"DATA": b"354 go on\r\n", b"QUIT": b"221 bye\r\n"}.get(verb, b"250 2.0.0 ok\r\n")

    def _answer(self, answer: bytes) -> None:
        if self._latency:
            asyncio.get_running_loop().call_later(self._latency, self._transport.write, answer)
        else:
            self._transport.write(answer)


def serve(ports: "Queue[int]", latency: float, counts: "Queue[tuple[int, int]]", asked: "Queue[None]") -> None:
    """The relay, until its parent is gone; whenever it is `asked`, it counts its mails and readers since the last time."""
    parent = os.getppid()
    readers: deque[bytes] = deque()

    async def listen() -> None:
        server = await asyncio.get_running_loop().create_server(lambda: Sink(latency, readers), "127.0.0.1", 0)
        ports.put(server.sockets[0].getsockname()[1])
        while os.getppid() == parent:
            await asyncio.sleep(0.2)
            if not asked.empty():
                asked.get()
                counts.put((len(readers), len(set(readers))))
                readers.clear()

    asyncio.run(listen())


class Relay:
    """The relay in a process of its own."""

    def __init__(self, latency: float = 0) -> None:
        """`latency` is in seconds."""
        self._counts: Queue[tuple[int, int]] = Queue()
        self._asked: Queue[None] = Queue()
        ports: Queue[int] = Queue()
        self._process = Process(target=serve, args=(ports, latency, self._counts, self._asked), daemon=True)
        self._process.start()
        self.port = ports.get()

    def __enter__(self) -> "Relay":
        """It listens."""
        return self

    def __exit__(self, *_: object) -> None:
        """It is over."""
        self._process.terminate()
        self._process.join()

    def assert_everyone_once(self, readers: int) -> None:
        """Fail unless each reader was mailed, and once, since this was last asked."""
        self._asked.put(None)
        counted = self._counts.get()
        assert counted == (readers, readers), counted


# One run, in a process of its own


def send(folder: Path, port: int, batch_size: int, connections: int) -> None:
    """HairFeed's deliver stage, from the freeze to the receipt."""
    from hairfeed.deliver.stage import deliver
    from hairfeed.models.reports import Nobody
    from hairfeed.settings.mail import Mail
    from hairfeed.store.database import open_ledger

    smtp = {"host": "127.0.0.1", "port": port, "security": "none", "batch_size": batch_size, "concurrency": connections}
    base = settings_for(folder)
    mail = {"from": base.mail.from_, "reply_to": base.mail.reply_to, "provider": "smtp", "smtp": smtp}
    settings = base.model_copy(update={"mail": Mail.model_validate(mail)})
    ledger = open_ledger(settings.store.url, 10)
    report, cost = timed(lambda: deliver(ledger, settings, NOW, 1, Nobody()))
    ledger.close()
    print(json.dumps({"receipt": str(report.receipts[0]), "cost": [cost.wall, cost.cpu, cost.peak]}))


def bare(size: int, port: int, readers: int) -> None:
    """What a script does: one connection, and `sendmail` for each reader."""
    line = b"Hair grows by a third of a millimetre a day, and nobody knows why it stops.\r\n"
    mail = b"Subject: How hair grows\r\n\r\n" + line * (size // len(line))

    def work() -> None:
        with smtplib.SMTP("127.0.0.1", port) as relay:
            for one in range(readers):
                relay.sendmail("weekly@hair.example.org", f"reader{one}@example.net", mail)

    _, cost = timed(work)
    print(json.dumps({"receipt": f"{readers} mails", "cost": [cost.wall, cost.cpu, cost.peak]}))


def one(*arguments: object) -> tuple[Cost, str]:
    """A run of this file as a process of its own."""
    _, output = run([sys.executable, __file__, *map(str, arguments)])
    told = json.loads(output)
    return Cost(*told["cost"]), told["receipt"]


def compare(template: Path, readers: int, rounds: int, latency: float, shapes: list[tuple[int, int]]) -> None:
    """HairFeed in each shape (mails a batch, connections) beside the bare loop."""
    expected = f"owed {readers}  accepted {readers}  refused 0  unknown 0"
    with Relay(latency) as relay:

        def by_hairfeed(batch_size: int, connections: int) -> Cost:
            cost, receipt = one("send", copy_of(template), relay.port, batch_size, connections)
            assert receipt == expected, receipt
            relay.assert_everyone_once(readers)
            return cost

        def by_loop() -> Cost:
            cost, _ = one("bare", _MAIL_BYTES, relay.port, readers)
            relay.assert_everyone_once(readers)
            return cost

        contestants = {
            f"HairFeed, {connections} connections, {batch_size} a batch": partial(by_hairfeed, batch_size, connections)
            for batch_size, connections in shapes
        }
        costs = alternate(rounds, {**contestants, _LOOP: by_loop})
    print(f"\n## {readers:,} mails, answers after {latency * 1000:g} ms\n")
    print_costs(costs)
    for name, mine in costs.items():
        rate = Spread.of(readers / cost.wall for cost in mine)
        ratio = Spread.of(two.wall / first.wall for first, two in zip(mine, costs[_LOOP], strict=True))
        print(
            f"{name}: {rate.median:,.0f} mails a second ({rate.least:,.0f} to {rate.most:,.0f}), "
            f"{ratio.median:.2f} of the loop ({ratio.least:.2f} to {ratio.most:.2f}; goal {GOAL})"
        )


def main() -> None:
    """All of it, or one run."""
    if sys.argv[1:2] == ["send"]:
        return send(Path(sys.argv[2]), *map(int, sys.argv[3:]))
    if sys.argv[1:2] == ["bare"]:
        return bare(*map(int, sys.argv[2:]))
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--readers", type=int, default=2000)
    options.add_argument("--latency", type=float, nargs="*", default=[0.0, 0.005])
    options.add_argument("--shapes", nargs="*", default=["10x4"], help="mails a batch x connections")
    chosen = options.parse_args()
    shapes = [tuple(map(int, shape.split("x"))) for shape in chosen.shapes]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        template = folder / "template"
        make_ledger(template, chosen.readers, _HTML_BYTES)
        for latency in chosen.latency:
            compare(template, chosen.readers, chosen.rounds, latency, shapes)  # type: ignore[arg-type]
    return None


if __name__ == "__main__":
    main()
