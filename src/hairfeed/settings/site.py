"""The sections `[site]`, `[store]` and `[feeds]` of the config."""

import re
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field
from pydantic import ValidationInfo as Info

from hairfeed.settings.podcast import Podcast
from hairfeed.settings.push import PushTarget
from hairfeed.settings.values import Folder, Language, Name, Section, Text, WebAddress, Zone, from_config_folder, once, web_address


def _hub_address(address: str) -> str:
    web_address(address)
    # Its last slash is part of it.
    return address


def _category_pattern(pattern: str) -> str:
    if pattern.count("{slug}") != 1 or set(re.findall(r"{.*?}", pattern)) != {"{slug}"}:
        raise ValueError(f"{pattern!r} must hold {{slug}} once, in place of the category's name, and nothing else in braces")
    web_address(pattern)
    # Its last slash is part of it.
    return pattern


def _store_url(url: str, info: Info) -> str:
    if re.fullmatch(r"postgresql\+psycopg://[^\s/]*/[^\s/?]+(\?\S*)?", url):
        if url.partition("?")[0].count("@") > 1:
            raise ValueError("holds an @ in its password or user; write that one as %40")
        return url
    scheme, separator, location = url.partition(":///")
    if scheme != "sqlite" or not separator or not location:
        shown = re.sub(r"://.*@", "://…@", url)
        raise ValueError(
            f"{shown!r} is no store; write it like sqlite:///../var/hairfeed.db or postgresql+psycopg://user@host/database"
        )
    return f"sqlite:///{from_config_folder(Path(location), info)}"


class Site(Section):
    """The publication."""

    title: Text
    url: WebAddress
    description: str = ""
    language: Language = "en"
    timezone: Zone
    author: Text
    postal_address: Text
    notice: str = ""
    """A sentence at the foot of every mail."""
    privacy_url: WebAddress | None = None
    """What becomes of readers' data; at the foot of every mail and of every page for readers."""
    category_url: Annotated[str, AfterValidator(_category_pattern)] | None = None
    """Where the site lists a category's articles, with `{slug}` for its name; without it, mails lead to the category's feed."""
    templates: Folder | None = None
    """The operator's own templates; what is not there comes from HairFeed's."""


class Store(Section):
    """The ledger."""

    url: Annotated[str, AfterValidator(_store_url)]
    lock_timeout: Annotated[float, Field(gt=0, le=600)] = 10
    """Seconds to wait for another program that writes to the database."""


class Feeds(Section):
    """The feed files."""

    directory: Folder
    url: WebAddress
    """The public address of `directory`."""
    former_urls: Annotated[tuple[WebAddress, ...], AfterValidator(once)] = ()
    """Where `directory` was published before: who asks there is sent to `url`."""
    items: Annotated[int, Field(ge=1, le=500)] = 50
    """Articles in a feed, and in each document of its archive."""
    content: Literal["full", "summary"] = "full"
    categories: bool = True
    """Whether each category has a feed."""
    authors: bool = True
    """Whether each author has a feed."""
    history: bool = True
    """Whether what no longer fits into a feed is kept in archive documents that it leads to (RFC 5005)."""
    compress: Annotated[tuple[Literal["gzip", "br"], ...], AfterValidator(once)] = ()
    """Compressed files beside the plain ones, for web servers that serve such."""
    hubs: Annotated[tuple[Annotated[str, AfterValidator(_hub_address)], ...], AfterValidator(once)] = ()
    """WebSub hubs that are told of every change."""
    push: dict[Name, PushTarget] = Field(default_factory=dict)
    """Where else the files are copied to."""
    subscribe_url: WebAddress | None = None
    """Where readers subscribe by mail, shown on the pages of feeds and issues, if not by the pages of `[web]`."""
    podcast: Podcast | None = None
    """What is said of feeds with recordings."""
