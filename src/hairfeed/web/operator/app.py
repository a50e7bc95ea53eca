"""The routes of the operator's pages, behind their password; every look is at the ledger as it is then."""

from collections.abc import Callable, Mapping
from datetime import datetime

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from hairfeed.errors import HairFeedError, StoreError
from hairfeed.settings import Settings
from hairfeed.settings.operations import Operator
from hairfeed.store.database import existing_ledger
from hairfeed.templates import TemplateSet, csp_hash
from hairfeed.web.operator import views
from hairfeed.web.operator.login import CHALLENGE, admits
from hairfeed.web.pages import PRIVATE

_LOCK_TIMEOUT = 5.0
_PAGES: Mapping[str, tuple[str, views.View]] = {
    "/": ("overview.html", views.show_overview),
    "/passes/{run:int}": ("pass.html", views.show_pass),
    "/issues/{newsletter}/{number:int}": ("issue.html", views.show_issue),
    "/newsletters/{newsletter}": ("newsletter.html", views.show_newsletter),
    "/articles": ("articles.html", views.show_articles),
}
"""By path: a template, and what fills it; nothing at all where there is no such thing."""


def build_operator_app(settings: Settings, operator: Operator, clock: Callable[[], datetime]) -> ASGIApp:
    """The app for what lies at `/operator/`."""
    templates = TemplateSet(settings.site.templates, "operator", {"when": views.teller(settings.site.timezone)})
    style = templates.fill("style.css", {})
    policy = f"default-src 'none'; style-src {csp_hash(style)}; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
    headers = PRIVATE | {"content-security-policy": policy}

    def page(template: str, view: views.View) -> Callable[[Request], Response]:
        def answer(request: Request) -> Response:
            now = clock()
            ledger = existing_ledger(settings.store.url, _LOCK_TIMEOUT)
            try:
                names = view(ledger, settings, now, request.path_params)
            finally:
                ledger.close()
            if names is None:
                raise HTTPException(404)
            common = {"site": settings.site, "style": style, "now": now}
            return HTMLResponse(templates.fill(template, common | names), headers=headers)

        return answer

    def fault(_request: Request, error: Exception) -> Response:
        if isinstance(error, HTTPException):
            return PlainTextResponse(f"{error.detail}\n", error.status_code, headers=PRIVATE | dict(error.headers or {}))
        status = 503 if isinstance(error, StoreError) else 500
        return PlainTextResponse(f"{error}\n", status, headers=PRIVATE)

    routes = [Route(f"/operator{path}", page(*shown)) for path, shown in _PAGES.items()]
    routes.append(Route("/operator", lambda _request: RedirectResponse("/operator/", 308, headers=PRIVATE)))
    app = Starlette(routes=routes, exception_handlers={HTTPException: fault, HairFeedError: fault})
    app.router.redirect_slashes = False

    async def behind_the_password(scope: Scope, receive: Receive, send: Send) -> None:
        if admits(Request(scope).headers.get("authorization", ""), operator.password):
            await app(scope, receive, send)
            return
        answer = PlainTextResponse("the operator's password is wanted\n", 401, headers=PRIVATE | {"www-authenticate": CHALLENGE})
        await answer(scope, receive, send)

    return behind_the_password
