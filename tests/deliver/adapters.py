"""The adapters of mail APIs, how each provider understands them, and answers as a test wants them."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from hairfeed.deliver.mailing import Mailing
from hairfeed.deliver.providers.brevo import BrevoApi
from hairfeed.deliver.providers.contract import Api, Request, Response
from hairfeed.deliver.providers.mailgun import MailgunApi
from hairfeed.deliver.providers.mailjet import MailjetApi
from hairfeed.deliver.providers.postmark import PostmarkApi
from hairfeed.deliver.providers.resend import ResendApi
from hairfeed.deliver.providers.sendgrid import SendGridApi
from hairfeed.deliver.providers.ses import SesApi
from hairfeed.deliver.providers.sparkpost import SparkPostApi
from hairfeed.settings.providers import Brevo, Mailgun, Mailjet, Postmark, Resend, SendGrid, Ses, SparkPost
from tests.deliver.mailings import MAILING, Mail, the_mails
from tests.deliver.rendered import (
    brevo_mails,
    mailgun_mails,
    mailjet_mails,
    postmark_mails,
    resend_mails,
    sendgrid_mails,
    ses_mails,
    sparkpost_mails,
)

SENDER = MAILING.content.sender
"""Mailbox of mail.from."""


@dataclass(frozen=True)
class Told:
    """An adapter, and how its provider understands it."""

    api: Api
    mails: Callable[[Request], list[Mail]]
    lossy: Callable[[Mail], Mail] = lambda mail: mail
    """What the provider cannot be brought to send is left out."""
    tags: Callable[[Mailing], tuple[str, ...]] = lambda mailing: ()
    """What the provider is to find the call by."""

    def owed(self, mailing: Mailing) -> list[Mail]:
        """The mails that must come of the mailing."""
        return [replace(self.lossy(mail), tags=self.tags(mailing)) for mail in the_mails(mailing)]


def _ascii_headers(mail: Mail) -> Mail:
    """Brevo sends other scripts in eight bits: a header's phrase must go."""
    return replace(
        mail,
        headers={name: value if value.isascii() else f"<{value.partition(' <')[2]}" for name, value in mail.headers.items()},
    )


def _no_list_id(mail: Mail) -> Mail:
    """Mailjet keeps List-Id for itself, and refuses mails that have one."""
    return replace(mail, headers={name: value for name, value in mail.headers.items() if name != "list-id"})


def _key(mailing: Mailing) -> tuple[str, ...]:
    return (mailing.key,)


def _shared(mailing: Mailing) -> tuple[str, ...]:
    """Mailgun has room for 20,000 tags of a domain: many batches share one."""
    return (f"hairfeed-{sha256(mailing.key.encode()).hexdigest()[:3]}",)


TOLD = {
    "brevo": Told(BrevoApi(Brevo(key="xkeysib-1"), SENDER), brevo_mails, _ascii_headers, _key),
    "mailjet": Told(MailjetApi(Mailjet(key="jet-1", secret="jet-secret"), SENDER), mailjet_mails, _no_list_id, _key),
    "ses": Told(SesApi(Ses(key="AKIDEXAMPLE", secret="wJalr/1", region="eu-west-1"), SENDER), ses_mails),
    "mailgun": Told(MailgunApi(Mailgun(key="key-1", domain="hair.example.org"), SENDER), mailgun_mails, tags=_shared),
    "postmark": Told(PostmarkApi(Postmark(token="token-1"), SENDER), postmark_mails),
    "postmark bulk": Told(PostmarkApi(Postmark(token="token-1", bulk=True), SENDER), postmark_mails),
    "resend": Told(ResendApi(Resend(key="re_1"), SENDER), resend_mails),
    "sendgrid": Told(SendGridApi(SendGrid(key="SG.1"), SENDER), sendgrid_mails, tags=_key),
    "sparkpost": Told(SparkPostApi(SparkPost(key="spark"), SENDER), sparkpost_mails),
}


NOW = datetime(2024, 8, 16, 9, 0, tzinfo=UTC)
APIS: dict[str, Api] = {name: told.api for name, told in TOLD.items()}


def response(status: int, answer: Any = b"", headers: Mapping[str, str] | None = None, at: datetime = NOW) -> Response:
    """An answer."""
    return Response(status, answer if isinstance(answer, bytes) else json.dumps(answer).encode(), at, dict(headers or {}))


class Asked:
    """A provider that answers look-ups and checks, one after the other."""

    def __init__(self, *answers: Response) -> None:
        """The last answer is given again and again."""
        self._answers = list(answers)
        self.requests: list[Request] = []

    def __call__(self, request: Request) -> Response:
        """Make the call."""
        self.requests.append(request)
        return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
