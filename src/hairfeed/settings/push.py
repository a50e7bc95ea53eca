"""The sections `[feeds.push.NAME]` of the config: where published files are copied to."""

import re
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

_USER = r"(?:[A-Za-z0-9_][\w.-]*@)?"
_HOST = r"(?:[A-Za-z0-9][A-Za-z0-9.-]*|\[[0-9A-Fa-f:.]+\])"
# A remote shell reads the path, too: nothing that it could understand as more than a name.
_PATH = r"[\w./~-]*"
_RSYNC_PLACE = re.compile(rf"{_USER}{_HOST}:(?!:|//){_PATH}|rsync://{_USER}{_HOST}(?::\d{{1,5}})?/[\w.-]+(?:/{_PATH})?", re.ASCII)


def _rsync_place(text: str) -> str:
    if not _RSYNC_PLACE.fullmatch(text):
        raise ValueError(
            f"{text!r} is no place for rsync; write it like user@example.com:/srv/feeds/ or rsync://example.com/feeds/"
        )
    # After a colon, a slash would turn the home folder into the root.
    return text if text.endswith((":", "/")) else text + "/"


def _folder_in_bucket(text: str) -> str:
    return text.strip("/")


class _Target(BaseModel):
    """As every section: unknown keys are refused, values are frozen."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    timeout: Annotated[float, Field(gt=0, le=600)] = 60
    """Seconds to wait for an answer."""


class S3Push(_Target):
    """A bucket of S3, or of a storage that speaks its protocol."""

    type: Literal["s3"]
    bucket: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{1,62}$")]
    prefix: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._/-]*$"), AfterValidator(_folder_in_bucket)] = ""
    """The folder in the bucket."""
    endpoint: Annotated[str, StringConstraints(pattern=r"^https?://[^\s/?#]+(/[^\s?#]*)?$")] | None = None
    """The storage's address; without it: Amazon's, or what the environment says."""
    region: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9-]+$")] | None = None
    key: str | None = Field(default=None, repr=False)
    """The access key's id; without it: what the environment or the machine has (AWS_ACCESS_KEY_ID and so on)."""
    secret: str | None = Field(default=None, repr=False)

    @property
    def place(self) -> str:
        """A name for where the files go; another one is filled from the beginning."""
        where = f"s3://{self.bucket}/{self.prefix}"
        return f"{where} at {self.endpoint}" if self.endpoint else where

    @model_validator(mode="after")
    def _both_or_none(self) -> Self:
        if bool(self.key) != bool(self.secret):
            raise ValueError("key and secret come together: set both, or leave both to the environment")
        return self


class RsyncPush(_Target):
    """A folder of another machine, reached by rsync: over SSH, or a daemon's module."""

    type: Literal["rsync"]
    target: Annotated[str, AfterValidator(_rsync_place)]
    password: Annotated[str, StringConstraints(pattern=r"^[^\r\n]+$")] | None = Field(default=None, repr=False)
    """For a daemon that asks for one. SSH has its keys, and its own config for everything else."""

    @property
    def place(self) -> str:
        """A name for where the files go; another one is filled from the beginning."""
        return self.target

    @model_validator(mode="after")
    def _passwords_are_for_daemons(self) -> Self:
        if self.password and not self.target.startswith("rsync://"):
            raise ValueError("password is for rsync:// alone; over SSH a key lets us in")
        return self


PushTarget = Annotated[S3Push | RsyncPush, Field(discriminator="type")]
