"""What a folder of Jekyll, Hugo, Pelican, Eleventy or Astro implies: which files are articles, and how addresses are made. Pure.

`hairfeed.collect.folder.generators` tells which of them a folder is.
"""

import re
from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import PurePosixPath

from hairfeed.collect.pages import Page

NEVER_CONTENT = frozenset({"node_modules", "_site", "_includes", "_layouts", "_data", "_sass", "_drafts"})
"""Folders of generators that hold no articles, wherever they stand."""

# Such a name may be a topic elsewhere; right in a generator's project it is not.
_NEVER_IN_ROOT = frozenset({"public", "themes", "layouts", "output", "vendor", "assets"})
_NOTICES = frozenset({"readme", "license", "licence", "changelog", "contributing", "code_of_conduct", "security"})
_READ_BY_GENERATORS = (".md", ".markdown", ".mdx", ".html", ".htm")
_JEKYLL_POST = re.compile(r"\d{2,4}-\d{1,2}-\d{1,2}-.+")


class Generator(StrEnum):
    """Who makes a site of the folder."""

    NONE = "none"
    JEKYLL = "jekyll"
    HUGO = "hugo"
    PELICAN = "pelican"
    ELEVENTY = "eleventy"
    ASTRO = "astro"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page stands below its project's content folder."""

    folders: tuple[str, ...]
    name: str
    """Of its file without the ending; in a Hugo bundle (`slug/index.md`), of its folder."""


@dataclass(frozen=True, slots=True)
class Convention:
    """What is known of a source's folder from the generator that it belongs to; paths have `/` and no slash at their ends."""

    generator: Generator = Generator.NONE
    below: str = ""
    """The source's folder, from the project's root."""
    content: str = ""
    """The folder that pages and sections are counted from, from the project's root."""
    posts: tuple[str, ...] = ()
    """The folders in `content` that hold articles; empty: any may."""
    others: tuple[str, ...] = ()
    """The folders in `content` that hold none."""
    patterns: tuple[tuple[str, str], ...] = ()
    """Address patterns by section, with the placeholders of `hairfeed.collect.folder.address_patterns`; "" is any other section."""
    translated: str = ""
    """The address pattern of pages in another language than the site's."""
    base: str = ""
    """The path of the site's own address: `/blog`, or empty."""
    language: str | None = None
    category: str | None = None
    """What addresses call the category of a page without one."""
    folder_is_category: bool = False
    slug_in_name: bool = False
    """The file's name tells the slug, behind the date if it begins with one."""
    excerpt_separator: str = ""

    def holds(self, below: str) -> bool:
        """Whether a folder of the project is part of its content, or holds it."""
        inside, content = PurePosixPath(below), PurePosixPath(self.content)
        return inside.is_relative_to(content) or content.is_relative_to(inside)

    def place(self, upstream_id: str) -> Place | None:
        """Where a page of the source stands in the project; None when that is outside its content."""
        parts = (*PurePosixPath(self.below).parts, *PurePosixPath(upstream_id).parts)
        content = PurePosixPath(self.content).parts
        if parts[: len(content)] != content:
            return None
        *folders, file = parts[len(content) :]
        name = PurePosixPath(file).stem
        if self.generator in (Generator.NONE, Generator.HUGO) and name == "index" and folders:
            name = folders.pop()
        return Place(tuple(folders), name)

    def articles(self, upstream_ids: Iterable[str]) -> frozenset[str]:
        """Of the source's files those that the generator takes for articles; none stands in a folder of `NEVER_CONTENT`."""
        ids = list(upstream_ids)
        if self.generator is Generator.NONE:
            return frozenset(ids)
        files = [(one, *one.rpartition("/")[::2]) for one in ids]
        bundles = {folder for _, folder, file in files if folder and _stem(file) == "index"}
        # Asked at every pass: a folder is looked at once, however many files it has.
        may_hold = {folder: self._may_hold_articles(folder, bundles) for folder in {folder for _, folder, _ in files}}
        return frozenset(one for one, folder, file in files if may_hold[folder] and self._is_article(folder, file, bundles))

    def pattern(self, section: str) -> str:
        """The address pattern of a section's pages."""
        patterns = dict(self.patterns)
        return patterns.get(section, patterns.get("", "{path}"))

    def complete(self, page: Page, upstream_id: str) -> Page:
        """The page with what its place implies: category and language."""
        place = self.place(upstream_id)
        folders = place.folders if place else ()
        categories = page.categories
        if self.generator is Generator.JEKYLL:
            above = folders[: folders.index("_posts")] if "_posts" in folders else ()
            categories = tuple(dict.fromkeys([*above, *categories]))
        elif self.folder_is_category and folders and not categories:
            categories = (folders[-1],)
        topics = page.topics if categories == page.categories else categories
        return replace(page, categories=categories, topics=topics, language=page.language or self.language)

    def _may_hold_articles(self, folder: str, bundles: Set[str]) -> bool:
        parts = _parts(f"{self.below}/{folder}")
        content = _parts(self.content)
        inside = parts[len(content) :]
        if parts[: len(content)] != content or (parts and parts[0] in _NEVER_IN_ROOT):
            return False
        if _is_within(inside, self.others) or (self.posts and not _is_within(inside, self.posts)):
            return False
        if self.generator is Generator.JEKYLL:
            return "_posts" in inside
        # What stands deeper in a bundle of Hugo's belongs to the page of the bundle.
        return self.generator is not Generator.HUGO or bundles.isdisjoint(_above(folder))

    def _is_article(self, folder: str, file: str, bundles: Set[str]) -> bool:
        stem = _stem(file)
        is_root = not folder and not self.below
        if not file.lower().endswith(_READ_BY_GENERATORS) or (is_root and stem.lower() in _NOTICES):
            return False
        if self.generator is Generator.JEKYLL:
            return _JEKYLL_POST.fullmatch(stem) is not None
        if self.generator is Generator.HUGO:
            is_home = stem == "index" and _parts(f"{self.below}/{folder}") == _parts(self.content)
            return stem != "_index" and not is_home and (stem == "index" or folder not in bundles)
        return True


def _parts(path: str) -> tuple[str, ...]:
    return tuple(part for part in path.split("/") if part)


def _stem(file: str) -> str:
    return file.rpartition(".")[0] or file


def _above(folder: str) -> Iterator[str]:
    """The folders that a folder stands in."""
    while folder:
        folder = folder.rpartition("/")[0]
        yield folder


def _is_within(inside: tuple[str, ...], folders: Iterable[str]) -> bool:
    return any(inside[: len(parts)] == parts for parts in map(_parts, folders) if parts)


PLAIN = Convention()
"""A folder of pages, and of no generator."""
