"""Templates filled in: the operator's own, and HairFeed's where there is no own one by that name."""

import hashlib
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from traceback import walk_tb
from typing import Any, Protocol

import jinja2
from jinja2 import nodes

from hairfeed.errors import TemplateError
from hairfeed.files import template_folders

# What a template can raise while it runs: Jinja2's own errors, and those of the expressions in it.
_FAULTS = (
    jinja2.TemplateError,
    TypeError,
    ValueError,
    ArithmeticError,
    LookupError,
    AttributeError,
    RecursionError,
    OSError,
)


class Words(Protocol):
    """HairFeed's own words in one language, for `{% trans %}` and `gettext`."""

    def gettext(self, message: str, /) -> str:
        """The message in this language."""
        ...

    def ngettext(self, one: str, many: str, number: int, /) -> str:
        """The message for so many."""
        ...

    def pgettext(self, context: str, message: str, /) -> str:
        """The message, where its words alone do not tell what is meant."""
        ...


class TemplateSet:
    """Jinja2 templates of one kind. A name that is not given is an error; in `.html` everything is escaped."""

    def __init__(self, own: Path | None, kind: str, filters: Mapping[str, Callable[..., Any]], words: Words | None = None) -> None:
        """`own` is the operator's folder, which may hold a folder by the name of the kind; None when there is none.

        With `words`, templates may use `{% trans %}`, `gettext`, `ngettext` and `pgettext`.
        """
        self._kind = kind
        self._has_own = own is not None
        self._folders = template_folders(own, kind)
        self._environment = jinja2.Environment(
            loader=jinja2.FileSystemLoader(self._folders),
            autoescape=jinja2.select_autoescape(["html"], default=False),
            undefined=jinja2.StrictUndefined,
            keep_trailing_newline=True,
            trim_blocks=True,
            lstrip_blocks=True,
            extensions=["jinja2.ext.i18n"] if words else [],
        )
        self._environment.filters.update(filters)
        if words:
            self._environment.policies["ext.i18n.trimmed"] = True
            # The extension adds the method when it is loaded, where no type checker sees it.
            install: Callable[..., None] = vars(self._environment)["install_gettext_callables"]
            install(words.gettext, words.ngettext, newstyle=True, pgettext=words.pgettext)
        self._sound: set[str] = set()

    def fill(self, name: str, names: Mapping[str, object]) -> str:
        """The template filled in.

        Raises:
            TemplateError: it is missing or faulty, or fills a block that nothing shows; the message names its file and line, and
                what is wrong.
        """
        try:
            # HairFeed's own have been looked at before they were shipped (tests/test_templates.py): each is read twice for it.
            if self._has_own:
                self._expect_shown_blocks(name)
            return self._environment.get_template(name).render(names)
        except jinja2.TemplateNotFound as error:
            searched, asked_by = " and ".join(map(str, self._folders)), self._place(error)
            missing = f"there is no template {self._kind}/{error.name}; looked in {searched}"
            raise TemplateError(f"{asked_by}: {missing}" if asked_by else missing) from error
        except jinja2.TemplateSyntaxError as error:
            raise TemplateError(f"{error.filename or name}:{error.lineno}: {error.message}") from error
        except _FAULTS as error:
            raise TemplateError(f"{self._place(error) or name}: {error}") from error

    def source(self, name: str) -> str:
        """The template itself."""
        return self._source(name)[0]

    def file(self, name: str) -> str | None:
        """Where a template is that can be filled in."""
        return self._environment.get_template(name).filename

    def _place(self, error: BaseException) -> str | None:
        """File and line of the template that raised; Jinja2 puts them into the traceback in place of its own code."""
        frames = [(Path(frame.f_code.co_filename), line) for frame, line in walk_tb(error.__traceback__)]
        ours = [(path, line) for path, line in frames if any(path.is_relative_to(folder) for folder in self._folders)]
        return "{}:{}".format(*ours[-1]) if ours else None

    def _expect_shown_blocks(self, name: str) -> None:
        """Every block of a template that extends another one has its place there: Jinja2 drops the others without a word."""
        if name in self._sound:
            return
        page, file = self._parsed(name)
        for parent in self._parents(page):
            known = set(self._blocks(parent))
            inner = {block.name for outer in page.find_all(nodes.Block) for block in outer.find_all(nodes.Block)}
            for block in page.find_all(nodes.Block):
                if block.name not in known | inner:
                    there = ", ".join(sorted(known)) or "none"
                    raise TemplateError(f"{file}:{block.lineno}: {parent} has no block {block.name!r}; the blocks there: {there}")
            self._expect_shown_blocks(parent)
        self._sound.add(name)

    def _blocks(self, name: str) -> Iterator[str]:
        """The blocks of a template and of those that it extends."""
        page, _ = self._parsed(name)
        yield from (block.name for block in page.find_all(nodes.Block))
        for parent in self._parents(page):
            yield from self._blocks(parent)

    def _parents(self, page: nodes.Template) -> Iterator[str]:
        """What a template extends by name, if it is there; what is missing is found when the template is filled in."""
        for node in page.find_all(nodes.Extends):
            if isinstance(node.template, nodes.Const) and node.template.value in self._environment.list_templates():
                yield node.template.value

    def _parsed(self, name: str) -> tuple[nodes.Template, str | None]:
        source, file = self._source(name)
        return self._environment.parse(source, name, file), file

    def _source(self, name: str) -> tuple[str, str | None]:
        source, file, _ = self._environment.loader.get_source(self._environment, name)  # type: ignore[union-attr] # it has one
        return source, file


def faults_of(fills: Iterable[Callable[[], object]]) -> Iterator[str]:
    """What is wrong with the templates that each of `fills` fills in: each fault once, as `TemplateSet.fill` words it."""
    found = set()
    for fill in fills:
        try:
            fill()
        except TemplateError as error:
            if str(error) not in found:
                found.add(str(error))
                yield str(error)


def csp_hash(inline: str) -> str:
    """What a Content Security Policy calls the inline script or style with this text (CSP 3 §2.3.1)."""
    return f"'sha256-{b64encode(hashlib.sha256(inline.encode()).digest()).decode()}'"
