"""The mail API of Brevo: a thousand recipients a call with one body, filled in by Brevo, and known again for a while.

Source: developers.brevo.com, "Send a transactional email", "Batch send transactional emails", "Idempotency for batch emails", "Get
all your transactional email activity", "Transactional webhooks"; help.brevo.com on its template language (auto-escaping); what
django-anymail knows of its faults; as of autumn 2026. Tracking is a setting of the account: no call can switch it off.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from email.header import Header
from email.utils import parseaddr
from hashlib import sha256
from typing import Any
from urllib.parse import quote, urlencode
from uuid import UUID

from hairfeed.deliver.mailing import BATCH, SUBSCRIBER, Content, Mailing, Recipient
from hairfeed.deliver.providers.contract import Call, Capabilities, Merge, Repetition, Request, Response, Settling, read_json
from hairfeed.deliver.providers.inline import MergeSyntax, inline
from hairfeed.deliver.providers.notices import has_login, mail_event
from hairfeed.deliver.providers.outcomes import (
    Blame,
    InDoubt,
    Outcome,
    Refused,
    Resolution,
    StillUnknown,
    Taken,
    WasNotTaken,
    WasTaken,
)
from hairfeed.deliver.providers.reading import trouble, verdict
from hairfeed.deliver.providers.writing import json_body
from hairfeed.models.events import EventKind, MailEvent
from hairfeed.settings.providers import Brevo

_OPENINGS = ("{{", "{%", "{#")
_SYNTAX = MergeSyntax(variable=lambda name: f"{{{{params.{name}}}}}", openings=_OPENINGS)

_SPECIAL = frozenset('()<>[]:;@\\,."')

_LOGGED_AFTER = timedelta(hours=1)
"""They give no figure; this is ours."""
_LOGGED_FOR = timedelta(days=29)
_ASK_AGAIN = timedelta(minutes=10)

_CHECK = "mail.brevo.key, the addresses from which Brevo lets it be used, and the domain of mail.from"


class BrevoApi:
    """One POST a batch; under its key the same batch is refused a second time, and later it is found by its tag."""

    name = "brevo"
    capabilities = Capabilities(
        batch_size=1000,
        merge=Merge.INLINE,
        settling=Settling.REPEAT,
        repetition=Repetition.RECOGNISED,
        # They say half an hour, and once said a quarter.
        window=timedelta(minutes=12),
        look_up_after=_LOGGED_AFTER,
        look_up_within=_LOGGED_FOR,
        all_or_nothing=True,
        # Six thousand calls an hour.
        calls_per_second=1.6,
    )

    def __init__(self, settings: Brevo, sender: str) -> None:
        """From `[mail.brevo]`; `sender` is the mailbox of `mail.from`."""
        self._domain = parseaddr(sender)[1].rpartition("@")[2]
        self._key = settings.key
        self.url = settings.url

    def build(self, mailing: Mailing) -> Request:
        """`{"htmlContent": …, "messageVersions": [{"to": …, "params": …, "headers": …}, …]}`."""
        content = inline(mailing.content, _SYNTAX)
        headers = [(name, value, _ascii(value.texts[0])) for name, value in mailing.content.headers]
        body: dict[str, Any] = {
            "sender": _mailbox(mailing.content.sender),
            "replyTo": _reply_to(mailing.content.reply_to),
            "subject": content.subject,
            "textContent": _unescaped(content.text),
            "htmlContent": _unescaped(content.html),
            "tags": [mailing.key],
            "headers": {"idempotencyKey": _uuid(mailing.key)},
            "messageVersions": [
                {
                    "to": [{"email": one.email}],
                    **_subject(mailing.content, one),
                    "params": {**_PARAMS, **values},
                    # All of them: nothing hangs on how they are joined with those for all.
                    "headers": {
                        **{name: value.fill(one.values) if value.fields else fixed for name, value, fixed in headers},
                        "X-Mailin-custom": json.dumps({BATCH: mailing.key, SUBSCRIBER: str(one.subscriber_id)}),
                    },
                }
                for one, values in content.each(mailing.recipients)
            ],
        }
        return Request("POST", f"{self.url}/v3/smtp/email", json_body(body), {"Content-Type": "application/json"})

    def authorize(self, request: Request, now: datetime) -> Mapping[str, str]:  # noqa: ARG002 - the key is all
        """The key."""
        return {"api-key": self._key}

    def read(self, mailing: Mailing, response: Response) -> Outcome:
        """201 with `{"messageIds": […]}` in our order, or `{"code": "invalid_parameter", "message": …}` for all."""
        outcome = verdict(response, self.url, _CHECK)
        if outcome is None:
            return _taken(mailing, response)
        if isinstance(outcome, Refused) and outcome.blame is Blame.RECIPIENTS:
            code, message = _error(response)
            if code == "duplicate_parameter":
                # They do not say whether a call that failed uses its key up, so this alone proves nothing.
                return InDoubt(f"{outcome.reason}; the batch's key was used before, and the batch is looked up later")
            if code == "not_enough_credits" or "sender" in message or "account" in message:
                return Refused(f"{outcome.reason}; check {_CHECK}, and the account at Brevo", Blame.ACCOUNT)
        return outcome

    def resolve(self, mailing: Mailing, called_at: datetime, call: Call) -> Resolution:  # noqa: ARG002 - the tag finds it
        """One event of the batch's tag proves that the whole call was taken; later, none proves that it was not."""
        query = urlencode({"tags": json.dumps([mailing.key]), "limit": 10})
        response = call(self._get(f"smtp/statistics/events?{query}"))
        if wrong := trouble(response, self.url, _CHECK):
            return StillUnknown(wrong, _ASK_AGAIN)
        found = response.json()["events"]
        # A search that did not heed the tag would find all mails, and prove what is not so.
        if any(str(one["tag"]).strip('[]"') != mailing.key for one in found):
            raise ValueError("the search finds other mails")
        return WasTaken() if found else WasNotTaken()

    def check(self, call: Call) -> Sequence[str]:
        """What the account may do, and what it says of the sender's domain."""
        response = call(self._get("account"))
        if wrong := trouble(response, self.url, _CHECK):
            return [wrong]
        found = []
        if not response.json()["relay"]["enabled"]:
            found.append(f"{self.url}: the account may not send transactional mail; ask Brevo to activate it")
        domain = call(self._get(f"senders/domains/{quote(self._domain)}"))
        if domain.status == 404:  # noqa: PLR2004 - an HTTP status
            found.append(f"{self._domain} is no domain of the account at Brevo; authenticate it there, or check mail.from")
        elif wrong := trouble(domain, self.url, _CHECK):
            found.append(wrong)
        elif not domain.json()["authenticated"]:
            found.append(f"{self._domain} is not authenticated at Brevo; set its DNS records, or check mail.from")
        return found

    def _get(self, path: str) -> Request:
        return Request("GET", f"{self.url}/v3/{path}", headers={"Accept": "application/json"})


class BrevoWebhook:
    """One notice a request or several, with a login."""

    largest = 8 << 20
    """Five hundred events."""

    def __init__(self, settings: Brevo) -> None:
        """From `[mail.brevo]`; `webhook_secret` is the `user:password` of the webhook's basic authentication."""
        self._login = settings.webhook_secret

    def verify(self, headers: Mapping[str, str], body: bytes, now: datetime) -> bool:  # noqa: ARG002 - a login has no age
        """Whether it bears the login."""
        return len(body) <= self.largest and has_login(headers, self._login)

    def events(self, body: bytes) -> Sequence[MailEvent]:
        """`{"event": "hard_bounce", "email": …, "ts_epoch": …, "message-id": …, "X-Mailin-custom": "{…}"}`, or a list of them."""
        said = read_json(body)
        notices = said if isinstance(said, list) else [said]
        return [_event(one, kind) for one in notices if (kind := _KINDS.get(one["event"])) is not None]


def _event(said: Mapping[str, Any], kind: EventKind) -> MailEvent:
    identity = f"{said['message-id']}/{said['event']}/{said['email']}/{said['ts_epoch']}"
    # Their other times are in the account's time zone.
    at = datetime.fromtimestamp(_milliseconds(said["ts_epoch"]) / 1000, UTC)
    return mail_event("brevo", identity, kind, at, str(said["email"]), _metadata(said), said.get("reason"))


def _milliseconds(stated: Any) -> int:
    if not isinstance(stated, int) or abs(stated) > 1 << 50:
        raise ValueError(f"no instant: {stated!r:.40}")
    return stated


def _metadata(said: Mapping[str, Any]) -> dict[str, Any]:
    """What came back of ours; of another's mail it may be anything."""
    try:
        metadata = read_json(said["X-Mailin-custom"].encode())
    except (ValueError, KeyError, AttributeError):
        return {}
    return metadata if isinstance(metadata, dict) else {}


_KINDS = {
    "request": EventKind.ACCEPTED,
    "delivered": EventKind.DELIVERED,
    "hard_bounce": EventKind.HARD_BOUNCE,
    "invalid_email": EventKind.HARD_BOUNCE,
    "soft_bounce": EventKind.SOFT_BOUNCE,
    "blocked": EventKind.REJECTED,
    "error": EventKind.REJECTED,
    "spam": EventKind.COMPLAINT,
    "complaint": EventKind.COMPLAINT,
    "unsubscribe": EventKind.UNSUBSCRIBE,
    "unsubscribed": EventKind.UNSUBSCRIBE,
    "opened": EventKind.OPENED,
    "unique_opened": EventKind.OPENED,
    "proxy_open": EventKind.OPENED,
    "unique_proxy_open": EventKind.OPENED,
    "click": EventKind.CLICKED,
}
"""The others are of mails that are still on their way."""


def _unescaped(text: str) -> str:
    """Else Brevo would escape every value for HTML, the text's too, and ours are escaped where that is due."""
    return f"{{% autoescape off %}}{text}{{% endautoescape %}}"


_PARAMS = {f"subject{number}": opening for number, opening in enumerate(_OPENINGS)}


def _subject(content: Content, recipient: Recipient) -> dict[str, str]:
    """A subject with a name in it is filled in here: whether a subject may hold commands against escaping is not written down."""
    if not content.subject.fields:
        return {}
    subject = content.subject.fill(recipient.values)
    for number, opening in enumerate(_OPENINGS):
        subject = subject.replace(opening, f"{{{{params.subject{number}}}}}")
    return {"subject": subject}


def _mailbox(text: str) -> dict[str, str]:
    """The sender. A name in another script with a comma or its like would get lost on its way, so it is encoded."""
    name, address = parseaddr(text)
    if not name.isascii() and _SPECIAL & set(name):
        name = Header(name, "utf-8", maxlinelen=75).encode(linesep="\n").replace("\n", "")
    return {"email": address, "name": name} if name else {"email": address}


def _reply_to(text: str) -> dict[str, str]:
    """A name in another script would go out as it is, in eight bits."""
    name, address = parseaddr(text)
    return {"email": address, "name": name} if name and name.isascii() else {"email": address}


def _ascii(value: str) -> str:
    """A header's value. Brevo decodes what is encoded and sends it in eight bits, so a phrase in another script is left out."""
    return value if value.isascii() else f"<{value.rpartition(' <')[2]}"


def _uuid(key: str) -> str:
    """The batch's key in the form that they ask for."""
    return str(UUID(bytes=sha256(key.encode()).digest()[:16], version=4))


def _taken(mailing: Mailing, response: Response) -> Taken:
    answer = response.json()
    ids = answer["messageIds"] if "messageIds" in answer else [answer["messageId"]]
    if response.status != 201 or len(ids) != len(mailing.recipients):  # noqa: PLR2004 - an HTTP status
        raise ValueError("the answer accounts for other mails")
    return Taken(provider_id=str(ids[0]))


def _error(response: Response) -> tuple[str, str]:
    """Its code, and its text in lower case."""
    try:
        said = response.json()
        return str(said["code"]), str(said.get("message", "")).lower()
    except (ValueError, KeyError, TypeError, AttributeError):
        return "", ""
