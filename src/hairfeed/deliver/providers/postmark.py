"""The mail API of Postmark: five hundred full mails a call with an answer for each, or the Bulk API with one body for all.

Source: postmarkapp.com/developer, "Email API", "Bulk Email", "Messages API", "Message Streams API", "API error codes"; "How to
include a List-Unsubscribe header"; the models of the official library for Python; as of autumn 2026.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode

from hairfeed.deliver.mailing import BATCH, Mailing
from hairfeed.deliver.providers.contract import Call, Capabilities, Merge, Request, Response, Settling, read_json
from hairfeed.deliver.providers.notices import has_login, mail_event, moment
from hairfeed.deliver.providers.outcomes import (
    Blame,
    NotNow,
    Outcome,
    Refused,
    Resolution,
    StillUnknown,
    Taken,
    Throttled,
    WasNotTaken,
    WasPartlyTaken,
    WasTaken,
)
from hairfeed.deliver.providers.postmark_bodies import bulk_body, item_form
from hairfeed.deliver.providers.reading import trouble, verdict
from hairfeed.deliver.providers.writing import json_body
from hairfeed.models.events import EventKind, MailEvent
from hairfeed.models.issues import Refusal
from hairfeed.settings.providers import Postmark

_BATCH, _BULK = 500, 1000
"""Recipients of a call; the Bulk API states no limit."""
_CALL_BYTES = 50_000_000
"""Of a call of either kind."""
_SEARCHABLE_AFTER = timedelta(minutes=30)
_BULK_SEARCHABLE_AFTER = timedelta(hours=2)
"""They give no figures; these are ours. A bulk request is worked off after it was answered."""
_KEPT_FOR = timedelta(days=6)
"""A server may be set to forget mails after a week."""
_ASK_AGAIN = timedelta(minutes=10)

_INVALID, _INACTIVE = 300, 406
_NOT_NOW = (100, 429)
"""Maintenance; too many calls."""

_CHECK = "mail.postmark.token, stream and url, mail.from, and the state of the account at Postmark"


class PostmarkApi:
    """One POST a batch. Without the Bulk API each mail of a call stands for itself."""

    name = "postmark"

    def __init__(self, settings: Postmark, sender: str) -> None:  # noqa: ARG002 - a server's token does not show its domains
        """From `[mail.postmark]`."""
        self._settings = settings
        self.url = settings.url
        self.capabilities = Capabilities(
            batch_size=_BULK if settings.bulk else _BATCH,
            merge=Merge.INLINE if settings.bulk else Merge.RENDERED,
            settling=Settling.LOOK_UP,
            look_up_after=_BULK_SEARCHABLE_AFTER if settings.bulk else _SEARCHABLE_AFTER,
            look_up_within=_KEPT_FOR,
            all_or_nothing=settings.bulk,
            batch_bytes=_CALL_BYTES,
            several_bodies=not settings.bulk,
        )

    def build(self, mailing: Mailing) -> Request:
        """A list of mails, or `{"Subject": …, "Messages": [{"To": …, "TemplateModel": …}, …]}` for the Bulk API."""
        if self._settings.bulk:
            return self._post("email/bulk", json_body(bulk_body(mailing, self._settings.stream)))
        item = item_form(mailing, self._settings.stream)
        return self._post("email/batch", b"[" + b",".join(item.fill(one) for one in mailing.recipients) + b"]")

    def authorize(self, request: Request, now: datetime) -> Mapping[str, str]:  # noqa: ARG002 - the token is all
        """The server's token."""
        return {"X-Postmark-Server-Token": self._settings.token}

    def read(self, mailing: Mailing, response: Response) -> Outcome:
        """`[{"ErrorCode": 0, "MessageID": …}, …]` in our order, `{"ID": …, "Status": "Accepted"}`, or one error for all."""
        outcome = verdict(response, self.url, _CHECK)
        if isinstance(outcome, Refused) and outcome.blame is Blame.RECIPIENTS:
            return self._error(response, outcome)
        if outcome is not None:
            return outcome
        answer = response.json()
        if not self._settings.bulk:
            return self._items(mailing, answer)
        if answer["Status"] not in ("Accepted", "Processing", "Completed"):
            raise ValueError(response.said)
        return Taken(provider_id=str(answer["ID"]))

    def resolve(self, mailing: Mailing, called_at: datetime, call: Call) -> Resolution:  # noqa: ARG002 - the key finds it
        """Mails bear the batch's key as metadata, by which they are found. A bulk request is taken whole or not at all."""
        what = {f"metadata_{BATCH}": mailing.key, "messagestream": self._settings.stream}
        # As many as a batch of full mails has.
        response = call(self._get("messages/outbound?" + urlencode({"count": _BATCH, "offset": 0, **what})))
        if wrong := trouble(response, self.url, _CHECK):
            return StillUnknown(wrong, _ASK_AGAIN)
        found = response.json()["Messages"]
        # A search that did not heed the key would find all mails, and prove what is not so.
        if any(one["Metadata"][BATCH] != mailing.key for one in found):
            raise ValueError("the search finds other mails")
        if found and self._settings.bulk:
            return WasTaken()
        by_address = {one.email.lower(): one.subscriber_id for one in mailing.recipients}
        # A part of a batch keeps its key, so mails of the other parts are found, too.
        addresses = {str(address).lower() for one in found for address in one["Recipients"]}
        taken = {number for address, number in by_address.items() if address in addresses}
        if len(taken) == len(by_address):
            return WasTaken()
        return WasPartlyTaken(frozenset(taken)) if taken else WasNotTaken()

    def check(self, call: Call) -> Sequence[str]:
        """What the server is, and what the stream would do to our links for leaving."""
        server = call(self._get("server"))
        if wrong := trouble(server, self.url, _CHECK):
            return [wrong]
        found = []
        if server.json().get("DeliveryType") == "Sandbox":
            found.append(
                f"{self.url}: the server of mail.postmark.token is a sandbox, which delivers nothing; take another server's"
            )
        stream = self._settings.stream
        response = call(self._get(f"message-streams/{quote(stream, safe='')}"))
        if wrong := trouble(response, self.url, "mail.postmark.stream: the server has no such stream"):
            return [*found, wrong]
        answer = response.json()
        if answer.get("ArchivedAt"):
            found.append(f"the stream {stream} is archived; check mail.postmark.stream")
        if answer["MessageStreamType"] != "Broadcasts":
            found.append(f"the stream {stream} is not for broadcasts, where newsletters belong; check mail.postmark.stream")
        if answer["SubscriptionManagementConfiguration"]["UnsubscribeHandlingType"] == "Postmark":
            found.append(
                f"on the stream {stream} Postmark puts its own links for leaving in place of yours; "
                "ask its support to let you manage unsubscribes yourself"
            )
        return found

    def _get(self, path: str) -> Request:
        return Request("GET", f"{self.url}/{path}", headers={"Accept": "application/json"})

    def _post(self, path: str, body: bytes) -> Request:
        return Request("POST", f"{self.url}/{path}", body, {"Content-Type": "application/json", "Accept": "application/json"})

    def _error(self, response: Response, outcome: Refused) -> Outcome:
        """What is meant by an error for the whole call: 422 and a code of theirs."""
        try:
            error = response.json()
            code, message = error["ErrorCode"], str(error["Message"])
        except (ValueError, KeyError, TypeError):
            return outcome
        if code in _NOT_NOW:
            return NotNow(outcome.reason)
        if _is_about_recipient(code, message):
            return outcome
        return Refused(f"{outcome.reason}; check {_CHECK}", Blame.ACCOUNT)

    def _items(self, mailing: Mailing, answer: Any) -> Outcome:
        """An answer for each mail: some taken, some never, and some not now."""
        if not isinstance(answer, list) or len(answer) != len(mailing.recipients):
            raise ValueError("the answer accounts for other mails")
        refused: list[Refusal] = []
        postponed: list[tuple[int, int, str]] = []
        ids: list[str] = []
        for one, said in zip(mailing.recipients, answer, strict=True):
            # Where delivery is delayed there is no code; the mail was taken.
            code, message = said.get("ErrorCode", 0), str(said["Message"])
            if code == 0:
                ids.append(str(said["MessageID"]))
            elif _is_about_recipient(code, message):
                refused.append(Refusal(one.subscriber_id, message))
            else:
                postponed.append((one.subscriber_id, code, f"{self.url}: {code} {message}"))
        if postponed and not ids:
            _, code, reason = postponed[0]
            return Throttled(reason) if code in _NOT_NOW else Refused(f"{reason}; check {_CHECK}", Blame.ACCOUNT)
        return Taken(tuple(refused), tuple(number for number, *_ in postponed), ids[0] if ids else "")


class PostmarkWebhook:
    """One notice a request, with a login."""

    largest = 1 << 20
    """With a bounce may come the mail itself."""

    def __init__(self, settings: Postmark) -> None:
        """From `[mail.postmark]`; `webhook_secret` is the `user:password` of the webhook's Basic Authentication."""
        self._login = settings.webhook_secret

    def verify(self, headers: Mapping[str, str], body: bytes, now: datetime) -> bool:  # noqa: ARG002 - a login has no age
        """Whether it bears the login."""
        return len(body) <= self.largest and has_login(headers, self._login)

    def events(self, body: bytes) -> Sequence[MailEvent]:
        """`{"RecordType": "Bounce", "Type": "HardBounce", "Email": …, "BouncedAt": …, "Metadata": …}`."""
        said = read_json(body)
        kind = _kind(said)
        if kind is None:
            return []
        at = next((said[key] for key in ("BouncedAt", "DeliveredAt", "ChangedAt", "ReceivedAt") if key in said), None)
        address = said.get("Recipient") or said["Email"]
        identity = f"{said['RecordType']}/{said.get('ID') or said['MessageID']}/{at}/{address}"
        reason = said.get("Details") or said.get("Description")
        return [mail_event("postmark", identity, kind, moment(at), str(address), said.get("Metadata") or {}, reason)]


def _kind(said: Mapping[str, Any]) -> EventKind | None:
    match said["RecordType"]:
        case "Bounce":
            return _BOUNCES.get(said["Type"])
        case "SubscriptionChange":
            left = (
                said["SuppressSending"] and said.get("SuppressionReason") == "ManualSuppression" and said["Origin"] == "Recipient"
            )
            return EventKind.UNSUBSCRIBE if left else None
        case other:
            return _KINDS.get(other)


_KINDS = {
    "Delivery": EventKind.DELIVERED,
    "SpamComplaint": EventKind.COMPLAINT,
    "Open": EventKind.OPENED,
    "Click": EventKind.CLICKED,
}

_BOUNCES = {
    "HardBounce": EventKind.HARD_BOUNCE,
    "BadEmailAddress": EventKind.HARD_BOUNCE,
    "SoftBounce": EventKind.SOFT_BOUNCE,
    "Blocked": EventKind.SOFT_BOUNCE,
    "SpamNotification": EventKind.SOFT_BOUNCE,
    "DMARCPolicy": EventKind.SOFT_BOUNCE,
    "VirusNotification": EventKind.SOFT_BOUNCE,
    "SpamComplaint": EventKind.COMPLAINT,
    "Unsubscribe": EventKind.UNSUBSCRIBE,
    "ManuallyDeactivated": EventKind.REJECTED,
    "SMTPApiError": EventKind.REJECTED,
    "TemplateRenderingFailed": EventKind.REJECTED,
}
"""The other types are of mails that are still on their way, or of answering machines."""


def _is_about_recipient(code: int, message: str) -> bool:
    """Whether Postmark means the recipient. Its code 300 is for any field, and names it: `Invalid 'To' address`."""
    return code == _INACTIVE or (code == _INVALID and "'To'" in message)
