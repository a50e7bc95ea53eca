"""The push step: reads which files are in place and which were copied; copies the difference and writes down what is there now."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from hairfeed.errors import PushError
from hairfeed.feeds.push.plan import make_plan
from hairfeed.models.reports import Problem, StageReport, Watch
from hairfeed.settings import Settings
from hairfeed.settings.push import PushTarget, S3Push
from hairfeed.store import feed_files, pushed_files
from hairfeed.store.database import Ledger
from hairfeed.store.feed_files import ISSUES, PICTURES

PIECE = 500
"""Files after which it is written down that they were copied: a pass that was killed begins again at most so far back."""


@dataclass(frozen=True, slots=True)
class Pushed:
    """What was copied to one target, and taken away there."""

    name: str
    sent: int
    withdrawn: int


@dataclass(frozen=True, slots=True)
class PushReport(StageReport):
    """The targets at which something changed."""

    done: tuple[Pushed, ...] = ()

    def __add__(self, later: "PushReport") -> "PushReport":
        """Both in one; a target that failed twice is named once."""
        counts: dict[str, Pushed] = {}
        for one in (*self.done, *later.done):
            before = counts.get(one.name, Pushed(one.name, 0, 0))
            counts[one.name] = Pushed(one.name, before.sent + one.sent, before.withdrawn + one.withdrawn)
        failures = {problem.where: problem for problem in (*self.failures, *later.failures)}
        return PushReport(done=tuple(counts.values()), failures=tuple(failures.values()))


class Target(Protocol):
    """A place that files are copied to. Paths are below the feeds directory; doing anything twice does no harm."""

    def takes(self, path: str) -> bool:
        """Whether this file is of use there."""

    def send(self, paths: Sequence[str]) -> None:
        """Copy these files.

        Raises:
            PushError: not all of them are there.
        """

    def withdraw(self, paths: Sequence[str]) -> None:
        """Take these files away, if they are there.

        Raises:
            PushError: not all of them are gone.
        """


def push_for_mail(ledger: Ledger, settings: Settings, watch: Watch) -> PushReport:
    """Copy to every target the pages and pictures that mails lead to and show; nothing is taken away.

    They are few and small. A target that fails is a failure of the pass, and holds up no mail.
    """
    return _push(ledger, settings, watch, (ISSUES, PICTURES)) if settings.feeds.push else PushReport()


def push(ledger: Ledger, settings: Settings, watch: Watch) -> PushReport:
    """Bring every target up to date; one that fails is a failure of the pass, and the next pass goes on from there."""
    return _push(ledger, settings, watch)


def _push(ledger: Ledger, settings: Settings, watch: Watch, only: tuple[str, ...] = ()) -> PushReport:
    targets = settings.feeds.push
    with ledger.read() as connection:
        placed = feed_files.published(connection) if targets else {}
        gone = pushed_files.places(connection) - {target.place for target in targets.values()}
    if gone:
        with ledger.write() as connection:
            pushed_files.forget_places(connection, gone)
    done, failures = [], []
    hashes = {path: file.hash for path, file in placed.items()}
    for name, target in targets.items():
        progress = _Progress(ledger, target.place, watch)
        try:
            progress.make(_opened(target, settings), hashes, only)
        except PushError as error:
            failures.append(Problem(f"push {name}", f"{error}; the next pass tries again"))
        if progress.sent or progress.withdrawn:
            done.append(Pushed(name, progress.sent, progress.withdrawn))
    return PushReport(done=tuple(done), failures=tuple(failures))


class _Progress:
    """The work on one target, written down piece by piece."""

    def __init__(self, ledger: Ledger, place: str, watch: Watch) -> None:
        self.sent = 0
        self.withdrawn = 0
        self._ledger = ledger
        self._place = place
        self._watch = watch

    def make(self, target: Target, hashes: Mapping[str, str], only: tuple[str, ...]) -> None:
        """Make the target hold the files with these hashes, as far as it takes them; with `only` just what is in these folders."""
        with self._ledger.read() as connection:
            pushed = pushed_files.pushed(connection, self._place)
        plan = make_plan({path: hash_ for path, hash_ in hashes.items() if target.takes(path)}, pushed)
        if only:
            plan = plan.within(only)
        total = sum(map(len, plan.waves))
        for wave in plan.waves:
            for paths in _pieces(wave):
                self._watch.step("Pushing feeds", self.sent, total)
                target.send(paths)
                with self._ledger.write() as connection:
                    pushed_files.remember(connection, self._place, {path: hashes[path] for path in paths})
                self.sent += len(paths)
        for paths in _pieces(plan.withdrawn):
            target.withdraw(paths)
            with self._ledger.write() as connection:
                pushed_files.forget(connection, self._place, paths)
            self.withdrawn += len(paths)


def _pieces(paths: Sequence[str]) -> Iterator[Sequence[str]]:
    return (paths[first : first + PIECE] for first in range(0, len(paths), PIECE))


def _opened(target: PushTarget, settings: Settings) -> Target:
    # Whoever pushes to one kind of place does without the other's imports.
    if isinstance(target, S3Push):
        from hairfeed.feeds.push.bucket import Bucket

        return Bucket(target, settings.feeds.directory)
    from hairfeed.feeds.push.rsync import RsyncFolder

    return RsyncFolder(target, settings.feeds.directory)
