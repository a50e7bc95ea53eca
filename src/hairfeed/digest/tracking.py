"""Links of a mail that lead through our own address first, where a newsletter counts opens and clicks. Pure.

Only links to articles do: never those to leave, to choose, to the archive, to privacy or to a feed. What stands in the mail is a
token and a number; where the number leads is kept with the issue, so nobody can make our address lead elsewhere.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from html import escape, unescape

from hairfeed.digest.content import DigestContent
from hairfeed.digest.fit import Renderer
from hairfeed.digest.render import Rendering
from hairfeed.text.merge import Placeholder, address_token

PIXEL = "0.gif"
"""Behind a reader's address instead of a link's number, which begin with 1."""

_HREF = re.compile(r'(?<=\shref=")([^"]*)(?=")')
_ADDRESS = re.compile(r"https?://[^\s<>]+")
_OWN = address_token(Placeholder.TRACK)


@dataclass
class Tracked:
    """A renderer whose mails are counted; `links` grows with what it renders."""

    renderer: Renderer
    links: dict[str, int] = field(default_factory=dict)
    """By where they lead, the numbers of links."""

    def render(self, content: DigestContent) -> Rendering:
        """The digest, its links to articles numbered, and a picture of one point at its end.

        Raises:
            TemplateError: a template is missing or faulty.
        """
        made = self.renderer.render(content)
        targets = set(_targets(content))

        def numbered(match: re.Match[str]) -> str:
            target = unescape(match[0])
            if target not in targets:
                return match[0]
            return f"{_OWN}{self.links.setdefault(target, len(self.links) + 1)}"

        html = _HREF.sub(numbered, made.html)
        head, end, tail = html.rpartition("</body>")
        pixel = f'<img src="{escape(_OWN)}{PIXEL}" alt="" width="1" height="1" style="display: block">'
        return replace(made, html=f"{head}{pixel}{end}{tail}", text=_ADDRESS.sub(numbered, made.text))


def uncounted(html: str, text: str, links: Mapping[str, int]) -> tuple[str, str]:
    """HTML and text of a mail that is no reader's: its links lead straight where those of readers lead in the end."""
    targets = {number: target for target, number in links.items()}
    pixel = re.compile(rf'<img [^>]*"{re.escape(_OWN)}{re.escape(PIXEL)}"[^>]*>')
    counted = re.compile(rf"{re.escape(_OWN)}(\d+)")
    straight = counted.sub(lambda match: escape(targets[int(match[1])]), pixel.sub("", html))
    return straight, counted.sub(lambda match: targets[int(match[1])], text)


def _targets(content: DigestContent) -> Iterator[str]:
    """Where its links to articles lead, as far as the web goes."""
    for article in (*content.featured, *content.also):
        yield article.url
        yield from (link.url for link in article.related)
        if article.read_all:
            yield article.read_all.url
    for correction in content.corrections:
        yield correction.url
