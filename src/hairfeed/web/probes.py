"""For those who watch the server: whether it lives, whether it can work, and the metrics where the config wants them shown."""

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from hairfeed.errors import StoreError
from hairfeed.settings import Settings
from hairfeed.store.database import Ledger, existing_ledger

_FRESH = {"cache-control": "no-store"}


def probe_routes(settings: Settings) -> list[Route]:
    """`/health`, `/ready`, and perhaps `/metrics`. They name nothing but what is asked for: anybody may come by."""

    def health(_request: Request) -> Response:
        return PlainTextResponse("ok\n", headers=_FRESH)

    def ready(_request: Request) -> Response:
        return _from_ledger(settings, lambda _ledger: PlainTextResponse("ready\n", headers=_FRESH))

    def metrics(_request: Request) -> Response:
        from hairfeed.operations.metrics import CONTENT_TYPE, exposition

        return _from_ledger(
            settings, lambda ledger: Response(exposition(ledger, settings), headers=_FRESH | {"content-type": CONTENT_TYPE})
        )

    routes = [Route("/health", health), Route("/ready", ready)]
    return [*routes, Route("/metrics", metrics)] if settings.alerts.metrics else routes


def _from_ledger(settings: Settings, answer: Callable[[Ledger], Response]) -> Response:
    try:
        ledger = existing_ledger(settings.store.url, 1)
        try:
            return answer(ledger)
        finally:
            ledger.close()
    except StoreError:
        return PlainTextResponse("the ledger cannot be read\n", status_code=503, headers=_FRESH)
