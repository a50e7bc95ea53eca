"""The scheduled job: the stages in their order, under one lock, with one report."""

import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

from hairfeed import log
from hairfeed.collect.stage import collect
from hairfeed.deliver.stage import deliver
from hairfeed.digest.stage import compose
from hairfeed.errors import StoreError
from hairfeed.feeds.push.stage import PushReport, push
from hairfeed.feeds.stage import publish
from hairfeed.feeds.websub import HubReport, tell_hubs
from hairfeed.models import (
    CollectReport,
    ComposeReport,
    DeliverReport,
    Nobody,
    Problem,
    PublishReport,
    RunState,
    StageReport,
    Watch,
)
from hairfeed.settings import Settings
from hairfeed.store import articles, runs
from hairfeed.store.database import Ledger, open_ledger


@dataclass(frozen=True, slots=True)
class PassReport:
    """What one pass found and did. `now` is its clock, `seconds` how long it took."""

    now: datetime
    collect: CollectReport = field(default_factory=CollectReport)
    publish: PublishReport = field(default_factory=PublishReport)
    compose: ComposeReport = field(default_factory=ComposeReport)
    deliver: DeliverReport = field(default_factory=DeliverReport)
    push: PushReport = field(default_factory=PushReport)
    hubs: HubReport = field(default_factory=HubReport)
    seconds: float = 0
    another_is_running: bool = False
    stopped: bool = False
    """It was told to stop, and left stages to the next pass."""

    @property
    def stages(self) -> tuple[StageReport, ...]:
        """The reports in the order of the stages."""
        return self.collect, self.publish, self.compose, self.deliver, self.push, self.hubs

    @property
    def warnings(self) -> list[Problem]:
        """What the operator should look at."""
        return [problem for stage in self.stages for problem in stage.warnings]

    @property
    def failures(self) -> list[Problem]:
        """What could not be done."""
        return [problem for stage in self.stages for problem in stage.failures]

    @property
    def state(self) -> RunState:
        """How the pass ended."""
        if self.stopped:
            return RunState.STOPPED
        return RunState.FAILED if self.failures else RunState.DONE

    def as_json(self) -> dict[str, Any]:
        """The report for machines: plain values; instants in RFC 3339."""
        return {"state": self.state.value, **asdict(self), "now": self.now.isoformat()}


def run_pass(settings: Settings, now: datetime, watch: Watch | None = None, stop: Callable[[], bool] = lambda: False) -> PassReport:
    """Make one pass with the clock at `now`; if another process makes one already, say so and do nothing.

    Between two stages it asks whether to `stop`, and leaves the others to the next pass.

    Raises:
        StoreError: the ledger cannot be opened or used; what was committed before stays, and the next pass goes on from there.
    """
    try:
        with closing(open_ledger(settings.store.url, settings.store.lock_timeout)) as ledger, ledger.pass_lock() as free:
            if not free:
                log.event("pass_left_to_another")
                return PassReport(now, another_is_running=True)
            return _run_pass(ledger, settings, now, watch or Nobody(), stop)
    except StoreError:
        log.trouble("pass_broken")
        raise


def _run_pass(ledger: Ledger, settings: Settings, now: datetime, watch: Watch, stop: Callable[[], bool]) -> PassReport:
    began = time.monotonic()
    with ledger.write() as connection:
        run = runs.begin(connection, now, datetime.now(UTC))
        # Not the run's number: the operator's commands change articles, too, between passes.
        revision = articles.newest_revision(connection) + 1
    log.event("pass_begun", run=run)
    stages: dict[str, Callable[[], StageReport]] = {
        "collect": lambda: collect(ledger, settings, now, revision, watch),
        "publish": lambda: publish(ledger, settings, now, watch),
        "compose": lambda: compose(ledger, settings, now, watch),
        "deliver": lambda: deliver(ledger, settings, now, run, watch),
        "push": lambda: push(ledger, settings, watch),
        # A hub fetches at once what it is told of: not before it is where readers fetch it.
        "hubs": lambda: HubReport() if done["push"].failures else tell_hubs(ledger, settings, now),
    }
    done: dict[str, Any] = {}
    for name, stage in stages.items():
        if stop():
            break
        begun = time.monotonic()
        done[name] = stage()
        _log_stage(run, name, done[name], time.monotonic() - begun)
    report = PassReport(now, **done, seconds=round(time.monotonic() - began, 3), stopped=len(done) < len(stages))
    with ledger.write() as connection:
        runs.finish(connection, run, report.state, report.as_json(), datetime.now(UTC))
    log.event("pass_done", run=run, state=report.state, seconds=report.seconds)
    return report


def _log_stage(run: int, stage: str, report: StageReport, seconds: float) -> None:
    problems = {"warnings": len(report.warnings), "failures": len(report.failures)}
    (log.trouble if report.failures else log.event)("stage_done", run=run, stage=stage, seconds=round(seconds, 3), **problems)
