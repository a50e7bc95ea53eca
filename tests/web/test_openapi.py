"""The description of what is answered over HTTP, held against the app by Schemathesis: no fault of ours, nothing undescribed."""

import json
from collections.abc import Iterator
from contextlib import suppress
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest
import schemathesis
import yaml
from hypothesis import HealthCheck, Phase, settings
from requests import PreparedRequest
from schemathesis.checks import negative_data_rejection
from schemathesis.specs.openapi.checks import positive_data_acceptance
from starlette.types import Receive, Scope, Send

from hairfeed.web.app import build_app
from tests.conftest import FRIDAY, Publication
from tests.deliver.test_notices import POSTERS, hook
from tests.web.readers import READER, SITE, Readers

DESCRIPTION = yaml.safe_load((Path(__file__).parents[2] / "docs" / "openapi.yaml").read_text(encoding="utf-8"))

# Whether a newsletter, a name or a token is good is no question of form: a request may fit the description and be refused.
NOT_OURS = [positive_data_acceptance, negative_data_rejection]

schema = schemathesis.openapi.from_dict(DESCRIPTION)


@pytest.fixture(scope="module")
def readers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Readers]:
    """Somebody has subscribed; every provider may call."""
    publication = Publication(tmp_path_factory.mktemp("fuzzed") / "site")
    for name, category in (("brushing", "Hair Care"), ("shedding", "Hair Loss")):
        publication.page(name, category=category)
    publication.run(FRIDAY)
    readers = Readers(publication, "sign_ups_per_hour = 100000\n")
    readers.join(READER, "weekly", "monthly")
    yield readers
    readers.close()


@pytest.fixture(scope="module")
def app(readers: Readers) -> Any:
    """The whole app; its clock goes on with every look."""

    def tick() -> Any:
        readers.later(seconds=3)
        return readers.now

    hooks = {name: hook(name) for name in POSTERS}
    built = build_app(readers.publication.settings, ledger=readers.ledger, hooks=hooks, clock=tick)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        # What is no coroutine function is taken for WSGI.
        await built(scope, receive, send)

    return app


@pytest.fixture(scope="module")
def tokens(readers: Readers) -> Iterator[str]:
    """Good ones, in turn; by what they are for they fit a third of the pages."""
    links = [readers.confirm_link(), readers.unsubscribe_link(), readers.links().preferences(readers.number(), "weekly")]
    return cycle(link.rpartition("/")[2] for link in links)


class Provider:
    """Whoever posts a notice: now the provider, with its signature, now somebody who would like to be, now anybody."""

    def __init__(self, readers: Readers) -> None:
        """Each call is another one's."""
        self._readers = readers
        self._turns = cycle(["sign", "forge", "sign", ""])

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        """The request, with its body and header fields as the provider has them; what is no notice stays as it is."""
        name = str(request.path_url).rpartition("/")[2].partition("?")[0]
        turn = next(self._turns)
        if "/hooks/" not in str(request.path_url) or name not in POSTERS or not turn:
            return request
        with suppress(ValueError, TypeError):
            said = json.loads(request.body or b"")
            fields, body = getattr(POSTERS[name], turn)(said, self._readers.now)
            request.prepare_body(body, None)
            request.headers.update(fields)
        return request


@pytest.fixture(scope="module")
def provider(readers: Readers) -> Provider:
    """In turn."""
    return Provider(readers)


@schema.parametrize()
@settings(
    max_examples=40,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.generate],
)
def test_the_app_answers_as_it_is_described_whatever_it_is_asked(
    case: Any, app: Any, tokens: Iterator[str], provider: Provider
) -> None:
    case.operation.base_url = f"{SITE}/mail"
    if "token" in (case.path_parameters or {}) and len(case.path_parameters["token"]) % 2:
        case.path_parameters["token"] = next(tokens)
    answer = case.call(app=app, base_url=f"{SITE}/mail", headers={"Origin": SITE}, auth=provider, allow_redirects=False)
    case.validate_response(answer, excluded_checks=NOT_OURS)
