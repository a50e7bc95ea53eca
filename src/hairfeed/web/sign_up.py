"""The subscribe page, and the same for the site's own form: a plain HTML one, or a program that speaks JSON."""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from hairfeed.shelf import PAGE, issue_folder, url_of
from hairfeed.store.feed_files import is_there
from hairfeed.subscribers.offers import Offer
from hairfeed.text.translations import Translations
from hairfeed.web.bodies import Fields, read_form, read_json
from hairfeed.web.challenge import Challenges, Returned
from hairfeed.web.desk import Desk
from hairfeed.web.joining import TRAP, Way, Wish, is_trapped, take, wish, wording, wording_version, zones_to_choose
from hairfeed.web.notices import Button, notice
from hairfeed.web.pages import PRIVATE, tongues
from hairfeed.web.stamps import is_in_time, stamp_again

BY_PAGE = "the subscribe page"
BY_SITE = "a form on the site"


class SignUp:
    """Answers for everything by which people join."""

    def __init__(self, desk: Desk) -> None:
        """Nothing is read yet."""
        self._desk = desk
        self._pages = desk.pages
        self._challenges = Challenges(desk.forms_key) if desk.web.challenge else None

    async def page(self, request: Request) -> Response:
        """GET /: the form."""
        words = self._pages.words(request)
        return await self._desk.aside(lambda: self._form(request, words, Wish(), self._offers(), self._mark()))

    async def join(self, request: Request) -> Response:
        """POST /: what was filled in."""
        fields = await read_form(request)
        words = self._pages.words(request, shown=fields.one("lang"))
        return await self._desk.aside(lambda: self._join(request, fields, words))

    async def sent(self, request: Request) -> Response:
        """GET /sent: what comes next."""
        words = self._pages.words(request)
        _ = words.gettext
        lines = [
            _("If you are not subscribed yet, a mail with a link is on its way to you. It may take a few minutes."),
            _("Open the link and press the button there: only then will you get the newsletter."),
            _("Nothing came? Look into the folder for spam. You can ask for another mail after some hours."),
        ]
        button = Button(_("Back to the site"), url=f"{self._desk.settings.site.url}/")
        return notice(self._pages, request, words, _("Look into your mailbox"), lines, button)

    async def offer(self, request: Request) -> Response:
        """GET /api/subscribe: what the site's own form may offer, and has to say."""
        words = self._pages.words(request)
        offered = await self._desk.aside(self._offers)
        newsletters = [
            {
                "name": offer.name,
                "title": offer.title,
                "topics": [{"name": topic.slug, "title": topic.label} for topic in offer.topics],
                "languages": list(offer.languages),
            }
            for offer in offered
        ]
        found = {"newsletters": newsletters} | _terms(words)
        return self._json(request, found | await self._desk.aside(self._challenge))

    async def join_by_json(self, request: Request) -> Response:
        """POST /api/subscribe: from the site's own pages alone."""
        if request.headers.get("origin") not in self._pages.origins:
            error = f"This is for the site's own form; people find one at {self._desk.web.url}/"
            return self._json(request, {"error": error}, 403)
        fields = await read_json(request)
        words = self._pages.words(request, shown=fields.one("lang"))
        return await self._desk.aside(lambda: self._join_by_json(request, fields, words))

    async def preflight(self, request: Request) -> Response:
        """OPTIONS /api/subscribe (Fetch §3.3.5)."""
        answer = Response(status_code=204, headers=PRIVATE | self._pages.shared(request))
        answer.headers["access-control-allow-methods"] = "GET, POST, OPTIONS"
        answer.headers["access-control-allow-headers"] = "Content-Type"
        answer.headers["access-control-max-age"] = "86400"
        return answer

    def _offers(self) -> list[Offer]:
        with self._desk.ledger.read() as connection:
            return self._desk.offers(connection)

    def _earlier(self, offered: list[Offer]) -> dict[str, str]:
        """By newsletter the page of its issues, of those that have had one."""
        folders = {offer.name: issue_folder(offer.name) for offer in offered}
        with self._desk.ledger.read() as connection:
            there = {name: folder for name, folder in folders.items() if is_there(connection, f"{folder}{PAGE}")}
        return {name: url_of(folder, self._desk.settings.feeds) for name, folder in there.items()}

    def _join(self, request: Request, fields: Fields, words: Translations) -> Response:
        done = RedirectResponse(f"{self._pages.path}/sent?lang={words.language}", 303, headers=PRIVATE)
        if is_trapped(fields):
            return done
        offered = self._offers()
        asked = wish(fields, offered, words, disposable=self._desk.web.disposable)
        returned = self._returned(fields)
        mark = self._mark(fields, returned)
        if asked.faults:
            return self._form(request, words, asked, offered, mark, status=422)
        way = self._way(request, fields, returned, words)
        if way is None:
            return self._form(request, words, asked, offered, mark, _why(fields, returned, words))
        once = returned.nonce if returned else None
        if not take(self._desk, asked, offered, self._desk.client(request), way, words, once):
            return self._form(request, words, asked, offered, self._mark(), _sent_before(words))
        return done

    def _mark(self, fields: Fields | None = None, returned: Returned | None = None) -> str:
        """What tells when a form was made; the one that it brought back, so that nobody waits anew for a slip of the pen."""
        if self._challenges is not None:
            return returned.text if returned else self._challenges.unsolved(self._desk.clock())
        return stamp_again(self._desk.forms_key, fields.one("stamp") if fields else "", self._desk.clock())

    def _returned(self, fields: Fields) -> Returned | None:
        """The challenge that a form brings back, if it is good."""
        return self._challenges.read(fields.one("stamp"), self._desk.clock()) if self._challenges else None

    def _way(self, request: Request, fields: Fields, returned: Returned | None, words: Translations) -> Way | None:
        """By which way the form came; None when it has to be sent again, from here."""
        by_page = Way(BY_PAGE, self._pages.form_version)
        if self._challenges is not None:
            # A form in the site's own page has no challenge: it is filled in there, and sent from here.
            return by_page if returned is not None and returned.is_ripe else None
        if "stamp" in fields:
            # It may be a program's.
            in_time = is_in_time(self._desk.forms_key, fields.one("stamp"), self._desk.clock())
            return by_page if in_time else None
        # The site's own form is a part of its page, and knows no time; its origin is all that there is to see.
        return self._by_site(request, fields, words) if request.headers.get("origin") in self._pages.origins else None

    def _by_site(self, request: Request, fields: Fields, words: Translations) -> Way | None:
        """The way of a form of the site; None where it stood there with other words than would be put down as agreed to."""
        version = wording_version(words)
        return Way(f"{BY_SITE}, {request.headers['origin']}", version) if fields.one("form") == version else None

    def _join_by_json(self, request: Request, fields: Fields, words: Translations) -> Response:
        done = self._json(request, {"status": "asked", "message": words.gettext("Look into your mailbox")}, 202)
        if is_trapped(fields):
            return done
        offered = self._offers()
        asked = wish(fields, offered, words, disposable=self._desk.web.disposable)
        if asked.faults:
            return self._json(request, {"error": words.gettext("Please check"), "faults": asked.faults}, 422)
        returned = self._returned(fields)
        if self._challenges is not None and (returned is None or not returned.is_ripe):
            return self._unsolved(request, words, _why(fields, returned, words))
        way, once = self._by_site(request, fields, words), returned.nonce if returned else None
        if way is None:
            return self._asked_again(request, words, "form", _once_more(words), _terms(words))
        if not take(self._desk, asked, offered, self._desk.client(request), way, words, once):
            return self._unsolved(request, words, _sent_before(words))
        return done

    def _challenge(self) -> dict[str, object]:
        """A challenge for a program of the site, where there are such."""
        return {} if self._challenges is None else {"challenge": self._challenges.make(self._desk.clock()).to_dict()}

    def _unsolved(self, request: Request, words: Translations, why: str) -> Response:
        return self._asked_again(request, words, "stamp", why, self._challenge())

    def _asked_again(self, request: Request, words: Translations, field: str, why: str, more: dict[str, object]) -> Response:
        found: dict[str, object] = {"error": words.gettext("Please check"), "faults": {field: why}}
        return self._json(request, found | more, 422)

    def _form(
        self,
        request: Request,
        words: Translations,
        asked: Wish,
        offered: list[Offer],
        mark: str,
        again: str | None = None,
        status: int = 200,
    ) -> Response:
        # Here a topic is one for all newsletters; the page to choose has them one by one.
        topics = {topic.slug: topic for offer in offered for topic in offer.topics}
        spoken = dict.fromkeys(tag for offer in offered for tag in offer.languages)
        names = {
            "wish": asked,
            "again": again,
            "offers": offered,
            "earlier": self._earlier(offered),
            "topics": list(topics.values()),
            "tongues": tongues(spoken),
            "zones": zones_to_choose(offered),
            "wording": wording(words),
            "stamp": mark,
            "trap": TRAP,
        }
        script = "" if self._challenges is None else self._pages.challenge_script
        return self._pages.page(request, words, "join.html", names, status, script)

    def _json(self, request: Request, what: Mapping[str, object], status: int = 200) -> Response:
        return JSONResponse(what, status, headers=PRIVATE | self._pages.shared(request))


def _why(fields: Fields, returned: Returned | None, words: Translations) -> str:
    """What to say of a form that has to be sent once more."""
    _ = words.gettext
    if "stamp" not in fields:
        return _once_more(words)
    if returned is not None and not returned.is_solved:
        return _(
            "Your browser did not solve the task that keeps programs away. Please wait half a minute and press Subscribe again."
        )
    return _("You were very fast, or the page was open for very long. Please press Subscribe once more.")


def _once_more(words: Translations) -> str:
    return words.gettext("One more step: please press Subscribe once more.")


def _terms(words: Translations) -> dict[str, object]:
    """What a program of the site must show, and what it brings back to say that it did."""
    return {"wording": wording(words), "form": wording_version(words), "language": words.language}


def _sent_before(words: Translations) -> str:
    return words.gettext("This form was sent before. Look into your mailbox; if no mail comes, press Subscribe once more.")
