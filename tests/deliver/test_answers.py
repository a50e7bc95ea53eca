"""What the answers of mail APIs mean: everyone taken, who is refused, what is about us, what waits, and what nobody can tell."""

from datetime import timedelta
from typing import Any

import pytest

from hairfeed.deliver.providers.api import UNREADABLE
from hairfeed.deliver.providers.outcomes import Blame, InDoubt, NotNow, Outcome, Refused, Taken, TakenBefore, Throttled
from hairfeed.models.issues import Refusal
from tests.deliver.adapters import APIS, NOW, response
from tests.deliver.mailings import MAILING


def read(provider: str, *answer: Any) -> Outcome:
    """What it means for the mailing to three readers; in doubt where it cannot be read."""
    try:
        return APIS[provider].read(MAILING, response(*answer))
    except UNREADABLE as error:
        return InDoubt(repr(error))


def postmark_item(code: int | None = 0, message: str = "OK") -> dict[str, Any]:
    """Postmark's word on one mail."""
    return (
        {"ErrorCode": code, "Message": message, "MessageID": "id-1"}
        if code is not None
        else {"Message": message, "MessageID": "id-1"}
    )


def jet(*errors: tuple[str, int, list[str]] | None) -> dict[str, Any]:
    """Mailjet's word on each mail: None for a yes, or an error's text, status and fields."""
    return {
        "Messages": [
            {"Status": "success", "To": [{"Email": "x@example.net", "MessageID": 70650219165027410}]}
            if error is None
            else {
                "Status": "error",
                "Errors": [{"ErrorCode": "mj-0013", "ErrorMessage": error[0], "StatusCode": error[1], "ErrorRelatedTo": error[2]}],
            }
            for error in errors
        ]
    }


def ses(*statuses: str, error: str = "why") -> dict[str, Any]:
    """The word of SES on each mail."""
    return {
        "BulkEmailEntryResults": [
            {"Status": one, "MessageId": "010a"} if one == "SUCCESS" else {"Status": one, "Error": error} for one in statuses
        ]
    }


UNVERIFIED = "Email address is not verified. The following identities failed the check in region EU-WEST-1: bob@example.net"
INACTIVE = "You tried to send to a recipient that has been marked as inactive."
CREDITS = "You ran out of credits."

TAKEN: list[tuple[str, tuple[Any, ...], Taken]] = [
    ("brevo", (201, {"messageIds": ["<1@brevo>", "<2@brevo>", "<3@brevo>"]}), Taken(provider_id="<1@brevo>")),
    ("mailjet", (200, jet(None, None, None)), Taken(provider_id="70650219165027410")),
    (
        "mailjet",
        (400, jet(None, ('"x" is an invalid email address.', 400, ["To[0].Email"]), None)),
        Taken((Refusal(8, 'mj-0013 "x" is an invalid email address.'),), provider_id="70650219165027410"),
    ),
    (
        "mailjet",
        (400, jet(None, ("Internal", 500, []), ("no sender", 403, ["From"]))),
        Taken((), (8, 9), "70650219165027410"),
    ),
    ("ses", (200, ses("SUCCESS", "SUCCESS", "SUCCESS")), Taken(provider_id="010a")),
    (
        "ses",
        (200, ses("SUCCESS", "MESSAGE_REJECTED", "INVALID_PARAMETER")),
        Taken((Refusal(8, "MESSAGE_REJECTED why"), Refusal(9, "INVALID_PARAMETER why")), provider_id="010a"),
    ),
    ("ses", (200, ses("SUCCESS", "TRANSIENT_FAILURE", "ACCOUNT_THROTTLED")), Taken((), (8, 9), "010a")),
    ("ses", (200, ses("SUCCESS", "FAILED", "ACCOUNT_SENDING_PAUSED")), Taken((), (8, 9), "010a")),
    ("mailgun", (200, {"id": "<1@mg>", "message": "Queued. Thank you."}), Taken(provider_id="<1@mg>")),
    ("sendgrid", (202, b"", {"X-Message-Id": "abc"}), Taken(provider_id="abc")),
    (
        "postmark",
        (200, [postmark_item(), postmark_item(None, "Message accepted, but delivery may be delayed."), postmark_item()]),
        Taken(provider_id="id-1"),
    ),
    (
        "postmark",
        (200, [postmark_item(), postmark_item(406, INACTIVE), postmark_item()]),
        Taken((Refusal(8, INACTIVE),), provider_id="id-1"),
    ),
    (
        "postmark",
        (200, [postmark_item(), postmark_item(300, "Invalid 'To' address: 'x'."), postmark_item(405, CREDITS)]),
        Taken((Refusal(8, "Invalid 'To' address: 'x'."),), (9,), "id-1"),
    ),
    ("postmark bulk", (200, {"ID": "b-1", "Status": "Accepted", "SubmittedAt": "2024-08-16T09:00:00Z"}), Taken(provider_id="b-1")),
    (
        "sparkpost",
        (200, {"results": {"total_rejected_recipients": 0, "total_accepted_recipients": 3, "id": "11"}}),
        Taken(provider_id="11"),
    ),
    (
        "sparkpost",
        (
            200,
            {
                "errors": [{"code": "2000", "message": "transmission created, but with validation errors"}],
                "results": {
                    "total_rejected_recipients": 1,
                    "total_accepted_recipients": 2,
                    "rcpt_to_errors": [{"message": "suppressed", "description": "bob.o'neill+hair@example.net.", "code": "1902"}],
                    "id": "11",
                },
            },
        ),
        Taken((Refusal(8, "suppressed bob.o'neill+hair@example.net."),), provider_id="11"),
    ),
]


@pytest.mark.parametrize(("provider", "answer", "outcome"), TAKEN)
def test_a_yes_says_who_was_taken_and_who_was_not(provider: str, answer: tuple[Any, ...], outcome: Taken) -> None:
    assert read(provider, *answer) == outcome


def test_sparkpost_may_refuse_everyone() -> None:
    results = {"total_rejected_recipients": 3, "total_accepted_recipients": 0, "id": "11", "rcpt_to_errors": [{"message": "no"}]}
    outcome = read("sparkpost", 200, {"results": results})
    assert isinstance(outcome, Taken)
    assert [one.subscriber_id for one in outcome.refused] == [7, 8, 9]


def test_a_repetition_with_other_bytes_says_that_the_first_was_taken_where_only_such_use_up_a_key() -> None:
    assert read("resend", 409, {"name": "invalid_idempotent_request"}) == TakenBefore()
    assert isinstance(read("sparkpost", 409, {"errors": [{"code": "1600", "message": "a different payload"}]}), InDoubt)


def test_a_key_of_brevo_that_was_used_leaves_the_batch_to_be_looked_up() -> None:
    assert isinstance(read("brevo", 400, {"code": "duplicate_parameter", "message": "Idempotency key was used"}), InDoubt)


def test_a_repetition_while_the_first_is_under_way_waits() -> None:
    assert isinstance(read("sparkpost", 409, {"errors": [{"code": "1601", "message": "in progress"}]}), NotNow)


ABOUT_US = [
    ("brevo", (401, {"code": "unauthorized", "message": "Key not found"}), "mail.brevo.key"),
    ("brevo", (401, {"code": "unauthorized", "message": "We have detected you are using an unrecognised IP address"}), "addresses"),
    ("brevo", (402, {"code": "not_enough_credits", "message": "You are out of credits"}), "out of credits"),
    ("brevo", (400, {"code": "not_enough_credits", "message": "You are out of credits"}), "the account at Brevo"),
    ("brevo", (403, {"code": "permission_denied", "message": "SMTP account is not yet activated"}), "mail.brevo.key"),
    ("brevo", (400, {"code": "invalid_parameter", "message": "Sender is invalid / inactive"}), "mail.from"),
    (
        "mailjet",
        (401, {"ErrorCode": "mj-0001", "ErrorMessage": "API key authentication/authorization failure"}),
        "mail.mailjet.key",
    ),
    ("mailjet", (403, jet(*[("no such sender", 403, ["From"])] * 3)), "mail.from"),
    ("mailjet", (400, jet(*[("mandatory property is missing", 400, ["Headers"])] * 3)), "mail.mailjet"),
    ("mailjet", (400, {"ErrorCode": "mj-0003", "ErrorRelatedTo": ["Globals.From"]}), "mail.from"),
    ("ses", (403, {"message": "The security token included in the request is invalid."}), "mail.ses.key"),
    (
        "ses",
        (
            403,
            {"message": "Signature expired: 20240816T084000Z is now earlier than 20240816T085500Z"},
            {"Date": "Fri, 16 Aug 2024 09:15:00 GMT"},
        ),
        "the clock of this machine is off: it says Fri, 16 Aug 2024 09:00:00 GMT, Amazon's says Fri, 16 Aug 2024 09:15:00 GMT",
    ),
    (
        "ses",
        (403, {"message": "Signature not yet current: 20240816T0940Z is still later than 20240816T0935Z"}),
        "set it, best by NTP",
    ),
    ("ses", (400, {"message": UNVERIFIED}, {"x-amzn-ErrorType": "MessageRejected:http://internal.amazon.com/"}), "in the sandbox"),
    ("ses", (200, ses(*["MESSAGE_REJECTED"] * 3, error=UNVERIFIED)), "in the sandbox"),
    ("ses", (200, ses(*["CONFIGURATION_SET_NOT_FOUND"] * 3)), "mail.ses.configuration_set"),
    ("ses", (400, {"message": "paused"}, {"x-amzn-ErrorType": "SendingPausedException"}), "mail.ses"),
    ("ses", (400, {"__type": "com.amazonaws.ses#AccountSuspendedException"}), "mail.ses"),
    ("ses", (404, {"message": "no such set"}, {"x-amzn-ErrorType": "NotFoundException"}), "mail.ses.region"),
    ("mailgun", (401, b"Forbidden"), "mail.mailgun.key"),
    ("mailgun", (404, {"message": "Domain not found: hair.example.org"}), "mail.mailgun.domain"),
    (
        "mailgun",
        (403, {"message": "Domain sandbox1.mailgun.org is not allowed to send: Free accounts are for tests."}),
        "mail.mailgun.domain",
    ),
    ("mailgun", (400, {"message": "Sandbox subdomains are for test purposes only."}), "mail.mailgun.domain"),
    ("mailgun", (400, {"message": "'from' parameter is not a valid address."}), "mail.from"),
    ("mailgun", (200, b"Mailgun Magnificent API"), "mail.mailgun.url"),
    ("sendgrid", (401, {"errors": [{"message": "The provided authorization grant is invalid"}]}), "mail.sendgrid.key"),
    (
        "sendgrid",
        (403, {"errors": [{"message": "The from address does not match a verified Sender Identity", "field": "from"}]}),
        "mail.from",
    ),
    ("sendgrid", (400, {"errors": [{"message": "The from object must be provided", "field": "from.email"}]}), "mail.from"),
    ("postmark", (401, {"ErrorCode": 10, "Message": "No Account or Server API tokens were supplied"}), "mail.postmark.token"),
    ("postmark", (422, {"ErrorCode": 400, "Message": "The 'From' address is not a Sender Signature"}), "mail.from"),
    ("postmark", (422, {"ErrorCode": 1235, "Message": "The stream provided: 'x' does not exist"}), "stream"),
    ("postmark", (200, [postmark_item(412, "Your account is pending approval")] * 3), "the state of the account"),
    ("postmark", (200, [postmark_item(300, "Invalid 'From' address: not a verified sender signature.")] * 3), "mail.from"),
    ("postmark bulk", (422, {"ErrorCode": 300, "Message": "Invalid 'From' address: 'x'"}), "mail.from"),
    ("postmark bulk", (403, b"<html><title>403 Forbidden"), "mail.postmark.token"),
    ("sparkpost", (401, {"errors": [{"message": "Unauthorized."}]}), "mail.sparkpost.key"),
    (
        "sparkpost",
        (
            400,
            {
                "errors": [
                    {"message": "Invalid domain", "code": "7001", "description": "Unconfigured or unverified sending domain."}
                ]
            },
        ),
        "mail.from",
    ),
    (
        "sparkpost",
        (422, {"errors": [{"message": "required field is missing", "code": "1400", "description": "content.from"}]}),
        "mail.from",
    ),
]


@pytest.mark.parametrize(("provider", "answer", "said"), ABOUT_US)
def test_a_no_to_our_account_names_the_provider_and_the_setting(provider: str, answer: tuple[Any, ...], said: str) -> None:
    outcome = read(provider, *answer)
    assert isinstance(outcome, Refused)
    assert outcome.blame is Blame.ACCOUNT
    assert APIS[provider].url in outcome.reason
    assert said in outcome.reason


ABOUT_SOMEONE = [
    ("brevo", (400, {"code": "invalid_parameter", "message": "email is not valid in to"})),
    ("brevo", (413, b"")),
    ("mailjet", (400, {"ErrorCode": "mj-0004", "ErrorRelatedTo": ["Messages.To.Email"]})),
    ("mailjet", (413, b"<html>")),
    ("ses", (400, {"message": "Local address contains control or whitespace"}, {"x-amzn-ErrorType": "BadRequestException"})),
    ("ses", (413, b"")),
    ("mailgun", (400, {"message": "'to' parameter is not a valid address. please check documentation"})),
    ("mailgun", (400, {"message": "something that nobody foresaw"})),
    ("mailgun", (413, b"Request Entity Too Large")),
    ("sendgrid", (400, {"errors": [{"message": "Does not contain a valid address.", "field": "personalizations.1.to.0.email"}]})),
    ("sendgrid", (400, {"errors": [{"message": "Bad Request", "field": None}]})),
    ("sendgrid", (400, b"<html>")),
    ("postmark bulk", (422, {"ErrorCode": 300, "Message": "Error parsing 'To': Illegal email domain 'x' in address 'y'."})),
    ("postmark bulk", (413, b"")),
    ("sparkpost", (400, {"errors": [{"message": "At least one valid recipient is required", "code": "5002"}]})),
]


@pytest.mark.parametrize(("provider", "answer"), ABOUT_SOMEONE)
def test_a_no_that_may_be_about_a_recipient_is_to_be_narrowed_down(provider: str, answer: tuple[Any, ...]) -> None:
    outcome = read(provider, *answer)
    assert isinstance(outcome, Refused)
    assert outcome.blame is Blame.RECIPIENTS


SECONDS = timedelta(seconds=1)
THROTTLED = [
    ("brevo", (429, {"code": "too_many_requests"}, {"x-sib-ratelimit-reset": "17"}), 17 * SECONDS),
    ("brevo", (429, b"", {"x-sib-ratelimit-reset": "soon"}), None),
    ("mailjet", (429, {"ErrorMessage": "Too Many Requests"}), None),
    ("ses", (429, {"message": "Maximum sending rate exceeded."}, {"x-amzn-ErrorType": "TooManyRequestsException"}), None),
    ("ses", (400, {"message": "Daily message quota exceeded."}, {"x-amzn-ErrorType": "LimitExceededException:"}), None),
    ("ses", (200, ses(*["ACCOUNT_DAILY_QUOTA_EXCEEDED"] * 3)), None),
    ("mailgun", (420, {"message": "Domain hair.example.org is not allowed to send: recipient limit exceeded."}), None),
    ("mailgun", (429, {"message": "too many requests, try again after 300 seconds"}), 300 * SECONDS),
    ("mailgun", (429, b"", {"Retry-After": "7"}), 7 * SECONDS),
    (
        "sendgrid",
        (429, {"errors": [{"message": "too many requests"}]}, {"X-RateLimit-Reset": str(int(NOW.timestamp()) + 42)}),
        42 * SECONDS,
    ),
    ("sendgrid", (429, b"", {"X-RateLimit-Reset": "soon"}), None),
    ("postmark", (429, {"ErrorCode": 429, "Message": "Rate limit exceeded"}), None),
    ("postmark", (200, [postmark_item(429, "Rate limit exceeded")] * 3), None),
    ("sparkpost", (420, {"errors": [{"message": "Exceed Sending Limit (daily)", "code": "2102"}]}), None),
    ("sparkpost", (429, b"", {"Retry-After": "3"}), 3 * SECONDS),
]


@pytest.mark.parametrize(("provider", "answer", "wait"), THROTTLED)
def test_throttling_waits_as_long_as_the_provider_says(provider: str, answer: tuple[Any, ...], wait: timedelta | None) -> None:
    outcome = read(provider, *answer)
    assert isinstance(outcome, Throttled)
    assert outcome.retry_after == wait


def test_what_mailgun_says_to_new_accounts_comes_with_advice() -> None:
    outcome = read("mailgun", 420, {"message": "Domain hair.example.org is not allowed to send: recipient limit exceeded."})
    assert isinstance(outcome, Throttled)
    assert "mail.mailgun.batch_size" in outcome.reason


def test_a_trouble_of_ses_with_every_mail_is_not_now() -> None:
    assert isinstance(read("ses", 200, ses(*["TRANSIENT_FAILURE"] * 3)), NotNow)


def test_maintenance_of_postmark_is_not_now() -> None:
    assert isinstance(read("postmark bulk", 422, {"ErrorCode": 100, "Message": "Maintenance"}), NotNow)


@pytest.mark.parametrize("provider", APIS)
@pytest.mark.parametrize(
    "answer",
    [
        (500, b"oops"),
        (503, b"<html>Service Unavailable"),
        (504, b""),
        (200, b"<html>Welcome!"),
        (200, b""),
        (200, b"null"),
        (200, b"[]"),
        (200, b'{"id": 1}'),
        (200, b'"yes"'),
        (200, b"[" * 100_000),
        (204, b""),
        (201, b"{}"),
    ],
)
def test_what_says_neither_yes_nor_no_leaves_the_batch_in_doubt(provider: str, answer: tuple[Any, ...]) -> None:
    assert isinstance(read(provider, *answer), InDoubt)


UNACCOUNTED = [
    ("brevo", (201, {"messageIds": ["<1@brevo>", "<2@brevo>"]})),
    ("brevo", (201, {"messageId": "<1@brevo>"})),
    ("brevo", (202, {"messageIds": ["1", "2", "3"], "batchId": "x"})),
    ("mailjet", (200, jet(None, None))),
    ("mailjet", (400, jet(None))),
    ("mailjet", (200, {"Messages": [{"Status": "queued"}] * 3})),
    ("ses", (200, ses("SUCCESS"))),
    ("ses", (200, ses("SUCCESS", "SUCCESS", "SOMETHING_NEW"))),
    ("postmark", (200, [postmark_item()])),
    ("postmark", (200, [postmark_item()] * 4)),
    ("postmark bulk", (200, {"ID": "b-1", "Status": "Failed"})),
    ("sparkpost", (200, {"results": {"total_rejected_recipients": 1, "total_accepted_recipients": 2, "id": "11"}})),
    ("sparkpost", (200, {"results": {"total_rejected_recipients": 0, "total_accepted_recipients": 2, "id": "11"}})),
    ("mailgun", (200, {"id": "<1@mg>", "message": "Something else"})),
    ("sendgrid", (200, {"message": "ok"})),
]


@pytest.mark.parametrize(("provider", "answer"), UNACCOUNTED)
def test_a_yes_that_does_not_account_for_everyone_leaves_the_batch_in_doubt(provider: str, answer: tuple[Any, ...]) -> None:
    assert isinstance(read(provider, *answer), InDoubt)
