"""The collect stage: reads the sources and what the ledger knows of them; writes sources and articles."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import hairfeed
from hairfeed.collect.faults import contained
from hairfeed.collect.folder.generators import recognise
from hairfeed.collect.folder.source import look_at_folder
from hairfeed.collect.look import AnyLook, Look, Sighting
from hairfeed.collect.network.turns import Turns
from hairfeed.collect.pictures.keep import keep_pictures
from hairfeed.collect.take_in import take_in
from hairfeed.errors import HairFeedError, SourceError, SourceFault, StoreError, TryLater
from hairfeed.models.fetches import PageKind
from hairfeed.models.reports import CollectReport, Problem, Watch
from hairfeed.settings import Settings
from hairfeed.settings.sources import FeedSource, FolderSource
from hairfeed.store import articles, copies, runs, sources
from hairfeed.store.database import Ledger
from hairfeed.store.sources import KnownSource

MOST_AT_ONCE = 32
"""Hosts that are visited at the same time: one that is slow keeps nobody waiting but itself."""

FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=5), timedelta(days=1)
"""Before a source that failed is fetched again; doubled with every failure in a row."""


@dataclass(frozen=True, slots=True)
class _Visit:
    """A source that is about to be looked at."""

    look: AnyLook
    known: KnownSource
    fault: HairFeedError | None = None
    """Why it cannot even be looked at."""
    reason: str = ""
    """Why it failed the last time."""

    @property
    def host(self) -> str:
        """Where it is fetched from; empty for a folder."""
        source = self.look.source
        return "" if isinstance(source, FolderSource) else urlsplit(source.url).hostname or ""

    @property
    def is_waiting(self) -> bool:
        """Whether it failed lately and is left alone in this pass."""
        again_at = self.known.next_try_at
        return again_at is not None and self.look.now < again_at


def collect(ledger: Ledger, settings: Settings, now: datetime, revision: int, watch: Watch) -> CollectReport:
    """Take in every source; one that fails does not stop the others, and changes nothing."""
    with ledger.read() as connection:
        before = (runs.last_report(connection) or {}).get("collect", {})
    reasons = {problem["where"]: problem["what"] for problem in before.get("reasons", ())}
    visits = [replace(_visit(ledger, settings, name, now, watch), reason=reasons.get(name, "")) for name in settings.sources]
    turns = Turns(ledger)
    sightings = _look_at_all(visits, turns)
    reports = [_finish(ledger, visit, sightings[visit.look.name], revision) for visit in visits]
    with ledger.write() as connection:
        articles.release_due(connection, now, revision)
        held = articles.count_held(connection)
    told = tuple(Problem(problem["where"], problem["what"]) for problem in before.get("warnings", ()))
    still = CollectReport(warnings=tuple(_still_wrong(ledger, visits, told, reports))) if told else CollectReport()
    return _sum([*reports, still, CollectReport(held=held), keep_pictures(ledger, settings, now, watch)])


def _still_wrong(
    ledger: Ledger, visits: Sequence[_Visit], told: Sequence[Problem], reports: Sequence[CollectReport]
) -> Iterator[Problem]:
    """Of what the pass before told: what holds of pages that are refused still, and were not fetched again in this one."""
    said = {problem.where for report in reports for problem in report.warnings}
    waiting = [problem for problem in told if problem.where not in said]
    for visit in visits if waiting else ():
        look, source = visit.look, visit.known.id
        if isinstance(look.source, FolderSource) or source is None:
            continue
        with ledger.read() as connection:
            refused = {look.problem(page, "").where: page for page in sources.refused_now(connection, source)}
            held = [problem for problem in waiting if problem.where in refused]
            memory = sources.fetch_memory(connection, source) if held else {}
        for problem in held:
            seen = memory.get(refused[problem.where])
            # What is no article, or forbidden, is nobody's to mend.
            if seen is None or seen.kind is not PageKind.OTHER:
                yield problem


def _visit(ledger: Ledger, settings: Settings, name: str, now: datetime, watch: Watch) -> _Visit:
    source = settings.sources[name]
    with ledger.read() as connection:
        known = sources.find(connection, name, source.location)
        # What the source shows of others' articles is known to it, too.
        stamps = copies.stamps(connection, known.id) | articles.stamps(connection, known.id) if known.id is not None else {}
        memory = sources.fetch_memory(connection, known.id) if known.id is not None else {}
    look: AnyLook = Look(name, source, settings, now, watch, stamps, memory)
    if not isinstance(source, FolderSource):
        return _Visit(look, known)
    try:
        with contained(SourceFault, f"source={name}"):
            return _Visit(replace(look, convention=recognise(source.path)), known)
    except HairFeedError as error:
        return _Visit(look, known, fault=error)


def _look_at_all(visits: Sequence[_Visit], turns: Turns) -> dict[str, Sighting | HairFeedError]:
    """What each source shows, or why it shows nothing: hosts side by side, the sources of one host one after another."""
    hosts: dict[str, list[_Visit]] = {}
    for visit in visits:
        hosts.setdefault(visit.host, []).append(visit)
    if len(hosts) == 1:
        return _look_at_each(visits, turns)
    with ThreadPoolExecutor(MOST_AT_ONCE) as pool:
        return {
            name: sighting
            for some in pool.map(lambda some: _look_at_each(some, turns), hosts.values())
            for name, sighting in some.items()
        }


def _look_at_each(visits: Sequence[_Visit], turns: Turns) -> dict[str, Sighting | HairFeedError]:
    """What the sources of one host show; when it asks to be left alone for a while, all that are left wait for as long."""
    seen: dict[str, Sighting | HairFeedError] = {}
    wait: timedelta | None = None
    for visit in visits:
        seen[visit.look.name] = sighting = _look_at(visit, turns) if wait is None or visit.is_waiting else _not_now(visit, wait)
        if visit.host and isinstance(sighting, Sighting | TryLater):
            wait = wait or sighting.retry_after
    return seen


def _not_now(visit: _Visit, wait: timedelta) -> TryLater:
    until = visit.look.now + wait
    return TryLater(f"{visit.host} wants to be left alone until {until:%Y-%m-%d %H:%M} UTC, as it told another source", wait)


def _look_at(visit: _Visit, turns: Turns) -> Sighting | HairFeedError:
    if visit.fault is not None:
        return visit.fault
    look, again_at = visit.look, visit.known.next_try_at
    if again_at is not None and look.now < again_at:
        return _Waiting(_why_not_now(visit, again_at))
    try:
        with contained(SourceFault, f"source={look.name}"):
            return look_at_folder(look) if isinstance(look.source, FolderSource) else _fetch(look, turns)
    except StoreError:
        raise
    except HairFeedError as error:
        return error


def _why_not_now(visit: _Visit, again_at: datetime) -> str:
    failures = visit.known.failures
    often = "failed once" if failures == 1 else f"failed {failures} times in a row"
    when = f"{often}; looked at again after {again_at:%Y-%m-%d %H:%M} UTC, or at once by 'hairfeed run --retry'"
    return f"{visit.reason} ({when})" if visit.reason else when


class _Waiting(SourceError):
    """The source failed lately and is left alone."""


def _fetch(look: AnyLook, turns: Turns) -> Sighting:
    # A pass over folders alone does not pay for the libraries of the network and of HTML.
    from hairfeed.collect.feed.source import look_at_feed
    from hairfeed.collect.network.fetch import Fetcher, Limits
    from hairfeed.collect.website.source import look_at_website

    source = look.source
    agent = f"HairFeed/{hairfeed.__version__} (+{look.settings.site.url})"
    limits = Limits(total_seconds=source.timeout)
    with Fetcher(agent, allow_private=source.allow_private, limits=limits, pause_seconds=source.pause, pace=turns) as fetcher:
        return look_at_feed(look, fetcher) if isinstance(source, FeedSource) else look_at_website(look, fetcher)


def _finish(ledger: Ledger, visit: _Visit, sighting: Sighting | HairFeedError, revision: int) -> CollectReport:
    """Take in what was seen, or note that nothing was."""
    look = visit.look
    if isinstance(sighting, Sighting):
        try:
            with contained(SourceFault, f"source={look.name}"):
                report = take_in(ledger, look, visit.known, sighting, revision)
        except StoreError:
            raise
        except HairFeedError as error:
            sighting = error
        else:
            if sighting.retry_after:
                with ledger.write() as connection:
                    sources.note_failure(connection, look.name, look.source.location, 1, look.now + sighting.retry_after)
            return report
    reason = visit.reason if isinstance(sighting, _Waiting) else str(sighting)
    if not isinstance(sighting, _Waiting) and visit.host:
        failures = visit.known.failures + 1
        wait = min(FIRST_WAIT * 2 ** min(failures - 1, 20), LONGEST_WAIT)
        asked = sighting.retry_after if isinstance(sighting, TryLater) and sighting.retry_after else wait
        with ledger.write() as connection:
            sources.note_failure(connection, look.name, look.source.location, failures, look.now + max(wait, asked))
    reasons = (Problem(look.name, reason),) if reason else ()
    return CollectReport(failures=(Problem(f"source {look.name}", str(sighting)),), reasons=reasons)


def _sum(reports: Sequence[CollectReport]) -> CollectReport:
    totals = {field.name: [getattr(report, field.name) for report in reports] for field in fields(CollectReport)}
    return CollectReport(**{name: sum(values, start=type(values[0])()) for name, values in totals.items()})
