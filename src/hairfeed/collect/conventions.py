"""What a folder of Jekyll, Hugo, Pelican, Eleventy or Astro implies: which files are articles, and how addresses are made.

The defaults are each generator's own (Jekyll 4, Hugo 0.111 and later, Pelican 4, Eleventy 3, Astro 5). Config files are read
as far as they are plain data; none is ever executed. Not read: Eleventy's directory data and computed permalinks, Hugo's
languages in folders and file names, Jekyll's collections other than its posts.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from hairfeed.collect.pages import Page
from hairfeed.errors import SourceError

HIGHEST = 6
"""Folders from the source's own upwards in which a generator's config is looked for."""

NEVER_CONTENT = frozenset({"node_modules", "_site", "_includes", "_layouts", "_data", "_sass", "_drafts"})
"""Folders of generators that hold no articles, wherever they stand."""

# Such a name may be a topic elsewhere; right in a generator's project it is not.
_NEVER_IN_ROOT = frozenset({"public", "themes", "layouts", "output", "vendor", "assets"})
_NOTICES = frozenset({"readme", "license", "licence", "changelog", "contributing", "code_of_conduct", "security"})
_READ_BY_GENERATORS = (".md", ".markdown", ".mdx", ".html", ".htm")
_USUAL_POSTS = ("posts", "post", "blog", "articles", "news")

_JEKYLL_STYLES = {
    "date": "/:categories/:year/:month/:day/:title:output_ext",
    "pretty": "/:categories/:year/:month/:day/:title/",
    "ordinal": "/:categories/:year/:y_day/:title:output_ext",
    "weekdate": "/:categories/:year/W:week/:short_day/:title:output_ext",
    "none": "/:categories/:title:output_ext",
}
_JEKYLL_POST = re.compile(r"\d{2,4}-\d{1,2}-\d{1,2}-.+")
_COLON_PLACEHOLDER = re.compile(r":([a-z]+(?:_[a-z]+)*)")
_PELICAN_DATE = re.compile(r"\{date:([^{}]*)\}")
_DATE_PARTS = {
    "%Y": "{year}",
    "%m": "{month}",
    "%d": "{day}",
    "%y": "{short_year}",
    "%j": "{y_day}",
    "%-m": "{i_month}",
    "%-d": "{i_day}",
}


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
    """Address patterns by section, with the placeholders of `hairfeed.collect.address_patterns`; "" is any other section."""
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


def recognise(folder: Path) -> Convention:
    """What the source's folder implies, from the config of a generator in it or above it; `PLAIN` when there is none.

    Raises:
        SourceError: there is such a config, and it cannot be read.
    """
    folder = folder.absolute()
    for root in _upwards(folder):
        below = "" if root == folder else folder.relative_to(root).as_posix()
        for read in (_jekyll, _hugo, _pelican, _eleventy, _astro):
            convention = read(root, below)
            if convention is not None and convention.holds(below):
                return replace(convention, below=below)
    return _without_config(folder)


def _upwards(folder: Path) -> Iterator[Path]:
    for root in [folder, *folder.parents][:HIGHEST]:
        yield root
        if (root / ".git").exists():
            return


def _without_config(folder: Path) -> Convention:
    """Jekyll's folder of posts is known by its name alone."""
    if folder.name == "_posts" or (folder / "_posts").is_dir():
        below = "_posts" if folder.name == "_posts" else ""
        return Convention(Generator.JEKYLL, below=below, patterns=(("", from_colons(_JEKYLL_STYLES["date"])),))
    return PLAIN


def _jekyll(root: Path, below: str) -> Convention | None:
    file = _first_file(root, "_config.yml", "_config.yaml")
    if file is None or not ("_posts" in below.split("/") or any(_has_posts(root / below))):
        return None
    config = _yaml(file)
    if "source_dir" in config or "public_dir" in config:
        # Hexo's config has the same name; its rules are others.
        return None
    permalink = _jekyll_permalink(config)
    pattern = _JEKYLL_STYLES.get(permalink, permalink)
    return Convention(
        Generator.JEKYLL,
        content=_string(config, "collections_dir").strip("./"),
        patterns=(("", from_colons(pattern)),),
        base=_string(config, "baseurl").rstrip("/"),
        language=next(filter(None, (_string(config, key) for key in ("lang", "language", "locale"))), None),
        excerpt_separator=_string(config, "excerpt_separator"),
    )


def _has_posts(folder: Path) -> Iterator[Path]:
    for pattern in ("_posts", "*/_posts", "*/*/_posts"):
        yield from folder.glob(pattern)


def _jekyll_permalink(config: Mapping[str, Any]) -> str:
    """The posts' own, the one of the defaults for posts, the site's, or Jekyll's."""
    own = _string(_table(_table(config, "collections"), "posts"), "permalink")
    defaults = config.get("defaults")
    for default in defaults if isinstance(defaults, list) else []:
        scope = _table(default, "scope")
        if _string(scope, "type") in ("", "posts") and not _string(scope, "path"):
            own = _string(_table(default, "values"), "permalink") or own
    return own or _string(config, "permalink") or "date"


def _hugo(root: Path, below: str) -> Convention | None:
    file = _hugo_config(root)
    if file is None:
        return None
    config = _lower(_data(file))
    content = _string(config, "contentdir").strip("./") or "content"
    if not (root / content).is_dir() or (
        file.stem == "config" and not {"baseurl", "title", "theme", "languagecode"} & config.keys()
    ):
        return None
    more = _first_file(file.parent, "permalinks.toml", "permalinks.yaml", "permalinks.yml", "permalinks.json")
    permalinks = _data(more) if more and file.parent != root else _table(config, "permalinks")
    ending = ".html" if _string(config, "uglyurls") == "true" else "/"
    patterns = {"": "{folders}/{tail}"}
    patterns |= {section: pattern for section, pattern in permalinks.items() if isinstance(pattern, str)}
    patterns |= {section: pattern for section, pattern in _table(permalinks, "page").items() if isinstance(pattern, str)}
    frontmatter = _lower(_table(config, "frontmatter"))
    return Convention(
        Generator.HUGO,
        content=content,
        posts=_hugo_posts(_lower(_table(config, "params")), root / content) if not _is_below(below, content) else (),
        patterns=tuple((section, from_colons(pattern).rstrip("/") + ending) for section, pattern in patterns.items()),
        base=urlsplit(_string(config, "baseurl")).path.rstrip("/"),
        language=_string(config, "defaultcontentlanguage") or _string(config, "languagecode") or None,
        slug_in_name=":filename" in str(frontmatter.get("date", "")),
    )


def _hugo_config(root: Path) -> Path | None:
    names = [f"{name}.{ending}" for name in ("hugo", "config") for ending in ("toml", "yaml", "yml", "json")]
    return _first_file(root, *names) or _first_file(root / "config" / "_default", *names)


def _hugo_posts(params: Mapping[str, Any], content: Path) -> tuple[str, ...]:
    """The sections that the site calls its main ones, or those with a usual name; empty when neither is there."""
    sections = params.get("mainsections")
    if isinstance(sections, list) and sections:
        return tuple(map(str, sections))
    return _usual(content)


def _usual(content: Path) -> tuple[str, ...]:
    return tuple(name for name in _USUAL_POSTS if (content / name).is_dir())


def _pelican(root: Path, _below: str) -> Convention | None:
    file = _first_file(root, "pelicanconf.py")
    if file is None:
        return None
    published = _first_file(root, "publishconf.py")
    conf = "\n".join(_source(one) for one in (file, published) if one)
    content = (_assigned(conf, "PATH") or "").strip("./")
    return Convention(
        Generator.PELICAN,
        content=content,
        posts=tuple(path.strip("/") for path in _assigned_list(conf, "ARTICLE_PATHS") or () if path.strip("/")),
        others=tuple(_assigned_list(conf, "PAGE_PATHS") or ["pages"]),
        patterns=(("", _pelican_pattern(conf, "ARTICLE_URL", "{slug}.html")),),
        translated=_pelican_pattern(conf, "ARTICLE_LANG_URL", "{slug}-{lang}.html"),
        base=urlsplit(_assigned(conf, "SITEURL") or "").path.rstrip("/"),
        language=_assigned(conf, "DEFAULT_LANG") or "en",
        category=_assigned(conf, "DEFAULT_CATEGORY") or "misc",
        folder_is_category=not re.search(r"^USE_FOLDER_AS_CATEGORY\s*=\s*False", conf, re.MULTILINE),
        slug_in_name="(?P<slug>" in (_assigned(conf, "FILENAME_METADATA") or "") or _assigned(conf, "SLUGIFY_SOURCE") == "basename",
    )


def _pelican_pattern(conf: str, name: str, default: str) -> str:
    """The setting as a pattern; where it is computed, a placeholder of its own name, which nothing fills."""
    pattern = _assigned(conf, name)
    if pattern is None:
        return f"{{{name}}}" if re.search(rf"^{name}\s*=", conf, re.MULTILINE) else default
    return _PELICAN_DATE.sub(_date_parts, pattern)


def _date_parts(found: re.Match[str]) -> str:
    return re.sub("%-?[a-zA-Z]", lambda part: _DATE_PARTS.get(part[0], f"{{date:{part[0]}}}"), found[1])


def _assigned(conf: str, name: str) -> str | None:
    """The text that Python source assigns to a name at last; None when it is no plain text."""
    found = re.findall(rf"^{name}\s*=\s*[rRuU]?(['\"])(.*?)\1[ \t]*(?:#.*)?$", conf, re.MULTILINE)
    return found[-1][1] if found else None


def _assigned_list(conf: str, name: str) -> list[str] | None:
    found = re.search(rf"^{name}\s*=\s*[\[(]([^\])]*)[\])]", conf, re.MULTILINE)
    return [text for _, text in re.findall(r"(['\"])(.*?)\1", found[1])] if found else None


def _eleventy(root: Path, below: str) -> Convention | None:
    names = ("eleventy.config.js", "eleventy.config.mjs", "eleventy.config.cjs", "eleventy.config.ts", ".eleventy.js")
    file = _first_file(root, *names)
    if file is None:
        return None
    source = _source(file)
    content = _property(source, "input").strip("./")
    output = _property(source, "output").strip("./")
    posts = () if _is_below(below, content) else _usual_below(root, content)
    return Convention(
        Generator.ELEVENTY,
        content=content,
        posts=posts,
        others=(output,) if output else (),
        patterns=(("", "{place}/"),),
        base=_property(source, "pathPrefix").strip("/").join(("/", "")).rstrip("/"),
    )


def _usual_below(root: Path, content: str) -> tuple[str, ...]:
    inside = root / content
    return _usual(inside) or tuple(f"{name}/{posts}" for name in ("content", "src") for posts in _usual(inside / name))


def _astro(root: Path, below: str) -> Convention | None:
    file = _first_file(root, *(f"astro.config.{ending}" for ending in ("mjs", "js", "ts", "mts", "cjs")))
    if file is None:
        return None
    source = _source(file)
    in_pages = below == "src/pages" or _is_below(below, "src/pages")
    content = "src/pages" if in_pages else "src/content"
    ending = ".html" if _property(source, "format") == "file" else "" if _property(source, "trailingSlash") == "never" else "/"
    return Convention(
        Generator.ASTRO,
        content=content,
        posts=() if _is_below(below, content) else _usual(root / content),
        patterns=(("", ("{place}" if in_pages else "{section}/{slug}") + ending),),
        base=_property(source, "base").strip("/").join(("/", "")).rstrip("/"),
        language=_property(source, "defaultLocale") or None,
    )


def _property(source: str, name: str) -> str:
    """The first plain text that JavaScript source gives a property; "" when there is none."""
    found = re.search(rf"\b{name}[\"']?\s*:\s*([\"'`])([^\"'`$]*)\1", source)
    return found[2] if found else ""


def _is_below(below: str, content: str) -> bool:
    """Whether a folder stands in the content folder, and is not that itself."""
    return PurePosixPath(below) != PurePosixPath(content) and PurePosixPath(below).is_relative_to(content)


def from_colons(pattern: str) -> str:
    """`/:year/:title/` of Jekyll and Hugo as `{year}/{title}/`."""
    return _COLON_PLACEHOLDER.sub(r"{\1}", pattern.replace(":output_ext", ".html")).lstrip("/")


def _first_file(folder: Path, *names: str) -> Path | None:
    return next((folder / name for name in names if (folder / name).is_file()), None)


def _source(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError(f"{file}: cannot be read, and tells the articles' addresses: {error}") from error


def _yaml(file: Path) -> Mapping[str, Any]:
    # Only a source that has such a file pays for the library.
    import yaml

    return _parsed(file, lambda text: yaml.load(text, Loader=yaml.BaseLoader), yaml.YAMLError)  # noqa: S506 - only texts


def _data(file: Path) -> Mapping[str, Any]:
    if file.suffix == ".json":
        return _parsed(file, json.loads, ValueError)
    if file.suffix == ".toml":
        import tomllib

        return _parsed(file, tomllib.loads, ValueError)
    return _yaml(file)


def _parsed(file: Path, parse: Callable[[str], Any], fault: type[Exception]) -> Mapping[str, Any]:
    try:
        table = parse(_source(file))
    except (fault, RecursionError) as error:
        reason = " ".join(str(error).split())
        raise SourceError(f"{file}: cannot be read, and tells the articles' addresses: {reason}") from error
    return table if isinstance(table, dict) else {}


def _lower(table: Mapping[str, Any]) -> dict[str, Any]:
    """The table with its keys in small letters: Hugo does not tell `baseURL` from `baseurl`."""
    return {str(key).lower(): value for key, value in table.items()}


def _table(table: Any, key: str) -> Mapping[str, Any]:
    inner = table.get(key) if isinstance(table, dict) else None
    return inner if isinstance(inner, dict) else {}


def _string(table: Mapping[str, Any], key: str) -> str:
    """What stands under the key as text: "" when it is nothing or no single value."""
    value = table.get(key)
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None or isinstance(value, dict | list) else str(value)
