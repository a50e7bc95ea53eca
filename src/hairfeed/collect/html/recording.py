"""The recording of an HTML page: the one it is shared with, else the first player of sound in its text."""

from collections.abc import Iterator

from hairfeed.collect.html.tree import Document, absolute, is_elsewhere
from hairfeed.collect.recordings import best, recording
from hairfeed.models.articles import Enclosure


def page_recording(document: Document) -> Enclosure | None:
    """The first that is told to be a recording: og:audio, then `<audio>`.

    On a page of the operator's own folder its address stays as written: it tells where the file is.
    """
    base_url = document.base_url if document.url else ""
    return best(recording(absolute(base_url, address), kind) for address, kind in _stated(document))


def _stated(document: Document) -> Iterator[tuple[str, str | None]]:
    """Addresses with their types."""
    if card := document.meta("og:audio:secure_url", "og:audio", "og:audio:url"):
        yield card, document.meta("og:audio:type")
    for player in document.root.iter("audio"):
        if is_elsewhere(player):
            continue
        for element in (player, *player.iter("source")):
            if address := element.get("src"):
                yield address, element.get("type")
