"""Write the golden files anew: `python -m tests.feeds.make_golden`, then read the difference before committing it.

A new version of HairFeed changes them too, for the feeds name their generator. Another folder may be given as argument.
"""

import sys
from pathlib import Path

from hairfeed.feeds.json_feed import build_json
from hairfeed.feeds.rss_atom import build_atom, build_rss
from tests.feeds.difficult import FEED

GOLDEN = Path(__file__).parent / "golden"
BUILDERS = {"feed.rss": build_rss, "feed.atom": build_atom, "feed.json": build_json}


def make_golden(folder: Path) -> None:
    """Build every format of the difficult feed into `folder`."""
    for name, build in BUILDERS.items():
        (folder / name).write_bytes(build(FEED))


if __name__ == "__main__":
    make_golden(Path(sys.argv[1]) if len(sys.argv) > 1 else GOLDEN)
