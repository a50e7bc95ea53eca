"""`hairfeed templates`: what mails and pages are made from, and copies of it to change."""

import shutil
from pathlib import Path
from typing import Annotated

import typer

from hairfeed.cli.common import DEFAULT_CONFIG, AsJson, Config, group, print_json
from hairfeed.errors import SettingsError, TemplateError
from hairfeed.files import shipped
from hairfeed.settings import load_settings

templates = group("templates", "What mails and pages are made from, and copies of it to change.")

_SHIPPED = "HairFeed's"
_YOURS, _SAME, _UNKNOWN = "yours", "yours, the same as HairFeed's", "yours, and HairFeed has none by this name"


@templates.command("list")
def list_templates(config: Config = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """Every template, and whose is taken."""
    own = load_settings(config).site.templates
    names = _names(shipped("templates")) | (_names(own) if own else set())
    rows = [{"name": name, "whose": _whose(name, own)} for name in sorted(names)]
    if as_json:
        print_json(rows)
        return
    for row in rows:
        print(f"{row['name']:<28} {row['whose']}")


@templates.command()
def copy(
    names: Annotated[list[str], typer.Argument(metavar="NAME...", help="As 'templates list' has them, like email/digest.html.")],
    config: Config = DEFAULT_CONFIG,
) -> None:
    """Copy templates into your own folder, to be changed there; what is there already stays.

    A copy no longer changes with HairFeed, so copy no more than you change; most changes need no copy at all (docs/digests.md).
    """
    own = load_settings(config).site.templates
    if own is None:
        raise SettingsError([f"{config}: site.templates is not set: set it to a folder for templates of your own"])
    if unknown := [name for name in names if name not in _names(shipped("templates"))]:
        raise TemplateError(f"there is no template {', '.join(unknown)}; see: hairfeed templates list")
    for name in names:
        mine = own / name
        if mine.exists():
            print(f"{mine} was there, and stays as it is")
            continue
        try:
            mine.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(shipped("templates") / name, mine)
        except OSError as error:
            raise TemplateError(f"{mine}: cannot be written: {error.strerror}") from error
        print(f"wrote {mine}")


def _names(folder: Path) -> set[str]:
    return {file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file()}


def _whose(name: str, own: Path | None) -> str:
    if own is None or not (own / name).is_file():
        return _SHIPPED
    original = shipped("templates") / name
    if not original.is_file():
        return _UNKNOWN
    return _SAME if (own / name).read_bytes() == original.read_bytes() else _YOURS
