"""The web app: feeds on the short way, whatever else there is by Starlette's routes."""

from collections.abc import Awaitable

from starlette.applications import Starlette
from starlette.types import ASGIApp, Receive, Scope, Send

from hairfeed.settings import Settings
from hairfeed.web.feeds import FeedFiles, Log
from hairfeed.web.probes import probe_routes


def build_app(settings: Settings, log: Log | None = None) -> ASGIApp:
    """The app; `log` gets a line for every answer about feeds."""
    feeds = FeedFiles(settings.feeds, log)
    routed = Starlette(routes=probe_routes(settings))

    def app(scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        # Starlette's own way to a route costs as much as the whole answer (docs/design-notes.md).
        if scope["type"] == "http" and feeds.covers(scope["path"]):
            return feeds(scope, receive, send)
        return routed(scope, receive, send)

    return app
