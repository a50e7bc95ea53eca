"""The routes for readers and providers, and what becomes of requests that lead to nothing."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from hairfeed import log
from hairfeed.errors import NoAnswer, NotConnected, StoreError, TokenError
from hairfeed.settings import Settings
from hairfeed.settings.web import Web
from hairfeed.store.database import Ledger
from hairfeed.text.reader_links import PATHS
from hairfeed.text.tokens import Purpose
from hairfeed.web.bodies import Unacceptable
from hairfeed.web.desk import Desk, open_desk
from hairfeed.web.hooks import Hook, Hooks
from hairfeed.web.joining import TooMany
from hairfeed.web.notices import fault
from hairfeed.web.pages import PRIVATE
from hairfeed.web.reader import ReaderPages
from hairfeed.web.sign_up import SignUp
from hairfeed.web.tracked import Tracked

Endpoint = Callable[[Request], Awaitable[Response]]

BUSY = 60
"""Seconds after which a ledger that was busy, or a provider that was away, is worth another try."""


def build_readers_app(
    settings: Settings, web: Web, ledger: Ledger, clock: Callable[[], datetime], hooks: Mapping[str, Hook]
) -> Starlette:
    """The app for what lies below the path of `web.url`; `hooks` by the name of the provider."""
    desk = open_desk(settings, web, ledger, clock)
    app = Starlette(routes=_routes(desk, hooks), exception_handlers=_handlers(desk))
    # It would lead, with a reader's link, to whatever host the request names, and away from HTTPS.
    app.router.redirect_slashes = False
    return app


def _routes(desk: Desk, hooks: Mapping[str, Hook]) -> list[BaseRoute]:
    base, sign_up, reader, tracked = desk.pages.path, SignUp(desk), ReaderPages(desk), Tracked(desk)
    track = PATHS[Purpose.TRACK]
    by_token = {
        Purpose.CONFIRM: (reader.show_confirm, reader.confirm),
        Purpose.PREFERENCES: (reader.show_preferences, reader.choose),
        Purpose.STAY: (reader.show_stay, reader.stay),
        Purpose.UNSUBSCRIBE: (reader.show_leave, reader.leave),
    }
    routes: list[BaseRoute] = []
    for path, methods in {
        "/": {"GET": sign_up.page, "POST": sign_up.join},
        "/sent": {"GET": sign_up.sent},
        "/api/subscribe": {"GET": sign_up.offer, "POST": sign_up.join_by_json, "OPTIONS": sign_up.preflight},
        **{f"/{PATHS[purpose]}/{{token}}": {"GET": show, "POST": act} for purpose, (show, act) in by_token.items()},
        f"/{track}/{{issue}}/{{token}}/0.gif": {"GET": tracked.point},
        f"/{track}/{{issue}}/{{token}}/{{link}}": {"GET": tracked.follow},
        "/hooks/{provider}": {"POST": Hooks(desk, hooks).take},
    }.items():
        routes.append(Route(base + path, _by_method(methods), methods=[*methods]))
    if base:
        routes.append(Route(base, lambda _request: RedirectResponse(f"{base}/", 308, headers=PRIVATE)))
    return routes


def _by_method(methods: Mapping[str, Endpoint]) -> Endpoint:
    async def answer(request: Request) -> Response:
        return await methods["GET" if request.method == "HEAD" else request.method](request)

    return answer


def _handlers(desk: Desk) -> Mapping[Any, Callable[[Request, Exception], Response]]:
    def answer(request: Request, error: Exception) -> Response:
        match error:
            case HTTPException():
                answer = fault(desk.pages, request, error.status_code)
                answer.headers.update(error.headers or {})
                return answer
            case Unacceptable():
                return fault(desk.pages, request, error.status)
            case TooMany():
                return fault(desk.pages, request, 429, error.seconds)
            case TokenError():
                return fault(desk.pages, request, 404)
            case StoreError() | NotConnected() | NoAnswer():
                # Readers are told that we are busy; what it is can be read nowhere else.
                log.trouble("web_unavailable", error=type(error).__name__)
                return fault(desk.pages, request, 503, BUSY)
            case _:
                return fault(desk.pages, request, 500)

    return dict.fromkeys([HTTPException, Unacceptable, TooMany, TokenError, StoreError, NotConnected, NoAnswer, Exception], answer)
