"""Programs that people read feeds with find in them what was written, as far as each of them looks.

Every reader gives what it finds as `Entry`; what it does not support is named in its `lacks`, and nothing else may be missing.
"""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from lxml import html

from hairfeed.feeds.feed import publishable
from tests.feeds.difficult import SHOW
from tests.feeds.make_golden import BUILDERS, PUBLISHED
from tests.feeds.real_readers import FROM_NPM, NPM, PROGRAMS, READERS, Entry, RealReader, seconds


def difficult(kind: str) -> tuple[bytes, list[Entry]]:
    """The difficult feed with a recording: its bytes, and the articles that it was made from."""
    entries = [
        Entry(
            article.guid,
            article.url,
            article.title,
            article.html,
            int(article.published_at.timestamp()),
            int(article.modified_at.timestamp()),
            ((article.enclosure.url, article.enclosure.media_type, article.enclosure.length),) if article.enclosure else (),
        )
        for article in publishable(SHOW).articles
    ]
    return BUILDERS[f"feed.{kind}"](SHOW), entries


def published(kind: str) -> tuple[bytes, list[Entry]]:
    """The golden publication's feed: its bytes, and the articles as its JSON has them."""
    items = json.loads((PUBLISHED / "feed.json").read_bytes())["items"]
    entries = [
        Entry(
            item["id"],
            item["url"],
            item["title"],
            item["content_html"],
            seconds(datetime.fromisoformat(item["date_published"])),
            seconds(datetime.fromisoformat(item.get("date_modified", item["date_published"]))),
            tuple((one["url"], one["mime_type"], one["size_in_bytes"]) for one in item.get("attachments", ())),
        )
        for item in items
    ]
    return (PUBLISHED / f"feed.{kind}").read_bytes(), entries


@pytest.mark.parametrize("make", [difficult, published])
@pytest.mark.parametrize(("name", "kind"), [(name, kind) for name, kinds in READERS.items() for kind in kinds])
def test_a_reader_finds_what_was_written(
    make: Callable[[str], tuple[bytes, list[Entry]]], name: str, kind: str, tmp_path: Path
) -> None:
    if name in PROGRAMS and shutil.which(name) is None:
        pytest.skip(f"{name} is not installed")
    if name in FROM_NPM and not (shutil.which("node") and (NPM / "node_modules").is_dir()):
        pytest.skip(f"{name} is not installed: see .ci/run")
    content, written = make(kind)
    assert any(entry.enclosures for entry in written)
    file = tmp_path / f"feed.{kind}"
    file.write_bytes(content)
    reader = READERS[name][kind]
    found = reader.read(file)
    assert len({entry.guid for entry in found}) == len(found)
    assert {entry.guid: comparable(entry, reader) for entry in found} == {
        entry.guid: comparable(_as_json_has_it(entry) if kind == "json" else entry, reader) for entry in written
    }


def comparable(entry: Entry, reader: RealReader) -> Entry:
    """The entry without what the reader does not support."""
    enclosures = tuple(
        (url, None if "media type" in reader.lacks else media_type, None if "length" in reader.lacks else length)
        for url, media_type, length in entry.enclosures
    )
    updated = None if "updated" in reader.lacks else entry.updated
    text = _text(entry.html) if reader.tidies else "" if "html" in reader.lacks else entry.html
    return replace(entry, html=text, updated=updated, enclosures=() if "enclosures" in reader.lacks else enclosures)


def _as_json_has_it(entry: Entry) -> Entry:
    """In JSON Feed the date of a change is left out where nothing changed."""
    return entry if entry.updated != entry.published else replace(entry, updated=None)


def _text(content: str) -> str:
    return str(html.fromstring(f"<div>{content}</div>").text_content())
