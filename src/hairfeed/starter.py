"""What a new publication starts from: a commented config, and folders for pages and for templates of its own."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import tomlkit
from pydantic import ValidationError

from hairfeed.errors import SettingsError
from hairfeed.files import shipped, write_whole
from hairfeed.settings import Settings
from hairfeed.settings.faults import sentence
from hairfeed.settings.sample import SAMPLE, TITLE, URL

# Everything of a publication in one folder; the config that comes along is the sample publication's.
_PLACES = {
    "site.templates": "../templates",
    "store.url": "sqlite:///../hairfeed.db",
    "sources.articles.path": "../articles",
    "feeds.directory": "../public",
    "mail.outbox.directory": "../outbox",
}


@dataclass(frozen=True, slots=True)
class Told:
    """What is known of the publication; the rest is left to be filled in."""

    title: str | None = None
    url: str | None = None
    author: str | None = None
    email: str | None = None
    postal_address: str | None = None
    timezone: str | None = None
    language: str | None = None


def start(folder: Path, told: Told = Told()) -> bool:
    """Make what is missing in `folder`; False when its config was there, and stays as it is.

    Raises:
        SettingsError: the folder cannot be written, or something told is no such thing.
    """
    config = folder / "config" / "hairfeed.toml"
    text = starter_config(told)
    try:
        for name in ("articles", "templates"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        if config.exists():
            return False
        return write_whole(config, text.encode())
    except OSError as error:
        raise SettingsError([f"{error.filename or folder}: cannot be written: {error.strerror}"]) from error


def starter_config(told: Told) -> str:
    """The annotated config for this publication, with every path below its own folder.

    Raises:
        SettingsError: something told is no such thing.
    """
    url = (told.url or URL).rstrip("/")
    text = shipped("config/hairfeed.toml").read_text(encoding="utf-8")
    # What is commented out is an example with the publication's own host.
    document = tomlkit.parse(text.replace("https://hairfear.com", url).replace("hairfear.com", urlsplit(url).hostname or url))
    for key, value in {**_PLACES, **_values(told, url)}.items():
        *path, last = key.split(".")
        table: tomlkit.TOMLDocument | tomlkit.items.Table = document
        for part in path:
            table = table[part]
        table[last] = value
    try:
        Settings.model_validate(document.unwrap(), context={"folder": Path.cwd()})
    except ValidationError as error:
        raise SettingsError([sentence(detail, Settings) for detail in error.errors()]) from error
    return tomlkit.dumps(document)


def _values(told: Told, url: str) -> Mapping[str, str]:
    title = told.title or TITLE
    email = told.email or "newsletter@example.com"
    return {
        **SAMPLE,
        "site.title": title,
        "site.url": url,
        "site.description": "",
        "site.notice": "",
        "site.language": told.language or "en",
        "site.timezone": told.timezone or "UTC",
        "site.author": told.author or told.title or SAMPLE["site.author"],
        "site.postal_address": told.postal_address or SAMPLE["site.postal_address"],
        "sources.articles.url": f"{url}/{{path}}",
        "feeds.url": f"{url}/feeds",
        "newsletters.weekly.title": f"{title} Weekly",
        "mail.from": f"{_name(title)} <{email}>",
        "mail.reply_to": told.email or SAMPLE["mail.reply_to"],
    }


def _name(title: str) -> str:
    """The title as a mailbox has a name: in quotes where it has more than words (RFC 5322 §3.2.4)."""
    name = title.replace("\\", "").replace('"', "'")
    return f'"{name}"' if re.search(r"[^\w\s'&!-]", name) else name
