"""Which generator a folder belongs to, and what its config says.

The defaults are each generator's own (Jekyll 4, Hugo 0.111 and later, Pelican 4, Eleventy 3, Astro 5). Config files are read
as far as they are plain data; none is ever executed. Not read: Eleventy's directory data and computed permalinks, Hugo's
languages in folders and file names, Jekyll's collections other than its posts.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from hairfeed.collect.folder.address_patterns import from_colons
from hairfeed.collect.folder.config_files import (
    assigned,
    assigned_list,
    first_file,
    lower,
    property_text,
    read_table,
    read_text,
    string,
    subtable,
)
from hairfeed.collect.folder.conventions import PLAIN, Convention, Generator

HIGHEST = 6
"""Folders from the source's own upwards in which a generator's config is looked for."""

_USUAL_POSTS = ("posts", "post", "blog", "articles", "news")

_JEKYLL_STYLES = {
    "date": "/:categories/:year/:month/:day/:title:output_ext",
    "pretty": "/:categories/:year/:month/:day/:title/",
    "ordinal": "/:categories/:year/:y_day/:title:output_ext",
    "weekdate": "/:categories/:year/W:week/:short_day/:title:output_ext",
    "none": "/:categories/:title:output_ext",
}
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
    file = first_file(root, "_config.yml", "_config.yaml")
    if file is None or not ("_posts" in below.split("/") or any(_has_posts(root / below))):
        return None
    config = read_table(file)
    if "source_dir" in config or "public_dir" in config:
        # Hexo's config has the same name; its rules are others.
        return None
    permalink = _jekyll_permalink(config)
    pattern = _JEKYLL_STYLES.get(permalink, permalink)
    return Convention(
        Generator.JEKYLL,
        content=string(config, "collections_dir").strip("./"),
        patterns=(("", from_colons(pattern)),),
        base=string(config, "baseurl").rstrip("/"),
        language=next(filter(None, (string(config, key) for key in ("lang", "language", "locale"))), None),
        excerpt_separator=string(config, "excerpt_separator"),
    )


def _has_posts(folder: Path) -> Iterator[Path]:
    for pattern in ("_posts", "*/_posts", "*/*/_posts"):
        yield from folder.glob(pattern)


def _jekyll_permalink(config: Mapping[str, Any]) -> str:
    """The posts' own, the one of the defaults for posts, the site's, or Jekyll's."""
    own = string(subtable(subtable(config, "collections"), "posts"), "permalink")
    defaults = config.get("defaults")
    for default in defaults if isinstance(defaults, list) else []:
        scope = subtable(default, "scope")
        if string(scope, "type") in ("", "posts") and not string(scope, "path"):
            own = string(subtable(default, "values"), "permalink") or own
    return own or string(config, "permalink") or "date"


def _hugo(root: Path, below: str) -> Convention | None:
    file = _hugo_config(root)
    if file is None:
        return None
    config = lower(read_table(file))
    content = string(config, "contentdir").strip("./") or "content"
    if not (root / content).is_dir() or (
        file.stem == "config" and not {"baseurl", "title", "theme", "languagecode"} & config.keys()
    ):
        return None
    more = first_file(file.parent, "permalinks.toml", "permalinks.yaml", "permalinks.yml", "permalinks.json")
    permalinks = read_table(more) if more and file.parent != root else subtable(config, "permalinks")
    ending = ".html" if string(config, "uglyurls") == "true" else "/"
    patterns = {"": "{folders}/{tail}"}
    patterns |= {section: pattern for section, pattern in permalinks.items() if isinstance(pattern, str)}
    patterns |= {section: pattern for section, pattern in subtable(permalinks, "page").items() if isinstance(pattern, str)}
    frontmatter = lower(subtable(config, "frontmatter"))
    return Convention(
        Generator.HUGO,
        content=content,
        posts=_hugo_posts(lower(subtable(config, "params")), root / content) if not _is_below(below, content) else (),
        patterns=tuple((section, from_colons(pattern).rstrip("/") + ending) for section, pattern in patterns.items()),
        base=urlsplit(string(config, "baseurl")).path.rstrip("/"),
        language=string(config, "defaultcontentlanguage") or string(config, "languagecode") or None,
        slug_in_name=":filename" in str(frontmatter.get("date", "")),
    )


def _hugo_config(root: Path) -> Path | None:
    names = [f"{name}.{ending}" for name in ("hugo", "config") for ending in ("toml", "yaml", "yml", "json")]
    return first_file(root, *names) or first_file(root / "config" / "_default", *names)


def _hugo_posts(params: Mapping[str, Any], content: Path) -> tuple[str, ...]:
    """The sections that the site calls its main ones, or those with a usual name; empty when neither is there."""
    sections = params.get("mainsections")
    if isinstance(sections, list) and sections:
        return tuple(map(str, sections))
    return _usual(content)


def _usual(content: Path) -> tuple[str, ...]:
    return tuple(name for name in _USUAL_POSTS if (content / name).is_dir())


def _pelican(root: Path, _below: str) -> Convention | None:
    file = first_file(root, "pelicanconf.py")
    if file is None:
        return None
    published = first_file(root, "publishconf.py")
    conf = "\n".join(read_text(one) for one in (file, published) if one)
    content = (assigned(conf, "PATH") or "").strip("./")
    return Convention(
        Generator.PELICAN,
        content=content,
        posts=tuple(path.strip("/") for path in assigned_list(conf, "ARTICLE_PATHS") or () if path.strip("/")),
        others=tuple(assigned_list(conf, "PAGE_PATHS") or ["pages"]),
        patterns=(("", _pelican_pattern(conf, "ARTICLE_URL", "{slug}.html")),),
        translated=_pelican_pattern(conf, "ARTICLE_LANG_URL", "{slug}-{lang}.html"),
        base=urlsplit(assigned(conf, "SITEURL") or "").path.rstrip("/"),
        language=assigned(conf, "DEFAULT_LANG") or "en",
        category=assigned(conf, "DEFAULT_CATEGORY") or "misc",
        folder_is_category=not re.search(r"^USE_FOLDER_AS_CATEGORY\s*=\s*False", conf, re.MULTILINE),
        slug_in_name="(?P<slug>" in (assigned(conf, "FILENAME_METADATA") or "") or assigned(conf, "SLUGIFY_SOURCE") == "basename",
    )


def _pelican_pattern(conf: str, name: str, default: str) -> str:
    """The setting as a pattern; where it is computed, a placeholder of its own name, which nothing fills."""
    pattern = assigned(conf, name)
    if pattern is None:
        return f"{{{name}}}" if re.search(rf"^{name}\s*=", conf, re.MULTILINE) else default
    return _PELICAN_DATE.sub(_date_parts, pattern)


def _date_parts(found: re.Match[str]) -> str:
    return re.sub("%-?[a-zA-Z]", lambda part: _DATE_PARTS.get(part[0], f"{{date:{part[0]}}}"), found[1])


def _eleventy(root: Path, below: str) -> Convention | None:
    names = ("eleventy.config.js", "eleventy.config.mjs", "eleventy.config.cjs", "eleventy.config.ts", ".eleventy.js")
    file = first_file(root, *names)
    if file is None:
        return None
    source = read_text(file)
    content = property_text(source, "input").strip("./")
    output = property_text(source, "output").strip("./")
    posts = () if _is_below(below, content) else _usual_below(root, content)
    return Convention(
        Generator.ELEVENTY,
        content=content,
        posts=posts,
        others=(output,) if output else (),
        patterns=(("", "{place}/"),),
        base=property_text(source, "pathPrefix").strip("/").join(("/", "")).rstrip("/"),
    )


def _usual_below(root: Path, content: str) -> tuple[str, ...]:
    inside = root / content
    return _usual(inside) or tuple(f"{name}/{posts}" for name in ("content", "src") for posts in _usual(inside / name))


def _astro(root: Path, below: str) -> Convention | None:
    file = first_file(root, *(f"astro.config.{ending}" for ending in ("mjs", "js", "ts", "mts", "cjs")))
    if file is None:
        return None
    source = read_text(file)
    in_pages = below == "src/pages" or _is_below(below, "src/pages")
    content = "src/pages" if in_pages else "src/content"
    ending = (
        ".html" if property_text(source, "format") == "file" else "" if property_text(source, "trailingSlash") == "never" else "/"
    )
    return Convention(
        Generator.ASTRO,
        content=content,
        posts=() if _is_below(below, content) else _usual(root / content),
        patterns=(("", ("{place}" if in_pages else "{section}/{slug}") + ending),),
        base=property_text(source, "base").strip("/").join(("/", "")).rstrip("/"),
        language=property_text(source, "defaultLocale") or None,
    )


def _is_below(below: str, content: str) -> bool:
    """Whether a folder stands in the content folder, and is not that itself."""
    return PurePosixPath(below) != PurePosixPath(content) and PurePosixPath(below).is_relative_to(content)
