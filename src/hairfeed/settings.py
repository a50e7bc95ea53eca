"""The config: a TOML file and the environment, read once into one frozen `Settings`.

Every fault is reported at once, with its file and key. A key `[mail.smtp] password` may come from the environment as
`HAIRFEED_MAIL__SMTP__PASSWORD`, or as `HAIRFEED_MAIL__SMTP__PASSWORD_FILE` naming a file that holds it.
"""

import os
import re
import tomllib
from collections.abc import Mapping
from email.utils import parseaddr
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)
from pydantic import ValidationInfo as Info

from hairfeed.errors import SettingsError
from hairfeed.podcast import Podcast
from hairfeed.push_settings import PushTarget
from hairfeed.schedule.due import Schedule
from hairfeed.settings_faults import sentence

ADDRESS_PARTS = ("path", "file", "name", "year", "month", "day", "slug", "category", "section")
"""What an address pattern may hold in braces."""
SELECTABLE = ("title", "date", "author", "summary", "image", "body", "topics")
"""The fields of an article for which a web site's config may name a CSS selector."""

ENVIRONMENT_PREFIX = "HAIRFEED_"


def _zone(name: object) -> ZoneInfo:
    try:
        return ZoneInfo(str(name))
    except (KeyError, ValueError, OSError) as error:
        raise ValueError(f"no time zone is called {name!r}; use a name like Europe/Berlin or UTC") from error


def _schedule(text: object) -> Schedule:
    return Schedule.parse(str(text))


def _web_address(address: str) -> str:
    if not re.fullmatch(r"https?://[^\s/?#]+(/[^\s?#]*)?", address):
        raise ValueError(f"{address!r} is no web address; write it like https://example.com")
    return address.rstrip("/")


def _hub_address(address: str) -> str:
    _web_address(address)
    # Its last slash is part of it.
    return address


def _mailbox(text: str) -> str:
    name, address = parseaddr(text)
    local, _, domain = address.rpartition("@")
    if not local or "." not in domain or re.search(r"[\s<>]", address) or not text.isprintable():
        raise ValueError(f"{text!r} is no mailbox; write it like Weekly <weekly@example.com>")
    if not address.isascii():
        raise ValueError(f"{text!r} cannot be mailed everywhere; an address is ASCII, a domain written like xn--bcher-kva.example")
    if name and not text.strip().endswith(">"):
        raise ValueError(f"{text!r} is no mailbox; put the address in angle brackets")
    return text


def _from_config_folder(path: Path, info: Info) -> Path:
    """Relative paths start at the folder that holds the config, so that a cron line may run from anywhere."""
    context: dict[str, Path] = info.context or {}
    return Path(os.path.normpath(context.get("folder", Path.cwd()) / path.expanduser()))


def _store_url(url: str, info: Info) -> str:
    if re.fullmatch(r"postgresql\+psycopg://[^\s/]*/[^\s/]+", url):
        return url
    scheme, separator, location = url.partition(":///")
    if scheme != "sqlite" or not separator or not location:
        shown = re.sub(r"://[^@/]*@", "://…@", url)
        raise ValueError(
            f"{shown!r} is no store; write it like sqlite:///../var/hairfeed.db or postgresql+psycopg://user@host/database"
        )
    return f"sqlite:///{_from_config_folder(Path(location), info)}"


def _selectable(field: str) -> str:
    if field not in SELECTABLE:
        raise ValueError(f"{field!r} cannot be selected; there are {', '.join(SELECTABLE)}")
    return field


def _once(values: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))


def _address_pattern(pattern: str) -> str:
    unknown = sorted(set(re.findall(r"{(.*?)}", pattern)) - set(ADDRESS_PARTS))
    if unknown:
        known = ", ".join(f"{{{part}}}" for part in ADDRESS_PARTS)
        raise ValueError(f"{{{unknown[0]}}} is unknown; there are {known}")
    _web_address(pattern)
    # Its last slash is part of every address that it makes.
    return pattern


Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
WebAddress = Annotated[str, AfterValidator(_web_address)]
Mailbox = Annotated[str, AfterValidator(_mailbox)]
Zone = Annotated[ZoneInfo, BeforeValidator(_zone)]
Due = Annotated[Schedule, BeforeValidator(_schedule)]
Folder = Annotated[Path, AfterValidator(_from_config_folder)]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$")]


class Section(BaseModel):
    """A table of the config: unknown keys are refused, values are frozen."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True, hide_input_in_errors=True)


class Site(Section):
    """The publication."""

    title: Text
    url: WebAddress
    description: str = ""
    language: Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")] = "en"
    timezone: Zone
    author: Text
    postal_address: Text
    notice: str = ""
    """A sentence at the foot of every mail."""
    templates: Folder | None = None
    """The operator's own templates; what is not there comes from HairFeed's."""


class Store(Section):
    """The ledger."""

    url: Annotated[str, AfterValidator(_store_url)]
    lock_timeout: Annotated[float, Field(gt=0, le=600)] = 10
    """Seconds to wait for another program that writes to the database."""


class Source(Section):
    """What all sources have."""

    date_order: Literal["auto", "language", "DMY", "MDY", "YMD"] = "auto"
    """Of dates in numbers: "auto" goes by the days above 12 among them, "language" by the page's language where there are none."""
    mail_backdated_days: Annotated[int, Field(ge=0, le=3650)] = 30
    """An article dated more days than this before it was first seen is not mailed."""
    mail_archive_days: Annotated[int, Field(ge=0, le=3650)] = 0
    """Of what is there at the first look, articles dated at most this many days before are mailed; 0 mails none of it."""
    future_days: Annotated[int, Field(ge=0, le=3650)] = 365
    """An article dated more days than this ahead is refused as a slip of the pen."""
    vanish_after: Annotated[int, Field(ge=1, le=100)] = 2
    """Looks in a row without an article after which it leaves the feeds."""
    flood: Annotated[int, Field(ge=1, le=100_000)] = 10
    """More new articles than this in one pass, and than five times the usual, are not mailed until the operator says so."""
    flood_feeds: Literal["publish", "hold"] = "publish"
    """Whether a flood enters the feeds at once, or waits for the operator there too."""


class FolderSource(Source):
    """A folder of `.txt`, `.md` and `.html` pages."""

    type: Literal["folder"]
    path: Folder
    url: Annotated[str, AfterValidator(_address_pattern)] | None = None
    """An article's public address: `{path}` is its path in the folder without the ending, `{file}` with it, `{name}` its
    last part; `{year}`, `{month}` and `{day}` are its date's, `{slug}` is its own or made of its title or name, `{category}`
    its first one, `{section}` its first folder. Without it: as the folder's generator (Jekyll, Hugo, Pelican, Eleventy,
    Astro) makes it, or else the site's address and `{path}`."""

    @property
    def location(self) -> str:
        """Where it is; another place is another archive."""
        return str(self.path)


class NetworkSource(Source):
    """What is fetched."""

    url: WebAddress
    pause: Annotated[float, Field(ge=0, le=60)] = 1
    """Seconds between two requests to one host; a longer Crawl-delay counts."""
    allow_private: bool = False
    """Whether it may be on a private network."""
    timeout: Annotated[float, Field(gt=0, le=600)] = 60
    """Seconds that one request may take, redirects and all."""
    most_pages: Annotated[int, Field(ge=1, le=10_000)] = 200
    """Pages fetched in one pass; the others follow in the next."""

    @property
    def location(self) -> str:
        """Where it is; another place is another archive."""
        return self.url


class WebsiteSource(NetworkSource):
    """A web site: its sitemap, or an index page, leads to the articles."""

    type: Literal["website"]
    sitemap: WebAddress | None = None
    """Without it and without `index`: what robots.txt names, else /sitemap.xml."""
    index: WebAddress | None = None
    """A page that links to the articles."""
    links: Text | None = None
    """A pattern that the path of an article's address has, like `/articles/*`."""
    link_selector: Text | None = None
    """A CSS selector of the links on the index page."""
    next_selector: Text | None = None
    """A CSS selector of the link to the next index page; without it: `rel=next`."""
    index_pages: Annotated[int, Field(ge=1, le=1000)] = 10
    selectors: dict[Annotated[str, AfterValidator(_selectable)], Text] = {}
    """CSS selectors that override what is read for a field."""


class FeedSource(NetworkSource):
    """An existing feed: RSS, Atom or JSON Feed."""

    type: Literal["feed"]
    full_text: Literal["auto", "feed", "page"] = "auto"
    """Where an article's text is from: the feed, its page, or the page where the feed has a teaser only."""


AnySource = Annotated[FolderSource | WebsiteSource | FeedSource, Field(discriminator="type")]


class Feeds(Section):
    """The feed files."""

    directory: Folder
    url: WebAddress
    """The public address of `directory`."""
    items: Annotated[int, Field(ge=1, le=500)] = 50
    """Articles in a feed, and in each document of its archive."""
    content: Literal["full", "summary"] = "full"
    categories: bool = True
    """Whether each category has a feed."""
    authors: bool = True
    """Whether each author has a feed."""
    history: bool = True
    """Whether what no longer fits into a feed is kept in archive documents that it leads to (RFC 5005)."""
    compress: Annotated[tuple[Literal["gzip", "br"], ...], AfterValidator(_once)] = ()
    """Compressed files beside the plain ones, for web servers that serve such."""
    hubs: Annotated[tuple[Annotated[str, AfterValidator(_hub_address)], ...], AfterValidator(_once)] = ()
    """WebSub hubs that are told of every change."""
    push: dict[Name, PushTarget] = {}
    """Where else the files are copied to."""
    subscribe_url: WebAddress | None = None
    """Where readers subscribe by mail; shown on the feeds' pages."""
    podcast: Podcast | None = None
    """What is said of feeds with recordings."""


class Newsletter(Section):
    """What people subscribe to."""

    title: Text
    schedule: Due
    """When an issue is due, in the site's time zone."""
    max_articles: Annotated[int, Field(ge=1, le=50)] = 10
    """Articles with a summary in one issue; more are listed by title."""
    min_articles: Annotated[int, Field(ge=1, le=50)] = 1
    """With fewer new articles there is no issue; they wait for the next."""
    template: Name = "digest"

    @model_validator(mode="after")
    def _room_for_the_fewest(self) -> Self:
        if self.min_articles > self.max_articles:
            raise ValueError(f"min_articles ({self.min_articles}) is more than max_articles ({self.max_articles})")
        return self


class Outbox(Section):
    """Mails as files."""

    directory: Folder


class Smtp(Section):
    """A mail relay."""

    host: Text
    port: Annotated[int, Field(ge=1, le=65535)] = 587
    security: Literal["starttls", "tls", "none"] = "starttls"
    username: str | None = None
    password: str | None = Field(default=None, repr=False)
    timeout: Annotated[float, Field(gt=0, le=600)] = 60
    """Seconds to wait for each answer."""


class Resend(Section):
    """The mail API of Resend."""

    key: Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[!-~]+$")] = Field(repr=False)
    url: WebAddress = "https://api.resend.com"
    timeout: Annotated[float, Field(gt=0, le=600)] = 60
    """Seconds to wait for the answer to a batch."""


class Mail(Section):
    """How digests are sent."""

    provider: Literal["outbox", "smtp", "resend"] = "outbox"
    from_: Mailbox = Field(alias="from")
    reply_to: Mailbox
    in_doubt: Literal["hold", "resend", "skip"] = "hold"
    """What becomes of mails whose fate a crash left unknown, where the provider can neither be asked nor repeated safely."""
    outbox: Outbox | None = None
    smtp: Smtp | None = None
    resend: Resend | None = None

    @model_validator(mode="after")
    def _provider_has_its_section(self) -> Self:
        if getattr(self, self.provider) is None:
            raise ValueError(f'provider "{self.provider}" needs a section [mail.{self.provider}]')
        return self


class Settings(Section):
    """The whole config, checked."""

    site: Site
    store: Store
    sources: Annotated[dict[Name, AnySource], Field(min_length=1)]
    feeds: Feeds
    newsletters: dict[Name, Newsletter] = {}
    mail: Mail


def load_settings(path: Path, environment: Mapping[str, str] | None = None) -> Settings:
    """Read the config at `path` and the environment.

    Raises:
        SettingsError: the file cannot be read, or holds faults; all of them are in it.
    """
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise SettingsError([f"{path}: there is no such file; 'hairfeed init' writes one"]) from error
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError([f"{path}: {error}"]) from error
    faults = _lay_environment_over(table, os.environ if environment is None else environment)
    try:
        settings = Settings.model_validate(table, context={"folder": path.absolute().parent})
    except ValidationError as error:
        faults += [f"{path}: {sentence(detail, Settings)}" for detail in error.errors()]
    if faults:
        raise SettingsError(faults)
    return settings


def _lay_environment_over(table: dict[str, Any], environment: Mapping[str, str]) -> list[str]:
    """Put every `HAIRFEED_SECTION__KEY` into `table`; the faults found on the way."""
    faults = []
    for variable, value in sorted(environment.items()):
        keys = variable.removeprefix(ENVIRONMENT_PREFIX).lower().split("__")
        if not variable.startswith(ENVIRONMENT_PREFIX) or len(keys) < 2:  # noqa: PLR2004 - a section and a key
            continue
        if keys[-1].endswith("_file"):
            keys[-1] = keys[-1].removesuffix("_file")
            try:
                value = Path(value).read_text(encoding="utf-8").strip()  # noqa: PLW2901 - the file's text is the value
            except (OSError, UnicodeDecodeError) as error:
                faults.append(f"environment {variable}: cannot read the file it names: {error}")
                continue
        inner = table
        for key in keys[:-1]:
            inner = inner.setdefault(key, {})
            if not isinstance(inner, dict):
                break
        else:
            inner[keys[-1]] = value
            continue
        faults.append(f"environment {variable}: the config has no such section")
    return faults
