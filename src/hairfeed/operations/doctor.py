"""Whether all that the job needs is there: a check for each thing that has ever kept a mailing from going out."""

import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parseaddr
from pathlib import Path

from hairfeed.errors import StoreError
from hairfeed.operations.checks import Check, fail, ok, warn
from hairfeed.operations.file_systems import network_file_system
from hairfeed.settings import Settings
from hairfeed.settings.mail import Replies
from hairfeed.settings.sample import left_over
from hairfeed.store import overview, runs
from hairfeed.store.database import Ledger, existing_ledger

_SLACK = timedelta(minutes=5)
_SILENCE = timedelta(days=1)
_EARLIEST = datetime(2026, 1, 1, tzinfo=UTC)
"""No machine's clock is right before this was written."""
_LITTLE_ROOM, _NO_ROOM = 500 << 20, 50 << 20


def examine(settings: Settings, now: datetime, *, offline: bool) -> Iterator[Check]:
    """Look at everything; `offline` leaves out what asks others over the network. Nothing is changed."""
    names = (f"sources {', '.join(settings.sources)}", f"newsletters {', '.join(settings.newsletters) or 'none'}")
    yield ok("config", f"{'; '.join(names)}; provider {settings.mail.provider}")
    if left := left_over(settings):
        what = f"still the sample's: {', '.join(left)}"
        yield warn("config", what, "write your own: readers see them, and no other provider than outbox is taken with them")
    if now < _EARLIEST:
        yield fail("clock", f"this machine believes it is {now:%Y-%m-%d %H:%M} UTC", "set its clock (NTP)")
    yield from _ledger(settings, now)
    yield from _folders(settings)
    if settings.mail.provider == "outbox":
        yield warn("provider", "outbox: mails are files, nobody gets any", "for real mail: mail.provider in the config")
    if offline:
        return
    from hairfeed.operations.certificate import check_certificate
    from hairfeed.operations.mail_domain import check_domain
    from hairfeed.operations.providers import check_providers

    if settings.mail.provider != "outbox":
        yield from check_providers(settings.mail)
        yield from check_domain(parseaddr(settings.mail.from_)[1].rpartition("@")[2].lower(), settings.doctor)
    if settings.mail.replies is not None:
        yield _mailbox(settings.mail.replies)
    if settings.web:
        yield check_certificate("certificate", settings.web.url, now)


def _mailbox(replies: Replies) -> Check:
    """Whether we may read where readers answer; no mail is marked by looking."""
    from hairfeed.subscribers.replies.mailbox import MailboxError, open_mailbox

    try:
        with open_mailbox(replies, look_only=True):
            return ok("replies", f"{replies.username} at {replies.host}: folder {replies.folder} can be read")
    except MailboxError as error:
        return fail("replies", str(error), "until then nobody leaves by writing, and no bounce is read")


def _ledger(settings: Settings, now: datetime) -> Iterator[Check]:
    try:
        ledger = existing_ledger(settings.store.url, settings.store.lock_timeout)
    except StoreError as error:
        yield fail("ledger", str(error), "until then nothing is collected or mailed")
        return
    try:
        yield from _contents(ledger, settings, now)
    except StoreError as error:
        yield fail("ledger", str(error), "until then nothing is collected or mailed")
    finally:
        ledger.close()


def _contents(ledger: Ledger, settings: Settings, now: datetime) -> Iterator[Check]:
    with ledger.read() as connection:
        running = runs.running(ledger, connection, now)
    if running is not None and running.hangs:
        yield fail("passes", str(running), runs.WHAT_TO_DO)
    # Nothing is changed in it, but it must be possible.
    ledger.try_to_write()
    if kind := network_file_system(Path(ledger.name).parent):
        where = f"{ledger.name} is on a network's file system ({kind}), whose locks do not hold"
        yield warn("ledger", where, "move it to a disk of this machine, or to PostgreSQL: hairfeed store copy")
    if (file := Path(ledger.name)).is_file() and file.stat().st_mode & 0o007:
        yield warn("ledger", f"{file}: everybody on this machine can read it, and it holds readers' addresses", f"chmod o= {file}")
    yield ok("ledger", f"{ledger.name}: can be read and written, {ledger.size() / (1 << 20):.1f} MiB")
    with ledger.read() as connection:
        newest = overview.newest_instant(connection)
        passes = overview.last_runs(connection, 1)
        good = overview.last_good_end(connection)
        served = overview.served(connection)
    if newest is not None and newest - now > _SLACK:
        yield fail("clock", f"it is behind the last pass, which was at {newest:%Y-%m-%d %H:%M} UTC", "set it (NTP)")
    else:
        yield ok("clock", f"{now:%Y-%m-%d %H:%M} UTC, not behind the last pass")
    if good is None or now - good > _SILENCE:
        when = f"the last good one ended {good:%Y-%m-%d %H:%M} UTC" if good else "there was no good one yet"
        yield warn("passes", when, "look whether cron, a timer or 'hairfeed up' runs, and what the last pass says: hairfeed status")
    else:
        yield ok("passes", f"the last good one ended {good:%Y-%m-%d %H:%M} UTC")
    for problem in passes[0].failures if passes else ():
        yield fail("passes", f"in the last one failed: {problem}", "mend it; the next pass goes on")
    for name in sorted(served.keys() & settings.newsletters.keys()):
        if served[name] - now > _SLACK:
            ahead = f"{name} was served for {served[name]:%Y-%m-%d %H:%M} UTC, which is still to come"
            yield warn("schedule", ahead, "the clock was ahead; the next pass sets it right by itself")
    yield from _failing(ledger)


def _failing(ledger: Ledger) -> Iterator[Check]:
    with ledger.read() as connection:
        for one in overview.failing_sources(connection):
            yield warn("sources", f"{one.name}: {one}", "'hairfeed status' says why; mend it, then: hairfeed run --retry")


def _folders(settings: Settings) -> Iterator[Check]:
    wanted = {"feeds.directory": settings.feeds.directory}
    if settings.mail.provider == "outbox" and settings.mail.outbox:
        wanted["mail.outbox.directory"] = settings.mail.outbox.directory
    if settings.log and settings.log.file:
        wanted["log.file"] = settings.log.file.parent
    for key, folder in wanted.items():
        there = _nearest(folder)
        free = shutil.disk_usage(there).free
        if not os.access(there, os.W_OK | os.X_OK):
            yield fail(key, f"{there} cannot be written by this user", "let this user own it")
        elif free < _NO_ROOM:
            yield fail(key, f"{there}: the disk is full ({free >> 20} MiB left)", "make room")
        elif free < _LITTLE_ROOM:
            yield warn(key, f"{there}: {free >> 20} MiB left on the disk", "make room")
        else:
            yield ok(key, f"{folder}: can be written, {free >> 30} GiB free")


def _nearest(folder: Path) -> Path:
    """The folder, or the one above it that is there."""
    return next((one for one in (folder, *folder.parents) if one.exists()), Path("/"))
