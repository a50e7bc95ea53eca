"""The pages that links in mails lead to: confirm, choose, stay, leave. GET shows, POST acts, and acting twice is acting once."""

from collections.abc import Callable, Mapping
from datetime import datetime

from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from hairfeed.errors import ExpiredTokenError
from hairfeed.models.subscribers import SubscriptionState
from hairfeed.store.database import Connection
from hairfeed.store.subscribers import Subscription
from hairfeed.subscribers import readers
from hairfeed.subscribers.offers import Offer
from hairfeed.subscribers.readers import Standing
from hairfeed.text.tokens import Bearer, Purpose
from hairfeed.text.translations import Translations
from hairfeed.text.words import isolated, one_line
from hairfeed.web.bodies import Fields, Unacceptable, read_form
from hairfeed.web.desk import Desk
from hairfeed.web.joining import chosen_zone, is_name, name_fault, zones_to_choose
from hairfeed.web.notices import Button, notice
from hairfeed.web.pages import PRIVATE, tongues

CONFIRMED = SubscriptionState.CONFIRMED
ONE_CLICK = ("List-Unsubscribe", "One-Click")
"""What mail programs post (RFC 8058 §3.1)."""
NOTHING_SENT = Fields()
"""Of a page that is only looked at."""

Titled = list[Mapping[str, str]]
"""Newsletters, each with `name` and `title`."""
Act = Callable[[Connection, Bearer, datetime], object]


class ReaderPages:
    """Answers for whoever holds a link."""

    def __init__(self, desk: Desk) -> None:
        """Nothing is read yet."""
        self._desk = desk
        self._pages = desk.pages

    async def show_confirm(self, request: Request) -> Response:
        """GET /c/TOKEN: the button, or that it was pressed before."""
        return await self._desk.aside(lambda: self._show_confirm(request))

    async def confirm(self, request: Request) -> Response:
        """POST /c/TOKEN."""
        fields = await read_form(request)
        return await self._desk.aside(lambda: self._confirm(request, fields))

    async def show_preferences(self, request: Request) -> Response:
        """GET /p/TOKEN: what the reader gets."""
        return await self._desk.aside(lambda: self._show_preferences(request))

    async def choose(self, request: Request) -> Response:
        """POST /p/TOKEN."""
        fields = await read_form(request)
        return await self._desk.aside(lambda: self._choose(request, fields))

    async def show_stay(self, request: Request) -> Response:
        """GET /s/TOKEN: the button, or how the reader stands."""
        return await self._desk.aside(lambda: self._show_stay(request))

    async def stay(self, request: Request) -> Response:
        """POST /s/TOKEN."""
        fields = await read_form(request)
        return await self._desk.aside(lambda: self._stay(request, fields))

    async def show_leave(self, request: Request) -> Response:
        """GET /u/TOKEN: the button, or that the reader has left."""
        return await self._desk.aside(lambda: self._show_leave(request))

    async def leave(self, request: Request) -> Response:
        """POST /u/TOKEN: by the page's buttons, or by a mail program with one click."""
        fields = await read_form(request)
        return await self._desk.aside(lambda: self._leave(request, fields))

    def _show_confirm(self, request: Request) -> Response:
        try:
            bearer = self._desk.bearer(request, Purpose.CONFIRM)
        except ExpiredTokenError:
            return self._too_old(request)
        standing = self._standing(bearer)
        words = self._words(request, standing)
        _ = words.gettext
        if waiting := self._titled([one.newsletter for one in standing.waiting]):
            return self._pages.page(request, words, "confirm.html", {"waiting": waiting})
        if not (got := self._titled(standing.named(CONFIRMED))):
            lines = [_("There is nothing to confirm here. If you want the newsletter, please subscribe again.")]
            return notice(self._pages, request, words, _("Nothing to confirm"), lines, self._subscribe(words))
        before = [] if "done" in request.query_params else [_("You had confirmed this already.")]
        return self._subscribed(request, words, bearer, got, *before)

    def _subscribed(self, request: Request, words: Translations, bearer: Bearer, got: Titled, *before: str) -> Response:
        _ = words.gettext
        titles = [one["title"] for one in got]
        choose = Button(_("Choose what you get"), url=self._desk.links.preferences(bearer.subscriber_id, bearer.newsletter))
        lines = [*before, _("You get by e-mail:")]
        return notice(self._pages, request, words, _("You are subscribed"), lines, choose, titles=titles)

    def _gets_nothing(self, request: Request, words: Translations) -> Response:
        _ = words.gettext
        lines = [_("You get no newsletter of ours by this link.")]
        return notice(self._pages, request, words, _("Your subscriptions"), lines, self._subscribe(words))

    def _too_old(self, request: Request, fields: Fields = NOTHING_SENT) -> Response:
        standing = self._standing(self._desk.bearer(request, Purpose.CONFIRM, whenever=True))
        words = self._words(request, standing, fields)
        _ = words.gettext
        if standing.waiting:
            lines = [
                _("For your safety the link in the mail was good for a few days only. Press the button, and a new mail comes.")
            ]
            again = Button(_("Mail me a new link"), action="renew")
        else:
            lines = [_("Nothing waits to be confirmed by it any more. If you want the newsletter, begin again.")]
            again = self._subscribe(words)
        return notice(self._pages, request, words, _("This link is too old"), lines, again, 410)

    def _confirm(self, request: Request, fields: Fields) -> Response:
        whenever = self._desk.bearer(request, Purpose.CONFIRM, whenever=True)
        action = fields.one("action")
        if action == "renew":
            self._write(whenever, readers.ask_again)
            language = self._words(request, self._standing(whenever), fields).language
            return RedirectResponse(f"{self._pages.path}/sent?lang={language}", 303, headers=PRIVATE)
        if action != "confirm":
            raise Unacceptable(400)
        try:
            bearer = self._desk.bearer(request, Purpose.CONFIRM)
        except ExpiredTokenError:
            return self._too_old(request, fields)
        shown = {name for names in fields.all("newsletter") for name in names.split(",")}
        self._write(bearer, lambda connection, bearer, now: readers.confirm(connection, bearer, shown, now))
        return self._back(request, fields, "done")

    def _show_preferences(self, request: Request) -> Response:
        bearer = self._desk.bearer(request, Purpose.PREFERENCES)
        return self._preferences(request, bearer)

    def _preferences(self, request: Request, bearer: Bearer, refused: Fields | None = None) -> Response:
        with self._desk.ledger.read() as connection:
            standing = readers.standing(connection, Bearer(bearer.subscriber_id))
            offered = {offer.name: offer for offer in self._desk.offers(connection)}
        words = self._words(request, standing, refused or NOTHING_SENT)
        got = [one for one in standing.subscriptions if one.state is CONFIRMED and one.newsletter in offered]
        # The newsletter whose mail led here comes first.
        got.sort(key=lambda one: one.newsletter != bearer.newsletter)
        if not got:
            return self._gets_nothing(request, words)
        names = {
            "mine": [self._mine(one, offered[one.newsletter], bearer) for one in got],
            "name": standing.name if refused is None else refused.one("name"),
            "zones": zones_to_choose(offered[one.newsletter] for one in got),
            "time_zone": standing.time_zone if refused is None else refused.one("time_zone"),
            "saved": "saved" in request.query_params and refused is None,
            "fault": None if refused is None else name_fault(words),
            "others": len(got) < len(offered),
        }
        return self._pages.page(request, words, "preferences.html", names, 200 if refused is None else 422)

    def _mine(self, one: Subscription, offer: Offer, bearer: Bearer) -> Mapping[str, object]:
        return {
            "offer": offer,
            "topics": one.topics.split(","),
            "language": one.language,
            "tongues": tongues(offer.languages),
            "leave_url": self._desk.links.unsubscribe(bearer.subscriber_id, offer.name),
        }

    def _choose(self, request: Request, fields: Fields) -> Response:
        bearer = self._desk.bearer(request, Purpose.PREFERENCES)
        name = one_line(fields.one("name"))
        if fields.one("action") != "save":
            raise Unacceptable(400)
        if not is_name(name):
            return self._preferences(request, bearer, fields)
        with self._desk.ledger.read() as connection:
            offered = self._desk.offers(connection)
        choices = {
            offer.name: (offer.chosen(fields.all(f"topic-{offer.name}")), offer.spoken(fields.one(f"language-{offer.name}")))
            for offer in offered
        }
        # A form without it, like one of an older page, changes nothing.
        zone = chosen_zone(fields, offered) if "time_zone" in fields else None
        self._write(bearer, lambda connection, bearer, now: readers.choose(connection, bearer, name, choices, now, zone))
        return self._back(request, fields, "saved")

    def _show_stay(self, request: Request) -> Response:
        bearer = self._desk.bearer(request, Purpose.STAY)
        with self._desk.ledger.read() as connection:
            standing = readers.standing(connection, bearer)
            asked = readers.asked_to_stay(connection, bearer)
        words = self._words(request, standing)
        _ = words.gettext
        if asked is None:
            got = self._titled(standing.named(CONFIRMED))
            return self._subscribed(request, words, bearer, got) if got else self._gets_nothing(request, words)
        (one,) = self._titled([asked.newsletter])
        if asked.is_retired:
            line = _("Your subscription has ended because there was no answer. Press the button, and it goes on.")
        else:
            line = _("One press of a button, and everything stays as it is.")
        title = _("Do you still want %(title)s?") % {"title": isolated(one["title"])}
        return notice(self._pages, request, words, title, [line], Button(_("Yes, I want to keep getting it"), action="stay"))

    def _stay(self, request: Request, fields: Fields) -> Response:
        bearer = self._desk.bearer(request, Purpose.STAY)
        if fields.one("action") != "stay":
            raise Unacceptable(400)
        # What was pressed, as it stood there: that is what they agreed to.
        wording = self._words(request, self._standing(bearer), fields).gettext("Yes, I want to keep getting it")
        self._write(bearer, lambda connection, bearer, now: readers.stay(connection, bearer, wording, now))
        return self._back(request, fields, "done")

    def _show_leave(self, request: Request) -> Response:
        bearer = self._desk.bearer(request, Purpose.UNSUBSCRIBE)
        with self._desk.ledger.read() as connection:
            everything = readers.standing(connection, Bearer(bearer.subscriber_id))
            undo = readers.can_undo(connection, bearer, self._desk.clock())
        if "undone" in request.query_params and (got := self._titled(everything.named(CONFIRMED))):
            return self._subscribed(request, self._words(request, everything), bearer, got)
        left = SubscriptionState.UNSUBSCRIBED
        still = [one.newsletter for one in everything.subscriptions if one.state is not left]
        mine = [name for name in still if bearer.newsletter in {"", name}]
        names = {
            "mine": [one["title"] for one in self._titled(mine)],
            "others": len(still) > len(mine),
            "undo": [one["title"] for one in self._titled(undo)],
        }
        return self._pages.page(request, self._words(request, everything), "leave.html", names)

    def _leave(self, request: Request, fields: Fields) -> Response:
        bearer = self._desk.bearer(request, Purpose.UNSUBSCRIBE)
        name, value = ONE_CLICK
        if fields.one(name) == value:
            self._write(bearer, readers.leave)
            return PlainTextResponse("You are unsubscribed.\n", headers=PRIVATE)
        action = fields.one("action")
        if action == "leave":
            self._write(bearer, readers.leave_by_page)
        elif action == "leave-all":
            self._write(bearer, lambda connection, bearer, now: readers.leave_by_page(connection, bearer, now, everything=True))
        elif action == "undo":
            everything = self._standing(Bearer(bearer.subscriber_id))
            wording = self._words(request, everything, fields).gettext("Undo: I want to stay subscribed")
            self._write(bearer, lambda connection, bearer, now: readers.come_back(connection, bearer, wording, now))
            return self._back(request, fields, "undone")
        else:
            raise Unacceptable(400)
        return self._back(request, fields, "done")

    def _write(self, bearer: Bearer, act: Act) -> None:
        with self._desk.ledger.write() as connection:
            act(connection, bearer, self._desk.clock())

    def _standing(self, bearer: Bearer) -> Standing:
        with self._desk.ledger.read() as connection:
            return readers.standing(connection, bearer)

    def _words(self, request: Request, standing: Standing, sent: Fields = NOTHING_SENT) -> Translations:
        """In the language of the page whose form was sent, else as the address asks, else as the reader chose for a newsletter."""
        chosen = next((one.language for one in standing.subscriptions if one.language), "")
        return self._pages.words(request, chosen, sent.one("lang"))

    def _titled(self, names: tuple[str, ...] | list[str]) -> Titled:
        known = self._desk.settings.newsletters
        return [{"name": name, "title": known[name].title if name in known else name} for name in names]

    def _subscribe(self, words: Translations) -> Button:
        return Button(words.gettext("Subscribe"), url=f"{self._desk.web.url}/")

    def _back(self, request: Request, sent: Fields, what: str) -> Response:
        """To the same page in the same language, asked for anew: a reload then posts nothing."""
        language = sent.one("lang")
        kept = f"&lang={language}" if self._pages.speaks(language) else ""
        return RedirectResponse(f"{request.url.path}?{what}=1{kept}", 303, headers=PRIVATE)
