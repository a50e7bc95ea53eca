"""Pages that say one thing: what went wrong, or that something is done, and what to do next."""

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from hairfeed.text.translations import Translations
from hairfeed.web.pages import PRIVATE, Pages


@dataclass(frozen=True, slots=True)
class Button:
    """What to do next: a page to go to, or something to post where the reader is."""

    label: str
    url: str = ""
    action: str = ""


def notice(
    pages: Pages,
    request: Request,
    words: Translations,
    title: str,
    lines: Sequence[str],
    button: Button | None = None,
    status: int = 200,
    titles: Sequence[str] = (),
) -> Response:
    """A page with one thing to say; `titles` of newsletters stand below its lines."""
    names = {"title": title, "lines": lines, "titles": titles, "button": button}
    return pages.page(request, words, "notice.html", names, status)


def fault(pages: Pages, request: Request, status: int, seconds: int | None = None) -> Response:
    """The page for a request that leads to nothing, by its status; `seconds`, after which another time is worth while."""
    words = pages.words(request)
    _ = words.gettext
    if status == 404:  # noqa: PLR2004 - the statuses of RFC 9110 are words enough
        title, line = (
            _("This page is not here"),
            _("The link is not complete, or not ours. Open it from the mail once more."),
        )
    elif status == 405:  # noqa: PLR2004
        title, line = _("This does not work here"), _("Open the page by its link, and use the button on it.")
    elif status == 413:  # noqa: PLR2004
        title, line = _("That was too much"), _("The form was longer than it can be. Fill it in once more, with less.")
    elif status == 429:  # noqa: PLR2004
        title, line = _("Too many at once"), _("Your network has asked very often. Please try again later.")
    elif status == 503:  # noqa: PLR2004
        title, line = _("Not just now"), _("We are busy. Nothing was changed. Please try again in a minute.")
    elif status == 500:  # noqa: PLR2004
        title, line = _("Something went wrong"), _("It is our fault, and we can see it. Please try again later.")
    else:
        title, line = _("This could not be read"), _("Fill in the form on our page and send it once more.")
    if is_for_programs(pages, request):
        answer: Response = JSONResponse({"error": line}, status, headers=PRIVATE | pages.shared(request))
    else:
        answer = notice(pages, request, words, title, [line], Button(_("Subscribe"), url=f"{pages.base}/"), status)
    if seconds is not None:
        answer.headers["retry-after"] = str(seconds)
    return answer


def is_for_programs(pages: Pages, request: Request) -> bool:
    """Whether what is asked for speaks JSON."""
    return request.url.path.startswith((f"{pages.path}/api/", f"{pages.path}/hooks/"))
