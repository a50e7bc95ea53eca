"""The mail API of Mailjet, version 3.1: fifty recipients a call with one body, filled in by Mailjet, and no mail twice.

Source: dev.mailjet.com, "Send API v3.1", "Template Language", "Event API: real-time notifications", "Email headers"; as of autumn
2026.
"""

import base64
import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from email.utils import parseaddr
from typing import Any

from hairfeed.deliver.mailing import BATCH, SUBSCRIBER, Mailing
from hairfeed.deliver.providers.contract import Call, Capabilities, Merge, Repetition, Request, Response, Settling, read_json
from hairfeed.deliver.providers.inline import MergeSyntax, inline
from hairfeed.deliver.providers.notices import has_login, mail_event, moment
from hairfeed.deliver.providers.outcomes import Blame, NotNow, Outcome, Refused, Resolution, StillUnknown, Taken
from hairfeed.deliver.providers.reading import trouble, verdict
from hairfeed.deliver.providers.writing import ascii_header, json_body
from hairfeed.models.events import EventKind, MailEvent
from hairfeed.models.issues import Refusal
from hairfeed.settings.providers import Mailjet

_SYNTAX = MergeSyntax(variable=lambda name: f'{{{{var:{name}:""}}}}', openings=("{{", "{%", "{#", "[["))

_OWN_HEADERS = ("list-id",)
"""Headers of ours that Mailjet keeps for itself: with one of them it refuses a mail."""

_CHECK = "mail.mailjet.key, mail.mailjet.secret, the sender of mail.from, and the state of the account at Mailjet"


class MailjetApi:
    """One POST a batch. A batch is a campaign, and to a campaign's address Mailjet sends one mail, however often it is told to."""

    name = "mailjet"
    capabilities = Capabilities(
        batch_size=50,
        merge=Merge.INLINE,
        settling=Settling.REPEAT,
        repetition=Repetition.DEDUPLICATED,
        # They name no end of it; this is ours.
        window=timedelta(days=7),
        batch_bytes=15_000_000,
    )

    def __init__(self, settings: Mailjet, sender: str) -> None:
        """From `[mail.mailjet]`; `sender` is the mailbox of `mail.from`."""
        self._sender = parseaddr(sender)[1].lower()
        self._login = f"{settings.key}:{settings.secret}"
        self.url = settings.url

    def build(self, mailing: Mailing) -> Request:
        """`{"Globals": {"HTMLPart": …, "CustomCampaign": …}, "Messages": [{"To": …, "Variables": …, "Headers": …}, …]}`."""
        content = inline(mailing.content, _SYNTAX)
        headers = [
            (name, value, ascii_header(value.texts[0]))
            for name, value in mailing.content.headers
            if name.lower() not in _OWN_HEADERS
        ]
        body = {
            "Globals": {
                "From": _mailbox(mailing.content.sender),
                "ReplyTo": _mailbox(mailing.content.reply_to),
                "Subject": content.subject,
                "TextPart": content.text,
                "HTMLPart": content.html,
                "TemplateLanguage": True,
                "TrackOpens": "disabled",
                "TrackClicks": "disabled",
                "CustomCampaign": mailing.key,
                "DeduplicateCampaign": True,
            },
            "Messages": [
                {
                    "To": [{"Email": one.email}],
                    "Variables": values,
                    # All of them: nothing hangs on how they are joined with those for all.
                    "Headers": {name: value.fill(one.values) if value.fields else fixed for name, value, fixed in headers},
                    "EventPayload": json.dumps({BATCH: mailing.key, SUBSCRIBER: str(one.subscriber_id)}),
                }
                for one, values in content.each(mailing.recipients)
            ],
        }
        return Request("POST", f"{self.url}/v3.1/send", json_body(body), {"Content-Type": "application/json"})

    def authorize(self, request: Request, now: datetime) -> Mapping[str, str]:  # noqa: ARG002 - the keys are all
        """The two keys."""
        return {"Authorization": "Basic " + base64.b64encode(self._login.encode()).decode()}

    def read(self, mailing: Mailing, response: Response) -> Outcome:
        """`{"Messages": [{"Status": "success", "To": …}, {"Status": "error", "Errors": …}, …]}`, whatever the status."""
        outcome = verdict(response, self.url, _CHECK)
        if outcome is None:
            return self._messages(mailing, response.json()["Messages"])
        if not isinstance(outcome, Refused):
            return outcome
        # Of a call that was taken in part the status is that of one of the errors.
        messages = _error(response, "Messages")
        if messages is not None:
            return self._messages(mailing, messages)
        about = _error(response, "ErrorRelatedTo") or []
        if outcome.blame is Blame.RECIPIENTS and about and not _is_about_recipient(about):
            return Refused(f"{outcome.reason}; check {_CHECK}", Blame.ACCOUNT)
        return outcome

    def resolve(self, mailing: Mailing, called_at: datetime, call: Call) -> Resolution:  # noqa: ARG002 - it is repeated
        """It is repeated instead."""
        return StillUnknown(f"{self.url}: is called again")

    def check(self, call: Call) -> Sequence[str]:
        """Whether the account knows the sender's address, or its whole domain."""
        response = call(Request("GET", f"{self.url}/v3/REST/sender?Limit=1000"))
        if wrong := trouble(response, self.url, _CHECK):
            return [wrong]
        senders = {str(one["Email"]).lower(): one["Status"] for one in response.json()["Data"]}
        if "Active" in (senders.get(self._sender), senders.get(f"*@{self._sender.rpartition('@')[2]}")):
            return []
        return [f"{self._sender} is no active sender at Mailjet; validate it or its domain there, or check mail.from"]

    def _messages(self, mailing: Mailing, messages: Any) -> Outcome:
        """An answer for each mail: some taken, some never, and some not now."""
        if not isinstance(messages, list) or len(messages) != len(mailing.recipients):
            raise ValueError("the answer accounts for other mails")
        refused: list[Refusal] = []
        postponed: list[tuple[int, Outcome]] = []
        ids: list[str] = []
        for one, said in zip(mailing.recipients, messages, strict=True):
            if said["Status"] == "success":
                ids.append(str(said["To"][0]["MessageID"]))
                continue
            error = said["Errors"][0]
            reason = f"{error['ErrorCode']} {error['ErrorMessage']}"
            if error["StatusCode"] >= 500:  # noqa: PLR2004 - an HTTP status
                postponed.append((one.subscriber_id, NotNow(f"{self.url}: {reason}")))
            elif _is_about_recipient(error.get("ErrorRelatedTo") or []):
                refused.append(Refusal(one.subscriber_id, reason))
            else:
                postponed.append((one.subscriber_id, Refused(f"{self.url}: {reason}; check {_CHECK}", Blame.ACCOUNT)))
        if postponed and not ids:
            return postponed[0][1]
        return Taken(tuple(refused), tuple(number for number, _ in postponed), ids[0] if ids else "")


class MailjetWebhook:
    """One notice a request or several, with a login."""

    largest = 8 << 20

    def __init__(self, settings: Mailjet) -> None:
        """From `[mail.mailjet]`; `webhook_secret` is the `user:password` in the address of the webhook."""
        self._login = settings.webhook_secret

    def verify(self, headers: Mapping[str, str], body: bytes, now: datetime) -> bool:  # noqa: ARG002 - a login has no age
        """Whether it bears the login."""
        return len(body) <= self.largest and has_login(headers, self._login)

    def events(self, body: bytes) -> Sequence[MailEvent]:
        """`{"event": "bounce", "hard_bounce": true, "email": …, "time": …, "MessageID": …, "Payload": …}`, or a list of such."""
        said = read_json(body)
        notices = said if isinstance(said, list) else [said]
        return [_event(one, kind) for one in notices if (kind := _kind(one)) is not None]


def _event(said: Mapping[str, Any], kind: EventKind) -> MailEvent:
    identity = f"{said['MessageID']}/{said['event']}/{said['email']}/{said['time']}"
    reason = said.get("comment") or said.get("error") or said.get("source")
    return mail_event("mailjet", identity, kind, moment(said["time"]), str(said["email"]), _metadata(said), reason)


def _kind(said: Mapping[str, Any]) -> EventKind | None:
    match said["event"], said.get("error"):
        case "blocked", "duplicate in campaign":
            # The second copy of a mail that went out: what a repeated call is for.
            return None
        case "bounce", "greylisted" if not said.get("hard_bounce"):
            return None
        case "bounce", _:
            return EventKind.HARD_BOUNCE if said.get("hard_bounce") else EventKind.SOFT_BOUNCE
        case event, _:
            return _KINDS.get(event)


def _metadata(said: Mapping[str, Any]) -> dict[str, Any]:
    """What came back of ours; of another's mail it may be anything."""
    try:
        metadata = read_json(said["Payload"].encode())
    except (ValueError, KeyError, AttributeError):
        return {}
    return metadata if isinstance(metadata, dict) else {}


_KINDS = {
    "sent": EventKind.DELIVERED,
    "blocked": EventKind.REJECTED,
    "spam": EventKind.COMPLAINT,
    "unsub": EventKind.UNSUBSCRIBE,
    "open": EventKind.OPENED,
    "click": EventKind.CLICKED,
}


def _mailbox(text: str) -> dict[str, str]:
    name, address = parseaddr(text)
    return {"Email": address, "Name": name} if name else {"Email": address}


def _is_about_recipient(fields: Sequence[str]) -> bool:
    """Whether an error names the recipient's fields, `To[0].Email`, and no other's; it may name the last part alone."""
    return bool(fields) and all(field.startswith(("To", "Email", "Messages.To")) or ".To" in field for field in fields)


def _error(response: Response, part: str) -> Any:
    """A part of an answer that says no."""
    try:
        return response.json().get(part)
    except (ValueError, AttributeError):
        return None
