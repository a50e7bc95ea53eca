"""Pages, sitemaps and feeds from the web: the one place where collecting asks others' servers, politely and safely.

A host is asked for one thing at a time, as often as it likes (RFC 9309, Crawl-delay, Retry-After), and for nothing again
that has not changed (RFC 9110 §13). An address given by others leads nowhere but to the open internet.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from typing import Self
from urllib.parse import urljoin

from hairfeed.collect.addresses import IPAddress, fetchable, host, is_public, origin
from hairfeed.collect.network import headers as fields
from hairfeed.collect.network import robots
from hairfeed.collect.network.connect import Dialler, GuardedAdapter, Lookup, look_up
from hairfeed.collect.network.exchange import Answer, Exchange, Limits, Passing
from hairfeed.collect.network.pace import Clock, Deadline, HostPace, Pace, Sleep
from hairfeed.collect.network.robots import Robots
from hairfeed.errors import Gone, NotAllowed, TryLater, Unreadable

__all__ = ["Fetched", "Fetcher", "Limits", "Validators"]

USUAL_LIMITS = Limits()
FIRST_WAIT = timedelta(seconds=1)
"""Before a repetition, where the server does not say how long; doubled each time."""
LONGEST_WAIT = timedelta(seconds=5)
"""A longer wait is for the next pass."""

PERMANENT = {HTTPStatus.MOVED_PERMANENTLY, HTTPStatus.PERMANENT_REDIRECT}
REDIRECTS = PERMANENT | {HTTPStatus.FOUND, HTTPStatus.SEE_OTHER, HTTPStatus.TEMPORARY_REDIRECT}


@dataclass(frozen=True, slots=True)
class Validators:
    """What a server tells a version by, as it sent them: the next request asks for another version (RFC 9110 §8.8)."""

    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True, slots=True)
class Fetched:
    """A page, a sitemap or a feed."""

    url: str
    """Where the content came from, after redirects."""
    moved_to: str | None
    """The new address, when every redirect on the way was permanent (301, 308)."""
    content: bytes
    """Without the encoding that it travelled in."""
    media_type: str
    """Lower case, without parameters; empty when not stated."""
    charset: str | None
    """Of the Content-Type, lower case: what the page itself says stands in the page."""
    validators: Validators


@dataclass(frozen=True, slots=True)
class _Arrival:
    """The answer at the end of all redirects."""

    answer: Answer
    moved_to: str | None


class Fetcher:
    """Fetches from the open internet. Knows the hosts' rules and when they were last asked; not for several threads."""

    def __init__(
        self,
        user_agent: str,
        *,
        allow_private: bool = False,
        limits: Limits = USUAL_LIMITS,
        pause_seconds: float = 1.0,
        obey_robots: bool = True,
        retries: int = 2,
        pace: HostPace | None = None,
        clock: Clock = time.monotonic,
        sleep: Sleep = time.sleep,
        lookup: Lookup = look_up,
        allowed: Callable[[IPAddress], bool] = is_public,
    ) -> None:
        """Nothing is asked yet.

        `user_agent` names us and says where to complain. `allow_private` opens the machine and its networks to whoever writes
        the addresses. `retries` are the repetitions of a request whose failure may have passed. `pace` is shared with others who
        ask the same hosts; None: nobody else does. `clock`, `sleep`, `lookup` and `allowed` are the world as it is, unless a test
        has another one.
        """
        self._limits = limits
        self._pause_seconds = pause_seconds
        self._obey_robots = obey_robots
        self._retries = retries
        self._sleep = sleep
        self._deadline = Deadline(clock)
        self._pace = pace or Pace(clock, sleep)
        self._rules: dict[str, Robots | TryLater] = {}
        dialler = Dialler(
            self._deadline,
            allowed=lambda address: allow_private or allowed(address),
            lookup=lookup,
            connect_seconds=limits.connect_seconds,
            read_seconds=limits.read_seconds,
        )
        self._exchange = Exchange(GuardedAdapter(dialler), user_agent, limits)

    def __enter__(self) -> Self:
        """For `with`."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close."""
        self.close()

    def close(self) -> None:
        """Give connections back."""
        self._exchange.close()

    def get(self, url: str, validators: Validators | None = None) -> Fetched | None:
        """What stands at `url`; None when it is still the version that `validators` tell.

        Raises:
            Gone: 404 or 410.
            NotAllowed: by robots.txt, by the server (another 4xx), or by us.
            TryLater: no answer, or none that is whole.
            Unreadable: too large, or not HTTP.
        """
        self._deadline.start(self._limits.total_seconds)
        conditions = _conditions(validators)
        arrival = self._follow(url, lambda hop: self._ask_obediently(hop, conditions))
        if arrival.answer.status == HTTPStatus.NOT_MODIFIED and conditions:
            return None
        return _fetched(arrival)

    def sitemaps(self, url: str) -> list[str]:
        """The addresses on the Sitemap lines of the robots.txt that speaks for `url`; none without such a file.

        Raises:
            NotAllowed: the host may not be asked.
            TryLater: it gives no answer.
        """
        self._deadline.start(self._limits.total_seconds)
        return self._rules_for(fetchable(url)).sitemaps

    def _follow(self, url: str, ask: Callable[[str], Answer]) -> _Arrival:
        """Ask for `url` and for wherever it leads; `ask` sees every address on the way."""
        hop = start = fetchable(url)
        permanent = True
        for _ in range(self._limits.most_redirects + 1):
            answer = ask(hop)
            target = fields.location(answer.headers) if answer.status in REDIRECTS else None
            if target is None:
                return _Arrival(answer, hop if hop != start and permanent else None)
            permanent = permanent and answer.status in PERMANENT
            hop = fetchable(_absolute(hop, target))
        raise NotAllowed(f"{start}: redirects more than {self._limits.most_redirects} times, last to {hop}")

    def _ask_obediently(self, url: str, conditions: dict[str, str]) -> Answer:
        """Ask as the host's robots.txt wishes, or not at all."""
        if not self._obey_robots:
            return self._ask(url, conditions, self._pause_seconds)
        rules = self._rules_for(url)
        if not rules.allows(url):
            raise NotAllowed(f"{url}: {rules.url} forbids it to {robots.TOKEN}")
        return self._ask(url, conditions, max(self._pause_seconds, rules.crawl_delay))

    def _rules_for(self, url: str) -> Robots:
        """The rules of the URL's origin, asked for once; so is a host that gives none."""
        site = origin(url)
        if site not in self._rules:
            self._rules[site] = self._fetch_rules(f"{site}/robots.txt")
        rules = self._rules[site]
        if isinstance(rules, TryLater):
            raise TryLater(str(rules), rules.retry_after)
        return rules

    def _fetch_rules(self, url: str) -> Robots | TryLater:
        """A host whose rules cannot be read is left alone; one that has none (4xx) is not (RFC 9309 §2.3.1)."""
        try:
            answer = self._follow(url, lambda hop: self._ask(hop, {}, self._pause_seconds, robots.MOST_BYTES)).answer
        except TryLater as error:
            return TryLater(f"{error}; until it tells its rules, nothing else is fetched there", error.retry_after)
        except Unreadable as error:
            return TryLater(f"{error}; until it tells its rules, nothing else is fetched there")
        # What is no success has no content, and so no rules.
        return Robots.read(url, answer.content)

    def _ask(self, url: str, conditions: dict[str, str], pause: float, enough: int | None = None) -> Answer:
        """Ask, and ask again while the failure may pass and there is time."""
        attempt = 0
        while True:
            # The pause is for the host's sake: it is not taken from the time of the answer.
            self._deadline.put_off(self._pace.wait(host(url), pause))
            try:
                return self._exchange.get(url, conditions, enough)
            except Passing as failure:
                wait = failure.retry_after or FIRST_WAIT * 2**attempt
                if attempt >= self._retries or wait > LONGEST_WAIT or wait.total_seconds() >= self._deadline.left():
                    raise
                self._sleep(wait.total_seconds())
            attempt += 1


def _conditions(validators: Validators | None) -> dict[str, str]:
    """The request's fields If-None-Match and If-Modified-Since (RFC 9110 §13.1)."""
    if validators is None:
        return {}
    stated = {"If-None-Match": validators.etag, "If-Modified-Since": validators.last_modified}
    return {name: value for name, value in stated.items() if value}


def _absolute(base: str, reference: str) -> str:
    try:
        return urljoin(base, reference)
    except ValueError as error:
        raise NotAllowed(f"{base}: redirects to {reference!r}, which is no web address: {error}") from error


def _fetched(arrival: _Arrival) -> Fetched:
    answer = arrival.answer
    if answer.status in {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}:
        raise Gone(f"{answer.url}: is not there any more; the server answers {answer.status}")
    if 400 <= answer.status < 500:  # noqa: PLR2004 - HTTP's class of refusals
        raise NotAllowed(f"{answer.url}: the server refuses it with {answer.status}; see whether it is open to everybody")
    if not answer.succeeded:
        raise Unreadable(f"{answer.url}: the server answers {answer.status}, which is no page")
    return Fetched(
        url=answer.url,
        moved_to=arrival.moved_to,
        content=answer.content,
        media_type=fields.media_type(answer.headers),
        charset=fields.charset(answer.headers),
        validators=Validators(fields.sendable(answer.headers.get("ETag")), fields.sendable(answer.headers.get("Last-Modified"))),
    )
