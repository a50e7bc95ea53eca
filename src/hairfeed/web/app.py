"""The web app: feeds on the short way, readers and providers by Starlette's routes."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime

from starlette.applications import Starlette
from starlette.types import ASGIApp, Receive, Scope, Send

from hairfeed.settings import Settings
from hairfeed.store.database import Ledger
from hairfeed.web.feeds import FeedFiles, Log
from hairfeed.web.hooks import Hook
from hairfeed.web.probes import probe_routes

OPERATOR = "/operator/"
"""Where the pages for the operator are."""


def _now() -> datetime:
    return datetime.now(UTC)


def build_app(
    settings: Settings,
    log: Log | None = None,
    ledger: Ledger | None = None,
    hooks: Mapping[str, Hook] | None = None,
    clock: Callable[[], datetime] = _now,
) -> ASGIApp:
    """The app; `log` gets a line for every answer about feeds, and `hooks` understand providers' calls, by the provider's name.

    Pages for readers are where `[web]` and a ledger are, those for the operator where `[operator]` is.
    """
    feeds = FeedFiles(settings.feeds, log)
    probes = {route.path: route for route in probe_routes(settings)}
    routed: ASGIApp = Starlette()
    operator: ASGIApp | None = None
    if settings.operator is not None:
        from hairfeed.web.operator.app import build_operator_app  # most servers have no such pages

        operator = build_operator_app(settings, settings.operator, clock)
    if settings.web is not None and ledger is not None:
        from hairfeed.web.readers_app import build_readers_app  # feeds alone need none of it

        routed = build_readers_app(settings, settings.web, ledger, clock, hooks or {})

    def app(scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        # Before all else: feeds and pages may be at the root, and the probes are where a watcher expects them.
        if scope["type"] == "http" and scope["path"] in probes:
            return probes[scope["path"]].handle(scope, receive, send)
        if operator is not None and scope["type"] == "http" and f"{scope['path']}/".startswith(OPERATOR):
            return operator(scope, receive, send)
        # Starlette's own way to a route costs as much as the whole answer (docs/design-notes.md).
        if scope["type"] == "http" and feeds.covers(scope):
            return feeds(scope, receive, send)
        return routed(scope, receive, send)

    return app
