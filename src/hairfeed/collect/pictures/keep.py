"""Pictures for mails: each is fetched once, made fit, and put where mails can show it. None of them keeps a mail waiting."""

import hashlib
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from hairfeed.collect.faults import contained
from hairfeed.collect.network.turns import Turns
from hairfeed.collect.pictures.places import PicturePlaces
from hairfeed.errors import FetchError, Gone, PictureError, PublishError, SourceFault, TryLater
from hairfeed.models.articles import PictureState
from hairfeed.models.reports import CollectReport, Problem, Watch
from hairfeed.settings import Settings
from hairfeed.settings.look import Look
from hairfeed.shelf import Shelf
from hairfeed.store import feed_files, pictures
from hairfeed.store.database import Connection, Ledger
from hairfeed.store.feed_files import PICTURES
from hairfeed.store.pictures import KeptPicture, WantedPicture

NEWS = timedelta(days=92)
"""Articles that went live longer ago are no news, whatever newsletter has not had them."""
MOST_AT_ONCE = 40
"""Pictures tried in one pass; the others follow in the next."""
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=5), timedelta(days=1)
"""Before a picture is tried again; doubled with every failure in a row."""
MOST_TRIES = 6

SHOWN = 504, 756
"""At most, in CSS pixels: as wide as a mail's column of text, and half as high again."""
LEAST = 100
"""CSS pixels each way; less is an icon."""
LOGO_HEIGHT = 240
"""At most, in CSS pixels; its width is the config's."""


@dataclass(frozen=True, slots=True)
class _Task:
    """A picture to be had."""

    where: str
    """What it belongs to."""
    address: str
    """On the web, or a path."""
    known_as: str
    """Its `source` in the ledger."""
    keep: Callable[[Connection, KeptPicture], None]
    most: tuple[int, int] = SHOWN
    least: int = LEAST
    said_by: str = ""
    """The source that says so."""
    tries: int = 0


def keep_pictures(ledger: Ledger, settings: Settings, now: datetime, watch: Watch) -> CollectReport:
    """Bring the pictures of articles that may be mailed, and those of the look, to where mails can show them."""
    if not settings.newsletters:
        return CollectReport()
    shelf = Shelf(settings.feeds.directory, {})
    with ledger.read() as connection:
        tasks = [*_logos(connection, settings, now), *(_articles(connection, settings, now) if settings.archive.pictures else ())]
    ready, warnings = 0, list[Problem]()
    with PicturePlaces(settings, Turns(ledger)) as places:
        tried = 0
        for done, task in enumerate(tasks):
            watch.step("Fetching pictures", done, len(tasks))
            if tried == MOST_AT_ONCE or not places.is_open(task.address):
                continue
            tried += 1
            try:
                kept = _kept(task, places, shelf, now)
            except PublishError as error:
                # Nor can any other be written.
                return CollectReport(pictures=ready, warnings=tuple(warnings), failures=(Problem("pictures", str(error)),))
            with ledger.write() as connection:
                feed_files.place(connection, [shelf.placed[kept.path]] if kept.path else [], now)
                task.keep(connection, kept)
            if kept.fault:
                warnings.append(Problem(task.where, f"its picture {kept.fault}; mails go without it"))
            ready += not kept.fault
    return CollectReport(pictures=ready, warnings=tuple(warnings))


def look_faults(settings: Settings) -> list[Problem]:
    """What is wrong with the pictures of the look that are files; nothing is fetched or written."""
    from hairfeed.collect.pictures.fit import Size, made_for_mail

    faults = []
    with PicturePlaces(settings) as places:
        for name, address in _addresses(settings.look):
            try:
                if "://" not in address:
                    made_for_mail(places.read(address), Size(settings.look.logo_width, LOGO_HEIGHT))
            except PictureError as error:
                faults.append(Problem(f"look.{name}", f"{address} {error}"))
    return faults


def _articles(connection: Connection, settings: Settings, now: datetime) -> Iterator[_Task]:
    """Lead pictures that are wanted, and those whose files were lost."""
    wanted = pictures.wanted(connection, settings.newsletters, now - NEWS, now)
    # Not by Path: after some years there are thousands of them.
    folder = settings.feeds.directory
    lost = [id_ for id_, path in pictures.in_place(connection).items() if not os.path.exists(f"{folder}/{path}")]  # noqa: PTH110
    for one in (*wanted, *pictures.wanted_again(connection, lost)):
        keep = partial(_keep_of_article, one)
        yield _Task(one.article_url, one.url, one.url, keep, said_by=one.source, tries=one.tries)


def _keep_of_article(wanted: WantedPicture, connection: Connection, kept: KeptPicture) -> None:
    pictures.keep(connection, wanted.article_id, kept)


def _logos(connection: Connection, settings: Settings, now: datetime) -> Iterator[_Task]:
    """Pictures of the look that are new, or another version of their file; one that could not be had is looked for again."""
    known = pictures.of_the_look(connection)
    for name, address in _addresses(settings.look):
        task = _Task(
            where=f"look.{name}",
            address=address,
            known_as=f"{pictures.look_source(address, settings.look.logo_width)}{_version(address)}",
            keep=partial(_keep_of_look, name),
            most=(settings.look.logo_width, LOGO_HEIGHT),
            least=1,
        )
        before = known.get(name)
        if before is None or before.source != task.known_as or not _is_settled(before, address, settings.feeds.directory, now):
            yield replace(task, tries=before.tries if before and before.source == task.known_as else 0)


def _keep_of_look(name: str, connection: Connection, kept: KeptPicture) -> None:
    pictures.keep_of_the_look(connection, name, kept)


def _addresses(look: Look) -> list[tuple[str, str]]:
    return [(name, address) for name, address in (("logo", look.logo), ("logo_dark", look.logo_dark)) if address]


def _version(address: str) -> str:
    """What tells one version of a file from another; of what is on the web there is one only."""
    if "://" in address:
        return ""
    try:
        status = Path(address).stat()
    except OSError:
        return "none"
    return f"{status.st_mtime_ns}-{status.st_size}"


def _is_settled(kept: KeptPicture, address: str, directory: Path, now: datetime) -> bool:
    if kept.path:
        return (directory / kept.path).is_file()
    # A fault of a file is said in every pass until it is mended.
    return "://" in address and (kept.next_try_at is None or kept.next_try_at > now)


def _kept(task: _Task, places: PicturePlaces, shelf: Shelf, now: datetime) -> KeptPicture:
    """What became of a picture; its file is in place if it became one.

    Raises:
        PublishError: it cannot be written.
    """
    # Only a pass that has a picture to make pays for the library.
    from hairfeed.collect.pictures.fit import Size, made_for_mail

    try:
        with contained(SourceFault, f"picture={task.address!r}"):
            made = made_for_mail(places.read(task.address, task.said_by), Size(*task.most), task.least)
    except (FetchError, PictureError, SourceFault) as error:
        return _without(task, error, now)
    path = f"{PICTURES}{hashlib.sha256(made.content).hexdigest()[:20]}{made.suffix}"
    shelf.put(PICTURES, path, made.content)
    shelf.sync()
    return KeptPicture(task.known_as, PictureState.READY, path, made.shown.width, made.shown.height, len(made.content))


def _without(task: _Task, error: FetchError | PictureError | SourceFault, now: datetime) -> KeptPicture:
    tries = task.tries + 1
    fault = f"cannot be had: {error}" if isinstance(error, FetchError) else f"cannot be shown: {task.address} {error}"
    # A page may be up before its pictures are.
    if not isinstance(error, TryLater | Gone) or tries >= MOST_TRIES:
        return KeptPicture(task.known_as, PictureState.UNUSABLE, fault=fault, tries=tries)
    wait = min(FIRST_WAIT * 2 ** (tries - 1), LONGEST_WAIT)
    asked = error.retry_after if isinstance(error, TryLater) and error.retry_after else wait
    return KeptPicture(task.known_as, PictureState.WAITING, fault=fault, tries=tries, next_try_at=now + max(wait, asked))
