"""A worker's life: waits for wake-ups in Procrastinate's queue, until it is told to stop.

The ledger's server may go away and come back: the worker waits for it. What cannot heal, as a ledger of another release, ends it.
"""

import asyncio
import logging
import math
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from itertools import chain, repeat
from threading import Event
from typing import Any

from procrastinate import App, PsycopgConnector
from procrastinate.exceptions import ConnectorException
from psycopg import OperationalError

from hairfeed import log
from hairfeed.deliver.fleet import Fleet
from hairfeed.errors import StoreDown, StoreRefused
from hairfeed.pipeline import PassReport
from hairfeed.settings import Settings
from hairfeed.store import wakeups
from hairfeed.store.database import Ledger, open_ledger
from hairfeed.store.wakeups import Task
from hairfeed.workers.jobs import Jobs
from hairfeed.workers.shift import Shift

_GLANCE = 0.5
"""Seconds between two looks at whether it is told to stop."""
_PAUSES = (1, 2, 5, 10)
_LONGEST_PAUSE = 30
_ALL_IS_WELL = 60.0
"""Seconds of work after which the pauses begin anew."""


def work(
    settings: Settings, shift: Shift, stop: Event, say: Callable[[str], None], told_of_pass: Callable[[PassReport], None]
) -> None:
    """Work until `stop` is set; what is under way is finished then.

    Raises:
        StoreError: the ledger is in a file, or of another release, or may not be used.
        StoreRefused: the server has never let it in, or not for long.
    """
    for name in ("procrastinate", "psycopg.pool"):
        # What they would say is said by us, in fewer words.
        logging.getLogger(name).setLevel(logging.CRITICAL)
    with Fleet(settings.mail) as fleet:
        # What sends is loaded now, not when an issue waits for it.
        fleet.both()
    pauses, was_in_at = _pauses(), -math.inf
    while not stop.is_set():
        began = time.monotonic()
        try:
            with closing(open_ledger(settings.store.url, settings.store.lock_timeout)) as ledger:
                arguments = ledger.server()
                with ledger.write() as connection:
                    ledger.be_alone(connection)
                    wakeups.prepare(connection)
                say(f"waiting for work: {', '.join(shift.queues)}")
                try:
                    asyncio.run(_serve(ledger, arguments, settings, shift, stop, say, told_of_pass))
                finally:
                    was_in_at = time.monotonic()
            trouble = "the queue does not answer"
        except StoreDown as error:
            if isinstance(error, StoreRefused) and time.monotonic() - was_in_at > shift.at_the_door:
                raise
            trouble = str(error)
        except (ConnectorException, OperationalError) as error:
            trouble = f"the queue cannot be used: {' '.join(str(error.__cause__ or error).split())}"
        if stop.is_set():
            return
        if time.monotonic() - began > _ALL_IS_WELL:
            pauses = _pauses()
        pause = next(pauses)
        log.trouble("worker_waits", seconds=pause)
        say(f"{trouble}; nothing is lost; tried again in {pause} s")
        stop.wait(pause)


def _pauses() -> "chain[int]":
    return chain(_PAUSES, repeat(_LONGEST_PAUSE))


def _leave_out_the_queues(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Jobs that were under way when the queue went away say so each; it is said once, by whoever waits for it to come back."""
    if not isinstance(context.get("exception"), ConnectorException):
        loop.default_exception_handler(context)


async def _serve(
    ledger: Ledger,
    arguments: dict[str, object],
    settings: Settings,
    shift: Shift,
    stop: Event,
    say: Callable[[str], None],
    told_of_pass: Callable[[PassReport], None],
) -> None:
    """Wait for wake-ups and sweep, until told to stop or until the database fails."""
    over = Event()
    jobs = Jobs(ledger, settings, shift, over, say, told_of_pass)
    options = f"{arguments.get('options', '')} -c search_path={wakeups.SCHEMA},public".strip()
    connector = PsycopgConnector(kwargs=arguments | {"options": options}, min_size=1, max_size=shift.concurrency + 4)
    app = App(connector=connector)
    app.task(name=Task.COLLECT)(jobs.make_pass)
    app.task(name=Task.LETTERS)(jobs.send_letters)
    app.task(name=Task.ISSUE)(jobs.submit)
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(_leave_out_the_queues)
    # One thread a job, and one for the sweep.
    loop.set_default_executor(ThreadPoolExecutor(shift.concurrency + 1, thread_name_prefix="job"))
    async with app.open_async():
        serving = app.run_worker_async(
            queues=list(shift.queues),
            concurrency=shift.concurrency,
            delete_jobs="successful",
            install_signal_handlers=False,
            fetch_job_polling_interval=min(5.0, shift.beat),
            stalled_worker_timeout=wakeups.STALE.total_seconds(),
        )
        worker = asyncio.create_task(serving)
        try:
            next_beat = 0.0
            while not stop.is_set() and not worker.done():
                if time.monotonic() >= next_beat:
                    await asyncio.to_thread(jobs.beat)
                    next_beat = time.monotonic() + shift.beat
                await asyncio.wait({worker}, timeout=min(_GLANCE, shift.beat))
        finally:
            over.set()
            worker.cancel()
            with suppress(asyncio.CancelledError):
                await worker
