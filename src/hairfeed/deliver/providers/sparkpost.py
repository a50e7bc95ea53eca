"""The mail API of SparkPost: one body for two thousand recipients, filled in by SparkPost, and repeated safely for a day.

Source: developers.sparkpost.com, "Transmissions" (its "Idempotent Requests" are of August 2026), "Template Language", "Sending
Domains", "Webhooks"; support.sparkpost.com, "Injection Best Practices", "Bounce Classification Codes"; as of autumn 2026.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from email.utils import parseaddr
from typing import Any
from urllib.parse import quote

from hairfeed.deliver.mailing import BATCH, SUBSCRIBER, Mailing
from hairfeed.deliver.providers.contract import Call, Capabilities, Merge, Repetition, Request, Response, Settling, read_json
from hairfeed.deliver.providers.inline import MergeSyntax, inline
from hairfeed.deliver.providers.notices import has_login, mail_event, moment
from hairfeed.deliver.providers.outcomes import Blame, InDoubt, Outcome, Refused, Resolution, StillUnknown, Taken
from hairfeed.deliver.providers.reading import trouble, verdict
from hairfeed.deliver.providers.writing import json_body, mailbox
from hairfeed.models.events import EventKind, MailEvent
from hairfeed.models.issues import Refusal
from hairfeed.settings.providers import SparkPost

_SYNTAX = MergeSyntax(
    variable=lambda name: f"{{{{{name}}}}}",
    # Two braces would escape HTML, and in a link encode a whole address once more.
    html_variable=lambda name: f"{{{{{{{name}}}}}}}",
    openings=("{{", "[[data-msys"),
)

_CHECK = "mail.sparkpost.key, mail.sparkpost.url (the EU has its own) and the domain of mail.from"


class SparkPostApi:
    """One transmission a batch; the key makes a repetition harmless."""

    name = "sparkpost"
    capabilities = Capabilities(
        # What they recommend for large mailings: no fewer, and several calls side by side.
        batch_size=2000,
        merge=Merge.INLINE,
        settling=Settling.REPEAT,
        repetition=Repetition.REPLAYED,
        # They remember a key for 24 hours; the hour is for clocks that differ.
        window=timedelta(hours=23),
        batch_bytes=50_000_000,
    )

    def __init__(self, settings: SparkPost, sender: str) -> None:
        """From `[mail.sparkpost]`; `sender` is the mailbox of `mail.from`."""
        self._domain = parseaddr(sender)[1].rpartition("@")[2]
        self._key = settings.key
        self.url = settings.url

    def build(self, mailing: Mailing) -> Request:
        """`{"recipients": [{"address": …, "substitution_data": …, "metadata": …}, …], "content": …, "options": …}`."""
        content = inline(mailing.content, _SYNTAX)
        name, address = parseaddr(mailing.content.sender)
        body = {
            "options": {
                "open_tracking": False,
                "initial_open": False,
                "click_tracking": False,
                # Else SparkPost puts its own List-Unsubscribe in place of ours (SparkPost/python-sparkpost issue 163).
                "transactional": True,
            },
            "content": {
                "from": {"email": address, "name": _literal(name)} if name else {"email": address},
                "reply_to": _literal(mailbox(mailing.content.reply_to)),
                "subject": content.subject,
                "text": content.text,
                "html": content.html,
                "headers": dict(content.headers),
            },
            "substitution_data": content.shared,
            "recipients": [
                {
                    "address": {"email": one.email},
                    "substitution_data": {key: value for key, value in values.items() if key not in content.shared},
                    "metadata": {BATCH: mailing.key, SUBSCRIBER: str(one.subscriber_id)},
                }
                for one, values in content.each(mailing.recipients)
            ],
        }
        headers = {"Content-Type": "application/json", "Idempotency-Key": mailing.key}
        return Request("POST", f"{self.url}/api/v1/transmissions", json_body(body), headers)

    def authorize(self, request: Request, now: datetime) -> Mapping[str, str]:  # noqa: ARG002 - the key is all
        """The key."""
        return {"Authorization": self._key}

    def read(self, mailing: Mailing, response: Response) -> Outcome:
        """`{"results": {"total_accepted_recipients": 2, "total_rejected_recipients": 0, "id": …}}`, or errors with codes."""
        codes = _codes(response)
        if response.status == 409 and "1600" in codes:  # noqa: PLR2004 - an HTTP status
            # With those that the batch had before someone left, or before a setting was mended. They do not say whether a key
            # is used up by a call that they refused, so this is no proof that the first one was taken.
            return InDoubt(f"{self.url}: the batch's key was used with other bytes, and nobody says what became of them")
        outcome = verdict(response, self.url, _CHECK)
        if isinstance(outcome, Refused) and outcome.blame is Blame.RECIPIENTS and _is_about_us(response, codes):
            return Refused(f"{outcome.reason}; check {_CHECK}", Blame.ACCOUNT)
        return outcome or _taken(mailing, response.json())

    def resolve(self, mailing: Mailing, called_at: datetime, call: Call) -> Resolution:  # noqa: ARG002 - it is repeated
        """It is repeated instead."""
        return StillUnknown(f"{self.url}: is called again")

    def check(self, call: Call) -> Sequence[str]:
        """What the account says of the sender's domain; and of itself, where the key may see that."""
        response = call(Request("GET", f"{self.url}/api/v1/sending-domains/{quote(self._domain)}"))
        if wrong := trouble(response, self.url, f"{_CHECK}; the key should be allowed to read Sending Domains"):
            return [wrong]
        found = []
        status = response.json()["results"]["status"]
        if not status["ownership_verified"] or status["dkim_status"] != "valid":
            dkim = status["dkim_status"]
            found.append(f"{self._domain} is not verified at SparkPost (DKIM {dkim}); verify it there, or check mail.from")
        response = call(Request("GET", f"{self.url}/api/v1/account"))
        return found if trouble(response, self.url, _CHECK) else [*found, *self._of_account(response.json()["results"])]

    def _of_account(self, account: Mapping[str, Any]) -> Iterator[str]:
        if account["status"] != "active":
            yield f"{self.url}: the account is {account['status']}; see what SparkPost wrote to you"
        if account.get("options", {}).get("transactional_unsub"):
            yield "SparkPost puts its own links for leaving in place of yours; set transactional_unsub of the account to false"


class SparkPostWebhook:
    """Many notices a request, with a login."""

    largest = 8 << 20
    """A thousand events or more, they say: some megabytes."""

    def __init__(self, settings: SparkPost) -> None:
        """From `[mail.sparkpost]`; `webhook_secret` is the `user:password` of the webhook's Basic Authentication."""
        self._login = settings.webhook_secret

    def verify(self, headers: Mapping[str, str], body: bytes, now: datetime) -> bool:  # noqa: ARG002 - a login has no age
        """Whether it bears the login."""
        return len(body) <= self.largest and has_login(headers, self._login)

    def events(self, body: bytes) -> Sequence[MailEvent]:
        """`[{"msys": {"message_event": {"type": "bounce", "bounce_class": "10", "rcpt_meta": …}}}, …]`."""
        notices = [said for one in read_json(body) for said in one["msys"].values()]
        return [_event(said, kind) for said in notices if (kind := _kind(said)) is not None]


def _event(said: Mapping[str, Any], kind: EventKind) -> MailEvent:
    reason = said.get("raw_reason") or said.get("reason") or said.get("fbtype")
    metadata = said.get("rcpt_meta") or {}
    address = said.get("raw_rcpt_to") or said["rcpt_to"]
    return mail_event("sparkpost", str(said["event_id"]), kind, moment(said["timestamp"]), str(address), metadata, reason)


def _kind(said: Mapping[str, Any]) -> EventKind | None:
    if said["type"] in ("bounce", "out_of_band"):
        return _BOUNCES.get(str(said.get("bounce_class", "")), EventKind.SOFT_BOUNCE)
    return _KINDS.get(said["type"])


_KINDS = {
    "injection": EventKind.ACCEPTED,
    "delivery": EventKind.DELIVERED,
    "policy_rejection": EventKind.REJECTED,
    "generation_failure": EventKind.REJECTED,
    "generation_rejection": EventKind.REJECTED,
    "spam_complaint": EventKind.COMPLAINT,
    "list_unsubscribe": EventKind.UNSUBSCRIBE,
    "link_unsubscribe": EventKind.UNSUBSCRIBE,
    "open": EventKind.OPENED,
    "initial_open": EventKind.OPENED,
    "click": EventKind.CLICKED,
}

_BOUNCES = {
    "10": EventKind.HARD_BOUNCE,
    "25": EventKind.REJECTED,
    "30": EventKind.HARD_BOUNCE,
    "60": None,
    "80": None,
    "90": EventKind.UNSUBSCRIBE,
}
"""Classes that are no soft bounces: no such recipient; refused by SparkPost; an answering machine; a wish to join or to leave."""


def _literal(text: str) -> str:
    """A text of the config, in which nothing is a command."""
    return text.replace("{{", "{{opening_double_curly()}}")


def _codes(response: Response) -> list[str]:
    try:
        return [str(error.get("code", "")) for error in response.json()["errors"]]
    except (ValueError, KeyError, TypeError, AttributeError):
        return []


def _is_about_us(response: Response, codes: Sequence[str]) -> bool:
    """Whether a 400 or 422 is about the sender's domain, our key or our form: they speak of recipients where they mean one."""
    return "7001" in codes or "1602" in codes or (bool(codes) and b"recipient" not in response.body.lower())


def _taken(mailing: Mailing, answer: Any) -> Taken:
    """They count whom they refuse, and name them in the errors' texts at most."""
    results, people = answer["results"], mailing.recipients
    accepted, rejected = results["total_accepted_recipients"], results["total_rejected_recipients"]
    errors = results.get("rcpt_to_errors") or []
    texts = [f"{error.get('message', '')} {error.get('description', '')}".strip() for error in errors]
    if rejected == len(people):
        reason = texts[0] if texts else "rejected"
        refused = tuple(Refusal(one.subscriber_id, reason) for one in people)
    else:
        named = {address.strip(".'").lower(): text for text in texts for address in _ADDRESS.findall(text)}
        refused = tuple(Refusal(one.subscriber_id, named[one.email.lower()]) for one in people if one.email.lower() in named)
    if accepted + rejected != len(people) or len(refused) != rejected:
        raise ValueError("the answer does not say whom it refuses")
    return Taken(refused, provider_id=str(results["id"]))


_ADDRESS = re.compile(r"[^\s<>\",;:()\[\]]+@[^\s<>\",;:()\[\]]+")
"""What may be an address in a sentence."""
