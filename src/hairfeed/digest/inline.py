"""Style sheets written into the elements they style, as many mail programs want it: premailer, held to what is safe.

premailer is used with three cautions. It must not open anything: its CSS parser follows `@import`, to files too, whatever its
own settings say. It must not touch what it cannot read: the block marked `data-premailer="ignore"` holds the rules for dark
mode and small screens. And it must not add attributes made from styles, because clients obey those before the styles.
"""

import logging
import re
from functools import lru_cache
from typing import Any
from xml.dom import DOMException

import cssutils
from lxml.cssselect import SelectorError
from lxml.etree import LxmlError
from premailer import Premailer

from hairfeed.errors import TemplateError

DOCTYPE = "<!DOCTYPE html>"

# The other form of a condition, <![if !mso]>, is caught here too: no HTML parser keeps it.
_COMMENT = re.compile(r"<!--.*?-->|<!\[.*?\]>", re.DOTALL)
_STYLE_BLOCK = re.compile(r"<style\b.*?</style\s*>", re.DOTALL | re.IGNORECASE)
_LINK = re.compile(r"<link\b", re.IGNORECASE)
_IMPORT = re.compile(r"@import\b", re.IGNORECASE)


def inline(html: str) -> str:
    """A complete HTML page with its style blocks inlined, and the block marked `data-premailer="ignore"` left as it is.

    Nothing outside `html` is read. The same page gives the same bytes.

    Raises:
        TemplateError: the page asks for other files, has no doctype in capitals, or its styles cannot be inlined.
    """
    _expect_doctype(html)
    _refuse_other_files(html)
    try:
        inlined: str = _Inliner(html).transform(pretty_print=False)
    except (SelectorError, LxmlError, DOMException, ValueError, AttributeError, AssertionError) as error:
        raise TemplateError(
            f"the styles cannot be inlined: {error}; look at the first style block, and for what the page lacks"
        ) from error
    _expect_doctype(inlined)
    _expect_same_comments(html, inlined)
    return f"{inlined.rstrip()}\n"


# premailer comes without types.
class _Inliner(Premailer):  # type: ignore[misc]
    """premailer with its safe settings, and a CSS parser that opens nothing."""

    def __init__(self, html: str) -> None:
        super().__init__(
            html,
            allow_network=False,
            allow_loading_external_files=False,
            keep_style_tags=False,
            strip_important=False,
            disable_validation=True,
            align_floating_images=False,
            remove_unset_properties=True,
            cssutils_logging_level=logging.CRITICAL,
            disable_basic_attributes=["width", "height", "align", "valign", "bgcolor"],
        )

    def _parse_css_string(self, css_body: str, validate: bool = True) -> Any:  # noqa: FBT001, FBT002 - premailer's signature
        return _parse(css_body, validate=validate)


@lru_cache(maxsize=32)
def _parse(css: str, *, validate: bool) -> Any:
    """The style sheet in `css`; parsing is the slow half of inlining, and a template's sheet is the same in every issue."""
    return cssutils.CSSParser(fetcher=_nothing).parseString(css, validate=validate)


def _nothing(_url: str) -> tuple[None, bytes]:
    """What every address holds, as far as the CSS parser may know."""
    return None, b""


def _refuse_other_files(html: str) -> None:
    if _LINK.search(html):
        raise TemplateError("<link> asks for another file, and mail programs drop it; put the styles into a <style> block")
    if any(_IMPORT.search(block) for block in _STYLE_BLOCK.findall(html)):
        raise TemplateError("@import asks for another file, and mail programs drop it; put the rules into the <style> block")


def _expect_doctype(page: str) -> None:
    if not page.startswith(DOCTYPE):
        raise TemplateError(f"the page must begin with {DOCTYPE}, in capitals; without it mail programs guess at the layout")


def _expect_same_comments(before: str, after: str) -> None:
    if _COMMENT.findall(before) != _COMMENT.findall(after):
        raise TemplateError("inlining changed a conditional comment; write <!--[if mso]>...<![endif]--> or <!--[if !mso]><!-->")
