"""Telling WebSub hubs that feeds changed (W3C WebSub §7: a POST that the hub answers with 2xx).

What a hub is to be told is written down when the files are (`feeds.stage`), and struck out here once the hub has answered. A hub
that is told twice fetches once more; one that does not answer is asked again by later passes, ever more seldom.
"""

import threading
import time
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum

import hairfeed
from hairfeed.models.reports import Problem, StageReport
from hairfeed.settings import Settings
from hairfeed.store import hub_pings
from hairfeed.store.database import Ledger
from hairfeed.store.hub_pings import Ping
from hairfeed.text.retry_after import retry_after

FIRST_WAIT = timedelta(minutes=5)
"""Before a hub is asked again; doubled each time."""
LONGEST_WAIT = timedelta(hours=1)
GIVE_UP_AFTER = timedelta(days=3)
"""A hub that has not answered for so long hears of the next change only."""

MOST_BYTES = 2_000
"""Of what a hub says, for a warning."""


class Fate(StrEnum):
    """What became of a ping."""

    TOLD = "told"
    REFUSED = "refused"
    LATER = "later"


@dataclass(frozen=True, slots=True)
class Limits:
    """In seconds: for a connection, for an answer, and for all hubs together in one pass."""

    connect: float = 10
    read: float = 20
    total: float = 60


@dataclass(frozen=True, slots=True)
class HubReport(StageReport):
    """How many hubs were told of how many feed files."""

    hubs: int = 0
    files: int = 0


@dataclass(frozen=True, slots=True)
class _Outcome:
    ping: Ping
    fate: Fate
    said: str = ""
    wait: timedelta | None = None
    """How long the hub asks to be left alone."""


def tell_hubs(ledger: Ledger, settings: Settings, now: datetime, limits: Limits | None = None) -> HubReport:
    """Tell every hub what it is owed and due; a hub that fails is a warning, and never holds up the pass for long."""
    with ledger.read() as connection:
        owed = hub_pings.owed(connection)
    if not owed:
        return HubReport()
    strays = [ping for ping in owed if ping.hub not in settings.feeds.hubs]
    due: defaultdict[str, list[Ping]] = defaultdict(list)
    for ping in owed:
        if ping.hub in settings.feeds.hubs and ping.next_try_at <= now:
            due[ping.hub].append(ping)
    agent = f"HairFeed/{hairfeed.__version__} (+{settings.site.url})"
    outcomes = _ask_all(list(due.values()), agent, limits or Limits())
    told = [outcome.ping for outcome in outcomes if outcome.fate is Fate.TOLD]
    refused = [outcome.ping for outcome in outcomes if outcome.fate is Fate.REFUSED]
    later = [_put_off(outcome, now) for outcome in outcomes if outcome.fate is Fate.LATER]
    given_up = [ping for ping in later if now - ping.since_at >= GIVE_UP_AFTER]
    if strays or outcomes:
        with ledger.write() as connection:
            hub_pings.put_off(connection, later)
            hub_pings.settle(connection, [*strays, *told, *refused, *given_up])
    return HubReport(
        warnings=tuple(_warnings(outcomes, {(ping.hub, ping.topic_url) for ping in given_up})),
        hubs=len({ping.hub for ping in told}),
        files=len({ping.topic_url for ping in told}),
    )


def _ask_all(by_hub: Sequence[Sequence[Ping]], agent: str, limits: Limits) -> list[_Outcome]:
    """Ask the hubs side by side; when time is up, what has no outcome yet is for a later pass."""
    deadline = time.monotonic() + limits.total
    found: list[list[_Outcome]] = [[] for _ in by_hub]
    threads = [
        # A daemon: a hub that sends its answer byte by byte must not keep the process.
        threading.Thread(target=_ask, args=(pings, agent, limits, deadline, outcomes), daemon=True)
        for pings, outcomes in zip(by_hub, found, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0, deadline - time.monotonic()))
    complete = []
    for pings, outcomes in zip(by_hub, found, strict=True):
        done = list(outcomes)
        complete += done
        complete += [_Outcome(ping, Fate.LATER, "is not done in time") for ping in pings[len(done) :]]
    return complete


def _ask(pings: Sequence[Ping], agent: str, limits: Limits, deadline: float, outcomes: list[_Outcome]) -> None:
    """Tell one hub of its topics, one after the other, until it fails or time is up."""
    # A pass that has nothing to tell does without this import.
    import requests
    import urllib3

    with requests.Session() as session:
        # Else a .netrc entry for the hub's host would be sent there.
        session.trust_env = False
        session.headers["User-Agent"] = agent
        for number, ping in enumerate(pings):
            if time.monotonic() > deadline:
                return
            # The form of PubSubHubbub 0.4; some hubs look for the topic under its later name.
            form = {"hub.mode": "publish", "hub.url": ping.topic_url, "hub.topic": ping.topic_url}
            timeout = (limits.connect, limits.read)
            try:
                with session.post(ping.hub, data=form, timeout=timeout, allow_redirects=False, stream=True) as response:
                    # What a hub says beside a yes is not waited for.
                    said = b"" if response.ok else response.raw.read(MOST_BYTES, decode_content=True)
                    outcome = _read(ping, response.status_code, response.headers, said)
            except (requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError) as error:
                outcome = _Outcome(ping, Fate.LATER, f"gives no answer: {error}", wait=timedelta(0))
            outcomes.append(outcome)
            if outcome.wait is not None:
                # It would be the same with the others.
                outcomes += [replace(outcome, ping=other) for other in pings[number + 1 :]]
                return


def _read(ping: Ping, status: int, headers: Mapping[str, str], said: bytes) -> _Outcome:
    """What an answer means. After 429 and 503 the hub is left alone, with or without a word how long."""
    words = " ".join([str(status), *said.decode("utf-8", "replace").split()])[:200]
    if 200 <= status < 300:  # noqa: PLR2004 - HTTP's class of successes
        return _Outcome(ping, Fate.TOLD)
    if status in {429, 503}:
        return _Outcome(ping, Fate.LATER, f"answers {words}", retry_after(headers, datetime.now(UTC)) or timedelta(0))
    if status == 408 or status >= 500:  # noqa: PLR2004 - HTTP's request that took too long, and its class of faults
        return _Outcome(ping, Fate.LATER, f"answers {words}")
    if target := headers.get("Location", "") if 300 <= status < 400 else "":  # noqa: PLR2004 - HTTP's class of redirects
        words = f"{status}: it is at {target} now"
    return _Outcome(ping, Fate.REFUSED, f"answers {words}")


def _put_off(outcome: _Outcome, now: datetime) -> Ping:
    """The ping with when it is due again: twice as far off as the last time, or as far as the hub asks."""
    ping = outcome.ping
    wait = min(FIRST_WAIT * 2 ** min(ping.attempts, 10), LONGEST_WAIT)
    return replace(ping, attempts=ping.attempts + 1, next_try_at=now + max(wait, outcome.wait or timedelta(0)))


def _warnings(outcomes: Sequence[_Outcome], given_up: Collection[tuple[str, str]]) -> Iterator[Problem]:
    """One for each hub and what it says, however many files it is about."""
    alike: Counter[tuple[str, str, str]] = Counter()
    for outcome in outcomes:
        if outcome.fate is Fate.REFUSED:
            follows = "it is not told again; see whether feeds.hubs has the right address"
        elif (outcome.ping.hub, outcome.ping.topic_url) in given_up:
            follows = f"after {GIVE_UP_AFTER.days} days it is not told again, but of the next change"
        elif outcome.fate is Fate.LATER:
            follows = "a later pass tells it"
        else:
            continue
        alike[outcome.ping.hub, outcome.said, follows] += 1
    for (hub, said, follows), count in alike.items():
        yield Problem(f"hub {hub}", f"{said}; {follows} ({count} feed file{'' if count == 1 else 's'})")
