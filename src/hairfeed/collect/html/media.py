"""Pictures and players of an HTML page: lazy ones get their address back, players become links."""

import re
from urllib.parse import urlsplit

from lxml import html as lxml_html

from hairfeed.collect.html.json_ld import pixels
from hairfeed.collect.html.players import PLAYERS
from hairfeed.collect.html.tree import absolute, drop_keeping_tail, inner_html

_LAZY_SOURCES = (
    "data-src",
    "data-lazy-src",
    "data-original",
    "data-lazy",
    "data-orig-file",
    "data-hi-res-src",
    "data-image",
    "data-url",
)
_LAZY_SETS = ("data-srcset", "data-lazy-srcset")
_PLACEHOLDER = re.compile(r"^(?:data:|about:)|(?:placeholder|spacer|blank|transparent|lazy|loading|pixel|1x1)[^/]*$", re.IGNORECASE)

_SMALLEST_PICTURE = 64  # pixels
_NO_CONTENT = re.compile(
    r"(?:^|[/_\-.\s])(?:logo|icon|icons|favicon|avatars?|gravatar|emoji|spacer|blank|pixel|badge|ribbons?|button|sprite|tracking|beacon|share"
    r"|wp-smiley|author-(?:photo|image)|1x1)(?:$|[/_\-.\s\d@?])",
    re.IGNORECASE,
)
_TRACKERS = re.compile(
    r"doubleclick|googlesyndication|googletagmanager|scorecardresearch|quantserve|/ads?/|facebook\.com/tr\b", re.IGNORECASE
)

_YOUTUBE = re.compile(r"(?:youtube(?:-nocookie)?\.com/(?:embed|v)/|youtu\.be/)([\w-]{6,20})")
_VIMEO = re.compile(r"player\.vimeo\.com/video/(\d+)")
_SOUND = re.compile(
    r"soundcloud|spotify|podcast|anchor\.fm|simplecast|libsyn|buzzsprout|megaphone|acast|audioboom|transistor\.fm|bandcamp"
)
_NO_PLAYER = re.compile(
    r"recaptcha|facebook\.com/plugins/(?:like|page|share)|platform\.twitter\.com/widgets|disqus|mailchimp|/subscribe|amazon-adsystem"
)


def mend_images(body: lxml_html.HtmlElement) -> None:
    """Give lazy images their real `src` and `srcset`; placeholders that hide none are taken out."""
    for noscript in list(body.iter("noscript")):
        _take_image_out_of(noscript)
    for source in body.iter("source"):
        if lazy_set := next(filter(None, map(source.get, _LAZY_SETS)), None):
            source.set("srcset", lazy_set)
    for image in list(body.iter("img")):
        if not _mend(image):
            drop_keeping_tail(image)


def image_source(image: lxml_html.HtmlElement) -> str | None:
    """Where a picture really is, as the page writes it: lazy attributes before a placeholder; None when it is nowhere."""
    plain = (image.get("src") or "").strip()
    lazy = next((source for name in _LAZY_SOURCES if (source := (image.get(name) or "").strip()) and _is_address(source)), None)
    if plain and not _PLACEHOLDER.search(plain):
        return plain
    return lazy or _first_of_set(_image_set(image)) or (plain if plain and not plain.startswith(("data:", "about:")) else None)


def is_picture(image: lxml_html.HtmlElement) -> bool:
    """Whether an `<img>` shows something: no logo, icon, portrait, smiley, counter, nor anything too small to see."""
    source = image_source(image) or ""
    sizes = [size for size in (pixels(image.get("width")), pixels(image.get("height"))) if size is not None]
    if not source or any(size < _SMALLEST_PICTURE for size in sizes):
        return False
    return not (_NO_CONTENT.search(source) or _NO_CONTENT.search(image.get("class") or "") or _TRACKERS.search(source))


def link_players(body: lxml_html.HtmlElement) -> None:
    """Put a link in the place of every embedded player that has an address; the others go."""
    for player in list(body.iter(*PLAYERS)):
        if player.getparent() is None:
            continue
        link = _link(player)
        if link is not None:
            link.tail, player.tail = player.tail, None
            player.getparent().replace(player, link)
        else:
            drop_keeping_tail(player)


def with_players_linked(html: str) -> str:
    """An article's HTML with its embedded players turned into links: no feed and no mail can show them."""
    body = lxml_html.fragment_fromstring(html, create_parent="div")
    link_players(body)
    return inner_html(body)


def resolve(body: lxml_html.HtmlElement, base_url: str) -> None:
    """Make every address of links and images absolute; an image without one goes."""
    for element in list(body.iter("a", "img", "source")):
        for name in {"href", "src"} & set(element.keys()):
            element.set(name, absolute(base_url, element.get(name)) or "")
        if element.get("srcset"):
            element.set("srcset", _resolved_set(element.get("srcset"), base_url))
        if element.tag == "img" and not element.get("src"):
            drop_keeping_tail(element)


def _resolved_set(candidates: str, base_url: str) -> str:
    """The candidates of a `srcset` (HTML §4.8.4.2.1) with absolute addresses."""
    found = [candidate.split(maxsplit=1) for candidate in re.split(r",\s+", candidates.strip()) if candidate.strip()]
    return ", ".join(" ".join([absolute(base_url, url) or url, *size]) for url, *size in found)


def _take_image_out_of(noscript: lxml_html.HtmlElement) -> None:
    """The image that a page shows without scripts takes the place of the placeholder before or behind it."""
    images = list(noscript.iter("img"))
    if len(images) != 1 or not is_picture(images[0]):
        return
    image = images[0]
    for neighbour in (noscript.getprevious(), noscript.getnext()):
        if neighbour is not None and neighbour.tag == "img":
            if not image_source(neighbour):
                image.tail = neighbour.tail
                neighbour.getparent().replace(neighbour, image)
            return
    image.tail = None
    noscript.addprevious(image)


def _mend(image: lxml_html.HtmlElement) -> bool:
    source = image_source(image)
    if source is None:
        return False
    image.set("src", source)
    if lazy_set := next(filter(None, map(image.get, _LAZY_SETS)), None):
        image.set("srcset", lazy_set)
    elif (image.get("srcset") or "").startswith("data:"):
        del image.attrib["srcset"]
    return True


def _is_address(text: str) -> bool:
    return not text.startswith(("data:", "{", "about:")) and " " not in text


def _image_set(image: lxml_html.HtmlElement) -> str:
    # The parser does not know that a <source> is empty: the image may stand inside it.
    sources = [image, *(source for picture in image.iterancestors("picture") for source in picture.iter("source"))]
    sets = (source.get(name) for source in sources for name in (*_LAZY_SETS, "srcset"))
    return next((candidates for candidates in sets if candidates and not candidates.startswith("data:")), "")


def _first_of_set(candidates: str) -> str | None:
    words = candidates.split()
    return words[0].rstrip(",") if words else None


def _link(player: lxml_html.HtmlElement) -> lxml_html.HtmlElement | None:
    address = _player_address(player)
    if address is None:
        return None
    host = (urlsplit(address).hostname or "").removeprefix("www.")
    is_sound = player.tag == "audio" or _SOUND.search(address) is not None
    title = " ".join((player.get("title") or player.get("aria-label") or player.get("playlabel") or "").split())
    link = lxml_html.Element("a", href=address)
    link.text = f"{'Listen' if is_sound else 'Watch'}: {title or host}"
    parent = player.getparent()
    if parent is not None and parent.tag in {"p", "a", "span", "li", "td", "figure"}:
        return link
    paragraph = lxml_html.Element("p")
    paragraph.append(link)
    return paragraph


def _player_address(player: lxml_html.HtmlElement) -> str | None:
    """Where to watch or listen: the page of a known host, else the player's own address; None for what is no player."""
    inner = [source.get("src") for source in player.iter("source", "embed", "iframe") if source.get("src")]
    source = next(filter(None, [player.get("data-src"), player.get("src"), player.get("data"), *inner]), "").strip()
    if player.tag == "lite-youtube" and player.get("videoid"):
        source = f"https://www.youtube.com/embed/{player.get('videoid')}"
    if source.startswith("//"):
        source = f"https:{source}"
    is_hidden = "0" in (player.get("width"), player.get("height")) or "1" in (player.get("width"), player.get("height"))
    if not source.startswith(("http://", "https://")) or is_hidden or _NO_PLAYER.search(source) or _TRACKERS.search(source):
        return None
    try:
        urlsplit(source)
    except ValueError:
        return None
    if video := _YOUTUBE.search(source):
        return f"https://www.youtube.com/watch?v={video[1]}"
    if video := _VIMEO.search(source):
        return f"https://vimeo.com/{video[1]}"
    return source
