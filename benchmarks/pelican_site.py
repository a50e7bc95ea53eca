"""Pelican over the pages of a publication: the same feeds, with a site round them or without."""

import shutil
from pathlib import Path

from pages import SITE_URL
from publication import FEED_ITEMS, Publication
from timing import Cost, run

# Full articles in RSS and Atom, for the site and for every category, as HairFeed writes them.
_FEEDS = f"""
SITENAME = "Plain Hair"
SITEURL = "{SITE_URL}"
AUTHOR = "The Editor"
TIMEZONE = "UTC"
DEFAULT_LANG = "en"
ARTICLE_URL = "{{slug}}"
FEED_DOMAIN = SITEURL
FEED_MAX_ITEMS = {FEED_ITEMS}
RSS_FEED_SUMMARY_ONLY = False
FEED_ALL_ATOM = "feeds/all.atom.xml"
FEED_ALL_RSS = "feeds/all.rss.xml"
CATEGORY_FEED_ATOM = "feeds/{{slug}}.atom.xml"
CATEGORY_FEED_RSS = "feeds/{{slug}}.rss.xml"
AUTHOR_FEED_ATOM = AUTHOR_FEED_RSS = TRANSLATION_FEED_ATOM = None
PLUGINS = []
"""

# What Pelican's own quickstart asks for.
_SITE = """
DEFAULT_PAGINATION = 10
"""

# Without a name to save it under, Pelican writes no page.
_NO_SITE = """
THEME = "simple"
DIRECT_TEMPLATES = []
STATIC_PATHS = []
THEME_STATIC_PATHS = []
ARTICLE_SAVE_AS = CATEGORY_SAVE_AS = AUTHOR_SAVE_AS = TAG_SAVE_AS = ""
"""


class PelicanSite:
    """Pelican's output for a publication's pages; `python` is that of an environment with `pelican[markdown]`."""

    def __init__(self, python: Path, publication: Publication, folder: Path, *, html: bool) -> None:
        """Write Pelican's settings; `html`: articles, lists and archives too, in its default theme, else feeds alone."""
        self._python = python
        self._articles = publication.articles
        self._count = publication.count
        self._html = html
        self._settings = folder / "pelicanconf.py"
        self._output = folder / "output"
        folder.mkdir(parents=True)
        self._settings.write_text(_FEEDS + (_SITE if html else _NO_SITE), encoding="utf-8")

    @property
    def atom(self) -> Path:
        """The site's Atom feed."""
        return self._output / "feeds" / "all.atom.xml"

    def build(self) -> Cost:
        """Build everything anew; Pelican keeps nothing from one build to the next unless it is told to."""
        shutil.rmtree(self._output, ignore_errors=True)
        options: list[str | Path] = ["--output", self._output, "--fatal", "errors", "--quiet"]
        cost, _ = run([self._python, "-m", "pelican", self._articles, "--settings", self._settings, *options])
        pages = sum(1 for path in self._output.rglob("*.html") if path.is_file())
        if (pages >= self._count) is not self._html:
            raise AssertionError(f"Pelican wrote {pages} HTML pages for {self._count} articles")
        return cost
