"""How the mail APIs speak, for the server that goes wrong: their calls, refusals, keys and look-ups."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

from hairfeed.deliver.providers.contract import Request
from tests.deliver.faulty_api import Answer, ApiCall, Truth
from tests.deliver.mailings import Mail
from tests.deliver.rendered import (
    brevo_mails,
    fields,
    mailgun_mails,
    mailjet_mails,
    postmark_mails,
    sendgrid_mails,
    ses_mails,
    sparkpost_mails,
)


def answer(status: int, said: Any, **headers: str) -> Answer:
    """An answer in JSON."""
    return Answer(status, json.dumps(said).encode(), {name.replace("_", "-"): value for name, value in headers.items()})


class Speaker:
    """What the dialects share: a call is known by our batch's key in its mails, whatever it is asked for."""

    def __init__(self, mails_of: Callable[[Request], list[Mail]], look_up: str) -> None:
        """Nothing was taken. Mails are looked up at the path `look_up`."""
        self._mails_of = mails_of
        self._look_up = look_up
        self.sent: dict[str, list[Mail]] = {}
        """By key: the mails that were taken."""
        self.looked_up = 0
        self._latest: tuple[ApiCall | None, list[Mail]] = (None, [])

    def mails(self, call: ApiCall) -> list[Mail]:
        """The mails that the call asks for: made once, for two thousand take their time."""
        if self._latest[0] is not call:
            headers = {name.title(): value for name, value in call.headers.items()}
            self._latest = (call, self._mails_of(Request(call.method, call.path, call.body, headers)))
        return self._latest[1]

    def key(self, call: ApiCall) -> str:
        """Our batch's."""
        return "look-up" if self._asks(call) else self.mails(call)[0].metadata["hf_batch"]

    def take(self, call: ApiCall, truth: Truth) -> Answer:
        """Take the mails, or say what was taken."""
        if self._asks(call):
            self.looked_up += 1
            return self.found(call)
        mails = self.mails(call)
        bad = [number for number, mail in enumerate(mails) if mail.to in truth.refused]
        return self.judge(call, mails, bad, truth)

    def judge(self, call: ApiCall, mails: list[Mail], bad: list[int], truth: Truth) -> Answer:
        """All or nothing, unless a provider does it in another way."""
        if bad:
            return self.refusal(mails, bad)
        self.keep(mails, truth)
        return self.yes(mails)

    def keep(self, mails: list[Mail], truth: Truth) -> None:
        """Take these mails."""
        truth.mailed.update(mail.to for mail in mails)
        for mail in mails:
            self.sent.setdefault(mail.metadata["hf_batch"], []).append(mail)

    def yes(self, mails: list[Mail]) -> Answer:
        """All were taken."""
        raise NotImplementedError

    def refusal(self, mails: list[Mail], bad: list[int]) -> Answer:
        """None was taken, because of these."""
        raise NotImplementedError

    def found(self, call: ApiCall) -> Answer:
        """The answer to a look-up."""
        raise NotImplementedError

    def _asks(self, call: ApiCall) -> bool:
        return urlsplit(call.path).path == self._look_up


class MailgunDialect(Speaker):
    """One bad address refuses all. The logs are searched by tag and have our metadata as text, a hundred a page."""

    def __init__(self) -> None:
        """No tags yet."""
        super().__init__(mailgun_mails, "/v1/analytics/logs")
        self._tags: dict[str, str] = {}

    def judge(self, call: ApiCall, mails: list[Mail], bad: list[int], truth: Truth) -> Answer:
        """Tags are kept."""
        (tag,) = fields(Request("POST", call.path, call.body, {"Content-Type": call.headers["content-type"]}))["o:tag"]
        self._tags[mails[0].metadata["hf_batch"]] = tag
        return super().judge(call, mails, bad, truth)

    def yes(self, mails: list[Mail]) -> Answer:
        """Queued."""
        return answer(200, {"id": "<20240816.1@hair.example.org>", "message": "Queued. Thank you."})

    def refusal(self, mails: list[Mail], bad: list[int]) -> Answer:
        """Without a word on whom."""
        return answer(400, {"message": "'to' parameter is not a valid address. please check documentation"})

    def found(self, call: ApiCall) -> Answer:
        """A page of accepted mails of the tag."""
        query = json.loads(call.body)
        wanted = {one["attribute"]: one["values"][0]["value"] for one in query["filter"]["AND"]}
        mails = [mail for key, sent in self.sent.items() if self._tags[key] == wanted["tag"] for mail in sent]
        begin = int(query["pagination"].get("token") or 0)
        page = mails[begin : begin + query["pagination"]["limit"]]
        items = [{"event": "accepted", "recipient": mail.to, "user-variables": json.dumps(mail.metadata)} for mail in page]
        return answer(200, {"items": items, "pagination": {"next": str(begin + len(page))}})


class SendGridDialect(Speaker):
    """One bad address refuses all, and is named by its place. The logs are searched by category."""

    def __init__(self) -> None:
        """No categories yet."""
        super().__init__(sendgrid_mails, "/v3/logs")
        self._categories: dict[str, str] = {}

    def judge(self, call: ApiCall, mails: list[Mail], bad: list[int], truth: Truth) -> Answer:
        """Categories are kept."""
        (self._categories[mails[0].metadata["hf_batch"]],) = json.loads(call.body)["categories"]
        return super().judge(call, mails, bad, truth)

    def yes(self, mails: list[Mail]) -> Answer:
        """Accepted, and nothing to read."""
        return Answer(202, b"", {"X-Message-Id": "14c5d75ce93"})

    def refusal(self, mails: list[Mail], bad: list[int]) -> Answer:
        """The fields that do not please."""
        errors = [{"message": "Does not contain a valid address.", "field": f"personalizations.{one}.to.0.email"} for one in bad]
        return answer(400, {"errors": errors})

    def found(self, call: ApiCall) -> Answer:
        """Mails whose category is asked for."""
        query = json.loads(call.body)
        mails = [
            mail
            for key, sent in self.sent.items()
            if f"categories IN ('{self._categories[key]}')" in query["query"]
            for mail in sent
        ]
        return answer(200, {"messages": [{"sg_message_id": "m", "to_email": mail.to} for mail in mails[: query["limit"]]]})


class PostmarkDialect(Speaker):
    """Every mail has an answer of its own. Mails are searched by metadata."""

    def __init__(self) -> None:
        """No mails yet."""
        super().__init__(postmark_mails, "/messages/outbound")

    def judge(self, call: ApiCall, mails: list[Mail], bad: list[int], truth: Truth) -> Answer:
        """The good are taken."""
        if call.path == "/email/bulk":
            return super().judge(call, mails, bad, truth)
        self.keep([mail for number, mail in enumerate(mails) if number not in bad], truth)
        no = {"ErrorCode": 406, "Message": "You tried to send to a recipient that has been marked as inactive."}
        return answer(
            200, [no if one in bad else {"ErrorCode": 0, "Message": "OK", "MessageID": f"m-{one}"} for one in range(len(mails))]
        )

    def yes(self, mails: list[Mail]) -> Answer:
        """A bulk request is worked off later."""
        return answer(200, {"ID": "b-1", "Status": "Accepted", "SubmittedAt": "2024-08-16T09:00:00Z"})

    def refusal(self, mails: list[Mail], bad: list[int]) -> Answer:
        """Of a bulk request."""
        return answer(422, {"ErrorCode": 300, "Message": f"Invalid 'To' address: '{mails[bad[0]].to}'."})

    def found(self, call: ApiCall) -> Answer:
        """Mails with the metadata."""
        query = parse_qs(urlsplit(call.path).query)
        mails = self.sent.get(query["metadata_hf_batch"][0], [])[: int(query["count"][0])]
        return answer(
            200, {"TotalCount": len(mails), "Messages": [{"Recipients": [mail.to], "Metadata": mail.metadata} for mail in mails]}
        )


class SparkPostDialect(Speaker):
    """Keys are known for a day: the same bytes have the first answer again, others are a conflict. The bad are named in texts."""

    def __init__(self) -> None:
        """No keys yet."""
        super().__init__(sparkpost_mails, "")

    def judge(self, call: ApiCall, mails: list[Mail], bad: list[int], truth: Truth) -> Answer:
        """The good are taken, once a key."""
        key = call.headers["idempotency-key"]
        if key in truth.taken:
            body, said = truth.taken[key]
            return said if body == call.body else answer(409, {"errors": [{"code": "1600", "message": "another payload"}]})
        if len(bad) == len(mails):
            return answer(400, {"errors": [{"code": "5002", "message": "At least one valid recipient is required"}]})
        self.keep([mail for number, mail in enumerate(mails) if number not in bad], truth)
        errors = [{"code": "1300", "message": "invalid address", "description": f"{mails[one].to} is not valid"} for one in bad]
        results = {"total_rejected_recipients": len(bad), "total_accepted_recipients": len(mails) - len(bad), "id": "1166878748"}
        said = answer(200, {"results": {**results, **({"rcpt_to_errors": errors} if bad else {})}})
        truth.taken[key] = (call.body, said)
        return said


class BrevoDialect(Speaker):
    """One bad address refuses all. A key that was used refuses the call, and says no more. Events are searched by tag."""

    def __init__(self) -> None:
        """No tags yet."""
        super().__init__(brevo_mails, "/v3/smtp/statistics/events")
        self._tags: dict[str, str] = {}

    def judge(self, call: ApiCall, mails: list[Mail], bad: list[int], truth: Truth) -> Answer:
        """Once a key."""
        body = json.loads(call.body)
        key = body["headers"]["idempotencyKey"]
        if key in truth.taken:
            return answer(400, {"code": "duplicate_parameter", "message": "the idempotency key was used"})
        (self._tags[mails[0].metadata["hf_batch"]],) = body["tags"]
        said = super().judge(call, mails, bad, truth)
        if not bad:
            truth.taken[key] = (call.body, said)
        return said

    def yes(self, mails: list[Mail]) -> Answer:
        """An id for each."""
        return answer(201, {"messageIds": [f"<{number}@brevo.example>" for number in range(len(mails))]})

    def refusal(self, mails: list[Mail], bad: list[int]) -> Answer:
        """Without a word on whom."""
        return answer(400, {"code": "invalid_parameter", "message": "email is not valid in to"})

    def found(self, call: ApiCall) -> Answer:
        """Events of mails whose tag is asked for."""
        query = parse_qs(urlsplit(call.path).query)
        tags = json.loads(query["tags"][0])
        mails = [mail for key, sent in self.sent.items() if self._tags[key] in tags for mail in sent][: int(query["limit"][0])]
        return answer(200, {"events": [{"email": mail.to, "event": "requests", "tag": tags[0]} for mail in mails]})


class MailjetDialect(Speaker):
    """Every mail has an answer of its own. Whom a campaign has mailed it does not mail again, and says yes all the same."""

    def __init__(self) -> None:
        """No campaigns yet."""
        super().__init__(mailjet_mails, "")
        self._campaigns: set[tuple[str, str]] = set()

    def judge(self, call: ApiCall, mails: list[Mail], bad: list[int], truth: Truth) -> Answer:
        """The good are taken, and the new among them are mailed."""
        said = json.loads(call.body)["Globals"]
        good = [mail for number, mail in enumerate(mails) if number not in bad]
        campaign = said["CustomCampaign"]
        self.keep([mail for mail in good if not (said["DeduplicateCampaign"] and (campaign, mail.to) in self._campaigns)], truth)
        self._campaigns |= {(campaign, mail.to) for mail in good}
        error = {"ErrorCode": "mj-0013", "StatusCode": 400, "ErrorMessage": "invalid", "ErrorRelatedTo": ["To[0].Email"]}
        messages = [
            {"Status": "error", "Errors": [error]}
            if number in bad
            else {"Status": "success", "To": [{"Email": mail.to, "MessageID": number}]}
            for number, mail in enumerate(mails)
        ]
        return answer(400 if bad else 200, {"Messages": messages})


class SesDialect(Speaker):
    """Every mail has an answer of its own. There are no keys, and nothing can be asked."""

    def __init__(self) -> None:
        """Nothing was taken."""
        super().__init__(ses_mails, "")

    def judge(self, call: ApiCall, mails: list[Mail], bad: list[int], truth: Truth) -> Answer:
        """The good are taken."""
        self.keep([mail for number, mail in enumerate(mails) if number not in bad], truth)
        no = {"Status": "MESSAGE_REJECTED", "Error": "Illegal address"}
        entries = [no if one in bad else {"Status": "SUCCESS", "MessageId": f"m-{one}"} for one in range(len(mails))]
        return answer(200, {"BulkEmailEntryResults": entries})
