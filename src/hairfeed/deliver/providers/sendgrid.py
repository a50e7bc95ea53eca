"""The mail API of SendGrid: one body for a thousand recipients, filled in by SendGrid; a batch in doubt is looked up in the logs.

Source: twilio.com/docs/sendgrid, "Mail Send", "Personalizations", "Substitution Tags", "Errors", "Email Logs" and "Event Webhook
Security Features", as of autumn 2026.
"""

import base64
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parseaddr
from typing import Any
from urllib.parse import quote

from hairfeed.deliver.mailing import BATCH, SUBSCRIBER, Mailing
from hairfeed.deliver.providers.contract import Call, Capabilities, Merge, Request, Response, Settling, read_json
from hairfeed.deliver.providers.inline import MergeSyntax, inline
from hairfeed.deliver.providers.notices import is_recent, mail_event, moment
from hairfeed.deliver.providers.outcomes import (
    Blame,
    Outcome,
    Refused,
    Resolution,
    StillUnknown,
    Taken,
    WasNotTaken,
    WasTaken,
)
from hairfeed.deliver.providers.reading import trouble, verdict
from hairfeed.deliver.providers.writing import ascii_header, json_body, short_mark
from hairfeed.models.events import EventKind, MailEvent
from hairfeed.settings.providers import SendGrid

_LOGGED_AFTER = timedelta(hours=1)
"""They say "near real time" and no figure; this is ours."""
_LOGGED_FOR = timedelta(days=29)
_EARLIER = timedelta(hours=1)
"""How much our clock may be ahead of theirs."""
_ASK_AGAIN = timedelta(minutes=10)

_NOTICE_TOLERANCE = timedelta(hours=25)
"""They repeat a notice for a day, and do not say whether they sign it anew."""

_CHECK = "mail.sendgrid.key, mail.sendgrid.url (the EU has its own) and the domain of mail.from"


class SendGridApi:
    """One POST a batch, all or nothing. A tag of ours stands for what differs by recipient; headers differ as they are."""

    name = "sendgrid"
    capabilities = Capabilities(
        batch_size=1000,
        merge=Merge.INLINE,
        settling=Settling.LOOK_UP,
        look_up_after=_LOGGED_AFTER,
        look_up_within=_LOGGED_FOR,
        all_or_nothing=True,
        batch_bytes=30_000_000,
    )

    def __init__(self, settings: SendGrid, sender: str) -> None:
        """From `[mail.sendgrid]`; `sender` is the mailbox of `mail.from`."""
        self._domain = parseaddr(sender)[1].rpartition("@")[2]
        self._key = settings.key
        self.url = settings.url

    def build(self, mailing: Mailing) -> Request:
        """`{"personalizations": [{"to": …, "substitutions": …, "headers": …, "custom_args": …}, …], "content": …}`."""
        syntax = _syntax(mailing)
        content = inline(mailing.content, syntax)
        shared = {name: ascii_header(value.texts[0]) for name, value in mailing.content.headers if not value.fields}
        own = [(name, value) for name, value in mailing.content.headers if value.fields]
        body = {
            "personalizations": [
                {
                    "to": [{"email": one.email}],
                    "substitutions": {syntax.variable(name): value for name, value in values.items()},
                    "headers": {name: value.fill(one.values) for name, value in own},
                    "custom_args": {BATCH: mailing.key, SUBSCRIBER: str(one.subscriber_id)},
                }
                for one, values in content.each(mailing.recipients)
            ],
            "from": _mailbox(mailing.content.sender),
            "reply_to": _mailbox(mailing.content.reply_to),
            "subject": content.subject,
            "content": [{"type": "text/plain", "value": content.text}, {"type": "text/html", "value": content.html}],
            "headers": shared,
            "categories": [mailing.key],
            "tracking_settings": {
                "click_tracking": {"enable": False, "enable_text": False},
                "open_tracking": {"enable": False},
                "subscription_tracking": {"enable": False},
                "ganalytics": {"enable": False},
            },
        }
        return Request("POST", f"{self.url}/v3/mail/send", json_body(body), {"Content-Type": "application/json"})

    def authorize(self, request: Request, now: datetime) -> Mapping[str, str]:  # noqa: ARG002 - the key is all
        """The key."""
        return {"Authorization": f"Bearer {self._key}"}

    def read(self, mailing: Mailing, response: Response) -> Outcome:  # noqa: ARG002 - it is all or nothing
        """202 with the mail's name in a header, or `{"errors": [{"message": …, "field": "personalizations.0.to"}]}`."""
        outcome = verdict(response, self.url, _CHECK)
        if outcome is None:
            if response.status != 202:  # noqa: PLR2004 - an HTTP status
                raise ValueError(response.status)
            return Taken(provider_id=response.headers.get("X-Message-Id", ""))
        if isinstance(outcome, Refused) and outcome.blame is Blame.RECIPIENTS and _is_about_us(response):
            return Refused(f"{outcome.reason}; check {_CHECK}", Blame.ACCOUNT)
        return outcome

    def resolve(self, mailing: Mailing, called_at: datetime, call: Call) -> Resolution:
        """One mail of the batch's category proves that the whole call was taken; later, none proves that it was not."""
        since = f"{(called_at - _EARLIER).astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
        query = f"categories IN ('{mailing.key}') AND sg_message_id_created_at > TIMESTAMP \"{since}\""
        response = call(
            Request("POST", f"{self.url}/v3/logs", json_body({"query": query, "limit": 10}), {"Content-Type": "application/json"})
        )
        if wrong := trouble(response, self.url, _CHECK):
            return StillUnknown(wrong, _ASK_AGAIN)
        found = [str(one["to_email"]).lower() for one in response.json()["messages"]]
        # A search that did not heed the category would find all mails, and prove what is not so.
        if not {one.email.lower() for one in mailing.recipients}.issuperset(found):
            raise ValueError("the search finds other mails")
        return WasTaken() if found else WasNotTaken()

    def check(self, call: Call) -> Sequence[str]:
        """What the key may do: send, and look mails up; and whether the sender's domain is known, where it may see that."""
        response = call(Request("GET", f"{self.url}/v3/scopes"))
        if wrong := trouble(response, self.url, _CHECK):
            return [wrong]
        found, scopes = [], response.json()["scopes"]
        if "whitelabel.read" in scopes:
            domains = call(Request("GET", f"{self.url}/v3/whitelabel/domains?domain={quote(self._domain)}"))
            if not any(one["valid"] for one in domains.json()):
                found.append(f"{self._domain} is no authenticated domain at SendGrid; authenticate it there, or check mail.from")
        if "mail.send" not in scopes:
            found.append(f"{self.url}: the key may not send; give it the permission Mail Send, or check mail.sendgrid.key")
        logs = call(Request("POST", f"{self.url}/v3/logs", json_body({"limit": 1}), {"Content-Type": "application/json"}))
        if wrong := trouble(logs, self.url, "the permissions of mail.sendgrid.key: it should read the Email Logs"):
            found.append(f"a batch in doubt could not be looked up: {wrong}")
        return found


class SendGridWebhook:
    """Many notices a request, signed as a whole: ECDSA on P-256, SHA-256 of the timestamp and the body."""

    largest = 8 << 20

    def __init__(self, settings: SendGrid) -> None:
        """From `[mail.sendgrid]`; `webhook_secret` is the verification key of the Event Webhook, as it is shown there."""
        self._public_key = settings.webhook_secret

    def verify(self, headers: Mapping[str, str], body: bytes, now: datetime) -> bool:
        """Whether it is signed by the key's other half."""
        timestamp = headers.get("x-twilio-email-event-webhook-timestamp", "")
        if self._public_key is None or len(body) > self.largest or not is_recent(timestamp, now, _NOTICE_TOLERANCE):
            return False
        # Large, and needed for such notices only.
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.asymmetric import ec
        from cryptography.hazmat.primitives.serialization import load_der_public_key

        try:
            signature = base64.b64decode(headers.get("x-twilio-email-event-webhook-signature", ""), validate=True)
            key = load_der_public_key(base64.b64decode(self._public_key))
            if not isinstance(key, ec.EllipticCurvePublicKey):
                return False
            key.verify(signature, timestamp.encode() + body, ec.ECDSA(hashes.SHA256()))
        except (InvalidSignature, ValueError):
            return False
        return True

    def events(self, body: bytes) -> Sequence[MailEvent]:
        """`[{"event": "bounce", "type": "blocked", "email": …, "timestamp": …, "sg_message_id": …, our custom arguments}, …]`."""
        return [_event(said, kind) for said in read_json(body) if (kind := _kind(said)) is not None]


def _event(said: Mapping[str, Any], kind: EventKind) -> MailEvent:
    # Their own id is another one when they repeat a notice.
    identity = f"{said.get('sg_message_id', '')}/{said['event']}/{said['email']}/{said['timestamp']}"
    reason = said.get("reason") or said.get("response")
    return mail_event("sendgrid", identity, kind, moment(said["timestamp"]), str(said["email"]), said, reason)


def _kind(said: Mapping[str, Any]) -> EventKind | None:
    if said["event"] != "bounce":
        return _KINDS.get(said["event"])
    gone = said.get("type", "bounce") == "bounce" and said.get("bounce_classification") in _GONE
    return EventKind.HARD_BOUNCE if gone else EventKind.SOFT_BOUNCE


_GONE = (None, "", "Invalid Address", "Unclassified")
"""Classes of bounces that say of an address that there is none; the others are of full mailboxes, reputation, content."""

_KINDS = {
    "processed": EventKind.ACCEPTED,
    "delivered": EventKind.DELIVERED,
    "dropped": EventKind.REJECTED,
    "spamreport": EventKind.COMPLAINT,
    "unsubscribe": EventKind.UNSUBSCRIBE,
    "group_unsubscribe": EventKind.UNSUBSCRIBE,
    "open": EventKind.OPENED,
    "click": EventKind.CLICKED,
}


def _syntax(mailing: Mailing) -> MergeSyntax:
    """Any text may be a tag. Ours are the batch's own, so neither an article nor a name can hold one."""
    mark = short_mark(mailing.key, 12)
    return MergeSyntax(variable=lambda name: f"-hf{mark}-{name}-")


def _mailbox(text: str) -> dict[str, str]:
    name, address = parseaddr(text)
    return {"email": address, "name": name} if name else {"email": address}


def _is_about_us(response: Response) -> bool:
    """Whether every error of a 400 names a field that is not a recipient's."""
    try:
        fields = [str(error.get("field") or "personalizations") for error in response.json()["errors"]]
    except (ValueError, KeyError, TypeError, AttributeError):
        return False
    return bool(fields) and not any(field.startswith("personalizations") for field in fields)
