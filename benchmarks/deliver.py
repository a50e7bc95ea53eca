"""Delivering: 100,000 mails beside a bare loop of the same calls; making mails; a million sent.

`python benchmarks/deliver.py` with the Python that HairFeed is installed for. The API is another process on this machine that reads
each call whole and says yes (`mail_api.py`); everything from the freeze to the receipt is HairFeed's own stage. Every run is a
process of its own (`deliver_runs.py`). It fails when the work was not done, never on a time.
"""

import argparse
import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path

from deliver_ledger import BATCH, copy_of, make_ledger
from deliver_runs import MADE, process
from mail_api import MailApi
from timing import Cost, Spread, alternate, print_costs, print_ratios

HTML_BYTES = 40_000
SMALL_BYTES = 2_000
"""Of the mail to a million, to keep that short."""
CALLS_AT_ONCE = (1, 4, 16)
CALLS, SMALL_BATCH, DELAY = 160, 30, 0.2
"""The delay is in seconds."""

GOAL_RATIO = 0.6
"""Recipients a second, of those of the bare loop."""
GOAL_RATE = 20_000
"""Recipients a second, on two quiet cores; and mails of 64 kB made in a second of CPU."""
GOAL_CPU = 30_000
"""Recipients a second of CPU, of the whole system."""
GOAL_PEAK = 150e6


def sent(template: Path, readers: int, api: MailApi, concurrency: int = 4, batch: int = BATCH) -> tuple[Cost, float]:
    """Send a copy of the ledger's issue; what it cost the sender, and the CPU of the sender and the API together."""
    folder, before = copy_of(template), api.spent()
    cost, receipt = process("send", folder, api.url, concurrency, batch)
    after = api.spent()
    expected = f"owed {readers}  accepted {readers}  refused 0  unknown 0"
    assert receipt.endswith(expected), receipt
    assert after.calls - before.calls == -(-readers // batch), f"{after.calls - before.calls} calls"
    shutil.rmtree(folder)
    return cost, cost.cpu + after.cpu - before.cpu


def bodies_of(template: Path, readers: int, folder: Path) -> Path:
    """The bodies of HairFeed's calls, each recipient in exactly one of them."""
    folder.mkdir()
    with MailApi(keep=folder) as api:
        sent(template, readers, api)
    people = [email for file in folder.iterdir() for email in _recipients(file.read_bytes())]
    assert len(people) == len(set(people)) == readers, f"{len(set(people))} recipients in {len(people)} mails"
    return folder


def _recipients(body: bytes) -> Iterable[str]:
    variables = re.search(rb'name="recipient-variables"\r\n\r\n(.*?)\r\n--', body, re.DOTALL)
    to = re.search(rb'name="to"\r\n\r\n(.*?)\r\n--', body, re.DOTALL)
    assert variables
    assert to
    people: dict[str, dict[str, str]] = json.loads(variables[1])
    assert ",".join(people) == to[1].decode()
    assert len({one["unsubscribe"] for one in people.values()}) == len(people), "everyone has a link of their own"
    return people


def sending(folder: Path, readers: int, rounds: int) -> None:
    """HairFeed beside the bare loop."""
    template = folder / "template"
    make_ledger(template, readers, HTML_BYTES)
    bodies = bodies_of(template, readers, folder / "bodies")
    systems = []
    with MailApi() as api:

        def by_hairfeed() -> Cost:
            cost, whole = sent(template, readers, api)
            systems.append(whole)
            return cost

        costs = alternate(rounds, {"HairFeed": by_hairfeed, "bare requests": lambda: process("bare", bodies, api.url)[0]})
    print(f"\n## {readers:,} recipients, {HTML_BYTES // 1000} kB of HTML, batches of {BATCH:,}\n")
    print_costs(costs)
    print_ratios("HairFeed to bare requests", costs["HairFeed"], costs["bare requests"])
    ours, bare = costs["HairFeed"], costs["bare requests"]
    say("recipients a second", (readers / one.wall for one in ours), f"goal {GOAL_RATE:,} on quiet cores")
    say("recipients a second of the sender's CPU", (readers / one.cpu for one in ours))
    say("recipients a second of the sender's and the API's CPU", (readers / one for one in systems), f"goal {GOAL_CPU:,}")
    pairs = list(zip(ours, bare, strict=True))
    say("% of the bare loop's rate", (100 * two.wall / one.wall for one, two in pairs), f"goal {GOAL_RATIO:.0%}")
    say("% of the bare loop's rate, by CPU", (100 * two.cpu / one.cpu for one, two in pairs))


def waiting(folder: Path) -> None:
    """An API that takes its time: small batches, so that calls are what limits."""
    template = folder / "small"
    make_ledger(template, CALLS * SMALL_BATCH, HTML_BYTES)
    print(f"\n## {CALLS} calls to an API that answers after {DELAY * 1000:.0f} ms\n")
    with MailApi(delay=DELAY) as api:
        for at_once in CALLS_AT_ONCE:
            cost, _ = sent(template, CALLS * SMALL_BATCH, api, at_once, SMALL_BATCH)
            print(f"{at_once} at once: {CALLS / cost.wall:.1f} calls a second, of {at_once / DELAY:.0f} possible")


def a_million(folder: Path, readers: int) -> None:
    """Frozen and sent."""
    template = folder / "million"
    make_ledger(template, readers, SMALL_BYTES)
    with MailApi() as api:
        cost, whole = sent(template, readers, api)
    print(f"\n## {readers:,} recipients, {SMALL_BYTES // 1000} kB of HTML\n")
    print(f"frozen and sent in {cost.wall:.0f} s, {readers / whole:,.0f} a second of the sender's and the API's CPU")
    print(f"peak memory: {cost.peak / 1e6:.0f} MB (goal {GOAL_PEAK / 1e6:.0f})")


def say(what: str, values: Iterable[float], goal: str = "") -> None:
    """One line: median, least, most."""
    spread = Spread.of(values)
    print(f"{what}: {spread.median:,.0f} ({spread.least:,.0f} to {spread.most:,.0f}){f'; {goal}' if goal else ''}")


def main() -> None:
    """All of it."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--readers", type=int, default=100_000)
    options.add_argument("--many", type=int, default=1_000_000, help="readers of a small mail; 0 leaves that out")
    chosen = options.parse_args()
    print(f"load {os.getloadavg()[0]:.1f}")
    made = [process("make") for _ in range(chosen.rounds)]
    say(f"mails of {made[0][1]} made in a second of CPU", (MADE / cost.cpu for cost, _ in made), f"goal {GOAL_RATE:,}")
    with tempfile.TemporaryDirectory() as folder:
        sending(Path(folder), chosen.readers, chosen.rounds)
        waiting(Path(folder))
        if chosen.many:
            a_million(Path(folder), chosen.many)
    print(f"load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
