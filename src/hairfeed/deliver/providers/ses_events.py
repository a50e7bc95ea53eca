"""Notices of Amazon SES, as Amazon SNS posts them: signed by a key whose certificate Amazon shows at an address of its own.

Source: docs.aws.amazon.com, "Amazon SNS Developer Guide" (verifying signatures, HTTP notifications), "Amazon SES Developer Guide"
(contents of event data); as of autumn 2026.
"""

import base64
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from hairfeed.deliver.mailing import BATCH, SUBSCRIBER
from hairfeed.deliver.providers.calling import Caller
from hairfeed.deliver.providers.contract import Request, read_json
from hairfeed.deliver.providers.notices import mail_event, moment
from hairfeed.errors import NoAnswer
from hairfeed.models.events import EventKind, MailEvent
from hairfeed.settings.providers import Ses

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

_TOLERANCE = timedelta(hours=2)
"""They repeat a notice for an hour, and sign it once."""
_HOST = re.compile(r"sns\.[a-z0-9-]+\.amazonaws\.com(\.cn)?")
_SECONDS = 10

_SIGNED = {
    "Notification": ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
    "SubscriptionConfirmation": ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
    "UnsubscribeConfirmation": ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
}
"""What a signature covers, in this order; a notice need not have a subject."""

Visit = Callable[[str], bytes]
"""What stands at an address of Amazon's.

Raises:
    NotConnected, NoAnswer: it cannot be had.
"""


def visit(url: str) -> bytes:
    """Get it, without following redirects."""
    caller = Caller(url, _SECONDS)
    try:
        response = caller.call(Request("GET", url), {})
    finally:
        caller.close()
    if response.status != 200:  # noqa: PLR2004 - an HTTP status
        raise NoAnswer(f"{url}: {response.said}")
    return response.body


class SesWebhook:
    """One notice a request. Not quite pure: the certificate is fetched once, and a new subscription is confirmed."""

    largest = 512 << 10
    """A message has 256 KiB, and quotes in it are escaped."""

    def __init__(self, settings: Ses, visit: Visit = visit) -> None:
        """From `[mail.ses]`; `webhook_secret` is the ARN of the topic: anybody may have one, and Amazon signs for all."""
        self._topic = settings.webhook_secret
        self._visit = visit
        self._keys: dict[str, RSAPublicKey] = {}

    def verify(self, headers: Mapping[str, str], body: bytes, now: datetime) -> bool:  # noqa: ARG002 - the body bears it all
        """Whether it is of our topic, and signed by Amazon SNS.

        Raises:
            NotConnected, NoAnswer: their certificate cannot be had now. They repeat a notice after a 5xx, and never after a 4xx.
        """
        if self._topic is None or len(body) > self.largest:
            return False
        try:
            said = read_json(body)
            if said["TopicArn"] != self._topic or abs(now - moment(said["Timestamp"])) > _TOLERANCE:
                return False
            return self._is_signed(said)
        except (ValueError, KeyError, TypeError, AttributeError):
            return False

    def events(self, body: bytes) -> Sequence[MailEvent]:
        """`{"Type": "Notification", "Message": …, …}`; the message is JSON: `{"eventType": "Bounce", "bounce": …, "mail": …}`."""
        said = read_json(body)
        if said["Type"] == "SubscriptionConfirmation":
            if _is_amazons(said["SubscribeURL"]):
                self._visit(said["SubscribeURL"])
            return []
        if said["Type"] != "Notification" or said["Message"].startswith("Successfully validated SNS topic"):
            return []
        return _events(read_json(said["Message"].encode()))

    def _is_signed(self, said: Mapping[str, Any]) -> bool:
        # Large, and needed for such notices only.
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.asymmetric import padding

        # Version 1 is what a topic has unless it is told otherwise.
        digest = {"1": hashes.SHA1(), "2": hashes.SHA256()}[said["SignatureVersion"]]  # noqa: S303 - theirs
        names = [name for name in _SIGNED[said["Type"]] if name in said or name != "Subject"]
        signed = "".join(f"{name}\n{said[name]}\n" for name in names).encode()
        try:
            self._key(said["SigningCertURL"]).verify(
                base64.b64decode(said["Signature"], validate=True), signed, padding.PKCS1v15(), digest
            )
        except InvalidSignature:
            return False
        return True

    def _key(self, url: str) -> "RSAPublicKey":
        """The key of the certificate there, fetched once; whoever could show one at Amazon's address would be Amazon."""
        from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
        from cryptography.x509 import load_pem_x509_certificate

        if not (_is_amazons(url) and urlsplit(url).path.endswith(".pem")):
            raise ValueError("a certificate of somebody else")
        if url not in self._keys:
            key = load_pem_x509_certificate(self._visit(url)).public_key()
            if not isinstance(key, RSAPublicKey):
                raise ValueError("a certificate of another kind")
            self._keys = {url: key}
        return self._keys[url]


def _is_amazons(url: str) -> bool:
    """Whether it is an address of Amazon SNS."""
    address = urlsplit(url)
    return address.scheme == "https" and _HOST.fullmatch(address.netloc) is not None


def _events(said: Mapping[str, Any]) -> list[MailEvent]:
    """An event for each recipient that SES names."""
    what = said.get("eventType") or said["notificationType"]
    part = said.get("failure" if what == "Rendering Failure" else what.lower()) or {}
    kind = _kind(what, part)
    if kind is None:
        return []
    mail = said["mail"]
    at = part.get("timestamp") or mail["timestamp"]
    tags = {name: values[0] for name, values in (mail.get("tags") or {}).items() if name in (BATCH, SUBSCRIBER) and values}
    people = part.get("bouncedRecipients") or part.get("complainedRecipients") or part.get("recipients") or mail["destination"]
    found = []
    for one in people:
        address, reason = (one, "") if isinstance(one, str) else (one["emailAddress"], one.get("diagnosticCode"))
        identity = f"{mail['messageId']}/{what}/{at}/{address}"
        reason = reason or part.get("reason") or part.get("errorMessage") or part.get("bounceSubType")
        found.append(mail_event("ses", identity, kind, moment(at), str(address), tags, reason))
    return found


def _kind(what: str, part: Mapping[str, Any]) -> EventKind | None:
    suppressed = "Suppress" in str(part.get("bounceSubType") or part.get("complaintSubType") or "")
    match what:
        case "Bounce" if suppressed:
            return EventKind.REJECTED
        case "Bounce":
            return EventKind.HARD_BOUNCE if part["bounceType"] == "Permanent" else EventKind.SOFT_BOUNCE
        case "Complaint" if suppressed:
            return EventKind.REJECTED
        case "Complaint":
            return None if part.get("complaintFeedbackType") == "not-spam" else EventKind.COMPLAINT
        case "Subscription":
            left = (part.get("newTopicPreferences") or {}).get("unsubscribeAll")
            return EventKind.UNSUBSCRIBE if left else None
        case other:
            return _KINDS.get(other)


_KINDS = {
    "Send": EventKind.ACCEPTED,
    "Delivery": EventKind.DELIVERED,
    "Reject": EventKind.REJECTED,
    "Rendering Failure": EventKind.REJECTED,
    "Open": EventKind.OPENED,
    "Click": EventKind.CLICKED,
}
