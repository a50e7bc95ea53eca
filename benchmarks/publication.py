"""A publication of generated pages, and passes of HairFeed over it."""

import json
import shutil
import sys
from pathlib import Path
from typing import Any

from pages import SITE_URL, Form, write_pages
from timing import Cost, run

NOW = "2024-08-09T09:00"
"""The clock of every pass: an hour after the newsletter's hour."""

FEED_ITEMS = 50

CONFIG = f"""
[site]
title = "Plain Hair"
url = "{SITE_URL}"
language = "en"
timezone = "UTC"
author = "The Editor"
postal_address = "Plain Hair, 1 Example Street, Springfield"

[store]
url = "sqlite:///var/hairfeed.db"

[sources.articles]
type = "folder"
path = "articles"
url = "{SITE_URL}/{{name}}"
date_order = "DMY"

[feeds]
directory = "public"
url = "{SITE_URL}/feeds"
items = {FEED_ITEMS}

[newsletters.weekly]
title = "Plain Hair Weekly"
schedule = "Fri 08:00"

[mail]
provider = "outbox"
from = "Plain Hair Weekly <weekly@hair.example.org>"
reply_to = "editor@hair.example.org"

[mail.outbox]
directory = "outbox"
"""


class Publication:
    """A folder with pages, a config, and what HairFeed makes of them."""

    def __init__(self, folder: Path, count: int, form: Form) -> None:
        """Write the config and `count` pages."""
        self.count = count
        self.articles = folder / "articles"
        self.public = folder / "public"
        self._ledger = folder / "var"
        self._outbox = folder / "outbox"
        self.config = folder / "hairfeed.toml"
        folder.mkdir(parents=True)
        self.config.write_text(CONFIG, encoding="utf-8")
        write_pages(self.articles, count, form)

    def forget(self) -> None:
        """Throw the ledger and the feeds away: the next pass is the first."""
        for folder in (self._ledger, self.public, self._outbox):
            shutil.rmtree(folder, ignore_errors=True)

    def cold_pass(self) -> Cost:
        """The first pass over all pages."""
        self.forget()
        cost, report = self.make_pass()
        _expect(report["collect"]["new"], self.count, "new articles")
        _expect(len(report["publish"]["written"]), report["publish"]["files"], "files written")
        return cost

    def idle_pass(self) -> Cost:
        """A pass over pages that were all taken in before: it must find nothing new and write nothing."""
        before = self._files()
        cost, report = self.make_pass()
        collected = report["collect"]
        _expect(collected["pages"], self.count, "pages")
        _expect([collected[what] for what in ("new", "changed", "moved", "gone")], [0, 0, 0, 0], "changes")
        _expect(report["publish"]["written"], [], "feed files written")
        _expect([report["compose"]["composed"], report["deliver"]["receipts"]], [[], []], "issues")
        _expect(self._files(), before, "files")
        return cost

    def make_pass(self) -> tuple[Cost, dict[str, Any]]:
        """A pass that has nothing to warn of; its cost and its report."""
        cost, output = run([sys.executable, "-m", "hairfeed", "run", "--config", self.config, "--now", NOW, "--json"])
        report: dict[str, Any] = json.loads(output)
        for stage in ("collect", "publish", "compose", "deliver"):
            _expect([report[stage]["warnings"], report[stage]["failures"]], [[], []], f"problems of the stage {stage}")
        return cost, report

    def _files(self) -> dict[Path, tuple[int, int]]:
        """Every feed and mail with its inode and time: a file that is written again has others, even with the same bytes."""
        found = (path for folder in (self.public, self._outbox) for path in folder.rglob("*"))
        return {path: (path.stat().st_ino, path.stat().st_mtime_ns) for path in found}


def _expect(found: object, expected: object, what: str) -> None:
    if found != expected:
        raise AssertionError(f"the pass measured is not the one meant: {what}: {found}, not {expected}")
