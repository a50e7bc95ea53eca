"""Pictures that mails and pages of issues can show: those that the collect stage has put into place."""

from collections.abc import Collection
from dataclasses import dataclass

from hairfeed.digest.content import Picture
from hairfeed.models.articles import PictureState
from hairfeed.models.reports import Problem
from hairfeed.settings import Settings
from hairfeed.shelf import url_of
from hairfeed.store import pictures
from hairfeed.store.database import Connection
from hairfeed.store.pictures import KeptPicture
from hairfeed.text.words import one_line


@dataclass(frozen=True, slots=True)
class Logos:
    """The publication's logo for light and for dark backgrounds, each None where there is none; `missing` says why."""

    light: Picture | None = None
    dark: Picture | None = None
    missing: tuple[Problem, ...] = ()


def pictures_of(connection: Connection, article_ids: Collection[int], settings: Settings) -> dict[int, Picture]:
    """By article id, its lead picture; articles without one that can be shown are left out."""
    if not settings.archive.pictures:
        return {}
    found = pictures.ready(connection, article_ids)
    return {article_id: _picture(kept, one_line(image.alt), settings) for article_id, (kept, image) in found.items()}


def logos_of(connection: Connection, settings: Settings) -> Logos:
    """The logo of `[look]`; what cannot be shown is missing, and the mail is right without it."""
    known = pictures.of_the_look(connection)
    shown: dict[str, Picture] = {}
    missing = []
    for name, address in (("logo", settings.look.logo), ("logo_dark", settings.look.logo_dark)):
        if address is None:
            continue
        kept = known.get(name)
        if (
            kept
            and kept.state is PictureState.READY
            and kept.source.startswith(pictures.look_source(address, settings.look.logo_width))
        ):
            shown[name] = _picture(kept, settings.site.title, settings)
        else:
            why = kept.fault if kept and kept.fault else "is not in place yet"
            missing.append(Problem(f"look.{name}", f"{why}; the mail goes without it"))
    return Logos(shown.get("logo"), shown.get("logo_dark"), tuple(missing))


def _picture(kept: KeptPicture, alt: str, settings: Settings) -> Picture:
    return Picture(url_of(kept.path or "", settings.feeds), kept.width or 0, kept.height or 0, alt)
