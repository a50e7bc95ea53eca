"""The pages for readers under load: one-click POSTs and confirmations by wrk, and providers' events taken in and worked off.

`python benchmarks/web.py` with the Python that HairFeed is installed for, on SQLite, and on PostgreSQL where `initdb` is installed.
Each reader leaves or confirms once. It fails when the ledger does not hold what was answered, never on a time.
"""

import argparse
import base64
import http.client
import json
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from timing import Spread

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.store.postgresql_server import make_database, programs, running  # noqa: E402 - started as the tests start it

NOW = datetime.now(UTC)
LOGIN = "hook:secret"
GOAL_EVENTS = 5000
"""Events a second, in batches, on SQLite."""
A_CALL = 500
"""Events in one call."""
CONNECTIONS = 16
CONFIG = """
[site]
title = "Hair"
url = "https://hair.example.org"
timezone = "UTC"
author = "Ed"
postal_address = "1 Street"

[store]
url = "{url}"

[sources.articles]
type = "folder"
path = "articles"

[feeds]
directory = "public"
url = "https://hair.example.org/feeds"

[newsletters.weekly]
title = "Weekly"
schedule = "Fri 08:00"

[web]
url = "https://hair.example.org/mail"

[mail]
provider = "outbox"
from = "Weekly <weekly@hair.example.org>"
reply_to = "editor@hair.example.org"

[mail.outbox]
directory = "outbox"

[mail.mailjet]
key = "k"
secret = "s"
webhook_secret = "{login}"
"""
LUA = """
local paths = {{}}
for line in io.lines("{file}") do paths[#paths + 1] = line end
local number = 0
wrk.method = "POST"
wrk.body = "{body}"
wrk.headers["Content-Type"] = "application/x-www-form-urlencoded"
function request()
  number = number + 1
  return wrk.format(nil, paths[(number - 1) % #paths + 1])
end
"""


@dataclass(frozen=True)
class Speed:
    """Answers a second, and how long one took: the 99th percentile, in milliseconds."""

    rate: float
    p99: float


class Publication:
    """A publication with so many readers, half of whom have confirmed."""

    def __init__(self, folder: Path, url: str, readers: int) -> None:
        """Write config and ledger."""
        from hairfeed.settings import load_settings

        self.folder = folder
        self.config = folder / "hairfeed.toml"
        self.config.write_text(CONFIG.format(url=url, login=LOGIN), encoding="utf-8")
        self.settings = load_settings(self.config, {})
        self.readers = readers
        self._fill()

    def _fill(self) -> None:
        from sqlalchemy import insert

        from hairfeed.models.subscribers import SubscriptionState
        from hairfeed.store.schema.subscribers import consents, subscribers, subscriptions

        numbers = range(1, self.readers + 1)
        states = {number: SubscriptionState.CONFIRMED if number % 2 else SubscriptionState.PENDING for number in numbers}
        with closing(self.ledger()) as ledger, ledger.write() as connection:
            people = [{"id": number, "email": f"reader{number}@example.net", "created_at": NOW} for number in numbers]
            connection.execute(insert(subscribers), people)
            joined = {"newsletter": "weekly", "changed_at": NOW}
            connection.execute(
                insert(subscriptions), [joined | {"subscriber_id": one, "state": state} for one, state in states.items()]
            )
            asked = {"newsletter": "weekly", "asked_at": NOW, "expires_at": _links_end()}
            asked |= {"source": "a form", "form": "1", "wording": "I ask for it."}
            pending = [one for one, state in states.items() if state is SubscriptionState.PENDING]
            connection.execute(insert(consents), [asked | {"subscriber_id": one} for one in pending])

    def ledger(self) -> Any:
        """The ledger; the caller closes it."""
        from hairfeed.store.database import open_ledger

        return open_ledger(self.settings.store.url, 10)

    def paths(self, kind: str, share: int, shares: int) -> list[str]:
        """Those of links to leave or to confirm, of every so-manieth reader."""
        from hairfeed.store.secrets import secret
        from hairfeed.text.reader_links import ReaderLinks

        with closing(self.ledger()) as ledger, ledger.write() as connection:
            links = ReaderLinks("/mail", secret(connection, "links"))
        numbers = range(1 if kind == "leave" else 2, self.readers + 1, 2)[share::shares]
        if kind == "leave":
            return [links.unsubscribe(number, "weekly") for number in numbers]
        return [links.confirm(number, "weekly", _links_end()) for number in numbers]

    def count(self, condition: Callable[[Any], Any]) -> int:
        """How many subscriptions there are with this condition on the table."""
        from sqlalchemy import func, select

        from hairfeed.store.schema.subscribers import subscriptions

        with closing(self.ledger()) as ledger, ledger.read() as connection:
            return int(connection.execute(select(func.count()).where(condition(subscriptions.c))).scalar_one())

    def events(self) -> int:
        """How many events are known."""
        from hairfeed.store.schema.subscribers import events

        return self._rows(events)

    def sign_ups(self) -> int:
        """How many sign-ups wait for a pass."""
        from hairfeed.store.schema.subscribers import sign_ups

        return self._rows(sign_ups)

    def _rows(self, table: Any) -> int:
        from sqlalchemy import func, select

        with closing(self.ledger()) as ledger, ledger.read() as connection:
            return int(connection.execute(select(func.count()).select_from(table)).scalar_one())

    @contextmanager
    def served(self) -> Iterator[int]:
        """`hairfeed serve`; its port."""
        command = [sys.executable, "-m", "hairfeed", "serve", "--config", str(self.config), "--port", "0"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            try:
                assert process.stdout is not None
                yield int(process.stdout.readline().partition("127.0.0.1:")[2].partition("/")[0])
            finally:
                process.terminate()


def _links_end() -> datetime:
    """Until when links to confirm are good; a request is found by it."""
    from hairfeed.text.tokens import full_hour

    return full_hour(NOW + timedelta(days=2))


def posted(publication: Publication, port: int, paths: list[str], body: str, seconds: int) -> Speed:
    """Have wrk post to each path once, or for as long as it takes.

    Raises:
        RuntimeError: an answer was an error.
    """
    file, script = publication.folder / "paths", publication.folder / "post.lua"
    file.write_text("\n".join(paths), encoding="ascii")
    script.write_text(LUA.format(file=file, body=body), encoding="utf-8")
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}", "--latency", "-s", str(script), f"http://127.0.0.1:{port}"]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    rate, p99 = re.search(r"Requests/sec:\s+([\d.]+)", output), re.search(r"99%\s+([\d.]+)(us|ms|s)", output)
    if rate is None or p99 is None or "Socket errors" in output or "Non-2xx" in output:
        raise RuntimeError(output)
    return Speed(float(rate[1]), float(p99[1]) * {"us": 0.001, "ms": 1, "s": 1000}[p99[2]])


def pages(publication: Publication, port: int, rounds: int, seconds: int) -> dict[str, list[Speed]]:
    """Leaving and confirming, in turn."""
    from hairfeed.models.subscribers import SubscriptionState

    found: dict[str, list[Speed]] = {"one-click": [], "confirm": []}
    for number in range(rounds):
        before = publication.count(lambda columns: columns.state == SubscriptionState.UNSUBSCRIBED)
        leave = publication.paths("leave", number, rounds)
        found["one-click"].append(posted(publication, port, leave, "List-Unsubscribe=One-Click", seconds))
        left = publication.count(lambda columns: columns.state == SubscriptionState.UNSUBSCRIBED) - before
        confirmed = publication.count(lambda columns: columns.state == SubscriptionState.CONFIRMED)
        confirm = publication.paths("confirm", number, rounds)
        found["confirm"].append(posted(publication, port, confirm, "action=confirm&newsletter=weekly", seconds))
        joined = publication.count(lambda columns: columns.state == SubscriptionState.CONFIRMED) - confirmed
        for what, changed, paths in (("one-click", left, leave), ("confirm", joined, confirm)):
            expected = found[what][-1].rate * seconds
            assert changed == len(paths) or changed > expected * 0.9, f"{what}: {expected:.0f} answers, {changed} changes"
    return found


def notices(publication: Publication, port: int, calls: int) -> tuple[float, float]:
    """Events taken in and worked off, each a second."""
    from hairfeed.digest.confirmation import write_confirmation
    from hairfeed.digest.greetings import write_greeting, write_question
    from hairfeed.subscribers.stage import attend

    at = int(time.time())
    bodies = [
        json.dumps(
            [
                {
                    "event": "bounce" if one % 50 == 0 else "sent",
                    "hard_bounce": False,
                    "time": at,
                    "MessageID": call * A_CALL + one,
                    "email": f"reader{one + 1}@example.net",
                    "Payload": json.dumps({"hf_batch": f"hf-1-20240816090000000000-{call}", "hf_subscriber": str(one + 1)}),
                    "error": "mailbox full" if one % 50 == 0 else "",
                }
                for one in range(A_CALL)
            ]
        )
        for call in range(calls)
    ]
    fields = {
        "Content-Type": "application/json",
        "Authorization": f"Basic {base64.b64encode(LOGIN.encode()).decode()}",
    }
    began = time.perf_counter()
    with closing(http.client.HTTPConnection("127.0.0.1", port)) as connection:
        for body in bodies:
            connection.request("POST", "/mail/hooks/mailjet", body, fields)
            answer = connection.getresponse()
            answer.read()
            assert answer.status == 200, answer.status
    taken = calls * A_CALL / (time.perf_counter() - began)
    assert publication.events() == calls * A_CALL
    with closing(publication.ledger()) as ledger:
        began = time.perf_counter()
        report = attend(ledger, publication.settings, datetime.now(UTC), write_confirmation, write_greeting, write_question)
    assert report.events == calls * A_CALL, report
    return taken, calls * A_CALL / (time.perf_counter() - began)


def measure(name: str, url: str, folder: Path, options: argparse.Namespace) -> None:
    """All of it on one database."""
    publication = Publication(folder, url, options.readers)
    with publication.served() as port:
        if shutil.which("wrk") is None:
            print(f"{name}: the pages are not measured: wrk is not installed.")
        else:
            for what, speeds in pages(publication, port, options.rounds, options.seconds).items():
                rate = Spread.of(one.rate for one in speeds)
                p99 = statistics.median(one.p99 for one in speeds)
                worst = max(one.p99 for one in speeds)
                shown = f"{rate.median:,.0f} ({rate.least:,.0f} to {rate.most:,.0f})"
                print(f"| {name} | {what} | {shown} | {p99:.0f} (at most {worst:.0f}) |", flush=True)
        taken, worked_off = notices(publication, port, options.calls)
    print(f"| {name} | events taken, {A_CALL} a call | {taken:,.0f} | |")
    print(f"| {name} | events worked off by a pass | {worked_off:,.0f} | |", flush=True)


def main() -> None:
    """Measure, and print a table in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=4, help="of each load in each round")
    parser.add_argument("--readers", type=int, default=60_000)
    parser.add_argument("--calls", type=int, default=60, help=f"of a provider, {A_CALL} events each")
    options = parser.parse_args()
    print(f"| database | what | a second: median (min to max); goal for events on SQLite {GOAL_EVENTS:,} | 99 % within, ms |")
    print("|---|---|---|---|")
    with tempfile.TemporaryDirectory() as place:
        for name in ("sqlite", "postgresql"):
            (Path(place) / name).mkdir()
        measure("SQLite", f"sqlite:///{place}/sqlite/hairfeed.db", Path(place) / "sqlite", options)
        if (found := programs()) is None:
            print("PostgreSQL is not measured: initdb is not installed.")
            return
        with running(found) as server:
            measure("PostgreSQL", make_database(server), Path(place) / "postgresql", options)


if __name__ == "__main__":
    main()
