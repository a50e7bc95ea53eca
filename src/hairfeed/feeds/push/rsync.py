"""A folder of another machine, reached by the program rsync: over SSH, or a daemon's module.

Each run is told its files by name, so that nothing else at the other end is touched, let alone deleted. A file that arrives takes
its name when it is whole.
"""

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from hairfeed.errors import PushError
from hairfeed.settings.push import RsyncPush

LONGEST_RUN = 3600
"""Seconds after which a run is ended, although something still moves."""

_NOT_WRITTEN = "not everything could be written or removed there: see who may write, and whether the folder is there"
# rsync may notice that its pipe is closed before it knows that ssh has failed: 12 and 255 are one fault then.
_NO_SSH = "SSH cannot connect: try ssh by hand, as the user who runs HairFeed; it must ask nothing"
_MEANS = {
    5: "the daemon refuses us: see the module's name, user and password",
    10: "cannot be reached",
    11: _NOT_WRITTEN,
    12: f"the connection broke, or there is no rsync at the other end, or {_NO_SSH}",
    23: _NOT_WRITTEN,
    30: "takes too long to answer",
    35: "takes too long to answer",
    255: _NO_SSH,
}


class RsyncFolder:
    """All files, compressed forms and marks of what is gone included: a web server there can serve them."""

    def __init__(self, settings: RsyncPush, directory: Path) -> None:
        """Nothing is asked yet."""
        self._settings = settings
        self._directory = directory

    def takes(self, path: str) -> bool:  # noqa: ARG002 - every file
        """Always."""
        return True

    def send(self, paths: Sequence[str]) -> None:
        """Copy these files, each whole or not at all."""
        with TemporaryDirectory(prefix="hairfeed-") as scratch:
            # By their times two versions may look alike; we know that they are not.
            self._run(Path(scratch), self._directory, paths, "--ignore-times")

    def withdraw(self, paths: Sequence[str]) -> None:
        """Take these files away: they are asked for from folders where there are none."""
        with TemporaryDirectory(prefix="hairfeed-") as scratch:
            empty = Path(scratch, "empty")
            for path in paths:
                (empty / path).parent.mkdir(parents=True, exist_ok=True)
            self._run(Path(scratch), empty, paths, "--delete-missing-args")

    def _run(self, scratch: Path, source: Path, paths: Sequence[str], *options: str) -> None:
        names = scratch / "names"
        names.write_bytes(b"".join(os.fsencode(path) + b"\0" for path in paths))
        command = [
            "rsync",
            "--times",
            "--omit-dir-times",
            *options,
            "--from0",
            f"--files-from={names}",
            f"--timeout={round(self._settings.timeout) or 1}",
            *self._way_there(),
            "--",
            f"{source}/",
            self._settings.target,
        ]
        try:
            ended = subprocess.run(  # noqa: S603 - a list, no shell; the target was checked with the config
                command, input=f"{self._settings.password or ''}\n".encode(), capture_output=True, check=False, timeout=LONGEST_RUN
            )
        except FileNotFoundError as error:
            raise PushError(f"{self._settings.place}: there is no program rsync on this machine; install it") from error
        except subprocess.TimeoutExpired as error:
            raise PushError(f"{self._settings.place}: rsync has not ended after {LONGEST_RUN} seconds") from error
        if ended.returncode:
            raise PushError(f"{self._settings.place}: {_failure(ended.returncode, ended.stderr.decode(errors='replace'))}")

    def _way_there(self) -> list[str]:
        wait = round(self._settings.timeout) or 1
        if not self._settings.target.startswith("rsync://"):
            # In a cron job nobody answers questions.
            return [f"--rsh=ssh -o BatchMode=yes -o ConnectTimeout={wait}"]
        password = ["--password-file=-"] if self._settings.password else []
        return [f"--contimeout={wait}", *password]


def _failure(status: int, said: str) -> str:
    """The first line that rsync says is the cause; the last is its name for the status."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    meaning = _MEANS.get(status, "rsync failed")
    return f"{meaning} (rsync's status {status}{f': {lines[0]}' if lines else ''})"
