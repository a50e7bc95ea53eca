"""Files that are written whole or not at all, and the files that come with HairFeed."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

PACKAGE = Path(__file__).parent


def write_whole(path: Path, content: bytes) -> bool:
    """Put `content` at `path` so that no reader and no crash ever sees half of it; False when it is there already.

    The file is on the disk when this returns, if its folder is synced by `sync_folder`.

    Raises:
        OSError: it could not be written; what was there is still there.
    """
    try:
        if path.read_bytes() == content:
            return False
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
    # Not hidden by accident: a name that no web server's index shows and that the next attempt simply writes over.
    unfinished = path.with_name(f".{path.name}.part")
    try:
        with unfinished.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    except OSError:
        unfinished.unlink(missing_ok=True)
        raise
    return True


@contextmanager
def private_file(path: Path) -> Iterator[TextIO]:
    """Write text to `path`, for the eyes of its owner alone; it appears whole at the end, or not at all.

    Raises:
        OSError: it could not be written; what was there is still there.
    """
    # Nothing that a pass does needs it.
    import tempfile

    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
    unfinished = Path(name)
    try:
        with open(descriptor, "w", encoding="utf-8", newline="") as file:  # noqa: PTH123 - of what is open already
            yield file
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Make the names in `folder` durable, after `write_whole`."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def shipped(name: str) -> Path:
    """A file or folder that comes with HairFeed, like `templates/email`: in the installed package, or in the checkout."""
    installed = PACKAGE / "shipped" / name
    return installed if installed.exists() else PACKAGE.parents[1] / name


def template_folders(own: Path | None, kind: str) -> list[Path]:
    """Where templates of a kind (`email`, `web`) are, the operator's `own` folder first; None when there is none."""
    return [*([own / kind] if own else []), shipped(f"templates/{kind}")]


def template_contents(own: Path | None, kind: str) -> list[tuple[str, bytes]]:
    """Name and bytes of every template of a kind: what pages are made of may change while settings do not."""
    files = [file for folder in template_folders(own, kind) for file in sorted(folder.rglob("*"))]
    return [(file.name, file.read_bytes()) for file in files if file.is_file()]
