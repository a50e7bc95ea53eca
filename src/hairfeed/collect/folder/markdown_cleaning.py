"""What site generators mix into Markdown, taken out or made plain before it is read: Liquid, shortcodes, MDX, kramdown.

Code is never touched. Every pattern stops at the next brace or angle, so that none takes more than linear time.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

# Within lists and quotes too, whatever stands before it there.
_FENCE = re.compile(r"[ \t>]*(?P<marks>`{3,}|~{3,})(?P<info>.*)")
_CODE_BLOCK = re.compile(r"\s*\{(?:%-?|\{<)\s*highlight\s+[\"']?(?P<language>[\w+#-]*)[^{}]*\}{1,2}\s*")
_CODE_BLOCK_END = re.compile(r"\s*\{(?:%-?\s*end|\{<\s*/\s*)highlight\s*(?:-?%|>\})\}\s*")
# A run of backticks up to the next run, or to the end of the line.
_CODE_SPAN = re.compile(r"`+[^`\n]*`+")

_COMMENT = re.compile(r"`+[^`\n]*`+|(?P<tag>\{%-?\s*(?P<end>end)?comment\s*-?%\})")
_TEMPLATE = re.compile(r"\{%[^{}]*%\}|\{\{[^{}]*\}\}|\{#[^{}\n]*#\}")
_TAG_NAME = re.compile(r"[\w.-]+")
_ARGUMENT = re.compile(r"""(?:(?P<key>[\w-]+)\s*=\s*)?(?:"(?P<double>[^"]*)"|'(?P<single>[^']*)'|(?P<plain>[^\s"'=<>{}]+))""")
_FILMS = {"youtube": "https://www.youtube.com/watch?v=", "vimeo": "https://vimeo.com/"}
_ID = re.compile(r"[\w-]{1,40}", re.ASCII)

_ATTRIBUTE_LIST = re.compile(r"\{::?[^{}\n]*\}")
_TABLE_OF_CONTENTS = re.compile(r"^[*+-][ \t]+TOC[ \t]*\n\{:[ \t]*toc[^{}\n]*\}[ \t]*$|^\[(?:TOC|toc)\][ \t]*$", re.MULTILINE)
_HEADING_ATTRIBUTES = re.compile(r"^(#{1,6}[ \t][^\n{}]*)\{[#.][^{}\n]*\}[ \t]*$", re.MULTILINE)
_LINK_OF_THE_SOURCE = re.compile(r"[{|](?:filename|tag|category|author|index)[}|][^\s()\"]*")
_FILE_OF_THE_SOURCE = re.compile(r"(?<=[(\"])[{|](?:static|attach)[}|]")
_LINK_TO_NOTHING = re.compile(r"(?<!!)\[([^\[\]\n]*)\]\([ \t]*\)")
_IMAGE_OF_NOTHING = re.compile(r"!\[[^\[\]\n]*\]\([ \t]*\)")

_MODULE_LINE = re.compile(r"(?:import|export)\s")
_JSX_COMMENT = re.compile(r"\{/\*[^{}]*\*/\}")
_JSX_VALUE = re.compile(r"(?<==)\{(?:[^{}]|\{[^{}]*\})*\}")
_JSX_TAG = re.compile(r"</?(?P<name>[A-Z][\w.]*|(?=>))(?P<rest>(?:[\s/][^<>]*)?)>")
_JSX_EXPRESSION = re.compile(r"\{[^{}\n]*\}")

_MORE = re.compile(r"<!--+[ \t]*(?:more|excerpt|end[ _-]?excerpt|pelican_end_summary)\b[^<>\n]*-->", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class CleanMarkdown:
    """Markdown that says nothing any more but what readers see."""

    text: str
    lead: str = ""
    """What the author set apart as the beginning; empty when nothing is."""


@dataclass(frozen=True, slots=True)
class _Piece:
    text: str
    is_code: bool


def clean(text: str, *, mdx: bool = False, separator: str = "") -> CleanMarkdown:
    """Take out what only a generator understands.

    Args:
        text: Markdown whose lines end in a line feed.
        mdx: it may import modules and hold JSX components, which the text between their tags outlives.
        separator: the site's own mark for the end of the lead, beside `<!--more-->` and its like.
    """
    pieces = [piece if piece.is_code else _Piece(_clean_prose(piece.text, mdx=mdx), is_code=False) for piece in _pieces(text)]
    for place, piece in enumerate(pieces):
        found = None if piece.is_code else _end_of_lead(piece.text, separator)
        if found:
            above, below = piece.text[: found[0]], piece.text[found[1] :]
            lead = "".join(before.text for before in pieces[:place]) + above
            return CleanMarkdown(lead + below + "".join(after.text for after in pieces[place + 1 :]), lead)
    return CleanMarkdown("".join(piece.text for piece in pieces))


def _end_of_lead(text: str, separator: str) -> tuple[int, int] | None:
    """Where the mark begins and ends that stands below the lead."""
    if more := _MORE.search(text):
        return more.span()
    start = text.find(separator) if separator.strip() else -1
    return (start, start + len(separator)) if start >= 0 else None


def _pieces(text: str) -> Iterator[_Piece]:
    """The text in order, blocks of code apart from all else."""
    for is_code, lines in groupby(_marked_lines(text.split("\n")), key=lambda line: line.is_code):
        yield _Piece("".join(line.text for line in lines), is_code)


def _marked_lines(lines: Iterable[str]) -> Iterator[_Piece]:
    """Every line with its end; the blocks of code of Liquid and of Hugo come out between fences."""
    marks = ""
    comment = False
    for line in lines:
        if marks:
            closes = _CODE_BLOCK_END.fullmatch(line) if marks == "highlight" else _closes(line, marks)
            yield _Piece("```\n" if closes and marks == "highlight" else f"{line}\n", is_code=True)
            marks = "" if closes else marks
        elif not comment and (fence := _FENCE.fullmatch(line)) and not ("`" in fence["marks"] and "`" in fence["info"]):
            marks = fence["marks"]
            yield _Piece(f"{line}\n", is_code=True)
        elif not comment and (block := _CODE_BLOCK.fullmatch(line)):
            marks = "highlight"
            yield _Piece(f"```{block['language']}\n", is_code=True)
        else:
            shown, comment = _without_comment(line, comment=comment)
            yield _Piece(f"{shown}\n", is_code=False)


def _closes(line: str, marks: str) -> bool:
    """Whether the line ends the fenced block that `marks` began (CommonMark §4.5)."""
    end = line.strip(" \t>")
    return len(end) >= len(marks) and set(end) == {marks[0]}


def _without_comment(line: str, *, comment: bool) -> tuple[str, bool]:
    """The line without what Liquid calls a comment, and whether one goes on behind it."""
    shown, place = [], 0
    for found in _COMMENT.finditer(line):
        if found["tag"] is None:
            continue
        if not comment:
            shown.append(line[place : found.start()])
        comment, place = not found["end"], found.end()
    if not comment:
        shown.append(line[place:])
    return "".join(shown), comment


def _clean_prose(text: str, *, mdx: bool) -> str:
    if mdx:
        text = "\n\n".join(_without_modules(text.split("\n\n")))
    pieces, place = [], 0
    for span in _CODE_SPAN.finditer(text):
        pieces += [_plain(text[place : span.start()], mdx=mdx), span[0]]
        place = span.end()
    return _finish("".join([*pieces, _plain(text[place:], mdx=mdx)]))


def _finish(text: str) -> str:
    """What can be told only with the spans of code in their places."""
    text = _HEADING_ATTRIBUTES.sub(r"\1", text)
    return _IMAGE_OF_NOTHING.sub("", _LINK_TO_NOTHING.sub(r"\1", text))


def _without_modules(blocks: Iterable[str]) -> Iterator[str]:
    """The blocks without imports and exports: each goes on up to an empty line."""
    for block in blocks:
        if not _MODULE_LINE.match(block.lstrip("\n")):
            yield block


def _plain(text: str, *, mdx: bool) -> str:
    if "{" in text:
        text = _TEMPLATE.sub(_shown, _TABLE_OF_CONTENTS.sub("", text))
        text = _LINK_OF_THE_SOURCE.sub("", _FILE_OF_THE_SOURCE.sub("", _ATTRIBUTE_LIST.sub("", text)))
    elif "[" in text:
        text = _TABLE_OF_CONTENTS.sub("", text)
    if mdx:
        text = _JSX_TAG.sub(_component, _JSX_VALUE.sub('""', _JSX_COMMENT.sub("", text)))
        text = _JSX_EXPRESSION.sub("", text)
    return text


def _shown(found: re.Match[str]) -> str:
    """What readers see of a template's tag: a figure's image, a film's address, of all others nothing."""
    inside = found[0].strip("{}<>%#/- \t\n")
    name = _TAG_NAME.match(inside)
    return _media(name[0].lower(), inside[name.end() :]) if name else ""


def _component(found: re.Match[str]) -> str:
    return _media(found["name"].lower(), found["rest"]) if not found[0].startswith("</") else ""


def _media(name: str, rest: str) -> str:
    named, unnamed = {}, []
    for argument in _ARGUMENT.finditer(rest):
        value = argument["double"] or argument["single"] or argument["plain"] or ""
        if argument["key"]:
            named[argument["key"].lower()] = value
        else:
            unnamed.append(value)
    if name in ("figure", "image", "img"):
        return _image(named)
    film = named.get("id") or next(iter(unnamed), "")
    if name in _FILMS and _ID.fullmatch(film):
        return f"<{_FILMS[name]}{film}>"
    return ""


def _image(named: dict[str, str]) -> str:
    source = named.get("src", "")
    if not source or re.search(r"[<>\n]", source):
        return ""
    words = re.sub(r"[\[\]\\\n]", " ", named.get("alt") or named.get("caption") or named.get("title") or "")
    return f"![{words}](<{source}>)"
