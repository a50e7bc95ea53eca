"""Mails as .eml files in a folder: to look at them, and the embedded default."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from urllib.parse import quote

from hairfeed.deliver.form import nothing_left_over
from hairfeed.deliver.mailing import Mailing
from hairfeed.deliver.mime import message_form
from hairfeed.deliver.providers.contract import Capabilities, Merge, Repetition, Settling
from hairfeed.deliver.providers.outcomes import NotNow, Outcome, Resolution, StillUnknown, Taken
from hairfeed.files import sync_folder, write_whole
from hairfeed.settings.providers import Outbox

_LONGEST_NAME = 180
"""Characters; file systems take 255 bytes, ending and all."""


class OutboxProvider:
    """One file a recipient, named after the mailing and the address: the same mail twice is the same file."""

    name = "outbox"
    capabilities = Capabilities(
        batch_size=100,
        merge=Merge.RENDERED,
        settling=Settling.REPEAT,
        repetition=Repetition.DEDUPLICATED,
        window=timedelta.max,
        several_bodies=True,
        concurrency=1,
    )

    def __init__(self, settings: Outbox) -> None:
        """Nothing is made or written yet."""
        self._directory = settings.directory
        self.destination = str(settings.directory)

    def prepare(self, mailing: Mailing) -> "OutboxCall":
        """The files' names and contents."""
        form = message_form(mailing.content)
        files = [(_file_name(f"{mailing.name}-{one.email}"), form.fill(one)) for one in mailing.recipients]
        nothing_left_over(*(content for _, content in files[:1]))
        return OutboxCall(self._directory, files)

    def resolve(self, mailing: Mailing, called_at: datetime) -> Resolution:  # noqa: ARG002 - it is repeated
        """It is repeated instead: the same files."""
        return StillUnknown("is written again")

    def check(self) -> Sequence[str]:
        """Whether the folder can be made and written."""
        try:
            self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            probe = self._directory / ".hairfeed-check"
            probe.write_bytes(b"")
            probe.unlink()
        except OSError as error:
            return [_blocked(self._directory, error)]
        return []

    def close(self) -> None:
        """Nothing is open."""


class OutboxCall:
    """A mailing as files."""

    def __init__(self, directory: Path, files: list[tuple[str, bytes]]) -> None:
        """Nothing is written yet."""
        self._directory = directory
        self._files = files
        self.body_hash = sha256(b"".join(content for _, content in files)).hexdigest()

    def make(self) -> Outcome:
        """Write every file whole; all are on the disk when this returns."""
        try:
            # For its owner's eyes: mails hold addresses, and the links of their readers.
            self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            for name, content in self._files:
                write_whole(self._directory / f"{name}.eml", content)
            if self._files:
                sync_folder(self._directory)
        except OSError as error:
            return NotNow(_blocked(self._directory, error), everyone=True)
        return Taken()


def _blocked(directory: Path, error: OSError) -> str:
    where = error.filename or directory
    return f"{where}: cannot be written: {error.strerror}; make room or allow writing there"


def _file_name(name: str) -> str:
    quoted = quote(name, safe="@+._-")
    return quoted if len(quoted) <= _LONGEST_NAME else f"{quoted[: _LONGEST_NAME - 17]}-{sha256(name.encode()).hexdigest()[:16]}"
