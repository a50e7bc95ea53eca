"""The mail API of Resend: batches of a hundred, repeated safely under an idempotency key for a day.

Source: resend.com/docs, "Send Batch Emails" and "Idempotency Keys", as of autumn 2026.
"""

import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import requests

from hairfeed.deliver.mail import Mail, OutgoingMessage, Submission
from hairfeed.errors import InDoubt, NotNow, Unreachable
from hairfeed.models import Refusal
from hairfeed.settings.mail import Resend

_NEVER_CONNECTED = ("NewConnectionError", "NameResolutionError", "CERTIFICATE_VERIFY_FAILED", "WRONG_VERSION_NUMBER")
"""What urllib3 and OpenSSL call it when there is no connection to send anything on."""


class ResendProvider:
    """One POST a batch; the key makes a repetition harmless."""

    batch_size = 100
    # The provider remembers a key for 24 hours; the hour is for clocks that differ.
    repeatable_for = timedelta(hours=23)

    def __init__(self, settings: Resend) -> None:
        """No call is made yet."""
        self._settings = settings
        self._session = requests.Session()
        # Else a .netrc entry for the host would take the place of the key.
        self._session.trust_env = False
        self.destination = settings.url

    def form(self, mail: Mail) -> bytes:
        """One item of the batch, as JSON."""
        item = {
            "from": mail.sender,
            "to": [mail.to],
            "reply_to": mail.reply_to,
            "subject": mail.subject,
            "html": mail.html,
            "text": mail.text,
            "headers": dict(mail.headers) | {"Message-ID": mail.message_id},
        }
        return json.dumps(item, ensure_ascii=False).encode()

    def submit(self, key: str, messages: Sequence[OutgoingMessage]) -> Submission:
        """POST the batch once; nothing below repeats it."""
        try:
            response = self._session.post(
                f"{self._settings.url}/emails/batch",
                data=b"[" + b",".join(message.content for message in messages) + b"]",
                headers={
                    "Authorization": f"Bearer {self._settings.key}",
                    "Content-Type": "application/json",
                    "Idempotency-Key": key,
                    # Else one bad address would refuse the other ninety-nine.
                    "x-batch-validation": "permissive",
                },
                timeout=(10, self._settings.timeout),
                allow_redirects=False,
            )
        except requests.ConnectTimeout as error:
            raise Unreachable(f"{self.destination}: cannot be reached: {error}") from error
        except requests.ConnectionError as error:
            raise self._broken(error) from error
        except requests.RequestException as error:
            raise InDoubt(f"{self.destination}: no answer: {error}") from error
        return self._read(response, messages)

    def close(self) -> None:
        """Give connections back."""
        self._session.close()

    def _broken(self, error: requests.ConnectionError) -> Unreachable | InDoubt:
        """A connection that was never made took nothing; one that broke later may have, TLS errors included."""
        if any(sign in repr(error) for sign in _NEVER_CONNECTED):
            return Unreachable(f"{self.destination}: cannot be reached: {error}; check the network and mail.resend.url")
        return InDoubt(f"{self.destination}: the connection broke: {error}")

    def _read(self, response: requests.Response, messages: Sequence[OutgoingMessage]) -> Submission:
        status, said = response.status_code, " ".join(response.text.split())[:300]
        if status in (401, 403):
            raise Unreachable(f"{self.destination}: {status} {said}; check mail.resend.key and the domain of mail.from")
        if status == 409 and "invalid_idempotent_request" in said:  # noqa: PLR2004 - an HTTP status
            # The key was used with other bytes: with those that this batch had before someone left the newsletter.
            return Submission(taken_before=True)
        if status in (409, 429):
            raise NotNow(f"{self.destination}: {status} {said}")
        if 400 <= status < 500:  # noqa: PLR2004 - an HTTP status
            raise NotNow(f"{self.destination}: refuses the batch as a whole: {status} {said}")
        if status != 200:  # noqa: PLR2004 - an HTTP status
            raise InDoubt(f"{self.destination}: {status} {said}")
        try:
            return _submission(response.json(), messages)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise InDoubt(f"{self.destination}: answers something unknown: {said}") from error


def _submission(answer: Any, messages: Sequence[OutgoingMessage]) -> Submission:
    """`{"data": [{"id": …}, …], "errors": [{"index": 1, "message": …}]}`: those without an error were taken."""
    refused = {error["index"]: str(error.get("message", "")) for error in answer.get("errors") or []}
    refusals = [Refusal(message.subscriber_id, refused.pop(index)) for index, message in enumerate(messages) if index in refused]
    if refused or len(answer["data"]) + len(refusals) != len(messages):
        raise ValueError("the answer accounts for other mails")
    return Submission(refusals, provider_id=",".join(item["id"] for item in answer["data"][:1]))
