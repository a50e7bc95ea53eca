"""The description of what is answered over HTTP, held against the app by Schemathesis: no fault of ours, nothing undescribed."""

import base64
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest
import schemathesis
import yaml
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import negative_data_rejection
from schemathesis.specs.openapi.checks import positive_data_acceptance
from starlette.types import Receive, Scope, Send

from hairfeed.deliver.providers.choice import webhooks
from hairfeed.settings.mail import Mail
from hairfeed.web.app import build_app
from tests.conftest import FRIDAY, Publication
from tests.web.readers import READER, SITE, Readers

DESCRIPTION = yaml.safe_load((Path(__file__).parents[2] / "docs" / "openapi.yaml").read_text(encoding="utf-8"))
LOGIN = "hooks:s3cret"
MAIL = {
    "from": "weekly@hair.example.org",
    "reply_to": "editor@hair.example.org",
    "provider": "postmark",
    "brevo": {"key": "k", "webhook_secret": LOGIN},
    "mailgun": {"key": "k", "domain": "hair.example.org", "webhook_secret": "k"},
    "mailjet": {"key": "k", "secret": "s", "webhook_secret": LOGIN},
    "postmark": {"token": "t", "webhook_secret": LOGIN},
    "resend": {"key": "k", "webhook_secret": "whsec_a2V5"},
    "sparkpost": {"key": "k", "webhook_secret": LOGIN},
}
"""Four of them know us by a login: what they post gets as far as it can."""

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

    hooks = webhooks(Mail.model_validate(MAIL))
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


@schema.parametrize()
@settings(
    max_examples=40,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.generate],
)
def test_the_app_answers_as_it_is_described_whatever_it_is_asked(case: Any, app: Any, tokens: Iterator[str]) -> None:
    case.operation.base_url = f"{SITE}/mail"
    if "token" in (case.path_parameters or {}) and len(case.path_parameters["token"]) % 2:
        case.path_parameters["token"] = next(tokens)
    login = base64.b64encode(LOGIN.encode()).decode()
    answer = case.call(
        app=app, base_url=f"{SITE}/mail", headers={"Origin": SITE, "Authorization": f"Basic {login}"}, allow_redirects=False
    )
    case.validate_response(answer, excluded_checks=NOT_OURS)
