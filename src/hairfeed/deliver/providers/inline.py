"""A content in a provider's own merge syntax: fields become its variables, with their values for each recipient. Pure."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from itertools import repeat

from hairfeed.deliver.mailing import Content, Recipient
from hairfeed.text.merge import Field, Mergeable, Placeholder


@dataclass(frozen=True, slots=True)
class MergeSyntax:
    """How a provider writes variables. A variable's name is made of lower-case letters and digits."""

    variable: Callable[[str], str]
    """From a variable's name to what stands for it, in plain text."""
    html_variable: Callable[[str], str] | None = None
    """The same in HTML, where that is written in another way."""
    html_is_escaped: bool = False
    """Whether the provider escapes what it fills into HTML by itself."""
    openings: tuple[str, ...] = ()
    """What begins a variable or a command: where an article says such a thing, a variable that holds it stands for it."""


@dataclass(frozen=True, slots=True)
class InlineContent:
    """A content for a provider that fills it in."""

    subject: str
    text: str
    html: str
    headers: tuple[tuple[str, str], ...]
    shared: Mapping[str, str]
    """Variables that are the same for everyone, by name: texts that look like commands of the provider."""
    _fields: Mapping[str, tuple[Field, bool]]

    def each(self, recipients: Sequence[Recipient]) -> Iterator[tuple[Recipient, dict[str, str]]]:
        """Each recipient with their variables by name, the shared ones among them."""
        columns = self.columns(recipients)
        # With no variable at all there are no rows to take apart.
        rows = zip(*columns.values(), strict=True) if columns else repeat(())
        return ((one, dict(zip(columns, row, strict=True))) for one, row in zip(recipients, rows, strict=False))

    def columns(self, recipients: Sequence[Recipient]) -> dict[str, Sequence[str]]:
        """The variables of all recipients at once: by name, each one's value in their order."""
        columns: dict[str, Sequence[str]] = {name: [value] * len(recipients) for name, value in self.shared.items()}
        given = dict(zip(Recipient._fields, zip(*recipients, strict=True), strict=True))
        for name, (field, escaped) in self._fields.items():
            column: Sequence[str] = given[field.placeholder.value]
            if not all(column):
                column = [value or field.otherwise for value in column]
            columns[name] = _escaped(column) if escaped else column
        return columns


def _escaped(column: Sequence[str]) -> Sequence[str]:
    together = "".join(column)
    # Values that need nothing are the rule, and all of them are looked at in one go.
    return column if escape(together) == together else [escape(value) for value in column]


@lru_cache(maxsize=8)
def inline(content: Content, syntax: MergeSyntax) -> InlineContent:
    """The content with the provider's variables in it; the batches of an issue share a few."""
    made = _Variables(syntax)
    return InlineContent(
        subject=made.within(content.subject),
        text=made.within(content.text),
        html=made.within(content.html, html=True),
        headers=tuple((name, made.within(value)) for name, value in content.headers),
        shared=made.shared,
        _fields=made.fields,
    )


class _Variables:
    """Names the variables of one content, in the order in which it uses them."""

    def __init__(self, syntax: MergeSyntax) -> None:
        self._syntax = syntax
        self.shared: dict[str, str] = {}
        self.fields: dict[str, tuple[Field, bool]] = {}
        self._names: dict[tuple[Field, bool], str] = {}

    def within(self, text: Mergeable, *, html: bool = False) -> str:
        parts = []
        for literal, field in zip(text.texts[:-1], text.fields, strict=True):
            # An address is the same in HTML: one variable does for both.
            escaped = html and field.placeholder is Placeholder.NAME and not self._syntax.html_is_escaped
            parts += [self._literal(literal, html=html, before=True), self._written(self._name(field, escaped=escaped), html=html)]
        return "".join([*parts, self._literal(text.texts[-1], html=html)])

    def _literal(self, text: str, *, html: bool, before: bool = False) -> str:
        """A text between variables; `before` another variable a brace at its end would count as one of the variable's."""
        for number, opening in enumerate(self._syntax.openings):
            if opening in text:
                # By pieces: what stands for it may begin in the same way.
                *pieces, last = text.split(opening)
                written = [self._literal(piece, html=html, before=True) for piece in pieces]
                return self._shared(f"opening{number}", opening, html=html).join(
                    [*written, self._literal(last, html=html, before=before)]
                )
        begins = self._written("", html=html)[:1]
        if before and any(opening.startswith(begins) for opening in self._syntax.openings):
            bare = text.rstrip(begins)
            if bare != text:
                return bare + self._shared("beginning", begins, html=html) * (len(text) - len(bare))
        return text

    def _shared(self, name: str, value: str, *, html: bool) -> str:
        """A variable that is the same for everyone."""
        self.shared[name] = value
        return self._written(name, html=html)

    def _written(self, name: str, *, html: bool) -> str:
        form = self._syntax.html_variable if html and self._syntax.html_variable else self._syntax.variable
        return form(name)

    def _name(self, field: Field, *, escaped: bool) -> str:
        name = self._names.get((field, escaped))
        if name is None:
            stem = f"{field.placeholder}{'html' if escaped else ''}"
            others = sum(one.rstrip("0123456789") == stem for one in self.fields)
            name = f"{stem}{others + 1}" if others else stem
            self._names[field, escaped] = name
            self.fields[name] = (field, escaped)
        return name
