"""The mail API of Amazon SES, version 2: fifty recipients a call with one body, filled in by SES.

Source: docs.aws.amazon.com, "Amazon SES API v2 Reference" (SendBulkEmail, BulkEmailEntryResult, ConfigurationOverrides, GetAccount,
GetEmailIdentity), "Amazon SES Developer Guide" (templates, header fields, sandbox, errors); as of autumn 2026.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from email.utils import parseaddr
from typing import Any
from urllib.parse import quote

from hairfeed.deliver.mailing import BATCH, SUBSCRIBER, Mailing, Recipient
from hairfeed.deliver.providers.contract import Call, Capabilities, Merge, Request, Response, Settling
from hairfeed.deliver.providers.inline import MergeSyntax, inline
from hairfeed.deliver.providers.outcomes import Blame, NotNow, Outcome, Refused, Resolution, StillUnknown, Taken, Throttled
from hairfeed.deliver.providers.reading import trouble, verdict
from hairfeed.deliver.providers.ses_events import SesWebhook
from hairfeed.deliver.providers.ses_signature import Credentials, signed
from hairfeed.deliver.providers.writing import ascii_header, json_body, mailbox
from hairfeed.models.issues import Refusal
from hairfeed.settings.providers import Ses
from hairfeed.text.merge import Mergeable

__all__ = ["SesApi", "SesWebhook"]

# SES does not escape what it fills in. A backslash before two braces takes their meaning from them.
_SYNTAX = MergeSyntax(variable=lambda name: f"{{{{{name}}}}}", openings=("\\", "{{"))

_EVENTS_AFTER = timedelta(hours=1)
"""After this long no news of a batch is expected any more; they give no figure."""

_REFUSED = ("MESSAGE_REJECTED", "INVALID_PARAMETER")
_THROTTLED = ("ACCOUNT_THROTTLED", "ACCOUNT_DAILY_QUOTA_EXCEEDED")
_FAILED = ("TRANSIENT_FAILURE", "FAILED")
_ABOUT_US = (
    "ACCOUNT_SENDING_PAUSED",
    "ACCOUNT_SUSPENDED",
    "CONFIGURATION_SET_DOES_NOT_EXIST",
    "CONFIGURATION_SET_NOT_FOUND",
    "CONFIGURATION_SET_SENDING_PAUSED",
    "INVALID_SENDING_POOL_NAME",
    "MAIL_FROM_DOMAIN_NOT_VERIFIED",
    "TEMPLATE_DOES_NOT_EXIST",
    "TEMPLATE_NOT_FOUND",
)
"""What SES says of one mail of a call."""

_THROTTLING = ("TooManyRequestsException", "LimitExceededException", "ThrottlingException", "Throttling")
_TROUBLES = (
    "AccountSuspendedException",
    "SendingPausedException",
    "MailFromDomainNotVerifiedException",
    "UnrecognizedClientException",
    "IncompleteSignatureException",
    "InvalidSignatureException",
    "MissingAuthenticationTokenException",
    "ExpiredTokenException",
)
"""What SES says of a whole call."""
_OFF = ("signature expired", "signature not yet current", "requesttimetooskewed", "requestexpired")
"""What it says, in lower case, when our clock and its own differ by more than five minutes."""

_CHECK = "mail.ses.key, mail.ses.secret, mail.ses.region, mail.ses.configuration_set, and the state of the account at SES"
_SANDBOX = (
    "verify the domain of mail.from in SES in the region of mail.ses.region; while the account is in the sandbox, "
    "SES also refuses every recipient who is not verified: ask Amazon for production access"
)


class SesApi:
    """One POST a batch. SES knows no keys and answers no questions, so only its events prove what became of a call in doubt."""

    name = "ses"
    capabilities = Capabilities(
        batch_size=50,
        merge=Merge.INLINE,
        settling=Settling.EVENTS,
        look_up_after=_EVENTS_AFTER,
        batch_bytes=1_000_000,
    )

    def __init__(self, settings: Ses, sender: str) -> None:
        """From `[mail.ses]`; `sender` is the mailbox of `mail.from`."""
        self._sender = parseaddr(sender)[1]
        self._credentials = Credentials(settings.key, settings.secret, settings.session_token)
        self._region = settings.region
        self._configuration_set = settings.configuration_set
        self.url = settings.url

    def build(self, mailing: Mailing) -> Request:
        """`{"DefaultContent": {"Template": …}, "BulkEmailEntries": [{"Destination": …, "ReplacementHeaders": …}, …]}`."""
        content = inline(mailing.content, _SYNTAX)
        own = [(name, value) for name, value in mailing.content.headers if value.fields]
        body = {
            "FromEmailAddress": _mailbox(mailing.content.sender),
            "ReplyToAddresses": [_mailbox(mailing.content.reply_to)],
            "DefaultContent": {
                "Template": {
                    "TemplateContent": {"Subject": content.subject, "Text": content.text, "Html": content.html},
                    "TemplateData": "{}",
                    "Headers": [
                        {"Name": name, "Value": ascii_header(value.texts[0])}
                        for name, value in mailing.content.headers
                        if not value.fields
                    ],
                }
            },
            "ConfigurationOverrides": {"Tracking": {"OpenTrackingEnabled": "DISABLED", "ClickTrackingEnabled": "DISABLED"}},
            "BulkEmailEntries": [_entry(mailing.key, values, own, one) for one, values in content.each(mailing.recipients)],
        }
        if self._configuration_set:
            body["ConfigurationSetName"] = self._configuration_set
        url = f"{self.url}/v2/email/outbound-bulk-emails"
        return Request("POST", url, json_body(body), {"Content-Type": "application/json"})

    def authorize(self, request: Request, now: datetime) -> Mapping[str, str]:
        """The signature."""
        return signed(request, self._credentials, self._region, "ses", now)

    def read(self, mailing: Mailing, response: Response) -> Outcome:
        """`{"BulkEmailEntryResults": [{"Status": "SUCCESS", "MessageId": …}, …]}` in our order, or one error for all."""
        outcome = verdict(response, self.url, _CHECK)
        if outcome is None:
            return self._entries(mailing, response.json()["BulkEmailEntryResults"])
        if response.status >= 500 or isinstance(outcome, Throttled):  # noqa: PLR2004 - an HTTP status
            return outcome
        kind, reason = _kind(response), f"{self.url}: {response.said}"
        if kind in _THROTTLING:
            return Throttled(reason)
        advice = _clock(response) or (_SANDBOX if "not verified" in reason else f"check {_CHECK}" if kind in _TROUBLES else "")
        return Refused(f"{reason}; {advice}", Blame.ACCOUNT) if advice else outcome

    def resolve(self, mailing: Mailing, called_at: datetime, call: Call) -> Resolution:  # noqa: ARG002 - it cannot be asked
        """Its events tell."""
        return StillUnknown(f"{self.url}: cannot be asked for a batch")

    def check(self, call: Call) -> Sequence[str]:
        """What SES says of the account and of the sender's identity: the address, its domain, or a domain above that."""
        response = call(Request("GET", f"{self.url}/v2/email/account"))
        if wrong := trouble(response, self.url, _CHECK):
            return [f"{self.url}: {response.said}; {clock}" if (clock := _clock(response)) else wrong]
        account, found = response.json(), []
        if not account["ProductionAccessEnabled"]:
            found.append(
                f"{self.url}: the account is in the sandbox in {self._region} and mails verified addresses alone; "
                "ask Amazon for production access"
            )
        if not account["SendingEnabled"]:
            found.append(f"{self.url}: sending is paused for the account in {self._region}; see its SES console")
        if not any(self._is_verified(call, identity) for identity in _identities(self._sender)):
            found.append(
                f"{self._sender.rpartition('@')[2]} is not verified at SES in {self._region}; verify it there, or check mail.from"
            )
        return found

    def _is_verified(self, call: Call, identity: str) -> bool:
        response = call(Request("GET", f"{self.url}/v2/email/identities/{quote(identity, safe='')}"))
        return response.status == 200 and bool(response.json()["VerifiedForSendingStatus"])  # noqa: PLR2004 - an HTTP status

    def _entries(self, mailing: Mailing, entries: Any) -> Outcome:
        """An answer for each mail: some taken, some never, and some not now."""
        if len(entries) != len(mailing.recipients):
            raise ValueError("the answer accounts for other mails")
        refused: list[Refusal] = []
        postponed: list[tuple[int, Outcome]] = []
        ids: list[str] = []
        for one, said in zip(mailing.recipients, entries, strict=True):
            if said["Status"] == "SUCCESS":
                ids.append(str(said["MessageId"]))
                continue
            no = self._refusal(said["Status"], str(said.get("Error") or ""))
            if isinstance(no, Refused) and no.blame is Blame.RECIPIENTS:
                refused.append(Refusal(one.subscriber_id, no.reason))
            else:
                postponed.append((one.subscriber_id, no))
        if postponed and not ids:
            return postponed[0][1]
        return Taken(tuple(refused), tuple(number for number, _ in postponed), ids[0] if ids else "")

    def _refusal(self, status: str, error: str) -> Outcome:
        """What is meant by a mail's status."""
        reason = f"{self.url}: {status} {error}".rstrip()
        if "not verified" in error:
            return Refused(f"{reason}; {_SANDBOX}", Blame.ACCOUNT)
        if status in _REFUSED:
            return Refused(f"{status} {error}".rstrip(), Blame.RECIPIENTS)
        if status in _THROTTLED:
            return Throttled(reason)
        if status in _FAILED:
            return NotNow(reason)
        if status in _ABOUT_US:
            return Refused(f"{reason}; check {_CHECK}", Blame.ACCOUNT)
        raise ValueError(status)


def _entry(key: str, values: Mapping[str, str], own: Sequence[tuple[str, Mergeable]], one: Recipient) -> dict[str, Any]:
    return {
        "Destination": {"ToAddresses": [one.email]},
        "ReplacementEmailContent": {"ReplacementTemplate": {"ReplacementTemplateData": json.dumps(values, ensure_ascii=False)}},
        "ReplacementHeaders": [{"Name": name, "Value": value.fill(one.values)} for name, value in own],
        "ReplacementTags": [{"Name": BATCH, "Value": key}, {"Name": SUBSCRIBER, "Value": str(one.subscriber_id)}],
    }


def _mailbox(text: str) -> str:
    name, address = parseaddr(text)
    return mailbox(text) if name.isascii() else ascii_header(f"{name} <{address}>")


def _identities(address: str) -> list[str]:
    """What may be verified so that the address may send."""
    labels = address.rpartition("@")[2].split(".")
    return [address, *(".".join(labels[number:]) for number in range(len(labels) - 1))]


def _kind(response: Response) -> str:
    """The error's name, `TooManyRequestsException`."""
    try:
        said = response.headers.get("x-amzn-ErrorType") or response.json().get("__type") or ""
    except (ValueError, AttributeError):
        return ""
    return str(said).partition(":")[0].rpartition("#")[2]


def _clock(response: Response) -> str:
    """What to do about our clock, where it is to blame; theirs stands in the answer."""
    if not any(one in response.said.lower() for one in _OFF):
        return ""
    theirs = response.headers.get("Date", "")
    ours = f"{response.received_at:%a, %d %b %Y %H:%M:%S GMT}"
    return f"the clock of this machine is off: it says {ours}, Amazon's says {theirs or 'otherwise'}; set it, best by NTP"
