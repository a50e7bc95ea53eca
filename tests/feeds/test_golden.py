"""The golden publication: the same bytes as ever, in whatever surroundings, and all of them valid."""

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from jsonschema import Draft7Validator

from tests.feeds.golden_publication import ARTICLES, publish
from tests.feeds.json_schema import JsonFeed
from tests.feeds.make_golden import PUBLISHED, is_golden
from tests.feeds.real_readers import NPM
from tests.feeds.rules import faults_of_atom, faults_of_opml, faults_of_rss

ROOT = Path(__file__).parents[2]
LOCALES = ("C", "C.UTF-8", "de_DE.UTF-8")
ZONES = ("UTC", "Asia/Kathmandu", "America/St_Johns")
JSON_SCHEMA = NPM / "node_modules" / "jsonfeed-schema" / "schema-v1.1.json"
CHECKS = {"rss": faults_of_rss, "atom": faults_of_atom, "opml": faults_of_opml}


def files(folder: Path) -> dict[str, bytes]:
    """Every file below a folder."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The golden publication, published here and now."""
    return publish(tmp_path_factory.mktemp("golden") / "site")


def test_the_site_feed_its_archive_and_the_list_are_the_golden_ones(published: dict[str, bytes]) -> None:
    golden = files(PUBLISHED)
    assert {path for path in published if is_golden(path)} == golden.keys()
    for path, content in golden.items():
        assert published[path].decode() == content.decode(), path


def test_every_article_but_the_removed_one_is_published(published: dict[str, bytes]) -> None:
    everything = b"".join(content for path, content in published.items() if is_golden(path)).decode()
    missing = {page.name for page in ARTICLES.iterdir() if f":articles/{page.name}<" not in everything}
    assert missing == {"removed.txt"}


def test_every_published_file_is_valid(published: dict[str, bytes]) -> None:
    found = {path: CHECKS[kind](content) for path, content in published.items() if (kind := path.rpartition(".")[2]) in CHECKS}
    assert len(found) > 20
    assert {path: faults for path, faults in found.items() if faults} == {}
    for path, content in published.items():
        if path.endswith(".json"):
            JsonFeed.model_validate_json(content)


@pytest.mark.skipif(not JSON_SCHEMA.exists(), reason="the packages of tests/feeds/npm_readers are not installed (npm ci)")
def test_every_json_feed_fits_the_schema_that_others_wrote(published: dict[str, bytes]) -> None:
    validator = Draft7Validator(json.loads(JSON_SCHEMA.read_bytes()))
    feeds = {path: json.loads(content) for path, content in published.items() if path.endswith(".json")}
    assert len(feeds) > 5
    assert [(path, error.message) for path, feed in feeds.items() for error in validator.iter_errors(feed)] == []
    assert [error.message for error in validator.iter_errors({**feeds["feed.json"], "items": [{"id": 1}]})]


def test_no_file_asks_for_a_transformation_that_browsers_drop(published: dict[str, bytes]) -> None:
    for path, content in published.items():
        assert b"xsl" not in content.replace(b'<?xml-stylesheet type="text/css"', b""), path


def test_hash_seeds_locales_and_time_zones_change_no_byte(published: dict[str, bytes], tmp_path: Path) -> None:
    def publish_elsewhere(seed: int) -> dict[str, bytes]:
        surroundings = {"PYTHONHASHSEED": str(seed), "LC_ALL": LOCALES[seed % 3], "TZ": ZONES[seed // 3 % 3]}
        folder = tmp_path / str(seed)
        command = [sys.executable, "-m", "tests.feeds.golden_publication", str(folder)]
        subprocess.run(command, cwd=ROOT, env={**os.environ, **surroundings}, check=True)
        return files(folder / "public")

    with ThreadPoolExecutor(2) as pool:
        assert all(elsewhere == published for elsewhere in pool.map(publish_elsewhere, range(10)))
