"""The config: a TOML file and the environment, read once into one frozen `Settings`.

Every fault is reported at once, with its file and key. A key `[mail.smtp] password` may come from the environment as
`HAIRFEED_MAIL__SMTP__PASSWORD`, or as `HAIRFEED_MAIL__SMTP__PASSWORD_FILE` naming a file that holds it. A module of this package
has the sections of one part of the job.
"""

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Self
from zoneinfo import ZoneInfo

from pydantic import Field, ValidationError, model_validator

from hairfeed.errors import SettingsError
from hairfeed.settings.archive import Archive
from hairfeed.settings.faults import sentence
from hairfeed.settings.look import Look
from hairfeed.settings.mail import Mail
from hairfeed.settings.newsletters import Newsletter
from hairfeed.settings.operations import Alerts, Doctor, Log, Operator, Retention
from hairfeed.settings.sample import left_over
from hairfeed.settings.site import Feeds, Site, Store
from hairfeed.settings.sources import AnySource
from hairfeed.settings.values import Name, Section
from hairfeed.settings.web import Web

ENVIRONMENT_PREFIX = "HAIRFEED_"


class Settings(Section):
    """The whole config, checked."""

    site: Site
    store: Store
    sources: Annotated[dict[Name, AnySource], Field(min_length=1)]
    feeds: Feeds
    archive: Archive = Archive()
    look: Look = Look()
    newsletters: dict[Name, Newsletter] = Field(default_factory=dict)
    mail: Mail
    web: Web | None = None
    log: Log | None = None
    alerts: Alerts = Alerts()
    operator: Operator | None = None
    retention: Retention = Retention()
    doctor: Doctor = Doctor()

    @model_validator(mode="after")
    def _counting_needs_pages(self) -> Self:
        counting = [name for name, newsletter in self.newsletters.items() if newsletter.tracking]
        if counting and self.web is None:
            raise ValueError(f"newsletters.{counting[0]}.tracking needs the section [web]: links lead through its address")
        return self

    @property
    def subscribe_page(self) -> str | None:
        """Where readers subscribe by mail: as the config says, else the pages of `[web]`; None where they cannot."""
        return self.feeds.subscribe_url or (f"{self.web.url}/" if self.web else None)

    def zone_of(self, newsletter: str) -> ZoneInfo:
        """The time zone of a newsletter, by its name: the site's where it has none, or is not in the config any more."""
        known = self.newsletters.get(newsletter)
        return (known.timezone if known else None) or self.site.timezone


def load_settings(path: Path, environment: Mapping[str, str] | None = None) -> Settings:
    """Read the config at `path` and the environment.

    Raises:
        SettingsError: the file cannot be read, or holds faults; all of them are in it.
    """
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise SettingsError([f"{path}: there is no such file; 'hairfeed init' writes one"]) from error
    except OSError as error:
        raise SettingsError([f"{path}: cannot be read: {error.strerror}"]) from error
    except UnicodeDecodeError as error:
        raise SettingsError([f"{path}: is not in UTF-8 (byte {error.start}); save it as UTF-8"]) from error
    except tomllib.TOMLDecodeError as error:
        raise SettingsError([f"{path}: {error}"]) from error
    faults = _lay_environment_over(table, os.environ if environment is None else environment)
    try:
        settings = Settings.model_validate(table, context={"folder": path.absolute().parent})
    except ValidationError as error:
        faults += [f"{path}: {sentence(detail, Settings)}" for detail in error.errors()]
    else:
        if settings.mail.reaches_readers:
            faults += [
                f"{path}: {key}: is still the sample's; write your own before readers are mailed" for key in left_over(settings)
            ]
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
