"""Mails as .eml files in a folder: to look at them, and the embedded default."""

from collections.abc import Sequence
from datetime import timedelta
from hashlib import sha256
from urllib.parse import quote

from hairfeed.deliver.mail import Mail, OutgoingMessage, Submission
from hairfeed.deliver.message import rfc5322
from hairfeed.errors import Unreachable
from hairfeed.files import sync_folder, write_whole
from hairfeed.settings.mail import Outbox

_LONGEST_NAME = 180
"""Characters; file systems take 255 bytes, ending and all."""


class OutboxProvider:
    """One file a recipient, named after newsletter, issue and address: the same mail twice is the same file."""

    batch_size = 100
    repeatable_for = timedelta.max

    def __init__(self, settings: Outbox) -> None:
        """Nothing is made or written yet."""
        self._directory = settings.directory
        self.destination = str(settings.directory)

    def form(self, mail: Mail) -> bytes:
        """The RFC 5322 message."""
        return rfc5322(mail)

    def submit(self, key: str, messages: Sequence[OutgoingMessage]) -> Submission:  # noqa: ARG002 - the file's name is the key
        """Write every file whole; all are on the disk when this returns."""
        try:
            for message in messages:
                write_whole(self._directory / f"{_file_name(message.name)}.eml", message.content)
            sync_folder(self._directory)
        except OSError as error:
            where = error.filename or self._directory
            raise Unreachable(f"{where}: cannot be written: {error.strerror}; make room or allow writing there") from error
        return Submission()

    def close(self) -> None:
        """Nothing is open."""


def _file_name(name: str) -> str:
    quoted = quote(name, safe="@+._-")
    return quoted if len(quoted) <= _LONGEST_NAME else f"{quoted[: _LONGEST_NAME - 17]}-{sha256(name.encode()).hexdigest()[:16]}"
