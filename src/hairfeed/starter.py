"""What a new publication starts from: a commented config, templates to change, a folder for pages."""

import shutil
from pathlib import Path

import tomlkit

from hairfeed.errors import SettingsError
from hairfeed.files import shipped, write_whole

# Everything of a publication in one folder; the config that comes along is the sample publication's.
_PLACES = {
    ("site", "templates"): "../templates",
    ("store", "url"): "sqlite:///../hairfeed.db",
    ("sources", "articles", "path"): "../articles",
    ("feeds", "directory"): "../public",
    ("mail", "outbox", "directory"): "../outbox",
}


def start(folder: Path) -> list[Path]:
    """Make what is missing in `folder`; the files that were written.

    Raises:
        SettingsError: the folder cannot be written.
    """
    written = []
    try:
        (folder / "articles").mkdir(parents=True, exist_ok=True)
        config = folder / "config" / "hairfeed.toml"
        if not config.exists():
            write_whole(config, starter_config().encode())
            written.append(config)
        for template in sorted(file for file in shipped("templates").rglob("*") if file.is_file()):
            copy = folder / "templates" / template.relative_to(shipped("templates"))
            if not copy.exists():
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(template, copy)
                written.append(copy)
    except OSError as error:
        raise SettingsError([f"{error.filename or folder}: cannot be written: {error.strerror}"]) from error
    return written


def starter_config() -> str:
    """The annotated config, with every path below the publication's own folder."""
    document = tomlkit.parse(shipped("config/hairfeed.toml").read_text(encoding="utf-8"))
    for keys, value in _PLACES.items():
        table: tomlkit.TOMLDocument | tomlkit.items.Table = document
        for key in keys[:-1]:
            table = table[key]
        table[keys[-1]] = value
    return tomlkit.dumps(document)
