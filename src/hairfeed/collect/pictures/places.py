"""Where pictures are: in a source's folder, in the folder of the config, or on the web."""

import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Self
from urllib.parse import unquote, urlsplit

import hairfeed
from hairfeed.collect.network.pace import Clock, HostPace
from hairfeed.errors import PictureError, TryLater
from hairfeed.settings import Settings
from hairfeed.settings.sources import FolderSource, NetworkSource

if TYPE_CHECKING:
    from hairfeed.collect.network.fetch import Fetcher

MOST_BYTES = 20_000_000
"""Of a picture as its site has it."""
SECONDS, SECONDS_IN_ALL = 30, 120
"""That one picture may take to come, and all of one pass."""


class PicturePlaces:
    """Reads pictures, for one pass."""

    def __init__(self, settings: Settings, pace: HostPace | None = None, clock: Clock = time.monotonic) -> None:
        """Nothing is asked yet; `pace` is shared with others who ask the same hosts."""
        self._settings = settings
        self._pace = pace
        self._clock = clock
        self._ends_at = clock() + SECONDS_IN_ALL
        self._fetchers: dict[str, Fetcher] = {}
        self._resting: set[str] = set()
        self._closing = ExitStack()

    def __enter__(self) -> Self:
        """For `with`."""
        return self

    def __exit__(self, *_: object) -> None:
        """Give connections back."""
        self._closing.close()

    def is_open(self, address: str) -> bool:
        """Whether a picture may be asked for in this pass: there is time, and its host has not asked for patience."""
        return "://" not in address or (self._clock() < self._ends_at and _host(address) not in self._resting)

    def read(self, address: str, source: str = "") -> bytes:
        """The file at `address`; `source` is the name of the source that says so, or empty where the config does.

        Only the config may name a path of this machine; what a source says is a web address or nothing.

        Raises:
            FetchError: it could not be fetched.
            PictureError: it is no file that can be read; the message goes on from the address.
        """
        if file := self._file(address, source):
            return _content(file)
        try:
            fetched = self._fetcher(source).get(address)
        except TryLater:
            self._resting.add(_host(address))
            raise
        return fetched.content if fetched else b""

    def _file(self, address: str, source: str) -> Path | None:
        if not source:
            return Path(address) if "://" not in address else None
        said_by = self._settings.sources.get(source)
        return file_in(said_by, self._settings.site.url, address) if isinstance(said_by, FolderSource) else None

    def _fetcher(self, source: str) -> "Fetcher":
        if source not in self._fetchers:
            # A pass without pictures to fetch does not pay for the libraries of the network.
            from hairfeed.collect.network.fetch import Fetcher, Limits

            said_by = self._settings.sources.get(source)
            fetcher = Fetcher(
                f"HairFeed/{hairfeed.__version__} (+{self._settings.site.url})",
                allow_private=isinstance(said_by, NetworkSource) and said_by.allow_private,
                limits=Limits(most_bytes=MOST_BYTES, total_seconds=SECONDS),
                pause_seconds=said_by.pause if isinstance(said_by, NetworkSource) else 1,
                retries=0,
                pace=self._pace,
            )
            self._fetchers[source] = self._closing.enter_context(fetcher)
        return self._fetchers[source]


def file_in(source: FolderSource, site_url: str, address: str) -> Path | None:
    """The file of a source's folder that is at this web address; None where there is none, and it has to be fetched.

    A folder's pages and pictures are below one address: what the pattern of its addresses begins with, or the site's.
    """
    base = (source.url or f"{site_url}/").partition("{")[0]
    base = base[: base.rfind("/") + 1]
    try:
        below = unquote(urlsplit(address).path).removeprefix(unquote(urlsplit(base).path))
        folder = source.path.resolve()
        file = (folder / below).resolve()
        # A link that leads out of the folder shows what was never meant to be published.
        return file if address.startswith(base) and file.is_relative_to(folder) and file.is_file() else None
    except (OSError, ValueError):
        # No address at all, or a name that no file can have.
        return None


def _content(file: Path) -> bytes:
    try:
        if file.stat().st_size > MOST_BYTES:
            raise PictureError(f"is larger than {MOST_BYTES} bytes; make it smaller")
        return file.read_bytes()
    except OSError as error:
        raise PictureError(f"cannot be read: {error.strerror}") from error


def _host(address: str) -> str:
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""
