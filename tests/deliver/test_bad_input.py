"""Wrong settings, refusing accounts, oversized mails and strange answers, as each mail API words them.

The operator hears the provider, the setting and what to do, and no reader is lost: when it is over, everyone is mailed once.
"""

import json
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.deliver.faulty_api import Answer, ApiCall, Dialect, FaultyApi, ResendDialect, Truth, a_faulty_api
from tests.deliver.sending import NOW, Sending, failures, receipt
from tests.deliver.test_answers import jet, postmark_item, ses
from tests.deliver.test_faulty_providers import READERS, SECTIONS

PROVIDERS: dict[str, tuple[Callable[[], Dialect], dict[str, Any]]] = {**SECTIONS, "resend": (ResendDialect, {"key": "k"})}
SEVEN = len(READERS)
PAGE = b"<html><head><title>Sign in to the guest network</title></head></html>"


def said(status: int, answer: Any, **headers: str) -> Answer:
    """An answer as it would come."""
    return Answer(status, answer if isinstance(answer, bytes) else json.dumps(answer).encode(), headers)


def spark(code: str, message: str, description: str = "") -> dict[str, Any]:
    """An error of SparkPost."""
    return {"errors": [{"message": message, "code": code, "description": description}]}


def grid(message: str, field: str | None = None) -> dict[str, Any]:
    """An error of SendGrid."""
    return {"errors": [{"message": message, "field": field, "help": None}]}


NOT_VERIFIED = "Email address is not verified. The following identities failed the check in region EU-WEST-1: reader0@example.net"
TROUBLES: list[tuple[str, str, Answer, tuple[str, ...]]] = [
    ("wrong key", "brevo", said(401, {"code": "unauthorized", "message": "Key not found"}), ("mail.brevo.key",)),
    ("wrong key", "mailgun", said(401, b"Forbidden"), ("mail.mailgun.key",)),
    ("wrong key", "mailjet", said(401, {"ErrorCode": "mj-0001", "ErrorMessage": "API key failure"}), ("mail.mailjet.key",)),
    ("wrong key", "postmark", said(401, {"ErrorCode": 10, "Message": "Bad or missing API token"}), ("mail.postmark.token",)),
    ("wrong key", "postmark bulk", said(401, {"ErrorCode": 10, "Message": "Bad or missing API token"}), ("mail.postmark.token",)),
    ("wrong key", "resend", said(401, {"name": "invalid_api_key", "message": "API key is invalid"}), ("mail.resend.key",)),
    ("wrong key", "sendgrid", said(401, grid("The provided authorization grant is invalid")), ("mail.sendgrid.key",)),
    (
        "wrong key",
        "ses",
        said(
            403,
            {"message": "The security token included in the request is invalid."},
            **{"x-amzn-ErrorType": "UnrecognizedClientException"},
        ),
        ("mail.ses.key", "mail.ses.secret"),
    ),
    ("wrong key", "sparkpost", said(401, {"errors": [{"message": "Unauthorized."}]}), ("mail.sparkpost.key",)),
    ("domain", "brevo", said(400, {"code": "invalid_parameter", "message": "Sender is invalid / inactive"}), ("mail.from",)),
    ("domain", "mailgun", said(404, {"message": "Domain not found: hair.example.org"}), ("mail.mailgun.domain",)),
    (
        "domain",
        "mailjet",
        said(403, jet(*[('"weekly@hair.example.org" is not an authorized sender', 403, ["From"])] * SEVEN)),
        ("mail.from",),
    ),
    (
        "domain",
        "postmark",
        said(422, {"ErrorCode": 400, "Message": "The 'From' address is not a Sender Signature"}),
        ("mail.from",),
    ),
    (
        "domain",
        "resend",
        said(403, {"name": "validation_error", "message": "The hair.example.org domain is not verified."}),
        ("mail.from",),
    ),
    ("domain", "sendgrid", said(403, grid("The from address does not match a verified Sender Identity.", "from")), ("mail.from",)),
    ("domain", "ses", said(200, ses(*["MAIL_FROM_DOMAIN_NOT_VERIFIED"] * SEVEN)), ("the account at SES",)),
    (
        "domain",
        "sparkpost",
        said(400, spark("7001", "Invalid domain", "Unconfigured Sending Domain <hair.example.org>")),
        ("mail.from",),
    ),
    (
        "sandbox",
        "brevo",
        said(403, {"code": "permission_denied", "message": "SMTP account is not yet activated"}),
        ("mail.brevo.key",),
    ),
    ("sandbox", "mailgun", said(403, {"message": "Free accounts are for test purposes only."}), ("mail.mailgun.domain",)),
    ("sandbox", "mailjet", said(401, {"ErrorMessage": "Your account has been temporarily blocked"}), ("the account at Mailjet",)),
    (
        "sandbox",
        "postmark",
        said(200, [postmark_item(412, "Your account is pending approval")] * SEVEN),
        ("the account at Postmark",),
    ),
    ("sandbox", "resend", said(403, {"message": "You can only send testing emails to your own email address"}), ("mail.from",)),
    ("sandbox", "sendgrid", said(401, grid("Maximum credits exceeded")), ("Maximum credits exceeded",)),
    ("sandbox", "ses", said(200, ses(*["MESSAGE_REJECTED"] * SEVEN, error=NOT_VERIFIED)), ("in the sandbox", "mail.from")),
    ("sandbox", "sparkpost", said(403, spark("1903", "Account is suspended")), ("mail.sparkpost.key",)),
    ("clock", "ses", said(403, {"message": "Signature expired: 1 is now earlier than 2"}), ("the clock of this machine", "NTP")),
    *(("page", provider, said(403, PAGE), (f"mail.{provider.split(maxsplit=1)[0]}",)) for provider in PROVIDERS),
    *(("page for 400", provider, said(400, PAGE), (f"mail.{provider.split(maxsplit=1)[0]}.url",)) for provider in PROVIDERS),
    *(("too large", provider, said(413, b"Request Entity Too Large"), ("max_articles",)) for provider in PROVIDERS),
    ("too large", "ses", said(400, {"message": "Message length is more than 10485760 bytes long"}), ("max_articles",)),
    # What is wrong with the mail, said of each recipient.
    (
        "the mail",
        "resend",
        said(200, {"data": [], "errors": [{"index": one, "message": "Invalid `subject` field"} for one in range(SEVEN)]}),
        ("refuses every mail of this issue", "look at the mail and at the settings"),
    ),
    (
        "the mail",
        "postmark",
        said(200, [postmark_item(300, "Provide either email TextBody or HtmlBody")] * SEVEN),
        ("mail.postmark",),
    ),
    (
        "the mail",
        "ses",
        said(200, ses(*["MESSAGE_REJECTED"] * SEVEN, error="contains a virus")),
        ("refuses every mail of this issue",),
    ),
]


class Troubled:
    """A provider with one answer for everything as long as a trouble lasts."""

    def __init__(self, dialect: Dialect, trouble: Answer | None = None) -> None:
        """It may have begun."""
        self._dialect = dialect
        self.trouble = trouble

    def key(self, call: ApiCall) -> str:
        """As the provider has it."""
        return self._dialect.key(call)

    def take(self, call: ApiCall, truth: Truth) -> Answer:
        """Nothing is taken meanwhile."""
        if self.trouble is None:
            return self._dialect.take(call, truth)
        size = max(sum(reader.encode() in call.body for reader in READERS), 1)
        return Answer(self.trouble.status, _cut(self.trouble.body, size), self.trouble.headers)


def _cut(body: bytes, size: int) -> bytes:
    """An answer for so many mails."""
    try:
        answer = json.loads(body)
    except ValueError:
        return body
    if isinstance(answer, list):
        answer = answer[:size]
    for name in ("errors", "Messages", "BulkEmailEntryResults"):
        if isinstance(answer, dict) and len(answer.get(name) or ()) == SEVEN:
            answer[name] = answer[name][:size]
    return json.dumps(answer).encode()


def sending_to(folder: Path, api: FaultyApi, provider: str) -> Sending:
    """An issue to send there."""
    name = provider.split(maxsplit=1)[0]
    section = PROVIDERS[provider][1] | {"url": f"http://127.0.0.1:{api.port}", "timeout": 30}
    sending = Sending(folder, **{"provider": name, name: section})
    sending.subscribe(*READERS)
    sending.approve()
    return sending


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_trouble_is_named_with_what_to_do_and_costs_nobody_their_mail(tmp_path: Path, provider: str) -> None:
    dialect, now = Troubled(PROVIDERS[provider][0]()), NOW
    with a_faulty_api(dialect) as api:
        sending = sending_to(tmp_path, api, provider)
        for what, name, trouble, words in TROUBLES:
            if name != provider:
                continue
            dialect.trouble, now = trouble, now + timedelta(hours=2)
            report = sending.deliver(now)
            assert (what, receipt(report).waiting, receipt(report).refused) == (what, 7, 0)
            for word in (f"http://127.0.0.1:{api.port}", *words):
                assert word in failures(report), what
        assert not api.truth.mailed
        dialect.trouble = None
        assert receipt(sending.deliver(now + timedelta(hours=2))).accepted == 7
    assert api.truth.mailed == Counter(READERS)


@pytest.mark.parametrize("what", sorted({what for what, *_ in TROUBLES} - {"clock", "the mail"}))
def test_every_provider_is_tried_with_every_trouble(what: str) -> None:
    tried = {provider.split(maxsplit=1)[0] for one, provider, *_ in TROUBLES if one == what}
    assert tried == {provider.split(maxsplit=1)[0] for provider in PROVIDERS}


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_page_that_comes_for_a_yes_leaves_the_batch_in_doubt_and_names_the_setting(tmp_path: Path, provider: str) -> None:
    with a_faulty_api(Troubled(PROVIDERS[provider][0](), said(200, PAGE))) as api:
        report = sending_to(tmp_path, api, provider).deliver()
    assert receipt(report).in_doubt == 7
    assert f"mail.{provider.split(maxsplit=1)[0]}.url" in failures(report)


def test_a_call_that_is_too_large_is_made_in_smaller_ones(tmp_path: Path) -> None:
    class Narrow(ResendDialect):
        def take(self, call: ApiCall, truth: Truth) -> Answer:
            return super().take(call, truth) if len(json.loads(call.body)) <= 2 else said(413, b"")

    with a_faulty_api(Narrow()) as api:
        assert receipt(sending_to(tmp_path, api, "resend").deliver()).accepted == 7
    assert api.truth.mailed == Counter(READERS)


def test_a_mail_that_is_too_large_is_nobodys_fault_though_others_of_the_issue_were_taken(tmp_path: Path) -> None:
    class Full(ResendDialect):
        def take(self, call: ApiCall, truth: Truth) -> Answer:
            return said(413, b"") if READERS[0].encode() in call.body else super().take(call, truth)

    with a_faulty_api(Full()) as api:
        report = sending_to(tmp_path, api, "resend").deliver()
        told = receipt(report)
    assert (told.refused, told.accepted + told.waiting, told.waiting >= 1) == (0, 7, True)
    assert "max_articles" in failures(report)


def test_everyone_of_a_batch_may_be_refused_for_their_own_sake(tmp_path: Path) -> None:
    with a_faulty_api(SECTIONS["ses"][0]()) as api:
        api.truth.refused = dict.fromkeys(READERS[:2], "no such address")
        sending = Sending(tmp_path, provider="ses", ses=SECTIONS["ses"][1] | {"url": f"http://127.0.0.1:{api.port}"})
        sending.subscribe(*READERS[:2])
        sending.approve()
        assert str(receipt(sending.deliver())) == "owed 2  accepted 0  refused 2  unknown 0"
