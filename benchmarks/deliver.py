"""Delivering: 100,000 mails through a mail API beside a bare loop of the same calls; making mails; freezing a million recipients.

`python benchmarks/deliver.py` with the Python that HairFeed is installed for. The API is another process on this machine that reads
each call whole and says yes. Every run is a process of its own. It fails when the work was not done, never on a time.
"""

import argparse
import asyncio
import json
import os
import sqlite3
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from multiprocessing import Process, Queue
from pathlib import Path
from typing import Any

from timing import Cost, Spread, alternate, print_costs, print_ratios, run, timed

NOW = datetime(2024, 8, 16, 9, tzinfo=UTC)
BATCH = 1000
HTML_BYTES = 40_000
BIG_BYTES = 60_000

GOAL_RATIO = 0.6
"""Recipients a second, of those of the bare loop."""
GOAL_RATE = 20_000
"""Recipients a second, on two quiet cores; and mails of 60 KB made a second."""
GOAL_CPU = 30_000
"""Recipients a second of CPU."""
GOAL_FREEZE = 1.5
"""Of the raw statement's time."""
GOAL_PEAK = 150e6


def page(size: int) -> str:
    """An HTML mail of about so many bytes, with a name and two links to fill in."""
    from hairfeed.text.merge import Placeholder, address_token, name_token

    row = '<tr><td style="padding: 8px 0">Hair grows, says {}, by a third of a millimetre a day.</td></tr>'
    rows = "".join(row.format(number) for number in range(size // 100))
    return (
        f"<!DOCTYPE html>\n<html><body><p>Dear {name_token('reader')},</p><table>{rows}</table>"
        f'<a href="{address_token(Placeholder.UNSUBSCRIBE)}">Leave</a> '
        f'<a href="{address_token(Placeholder.PREFERENCES)}">Choose</a>'
        "</body></html>\n"
    )


def a_ledger(folder: Path, readers: int) -> str:
    """A ledger with so many confirmed readers and an approved issue; its address."""
    from sqlalchemy import insert

    from hairfeed.models.issues import IssueState
    from hairfeed.models.subscribers import SubscriptionState
    from hairfeed.store import issues as issue_rows
    from hairfeed.store.database import open_ledger
    from hairfeed.store.schema.issues import issues, variants
    from hairfeed.store.schema.subscribers import subscribers, subscriptions

    url = f"sqlite:///{folder / 'hairfeed.db'}"
    ledger = open_ledger(url, 10)
    with ledger.write() as connection:
        issue_rows.start_newsletter(connection, "weekly", NOW)
        people = [
            {"id": one + 1, "email": f"reader{one}@example.net", "name": f"Ann {one}", "created_at": NOW} for one in range(readers)
        ]
        connection.execute(insert(subscribers), people)
        joined = {"newsletter": "weekly", "state": SubscriptionState.CONFIRMED, "changed_at": NOW}
        connection.execute(insert(subscriptions), [{"subscriber_id": one["id"], **joined} for one in people])
        values = {"newsletter": "weekly", "number": 1, "state": IssueState.APPROVED, "due_at": NOW, "composed_at": NOW}
        connection.execute(insert(issues).values(id=1, **values))
        rendering = {"subject": "How hair grows", "html": page(HTML_BYTES), "text": "Hair grows.\n" * 600}
        connection.execute(insert(variants).values(issue_id=1, topics="", language="", articles=1, **rendering))
    ledger.close()
    return url


def the_settings(folder: Path, port: int) -> Any:
    """Settings whose provider is at `port`."""
    from hairfeed.settings import Settings

    return Settings.model_validate(
        {
            "site": {
                "title": "Hair",
                "url": "https://hair.example.org",
                "timezone": "UTC",
                "author": "Ed",
                "postal_address": "1 Street",
            },
            "store": {"url": f"sqlite:///{folder / 'hairfeed.db'}"},
            "sources": {"articles": {"type": "folder", "path": "articles"}},
            "feeds": {"directory": "public", "url": "https://hair.example.org/feeds"},
            "newsletters": {"weekly": {"title": "Weekly", "schedule": "Fri 08:00"}},
            "web": {"url": "https://hair.example.org/mail"},
            "mail": {
                "from": "Weekly <weekly@hair.example.org>",
                "reply_to": "editor@hair.example.org",
                "provider": "resend",
                "resend": {"key": "secret", "url": f"http://127.0.0.1:{port}"},
            },
        },
        context={"folder": folder},
    )


def an_api(url: str) -> Any:
    """An API of Mailgun's kind: one form with the body, and the recipients' variables as JSON."""
    from hairfeed.deliver.providers.contract import Capabilities, Merge, Request, Settling
    from hairfeed.deliver.providers.inline import MergeSyntax, inline
    from hairfeed.deliver.providers.outcomes import StillUnknown, Taken

    syntax = MergeSyntax(variable=lambda name: f"%recipient.{name}%", openings=("%recipient.",))

    class FormApi:
        name = "form"
        capabilities = Capabilities(batch_size=BATCH, merge=Merge.INLINE, settling=Settling.LOOK_UP, concurrency=4)

        def __init__(self) -> None:
            self.url = url
            self.bodies: list[bytes] = []

        def build(self, mailing: Any) -> Request:
            content = inline(mailing.content, syntax)
            values = {one.email: content.values(one) | {"id": one.subscriber_id} for one in mailing.recipients}
            fields = [
                ("from", mailing.content.sender),
                ("subject", content.subject),
                ("text", content.text),
                ("html", content.html),
            ]
            fields += [(f"h:{name}", value) for name, value in content.headers]
            fields += [("recipient-variables", json.dumps(values)), ("v:hf_batch", mailing.key), ("o:tracking", "no")]
            fields += [("to", email) for email in values]
            head = "--end\r\nContent-Disposition: form-data; name="
            body = "".join(f'{head}"{name}"\r\n\r\n{value}\r\n' for name, value in fields) + "--end--\r\n"
            return Request("POST", f"{url}/messages", body.encode(), {"Content-Type": "multipart/form-data; boundary=end"})

        def authorize(self, _request: Request, _now: datetime) -> Mapping[str, str]:
            return {"Authorization": "Basic c2VjcmV0"}

        def read(self, _mailing: Any, response: Any) -> Taken:
            return Taken(provider_id=response.json()["id"])

        def resolve(self, _mailing: Any, _called_at: datetime, _call: Any) -> StillUnknown:
            return StillUnknown("is not asked here")

        def check(self, _call: Any) -> Sequence[str]:
            return []

    return FormApi()


# The runs, each a process of its own


def send(folder: Path, port: int, delay: float) -> None:
    """Bring the issue to the API; print what it cost."""
    from hairfeed.deliver.clock import Clock
    from hairfeed.deliver.crew import Crew, Post
    from hairfeed.deliver.fleet import Fleet
    from hairfeed.deliver.issue import IssueMails
    from hairfeed.deliver.providers.api import ApiProvider
    from hairfeed.models.reports import Nobody
    from hairfeed.store import deliveries, receipts
    from hairfeed.store.database import open_ledger

    settings = the_settings(folder, port)
    provider = ApiProvider(an_api(f"http://127.0.0.1:{port}"), 60)

    class OneProvider(Fleet):
        first = property(lambda _self: provider)

        def taking(self) -> Any:
            return provider

        def both(self) -> list[Any]:
            return [provider]

        def limits(self, _provider: Any) -> Any:
            from hairfeed.deliver.pace import Limits

            return Limits(concurrency=int(delay * 100) or 4)

    ledger = open_ledger(settings.store.url, 10)

    def work() -> object:
        with ledger.write() as connection:
            deliveries.freeze(connection, 1, BATCH)
            (issue,) = deliveries.sending_issues(connection)
        post = Post(ledger, settings.mail, OneProvider(settings.mail), Clock(datetime.now(UTC)), "bench", Nobody())
        Crew(post, [IssueMails(ledger, settings, issue)]).work()
        with ledger.write() as connection:
            deliveries.finish(connection, issue.id)
            return receipts.receipt(connection, issue)

    receipt, cost = timed(work)
    print(json.dumps({"receipt": str(receipt), "cost": [cost.wall, cost.cpu, cost.peak]}))


def bare(bodies: Path, port: int) -> None:
    """Post the same bytes in a bare loop; print what it cost."""
    import requests

    contents = [file.read_bytes() for file in sorted(bodies.iterdir())]
    session = requests.Session()
    headers = {"Content-Type": "multipart/form-data; boundary=end", "Authorization": "Basic c2VjcmV0"}

    def work() -> int:
        answers = [session.post(f"http://127.0.0.1:{port}/messages", data=body, headers=headers, timeout=60) for body in contents]
        return sum(answer.status_code == 200 for answer in answers)

    taken, cost = timed(work)
    print(json.dumps({"receipt": f"{taken} calls taken", "cost": [cost.wall, cost.cpu, cost.peak]}))


def make() -> None:
    """Make 60 KB mails for relays, one by one; print mails a second."""
    from hairfeed.deliver.form import nothing_left_over
    from hairfeed.deliver.mailing import Recipient
    from hairfeed.deliver.message import Composer
    from hairfeed.deliver.mime import message_form
    from hairfeed.store.deliveries import SendingIssue, Variant
    from hairfeed.text.merge import Placeholder

    with tempfile.TemporaryDirectory() as folder:
        composer = Composer(the_settings(Path(folder), 1), SendingIssue(1, "weekly", 1, NOW), b"secret")
    content = composer.content(Variant("How hair grows", page(BIG_BYTES), "Hair grows.\n"))
    people = [
        Recipient(
            number,
            f"reader{number}@example.net",
            f"<{number}@example.net>",
            {
                Placeholder.NAME: f"Ann {number}",
                Placeholder.UNSUBSCRIBE: f"https://hair.example.org/mail/u/AbCdEf{number:020d}",
                Placeholder.PREFERENCES: f"https://hair.example.org/mail/p/AbCdEf{number:020d}",
            },
        )
        for number in range(20_000)
    ]

    def work() -> int:
        form = message_form(content)
        nothing_left_over(form.fill(people[0]))
        return sum(len(form.fill(one)) for one in people)

    size, cost = timed(work)
    print(json.dumps({"receipt": f"{size // len(people)} bytes a mail", "cost": [cost.wall, cost.cpu, cost.peak]}))


def freeze(folder: Path, how: str) -> None:
    """Freeze the issue, by HairFeed or by its bare statements; print what it cost."""
    from hairfeed.store import deliveries
    from hairfeed.store.database import open_ledger

    def by_hairfeed() -> object:
        ledger = open_ledger(f"sqlite:///{folder / 'hairfeed.db'}", 10)
        with ledger.write() as connection:
            return deliveries.freeze(connection, 1, BATCH)

    def by_statement() -> object:
        connection = sqlite3.connect(folder / "hairfeed.db", isolation_level=None)
        connection.execute("BEGIN IMMEDIATE")
        connection.execute(
            "INSERT INTO recipients (issue_id, subscriber_id, variant_id, batch) "
            "SELECT 1, s.subscriber_id, 1, (row_number() OVER (ORDER BY s.subscriber_id) - 1) / ? FROM subscriptions s "
            "JOIN subscribers p ON p.id = s.subscriber_id WHERE s.newsletter = 'weekly' AND s.state = 'confirmed' "
            "AND NOT EXISTS (SELECT 1 FROM suppressions x WHERE x.email = p.email)",
            (BATCH,),
        )
        connection.execute(
            "INSERT INTO batches (issue_id, number, first_id, last_id, size, variant_id, state, key, attempt) "
            "SELECT issue_id, batch, min(subscriber_id), max(subscriber_id), count(*), 1, 'pending', 'k' || batch, 0 "
            "FROM recipients WHERE issue_id = 1 GROUP BY issue_id, batch"
        )
        connection.execute("COMMIT")
        connection.close()
        return None

    _, cost = timed(by_hairfeed if how == "hairfeed" else by_statement)
    with sqlite3.connect(folder / "hairfeed.db") as connection:
        (count,) = connection.execute("SELECT count(*) FROM recipients").fetchone()
        (batches,) = connection.execute("SELECT count(*) FROM batches").fetchone()
    print(json.dumps({"receipt": f"{count} recipients in {batches} batches", "cost": [cost.wall, cost.cpu, cost.peak]}))


class _Answers(asyncio.Protocol):
    """Reads calls whole, and says yes to each."""

    def __init__(self, delay: float, keep: Path | None) -> None:
        self._delay, self._keep = delay, keep
        self._buffer = bytearray()

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            head = bytes(self._buffer[:end]).lower()
            length = int(head.partition(b"content-length: ")[2].partition(b"\r\n")[0])
            if len(self._buffer) < end + 4 + length:
                return
            if self._keep:
                (self._keep / f"{time.monotonic_ns()}").write_bytes(self._buffer[end + 4 : end + 4 + length])
            del self._buffer[: end + 4 + length]
            asyncio.get_running_loop().call_later(
                self._delay, self._transport.write, b'HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n{"id": "1"}'
            )


def serve(ports: "Queue[int]", delay: float, keep: Path | None) -> None:
    """The API."""
    parent = os.getppid()

    async def listen() -> None:
        server = await asyncio.get_running_loop().create_server(lambda: _Answers(delay, keep), "127.0.0.1", 0)
        ports.put(server.sockets[0].getsockname()[1])
        # Until whoever began it has ended, however that came about.
        while os.getppid() == parent:  # noqa: ASYNC110 - there is no event for it
            await asyncio.sleep(1)

    asyncio.run(listen())


# What is compared


class Server:
    """The API in a process of its own."""

    def __init__(self, delay: float = 0, keep: Path | None = None) -> None:
        """`delay` is in seconds before every answer; `keep` is where the bodies go."""
        ports: Queue[int] = Queue()
        self._process = Process(target=serve, args=(ports, delay, keep), daemon=True)
        self._process.start()
        self.port = ports.get()

    def __enter__(self) -> "Server":
        """It listens."""
        return self

    def __exit__(self, *_: object) -> None:
        """It is over."""
        self._process.terminate()
        self._process.join()


def one(*arguments: object) -> tuple[Cost, str]:
    """A run of this file as a process of its own."""
    _, output = run([sys.executable, __file__, *map(str, arguments)])
    told = json.loads(output)
    return Cost(*told["cost"]), told["receipt"]


def ledger_for(folder: Path, template: Path) -> Path:
    """A ledger of its own for a run."""
    place = Path(tempfile.mkdtemp(dir=folder))
    (place / "hairfeed.db").write_bytes((template / "hairfeed.db").read_bytes())
    return place


def sending(folder: Path, readers: int, rounds: int) -> None:
    """HairFeed beside the bare loop."""
    template = folder / "template"
    template.mkdir()
    a_ledger(template, readers)
    bodies = folder / "bodies"
    bodies.mkdir()
    expected = f"owed {readers}  accepted {readers}  refused 0  unknown 0"
    with Server(keep=bodies) as server:
        _, receipt = one("send", ledger_for(folder, template), server.port, 0)
        assert receipt == expected, receipt

    with Server() as server:

        def by_hairfeed() -> Cost:
            cost, receipt = one("send", ledger_for(folder, template), server.port, 0)
            assert receipt == expected, receipt
            return cost

        costs = alternate(rounds, {"HairFeed": by_hairfeed, "bare requests": lambda: one("bare", bodies, server.port)[0]})
    print(f"\n## {readers:,} recipients, {HTML_BYTES // 1000} KB of HTML, batches of {BATCH:,}\n")
    print_costs(costs)
    print_ratios("HairFeed to bare requests", costs["HairFeed"], costs["bare requests"])
    rate = Spread.of(readers / cost.wall for cost in costs["HairFeed"])
    per_cpu = Spread.of(readers / cost.cpu for cost in costs["HairFeed"])
    ratio = Spread.of(two.wall / first.wall for first, two in zip(costs["HairFeed"], costs["bare requests"], strict=True))
    print(f"recipients a second: {rate.median:,.0f} ({rate.least:,.0f} to {rate.most:,.0f}); goal {GOAL_RATE:,} on quiet cores")
    print(f"recipients a second of CPU: {per_cpu.median:,.0f} ({per_cpu.least:,.0f} to {per_cpu.most:,.0f}); goal {GOAL_CPU:,}")
    print(f"of the bare loop's rate: {ratio.median:.0%} ({ratio.least:.0%} to {ratio.most:.0%}); goal {GOAL_RATIO:.0%}")
    with Server(delay=0.2) as server:
        for calls in (1, 4, 8):
            cost, receipt = one("send", ledger_for(folder, template), server.port, calls / 100)
            assert receipt == expected, receipt
            print(f"answers after 200 ms, {calls} calls at once: {readers / cost.wall:,.0f} recipients a second")


def freezing(folder: Path, readers: int, rounds: int) -> None:
    """HairFeed beside its bare statements."""
    template = folder / "million"
    template.mkdir()
    a_ledger(template, readers)
    costs = alternate(
        rounds,
        {how: lambda how=how: one("freeze", ledger_for(folder, template), how)[0] for how in ("hairfeed", "statements")},  # type: ignore[misc]
    )
    print(f"\n## Freezing {readers:,} recipients\n")
    print_costs(costs)
    print_ratios(f"HairFeed to the bare statements (goal {GOAL_FREEZE})", costs["hairfeed"], costs["statements"])
    with Server() as server:
        cost, receipt = one("send", ledger_for(folder, template), server.port, 0)
    print(f"\nsending them: {receipt}, {cost.wall:.0f} s, peak {cost.peak / 1e6:.0f} MB (goal {GOAL_PEAK / 1e6:.0f})")


def main() -> None:
    """All of it, or one run."""
    if sys.argv[1:2] == ["send"]:
        return send(Path(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4]))
    if sys.argv[1:2] == ["bare"]:
        return bare(Path(sys.argv[2]), int(sys.argv[3]))
    if sys.argv[1:2] == ["make"]:
        return make()
    if sys.argv[1:2] == ["freeze"]:
        return freeze(Path(sys.argv[2]), sys.argv[3])
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--readers", type=int, default=100_000)
    options.add_argument("--frozen", type=int, default=1_000_000, help="recipients to freeze; 0 leaves that out")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        made = [one("make") for _ in range(chosen.rounds)]
        rate = Spread.of(20_000 / cost.cpu for cost, _ in made)
        print(
            f"mails of {made[0][1]} made: {rate.median:,.0f} a second of CPU "
            f"({rate.least:,.0f} to {rate.most:,.0f}); goal {GOAL_RATE:,}"
        )
        sending(Path(folder), chosen.readers, chosen.rounds)
        if chosen.frozen:
            freezing(Path(folder), chosen.frozen, chosen.rounds)
    return None


if __name__ == "__main__":
    main()
