"""Write the golden files anew: `python -m tests.feeds.make_golden`, then read the difference before committing it.

Those beside the articles are what the writers make of `difficult.py`; those in `published` are the site's feed of the golden
publication, with its archive and the list of all feeds.
"""

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.feeds.difficult import FEED
from tests.feeds.formats import build_atom, build_json, build_rss
from tests.feeds.golden_publication import publish

GOLDEN = Path(__file__).parent / "golden"
PUBLISHED = GOLDEN / "published"
BUILDERS = {"feed.rss": build_rss, "feed.atom": build_atom, "feed.json": build_json}


def is_golden(path: str) -> bool:
    """Whether a published file is one of the site's own feed, or the list."""
    return path.startswith(("archive/", "feed.", "feeds.")) and not path.endswith(".css")


def make_golden() -> None:
    """Write all golden files."""
    for name, build in BUILDERS.items():
        (GOLDEN / name).write_bytes(build(FEED))
    shutil.rmtree(PUBLISHED, ignore_errors=True)
    with TemporaryDirectory() as folder:
        published = publish(Path(folder))
    for path, content in published.items():
        if is_golden(path):
            (PUBLISHED / path).parent.mkdir(parents=True, exist_ok=True)
            (PUBLISHED / path).write_bytes(content)


if __name__ == "__main__":
    make_golden()
