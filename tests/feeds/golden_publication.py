"""The golden publication: articles that carry every difficulty, collected and published as in real life.

Three passes at fixed hours. Between the first and the second an article is edited and another one removed; a recording is
entered where a source would have named it. The third finds the removed article missing once more, so that it leaves.
"""

import json
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import text

from tests.conftest import Publication

ARTICLES = Path(__file__).parent / "golden" / "articles"
FIRST_PASS = datetime(2024, 8, 9, 9, 0, tzinfo=UTC)
RECORDING = {
    "url": "https://hair.example.org/recordings/brushing.mp3",
    "media_type": "audio/mpeg",
    "length": 5_781_234,
    "seconds": 754,
}
PODCAST = """items = 5
hubs = ["https://hub.example.org/"]

[feeds.podcast]
image = "https://hair.example.org/cover.jpg"
category = "Health & Fitness"
explicit = false
owner_email = "editor@hair.example.org"

[newsletters"""


def publish(folder: Path) -> dict[str, bytes]:
    """Every published file, by its path below the feeds directory."""
    publication = Publication(folder)
    publication.configure('title = "Plain Hair"\n', 'title = "Plain Hair"\ndescription = "Articles that are hard to publish."\n')
    publication.configure('timezone = "UTC"', 'timezone = "Europe/Berlin"')
    publication.configure("[newsletters", PODCAST)
    publication.configure('path = "../articles"', 'path = "../articles"\ndate_order = "DMY"')
    for page in sorted(ARTICLES.iterdir()):
        (publication.articles / page.name).write_bytes(page.read_bytes())
    publication.run(FIRST_PASS)
    edited = publication.articles / "edited.txt"
    edited.write_text(edited.read_text(encoding="utf-8").replace("once a week", "twice a week"), encoding="utf-8")
    (publication.articles / "removed.txt").unlink()
    _enter_recording(publication)
    for hour in (1, 2):
        report = publication.run(FIRST_PASS + timedelta(hours=hour))
        assert not report.publish.failures
    return {
        str(path.relative_to(publication.public)): path.read_bytes()
        for path in sorted(publication.public.rglob("*"))
        if path.is_file()
    }


def _enter_recording(publication: Publication) -> None:
    ledger = publication.ledger()
    with ledger.write() as connection:
        entered = text("UPDATE articles SET enclosure = :recording WHERE title = 'Listen to this'")
        assert connection.execute(entered, {"recording": json.dumps(RECORDING)}).rowcount == 1
    ledger.close()


if __name__ == "__main__":
    publish(Path(sys.argv[1]))
