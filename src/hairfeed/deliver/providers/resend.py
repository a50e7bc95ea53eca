"""The mail API of Resend: batches of a hundred full mails, repeated safely under an idempotency key for a day.

Source: resend.com/docs, "Send Batch Emails", "Idempotency Keys" and "Webhooks"; docs.svix.com, "Verifying Webhooks Manually"; as of
autumn 2026.
"""

import base64
import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from email.utils import parseaddr
from typing import Any

from hairfeed.deliver.form import Form, json_text
from hairfeed.deliver.mailing import BATCH, SUBSCRIBER, Mailing, Recipient
from hairfeed.deliver.providers.contract import Call, Capabilities, Merge, Repetition, Request, Response, Settling, read_json
from hairfeed.deliver.providers.notices import is_recent, mail_event, moment
from hairfeed.deliver.providers.outcomes import Outcome, Resolution, StillUnknown, Taken, TakenBefore
from hairfeed.deliver.providers.reading import trouble, verdict
from hairfeed.deliver.providers.writing import ascii_header
from hairfeed.models.events import EventKind, MailEvent
from hairfeed.models.issues import Refusal
from hairfeed.settings.providers import Resend
from hairfeed.text.merge import Mergeable

_TOLERANCE = timedelta(minutes=5)
"""What Svix's own libraries allow; a repeated notice is signed anew."""

_KINDS = {
    "email.sent": EventKind.ACCEPTED,
    "email.delivered": EventKind.DELIVERED,
    "email.failed": EventKind.REJECTED,
    "email.suppressed": EventKind.REJECTED,
    "email.complained": EventKind.COMPLAINT,
    "email.opened": EventKind.OPENED,
    "email.clicked": EventKind.CLICKED,
}

_CHECK = "mail.resend.key, mail.resend.url and the domain of mail.from"


class ResendApi:
    """One POST a batch; the key makes a repetition harmless. Tracking is a setting of the domain, off unless asked for."""

    name = "resend"
    capabilities = Capabilities(
        batch_size=100,
        merge=Merge.RENDERED,
        settling=Settling.REPEAT,
        repetition=Repetition.REPLAYED,
        # The provider remembers a key for 24 hours; the hour is for clocks that differ.
        window=timedelta(hours=23),
        several_bodies=True,
        concurrency=2,
        calls_per_second=2,
    )

    def __init__(self, settings: Resend, sender: str) -> None:
        """From `[mail.resend]`; `sender` is the mailbox of `mail.from`."""
        self._domain = parseaddr(sender)[1].rpartition("@")[2]
        self._key = settings.key
        self.url = settings.url

    def build(self, mailing: Mailing) -> Request:
        """`[{"from": …, "to": […], …}, …]`."""
        item = _item(mailing)
        return Request(
            "POST",
            f"{self.url}/emails/batch",
            b"[" + b",".join(item.fill(recipient) for recipient in mailing.recipients) + b"]",
            {
                "Content-Type": "application/json",
                "Idempotency-Key": mailing.key,
                # Else one bad address would refuse the other ninety-nine.
                "x-batch-validation": "permissive",
            },
        )

    def authorize(self, request: Request, now: datetime) -> Mapping[str, str]:  # noqa: ARG002 - the key is all
        """The key."""
        return {"Authorization": f"Bearer {self._key}"}

    def read(self, mailing: Mailing, response: Response) -> Outcome:
        """`{"data": [{"id": …}, …], "errors": [{"index": 1, "message": …}]}`: those without an error were taken."""
        if response.status == 409 and b"invalid_idempotent_request" in response.body:  # noqa: PLR2004 - an HTTP status
            # The key was used with other bytes: with those that this batch had before someone left the newsletter.
            return TakenBefore()
        if outcome := verdict(response, self.url, _CHECK):
            return outcome
        if response.status != 200:  # noqa: PLR2004 - an HTTP status
            raise ValueError(response.status)
        return _taken(mailing, response.json())

    def resolve(self, mailing: Mailing, called_at: datetime, call: Call) -> Resolution:  # noqa: ARG002 - it cannot be asked
        """It is repeated instead."""
        return StillUnknown(f"{self.url}: cannot be asked for a batch")

    def check(self, call: Call) -> Sequence[str]:
        """The domains of the account answer whether the key is good, and whether it may send for the sender's."""
        response = call(Request("GET", f"{self.url}/domains"))
        if wrong := trouble(response, self.url, _CHECK):
            return [wrong]
        verified = {one["name"] for one in response.json()["data"] if one["status"] == "verified"}
        return (
            []
            if self._domain in verified
            else [f"{self._domain} is no verified domain at Resend; verify it there, or check mail.from"]
        )


class ResendWebhook:
    """One notice a request, signed by Svix: HMAC-SHA256 of `id.timestamp.body`."""

    largest = 256 << 10

    def __init__(self, settings: Resend) -> None:
        """From `[mail.resend]`; `webhook_secret` is the signing secret, `whsec_…`."""
        self._secret = settings.webhook_secret

    def verify(self, headers: Mapping[str, str], body: bytes, now: datetime) -> bool:
        """Whether one of the signatures is by our secret: while it is changed there are two."""
        timestamp = headers.get("svix-timestamp", "")
        if self._secret is None or len(body) > self.largest or not is_recent(timestamp, now, _TOLERANCE):
            return False
        try:
            key = base64.b64decode(self._secret.removeprefix("whsec_"))
        except ValueError:
            return False
        signed = f"{headers.get('svix-id', '')}.{timestamp}.".encode() + body
        wanted = b"v1," + base64.b64encode(hmac.digest(key, signed, "sha256"))
        return any(hmac.compare_digest(one.encode(), wanted) for one in headers.get("svix-signature", "").split(" "))

    def events(self, body: bytes) -> Sequence[MailEvent]:
        """`{"type": "email.bounced", "created_at": …, "data": {"email_id": …, "to": […], "tags": …}}`."""
        notice = read_json(body)
        what, said, data = notice["type"], notice["created_at"], notice["data"]
        bounce = data.get("bounce") or {}
        kind = _KINDS.get(what)
        if what == "email.bounced":
            kind = EventKind.HARD_BOUNCE if bounce.get("type") == "Permanent" else EventKind.SOFT_BOUNCE
        if kind is None:
            return []
        # The notice's own id stands in the headers alone; a repetition has the same body.
        identity = f"{data['email_id']}/{what}/{said}"
        reason = bounce.get("message") or (data.get("failed") or {}).get("reason")
        return [mail_event("resend", identity, kind, moment(said), str(data["to"][0]), _tags(data.get("tags")), reason)]


def _tags(tags: Any) -> dict[str, Any]:
    """Their documentation has a list of names and values, their samples have an object."""
    if isinstance(tags, list):
        return {tag["name"]: tag["value"] for tag in tags}
    return dict(tags or {})


def _item(mailing: Mailing) -> Form:
    """One mail of the batch, as JSON."""
    content, form = mailing.content, Form()

    def member(name: str, value: Mergeable, *, html: bool = False) -> None:
        form.add(f',"{name}":"'.encode())
        form.add_text(value, json_text, html=html)
        form.add(b'"')

    form.add(b'{"from":"%b","to":["' % json_text(content.sender))
    form.add_own(lambda recipient: json_text(recipient.email))
    form.add(b'"],"reply_to":"%b"' % json_text(content.reply_to))
    member("subject", content.subject)
    member("text", content.text)
    member("html", content.html, html=True)
    form.add(b',"headers":{"Message-ID":"')
    form.add_own(lambda recipient: json_text(content.message_ids.of(recipient.email)))
    form.add(b'"')
    for name, value in content.headers:
        member(name, value if value.fields else Mergeable((ascii_header(value.texts[0]),), ()))
    form.add(b'},"tags":[{"name":"%b","value":"%b"},' % (BATCH.encode(), json_text(mailing.key)))
    form.add(b'{"name":"%b","value":"' % SUBSCRIBER.encode())
    form.add_own(_number)
    form.add(b'"}]}')
    return form


def _number(recipient: Recipient) -> bytes:
    return str(recipient.subscriber_id).encode()


def _taken(mailing: Mailing, answer: Any) -> Taken:
    refused = {error["index"]: str(error.get("message", "")) for error in answer.get("errors") or []}
    refusals = tuple(
        Refusal(one.subscriber_id, refused.pop(index)) for index, one in enumerate(mailing.recipients) if index in refused
    )
    if refused or len(answer["data"]) + len(refusals) != len(mailing.recipients):
        raise ValueError("the answer accounts for other mails")
    ids = [str(item["id"]) for item in answer["data"]]
    return Taken(refusals, provider_id=ids[0] if ids else "")
