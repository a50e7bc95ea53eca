"""An operator with a password, and a publication in which much waits for them."""

from base64 import b64encode
from contextlib import closing
from datetime import timedelta

from sqlalchemy import update
from starlette.testclient import TestClient
from starlette.types import Receive, Scope, Send

from hairfeed.models.issues import BatchState, IssueState
from hairfeed.store.schema.deliveries import batches
from hairfeed.store.schema.issues import issues
from hairfeed.web.app import build_app
from tests.conftest import FRIDAY, NEXT_FRIDAY, Publication, free_port

PASSWORD = "correct-horse-battery"
PAGES = ("/operator/", "/operator/passes/2", "/operator/issues/weekly/1", "/operator/newsletters/weekly", "/operator/articles")
"""One of each kind."""


def with_password(publication: Publication, password: str = PASSWORD) -> Publication:
    """The publication with pages for its operator."""
    publication.configure("[mail]\n", f'[operator]\npassword = "{password}"\n\n[mail]\n')
    return publication


def operator(publication: Publication, password: str | None = PASSWORD) -> TestClient:
    """Who asks for the pages an hour after the second Friday's pass."""
    built = build_app(publication.settings, clock=lambda: NEXT_FRIDAY + timedelta(hours=1))

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        # The client knows an app by its being a coroutine function.
        await built(scope, receive, send)

    headers = {} if password is None else {"authorization": f"Basic {b64encode(f'me:{password}'.encode()).decode()}"}
    return TestClient(app, headers=headers, follow_redirects=False)


def trouble(publication: Publication) -> None:
    """Have an issue with two mails in doubt, a source that fails, and a page that cannot be read."""
    publication.page("archive")
    publication.subscribe("ann@example.com", "ben@example.com")
    publication.run(FRIDAY)
    publication.page("swimming", title="Hair & Water: 1 < 2", date="13-8-2024")
    publication.page("broken", date="99-99-2024")
    lost = f'[sources.lost]\ntype = "website"\nurl = "http://127.0.0.1:{free_port()}"\nallow_private = true'
    publication.sources('[sources.articles]\ntype = "folder"\npath = "../articles"', lost)
    publication.run(NEXT_FRIDAY)
    publication.unsubscribe("ben@example.com")
    with closing(publication.ledger()) as ledger, ledger.write() as connection:
        connection.execute(update(batches).values(state=BatchState.IN_DOUBT))
        connection.execute(update(issues).values(state=IssueState.SENDING))
