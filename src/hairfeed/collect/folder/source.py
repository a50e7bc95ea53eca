"""A look at a folder."""

from collections.abc import Sequence

from hairfeed.collect.folder import files as folder
from hairfeed.collect.folder.files import PageFile
from hairfeed.collect.look import Look, SeenPage, Sighting, signature
from hairfeed.errors import PageError, SourceError
from hairfeed.models.reports import Problem
from hairfeed.settings.sources import FolderSource


def look_at_folder(look: Look[FolderSource]) -> Sighting:
    """List the folder, and read the pages that are new or have changed.

    Raises:
        SourceError: it cannot be listed, or is empty although articles came from it.
    """
    files = folder.scan(look.source.path, signature(look))
    kept = look.convention.articles(file.upstream_id for file in files)
    files = [file for file in files if file.upstream_id in kept]
    if not files:
        return _nothing_there(look)
    fresh = [file for file in files if look.stamps.get(file.upstream_id) != file.stamp]
    pages, problems = _read(fresh, look)
    drafts = {seen.upstream_id for seen in pages if seen.page.draft}
    return Sighting(
        count=len(files),
        present=frozenset(file.upstream_id for file in files) - drafts,
        pages=[seen for seen in pages if not seen.page.draft],
        problems=problems,
    )


def _nothing_there(look: Look[FolderSource]) -> Sighting:
    """An empty folder is not taken for the end of all its articles, nor for their beginning."""
    if look.stamps:
        raise SourceError(
            f"{look.source.path}: holds no pages, and {len(look.stamps)} articles came from it; is the disk there? Nothing was "
            f"changed (if they are meant to go, remove [sources.{look.name}] from the config)"
        )
    waiting = Problem(str(look.source.path), "holds no pages yet; the first that come are taken as the archive: feeds, no mail")
    return Sighting(count=0, present=frozenset(), problems=[waiting], whole=False)


def _read(files: Sequence[PageFile], look: Look[FolderSource]) -> tuple[list[SeenPage], list[Problem]]:
    pages, problems = [], []
    for done, file in enumerate(files):
        look.watch.step(f"Reading {look.name}", done, len(files))
        try:
            with look.contained(file.upstream_id):
                page, notes = folder.read(file, look.convention)
        except PageError as error:
            problems.append(look.problem(file.upstream_id, str(error)))
        else:
            pages.append(SeenPage(file.upstream_id, file.stamp, page))
            problems += [look.problem(file.upstream_id, note) for note in notes]
    return pages, problems
