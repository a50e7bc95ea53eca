"""Templates filled in: the operator's own, and HairFeed's where there is no own one by that name."""

import hashlib
from base64 import b64encode
from collections.abc import Callable, Mapping
from pathlib import Path
from traceback import walk_tb
from typing import Any

import jinja2

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


class TemplateSet:
    """Jinja2 templates of one kind. A name that is not given is an error; in `.html` everything is escaped."""

    def __init__(self, own: Path | None, kind: str, filters: Mapping[str, Callable[..., Any]]) -> None:
        """`own` is the operator's folder, which may hold a folder by the name of the kind; None when there is none."""
        self._kind = kind
        self._folders = template_folders(own, kind)
        self._environment = jinja2.Environment(
            loader=jinja2.FileSystemLoader(self._folders),
            autoescape=jinja2.select_autoescape(["html"], default=False),
            undefined=jinja2.StrictUndefined,
            keep_trailing_newline=True,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.filters.update(filters)

    def fill(self, name: str, names: Mapping[str, object]) -> str:
        """The template filled in.

        Raises:
            TemplateError: it is missing or faulty; the message names its file and line, and what is wrong.
        """
        try:
            return self._environment.get_template(name).render(names)
        except jinja2.TemplateNotFound as error:
            searched = " and ".join(map(str, self._folders))
            raise TemplateError(f"there is no template {self._kind}/{error.name}; looked in {searched}") from error
        except jinja2.TemplateSyntaxError as error:
            raise TemplateError(f"{error.filename or name}:{error.lineno}: {error.message}") from error
        except _FAULTS as error:
            raise TemplateError(f"{self._place(error) or name}: {error}") from error

    def file(self, name: str) -> str | None:
        """Where a template is that can be filled in."""
        return self._environment.get_template(name).filename

    def _place(self, error: BaseException) -> str | None:
        """File and line of the template that raised; Jinja2 puts them into the traceback in place of its own code."""
        frames = [(Path(frame.f_code.co_filename), line) for frame, line in walk_tb(error.__traceback__)]
        ours = [(path, line) for path, line in frames if any(path.is_relative_to(folder) for folder in self._folders)]
        return "{}:{}".format(*ours[-1]) if ours else None


def csp_hash(inline: str) -> str:
    """What a Content Security Policy calls the inline script or style with this text (CSP 3 §2.3.1)."""
    return f"'sha256-{b64encode(hashlib.sha256(inline.encode()).digest()).decode()}'"
