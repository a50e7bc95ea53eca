"""What the answers of mail APIs mean: everyone taken, who is refused, what is about us, what waits, and what nobody can tell."""

from datetime import timedelta
from typing import Any

import pytest

from hairfeed.deliver.providers.api import UNREADABLE
from hairfeed.deliver.providers.outcomes import Blame, InDoubt, NotNow, Outcome, Refused, Taken, TakenBefore, Throttled
from hairfeed.models import Refusal
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


INACTIVE = "You tried to send to a recipient that has been marked as inactive."
CREDITS = "You ran out of credits."

TAKEN: list[tuple[str, tuple[Any, ...], Taken]] = [
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


def test_a_repetition_while_the_first_is_under_way_waits() -> None:
    assert isinstance(read("sparkpost", 409, {"errors": [{"code": "1601", "message": "in progress"}]}), NotNow)


ABOUT_US = [
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
