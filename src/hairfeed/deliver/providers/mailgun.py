"""The mail API of Mailgun: one body for a thousand recipients, filled in by Mailgun; a batch in doubt is looked up in the logs.

Source: documentation.mailgun.com, "Batch Sending", "Send an email", "Tags", "List logs", "Event polling" and "Securing Webhooks",
as of autumn 2026.
"""

import base64
import hmac
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parseaddr
from typing import Any

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
    Throttled,
    WasNotTaken,
    WasTaken,
)
from hairfeed.deliver.providers.reading import trouble, verdict
from hairfeed.deliver.providers.writing import ascii_header, json_body, json_rows, mailbox, short_mark
from hairfeed.models.events import EventKind, MailEvent
from hairfeed.settings.providers import Mailgun

_SYNTAX = MergeSyntax(
    variable=lambda name: f"%recipient.{name}%",
    openings=("%recipient", "%unsubscribe_", "%tag_unsubscribe_", "%mailing_list_unsubscribe_"),
)
_OWN = "subscriber"
"""The variable with the subscriber's number."""

_LOGGED_AFTER = timedelta(minutes=30)
"""After so long the logs can be trusted to be whole, as their rule for polling says."""
_LOGGED_FOR = timedelta(hours=20)
"""A free account's logs are kept for a day."""
_EARLIER = timedelta(hours=1)
"""How much our clock may be ahead of theirs."""
_MOST_PAGES = 30
_ASK_AGAIN = timedelta(minutes=10)

_NOTICE_TOLERANCE = timedelta(hours=9)
"""They repeat a notice for eight hours, with the signature that it had at first."""

_CHECK = "mail.mailgun.key, mail.mailgun.domain and mail.mailgun.url (the EU has its own)"


class MailgunApi:
    """One POST a batch, all or nothing. Everything that differs by recipient is a variable, also in headers and metadata."""

    name = "mailgun"

    def __init__(self, settings: Mailgun, sender: str) -> None:
        """From `[mail.mailgun]`; `sender` is the mailbox of `mail.from`."""
        self._sender = sender
        self.capabilities = Capabilities(
            batch_size=settings.batch_size,
            merge=Merge.INLINE,
            settling=Settling.LOOK_UP,
            look_up_after=_LOGGED_AFTER,
            look_up_within=_LOGGED_FOR,
            all_or_nothing=True,
            batch_bytes=25_000_000,
        )
        self._key = settings.key
        self._domain = settings.domain
        self.url = settings.url

    def build(self, mailing: Mailing) -> Request:
        """Fields of a form (RFC 7578); `recipient-variables` has what differs by recipient."""
        content = inline(mailing.content, _SYNTAX)
        numbers, emails, *_ = zip(*mailing.recipients, strict=True)
        variables = {**content.columns(mailing.recipients), _OWN: list(map(str, numbers))}
        fields = {
            "from": mailbox(mailing.content.sender),
            "to": ",".join(emails),
            "subject": content.subject,
            "text": content.text,
            "html": content.html,
            "recipient-variables": json_rows(emails, variables),
            "h:Reply-To": mailbox(mailing.content.reply_to),
            **{f"h:{name}": ascii_header(value) for name, value in content.headers},
            f"v:{BATCH}": mailing.key,
            f"v:{SUBSCRIBER}": _SYNTAX.variable(_OWN),
            "o:tag": _tag(mailing),
            "o:tracking": "no",
            "o:tracking-clicks": "no",
            "o:tracking-opens": "no",
        }
        boundary, body = _form(fields.items(), mailing.key)
        return Request(
            "POST",
            f"{self.url}/v3/{self._domain}/messages",
            body,
            {"Content-Type": f"multipart/form-data; boundary={boundary}"},
        )

    def authorize(self, request: Request, now: datetime) -> Mapping[str, str]:  # noqa: ARG002 - the key is all
        """The key, as the password of `api`."""
        return {"Authorization": "Basic " + base64.b64encode(f"api:{self._key}".encode()).decode()}

    def read(self, mailing: Mailing, response: Response) -> Outcome:  # noqa: ARG002 - it is all or nothing
        """`{"id": "<…>", "message": "Queued. Thank you."}`."""
        outcome = verdict(response, self.url, _CHECK)
        if outcome is None:
            return self._taken(response)
        said = response.body.decode("utf-8", "replace")
        if isinstance(outcome, Throttled):
            return Throttled(_with_advice(outcome.reason), outcome.retry_after or _stated_wait(said))
        if isinstance(outcome, Refused) and outcome.blame is Blame.RECIPIENTS and _is_about_us(said):
            return Refused(f"{outcome.reason}; check {_CHECK}, and mail.from", Blame.ACCOUNT)
        return outcome

    def resolve(self, mailing: Mailing, called_at: datetime, call: Call) -> Resolution:
        """One event with our key proves that the whole call was taken; when the logs are whole, none proves that it was not."""
        query: dict[str, Any] = {
            "start": format_datetime((called_at - _EARLIER).astimezone(UTC)),
            "events": ["accepted", "failed", "rejected"],
            "filter": {"AND": [_equals("domain", self._domain), _equals("tag", _tag(mailing))]},
            "pagination": {"sort": "timestamp:asc", "limit": 100},
        }
        for _ in range(_MOST_PAGES):
            response = call(
                Request("POST", f"{self.url}/v1/analytics/logs", json_body(query), {"Content-Type": "application/json"})
            )
            if wrong := trouble(response, self.url, _CHECK):
                return StillUnknown(wrong, _ASK_AGAIN)
            page = response.json()
            if any(_variables(item["user-variables"]).get(BATCH) == mailing.key for item in page["items"]):
                return WasTaken()
            token = page["pagination"].get("next")
            if not page["items"] or not token:
                return WasNotTaken()
            query["pagination"]["token"] = token
        return StillUnknown(f"{self.url}: the logs have too many other mails to look through", _ASK_AGAIN)

    def check(self, call: Call) -> Sequence[str]:
        """What the account says of the domain, and whether Mailgun would add links of its own to mails."""
        response = call(Request("GET", f"{self.url}/v4/domains/{self._domain}"))
        if wrong := trouble(response, self.url, _CHECK):
            return [wrong]
        domain = response.json()["domain"]
        found = []
        at = parseaddr(self._sender)[1].rpartition("@")[2]
        if not f".{at}".endswith(f".{self._domain}") and not f".{self._domain}".endswith(f".{at}"):
            found.append(f"mail.from is at {at}, and mails would be signed by {self._domain}; check mail.mailgun.domain")
        if domain.get("type") == "sandbox":
            found.append(
                f"{self._domain} is a sandbox: it mails nobody but people who were authorized there; add a domain of yours"
            )
        if domain.get("state") != "active" or domain.get("is_disabled"):
            found.append(f"{self._domain} is not active at Mailgun ({domain.get('state')}); verify its DNS records there")
        response = call(Request("GET", f"{self.url}/v3/domains/{self._domain}/tracking"))
        if response.status == 200 and response.json()["tracking"]["unsubscribe"]["active"]:  # noqa: PLR2004 - an HTTP status
            found.append(f"Mailgun adds links of its own for leaving; switch off the unsubscribe tracking of {self._domain} there")
        return found

    def _taken(self, response: Response) -> Outcome:
        if b"Magnificent API" in response.body:
            return Refused(f"{self.url}: answers as if there were no domain in the address; check {_CHECK}", Blame.ACCOUNT)
        answer = response.json()
        if response.status != 200 or "Queued" not in answer["message"]:  # noqa: PLR2004 - an HTTP status
            raise ValueError(response.said)
        return Taken(provider_id=str(answer["id"]))


class MailgunWebhook:
    """One notice a request, with a signature in it: HMAC-SHA256 of a timestamp and a token."""

    largest = 256 << 10

    def __init__(self, settings: Mailgun) -> None:
        """From `[mail.mailgun]`; `webhook_secret` is the HTTP webhook signing key."""
        self._secret = settings.webhook_secret

    def verify(self, headers: Mapping[str, str], body: bytes, now: datetime) -> bool:  # noqa: ARG002 - all is in the body
        """Whether the token is signed by our key. It does not sign the notice: see `events`."""
        if self._secret is None or len(body) > self.largest:
            return False
        try:
            signature = read_json(body)["signature"]
            timestamp, token, given = (str(signature[key]) for key in ("timestamp", "token", "signature"))
            wanted = hmac.new(self._secret.encode(), f"{timestamp}{token}".encode(), "sha256").hexdigest()
            return (
                bool(token)
                and is_recent(timestamp, now, _NOTICE_TOLERANCE)
                and hmac.compare_digest(given.encode(), wanted.encode())
            )
        except (ValueError, KeyError, TypeError):
            return False

    def events(self, body: bytes) -> Sequence[MailEvent]:
        """`{"signature": {"token": …}, "event-data": {"event": "failed", "severity": "permanent", …}}`.

        The token is the event's id: so whoever overheard one cannot have it believed a second time, with another notice.
        """
        notice = read_json(body)
        said = notice["event-data"]
        kind = _kind(said)
        if kind is None:
            return []
        status = said.get("delivery-status") or {}
        reason = (
            status.get("message") or status.get("description") or (said.get("reject") or {}).get("reason") or said.get("reason")
        )
        metadata = _variables(said.get("user-variables"))
        identity, at = str(notice["signature"]["token"]), moment(said["timestamp"])
        return [mail_event("mailgun", identity, kind, at, str(said["recipient"]), metadata, reason)]


def _kind(said: Mapping[str, Any]) -> EventKind | None:
    if said["event"] != "failed":
        return _KINDS.get(said["event"])
    status = said.get("delivery-status") or {}
    if said.get("severity") != "permanent":
        return None
    if str(said.get("reason", "")).startswith("suppress"):
        return EventKind.REJECTED
    # `old`: given up after days of trying. Codes beyond those of SMTP are Mailgun's own troubles with a server.
    hard = said.get("reason") != "old" and 500 <= int(status.get("code") or 0) < 600  # noqa: PLR2004 - replies of SMTP
    return EventKind.HARD_BOUNCE if hard and status.get("bounce-type", "hard") == "hard" else EventKind.SOFT_BOUNCE


_KINDS = {
    "accepted": EventKind.ACCEPTED,
    "delivered": EventKind.DELIVERED,
    "rejected": EventKind.REJECTED,
    "complained": EventKind.COMPLAINT,
    "unsubscribed": EventKind.UNSUBSCRIBE,
    "opened": EventKind.OPENED,
    "clicked": EventKind.CLICKED,
}


def _form(fields: Iterable[tuple[str, str]], seed: str) -> tuple[str, bytes]:
    """The fields as multipart/form-data (RFC 7578), and its boundary: the first one from the seed that no field holds."""
    parts = [b'Content-Disposition: form-data; name="%b"\r\n\r\n%b' % (name.encode(), value.encode()) for name, value in fields]
    boundary = short_mark(seed, 32).encode()
    while any(boundary in part for part in parts):
        boundary = short_mark(boundary.decode(), 32).encode()
    line = b"--%b\r\n" % boundary
    return boundary.decode(), line + (b"\r\n" + line).join(parts) + b"\r\n--%b--\r\n" % boundary


def _tag(mailing: Mailing) -> str:
    """What the batch is found by. Many share one, as a domain has 20,000 tags at most; the key in the metadata tells them apart."""
    return f"hairfeed-{short_mark(mailing.key, 3)}"


def _equals(attribute: str, value: str) -> dict[str, Any]:
    return {"attribute": attribute, "comparator": "=", "values": [{"label": value, "value": value}]}


def _variables(given: Any) -> Mapping[str, Any]:
    """Our metadata: an object in notices, its JSON in logs."""
    found = json.loads(given) if isinstance(given, str) and given else given or {}
    if not isinstance(found, dict):
        raise ValueError("user variables that are none")  # noqa: TRY004 - of an answer, not of a call
    return found


def _stated_wait(said: str) -> timedelta | None:
    match = re.search(r"after (\d{1,6}) seconds", said)
    return timedelta(seconds=int(match[1])) if match else None


def _is_about_us(said: str) -> bool:
    """Whether a 400 is about the sender or the account. Of recipients they say: `'to' parameter is not a valid address`."""
    return "'to'" not in said and bool(
        re.search(r"'from'|not allowed to send|domain|sandbox|account|disabled", said, re.IGNORECASE)
    )


def _with_advice(reason: str) -> str:
    return f"{reason}; new accounts take fewer recipients a call (mail.mailgun.batch_size) and mails an hour"
