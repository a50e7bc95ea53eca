"""A bucket that speaks the protocol of S3."""

import re
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from hairfeed.errors import PushError
from hairfeed.feeds.push.plan import plain_path
from hairfeed.settings.push import S3Push
from hairfeed.shelf import never_changes

if TYPE_CHECKING:
    from obstore.store import S3Config, S3Credential, S3Store

AT_ONCE = 8
"""Requests side by side."""
RETRIES = 3

MEDIA_TYPES = {
    ".rss": "application/rss+xml; charset=utf-8",
    ".atom": "application/atom+xml; charset=utf-8",
    ".json": "application/feed+json; charset=utf-8",
    ".opml": "text/x-opml; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".jpg": "image/jpeg",
}

FOR_EVER = "public, max-age=31536000, immutable"
FOR_A_WHILE = "public, max-age=900"

_CODE = re.compile(r"<Code>([^<]*)</Code>")


class Bucket:
    """Plain files only: a bucket can neither choose between compressed forms nor answer 410."""

    def __init__(self, settings: S3Push, directory: Path) -> None:
        """Nothing is asked yet.

        Raises:
            PushError: the library is missing, or the bucket cannot be named so.
        """
        try:
            import obstore
            from obstore.exceptions import BaseError
            from obstore.store import S3Store
        except ImportError as error:
            raise PushError(f"a bucket needs the library obstore: pip install 'hairfeed[s3]' ({error})") from error
        self._directory = directory
        self._settings = settings
        self._obstore = obstore
        self._faults = (BaseError, OSError, ValueError)
        try:
            self._store = _store(S3Store, settings)
        except self._faults as error:
            raise self._named(error) from error

    def takes(self, path: str) -> bool:
        """Whether it is a plain file."""
        return plain_path(path) == path

    def send(self, paths: Sequence[str]) -> None:
        """Put these files, each whole or not at all."""
        self._side_by_side(self._put, paths)

    def withdraw(self, paths: Sequence[str]) -> None:
        """Delete these objects; one that is not there is none."""
        self._side_by_side(self._delete, paths)

    def _put(self, path: str) -> None:
        attributes = {
            "Content-Type": MEDIA_TYPES.get(Path(path).suffix, "application/octet-stream"),
            "Cache-Control": FOR_EVER if never_changes(path) else FOR_A_WHILE,
        }
        self._obstore.put(self._store, path, (self._directory / path).read_bytes(), attributes=attributes, use_multipart=False)

    def _delete(self, path: str) -> None:
        try:
            self._obstore.delete(self._store, path)
        except FileNotFoundError as error:
            # So says the library of an object that is not there, and of a bucket that is not.
            if "NoSuchBucket" in str(error):
                raise

    def _side_by_side(self, work: Callable[[str], None], paths: Sequence[str]) -> None:
        with ThreadPoolExecutor(AT_ONCE) as pool:
            futures = [pool.submit(partial(work, path)) for path in paths]
            try:
                for future in futures:
                    future.result()
            except self._faults as error:
                pool.shutdown(wait=True, cancel_futures=True)
                raise self._named(error) from error

    def _named(self, error: Exception) -> PushError:
        """What went wrong, in one line: the library's own words go on for a page, and the storage's may repeat the key's id."""
        where = self._settings.place
        if code := _CODE.search(str(error)):
            return PushError(f"{where}: refused with {code[1]}; see the bucket's name, its region, and what the key may do")
        first_line = (str(error).splitlines() or [type(error).__name__])[0]
        return PushError(f"{where}: {first_line}")


def _store(make: "type[S3Store]", settings: S3Push) -> "S3Store":
    """What the config leaves out, the library takes from the environment, or from the machine that it runs on."""
    timeout = timedelta(seconds=settings.timeout)
    store = partial(
        make,
        settings.bucket,
        prefix=settings.prefix or None,
        client_options={"timeout": timeout, "allow_http": (settings.endpoint or "").startswith("http://")},
        retry_config={"max_retries": RETRIES, "retry_timeout": timeout},
    )
    named: S3Config = {}
    if settings.endpoint:
        named["endpoint"] = settings.endpoint
    if settings.region:
        named["region"] = settings.region
    if settings.key and settings.secret:
        # Not as plain settings: a session token in the environment would be taken for theirs.
        credential: S3Credential = {"access_key_id": settings.key, "secret_access_key": settings.secret, "expires_at": None}
        return store(config=named, credential_provider=lambda: credential)
    return store(config=named)
