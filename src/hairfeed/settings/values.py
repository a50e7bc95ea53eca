"""What a value of the config may be, and the mother of all sections."""

import os
import re
from email.utils import parseaddr
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, StringConstraints
from pydantic import ValidationInfo as Info

_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")


def zone_named(name: object) -> ZoneInfo:
    try:
        return ZoneInfo(str(name))
    except (KeyError, ValueError, OSError) as error:
        raise ValueError(f"no time zone is called {name!r}; use a name like Europe/Berlin or UTC") from error


def web_address(address: str) -> str:
    if not re.fullmatch(r"https?://[^\s/?#]+(/[^\s?#]*)?", address):
        raise ValueError(f"{address!r} is no web address; write it like https://example.com")
    return address.rstrip("/")


def mailbox(text: str) -> str:
    name, address = parseaddr(text)
    local, _, domain = address.rpartition("@")
    if not local or "." not in domain or re.search(r"[\s<>]", address) or not text.isprintable():
        raise ValueError(f"{text!r} is no mailbox; write it like Weekly <weekly@example.com>")
    if not address.isascii():
        raise ValueError(f"{text!r} cannot be mailed everywhere; an address is ASCII, a domain written like xn--bcher-kva.example")
    if name and not text.strip().endswith(">"):
        raise ValueError(f"{text!r} is no mailbox; put the address in angle brackets")
    return text


def from_config_folder(path: Path, info: Info) -> Path:
    """Relative paths start at the folder that holds the config, so that a cron line may run from anywhere."""
    context: dict[str, Path] = info.context or {}
    return Path(os.path.normpath(context.get("folder", Path.cwd()) / path.expanduser()))


def language(value: str) -> str:
    if not _LANGUAGE.fullmatch(value):
        raise ValueError(f"{value!r} is no language; write it like de or pt-BR")
    return value


def once(values: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))


Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
WebAddress = Annotated[str, AfterValidator(web_address)]
Mailbox = Annotated[str, AfterValidator(mailbox)]
Zone = Annotated[ZoneInfo, BeforeValidator(zone_named)]
Folder = Annotated[Path, AfterValidator(from_config_folder)]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$")]
Language = Annotated[str, AfterValidator(language)]
"""A tag of RFC 5646, like `en` or `pt-BR`."""


class Section(BaseModel):
    """A table of the config: unknown keys are refused, values are frozen."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True, hide_input_in_errors=True)
