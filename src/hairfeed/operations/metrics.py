"""What the ledger says, in Prometheus' text format; read anew each time, so that any process tells the same."""

from collections.abc import Callable
from datetime import UTC, datetime

from prometheus_client import CollectorRegistry, Gauge, generate_latest

import hairfeed
from hairfeed.operations.status import Status, look
from hairfeed.settings import Settings
from hairfeed.store import overview
from hairfeed.store.database import Ledger

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


def exposition(ledger: Ledger, settings: Settings, now: datetime | None = None) -> bytes:
    """All metrics; no label has a reader in it.

    Raises:
        StoreError: the ledger cannot be read.
    """
    now = now or datetime.now(UTC)
    status = look(ledger, settings, now)
    with ledger.read() as connection:
        good = overview.last_good_end(connection)
        batches = overview.open_batches_by_state(connection)
    registry = CollectorRegistry()

    def gauge(name: str, about: str, *labels: str) -> Gauge:
        return Gauge(f"hairfeed_{name}", about, labels, registry=registry)

    gauge("info", "Which HairFeed this is.", "version").labels(hairfeed.__version__).set(1)
    gauge("last_good_pass_timestamp_seconds", "When the last pass ended in which nothing failed; 0 for never.").set(_seconds(good))
    started = status.passes[0].started_at if status.passes else None
    gauge("last_pass_timestamp_seconds", "When the last pass began; 0 for never.").set(_seconds(started))
    gauge("last_pass_failures", "What could not be done in the last pass.").set(
        len(status.passes[0].failures) if status.passes else 0
    )
    silent = (now - status.running.heard_at).total_seconds() if status.running else 0
    gauge("running_pass_silent_seconds", "Since the last sign of life of the pass that is under way; 0: none is.").set(silent)
    gauge("ledger_bytes", "Size of the ledger.").set(status.ledger_bytes)
    gauge("suppressions", "Addresses that are never mailed.").set(status.suppressions)
    gauge("drafts", "Issues that wait for approval.").set(len(status.drafts))
    gauge("open_issues", "Issues that are on their way.").set(len(status.open_issues))
    waiting = gauge("waiting", "Letters, sign-ups and events that the next pass works off.", "what")
    for what, count in status.waiting.items():
        waiting.labels(what).set(count)
    next_due = gauge("next_due_timestamp_seconds", "When the newsletter is due next.", "newsletter")
    for newsletter in status.newsletters:
        if newsletter.due_at:
            next_due.labels(newsletter.newsletter).set(_seconds(newsletter.due_at))
    open_batches = gauge("open_batches", "Batches that are to be settled yet.", "state")
    for state, count in batches.items():
        open_batches.labels(state).set(count)
    articles = gauge("articles", "Articles, by their state.", "state")
    for state, count in status.articles.items():
        articles.labels(state).set(count)
    subscriptions = gauge("subscriptions", "Subscriptions, by newsletter and state.", "newsletter", "state")
    for name, states in status.subscriptions.items():
        for state, count in states.items():
            subscriptions.labels(name, state).set(count)
    failing = gauge("source_failures", "Looks at a source in a row that failed.", "source")
    backing_off = {source.name: source.failures for source in status.failing_sources}
    for name in settings.sources:
        failing.labels(name).set(backing_off.get(name, 0))
    _providers(gauge, status)
    _workers(gauge, status)
    return generate_latest(registry)


def _providers(gauge: Callable[..., Gauge], status: Status) -> None:
    mails = gauge(
        "provider_mails", "Mails of this day and month (UTC) that counted against the provider's quotas.", "provider", "in"
    )
    share = gauge("provider_share", "Of its usual rate, what the provider takes now; below 1 after it throttled.", "provider")
    closed = gauge("provider_closed_until_timestamp_seconds", "Until when the provider is left alone; 0: it is not.", "provider")
    for one in status.providers:
        mails.labels(one.name, "day").set(one.mails_today)
        mails.labels(one.name, "month").set(one.mails_this_month)
        share.labels(one.name).set(one.share)
        closed.labels(one.name).set(_seconds(one.closed_until))


def _workers(gauge: Callable[..., Gauge], status: Status) -> None:
    gauge("workers", "Workers that were heard of in the last half minute.").set(status.workers)
    jobs = gauge("queue_jobs", "Jobs of workers, by queue and state.", "queue", "state")
    oldest = gauge("queue_oldest_seconds", "How long the first job has been waiting for a worker.", "queue")
    for queue in status.queues:
        states = {"waiting": queue.waiting, "later": queue.later, "running": queue.running, "failed": queue.failed}
        for state, count in states.items():
            jobs.labels(queue.name, state).set(count)
        oldest.labels(queue.name).set(queue.oldest_seconds)


def _seconds(moment: datetime | None) -> float:
    return moment.timestamp() if moment else 0
