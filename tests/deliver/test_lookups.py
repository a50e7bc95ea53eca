"""What mail APIs say of a batch in doubt, and of our account: without a call that sends."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest

from hairfeed.deliver.doubt import Doubt, Way, way_out
from hairfeed.deliver.providers.api import UNREADABLE
from hairfeed.deliver.providers.contract import Response
from hairfeed.deliver.providers.mailgun import MailgunApi
from hairfeed.deliver.providers.outcomes import Resolution, StillUnknown, WasNotTaken, WasPartlyTaken, WasTaken
from hairfeed.settings.providers import Mailgun
from tests.deliver.adapters import APIS, NOW, SENDER, Asked, response
from tests.deliver.mailings import KEY, MAILING, READERS


def resolved(provider: str, *answers: Response, called_at: datetime = NOW - timedelta(hours=3)) -> Resolution:
    """What becomes of the mailing after these answers; unknown where they cannot be read."""
    try:
        return APIS[provider].resolve(MAILING, called_at, Asked(*answers))
    except UNREADABLE as error:
        return StillUnknown(repr(error))


def logged(*keys: str, following: str = "") -> dict[str, Any]:
    """A page of Mailgun's logs with mails of these batches."""
    items = [{"event": "accepted", "user-variables": json.dumps({"hf_batch": key})} for key in keys]
    return {"items": items, "pagination": {"next": following}}


def sent(*people: str) -> dict[str, Any]:
    """Postmark's search result."""
    return {"TotalCount": len(people), "Messages": [{"Recipients": [one], "Metadata": {"hf_batch": KEY}} for one in people]}


def listed(*tags: str) -> dict[str, Any]:
    """Brevo's events of mails with these tags."""
    return {"events": [{"email": READERS[0].email, "event": "requests", "tag": one} for one in tags]}


EVERYONE = [one.email for one in READERS]
LOOK_UPS: list[tuple[str, Sequence[Any], Resolution]] = [
    ("brevo", [listed(KEY)], WasTaken()),
    ("brevo", [listed(f'["{KEY}"]')], WasTaken()),
    ("brevo", [listed()], WasNotTaken()),
    ("mailgun", [logged(KEY)], WasTaken()),
    ("mailgun", [logged("other")], WasNotTaken()),
    ("mailgun", [logged()], WasNotTaken()),
    ("mailgun", [logged(*["other"] * 100, following="t"), logged("other", KEY)], WasTaken()),
    ("mailgun", [logged("other", following="t"), logged(following="t")], WasNotTaken()),
    ("sendgrid", [{"messages": [{"sg_message_id": "x", "to_email": EVERYONE[1].upper()}]}], WasTaken()),
    ("sendgrid", [{"messages": []}], WasNotTaken()),
    ("postmark", [sent(*EVERYONE)], WasTaken()),
    ("postmark", [sent()], WasNotTaken()),
    ("postmark", [sent(EVERYONE[0], EVERYONE[2].upper())], WasPartlyTaken(frozenset({7, 9}))),
    ("postmark bulk", [sent(EVERYONE[0])], WasTaken()),
    ("postmark bulk", [sent()], WasNotTaken()),
]


@pytest.mark.parametrize(("provider", "answers", "resolution"), LOOK_UPS)
def test_a_batch_in_doubt_is_looked_up(provider: str, answers: Sequence[Any], resolution: Resolution) -> None:
    assert resolved(provider, *(response(200, answer) for answer in answers)) == resolution


ABSENT: dict[str, Any] = {
    "brevo": listed(),
    "mailgun": logged(),
    "sendgrid": {"messages": []},
    "postmark": sent(),
    "postmark bulk": sent(),
}


def test_after_its_records_may_be_gone_a_provider_is_not_asked() -> None:
    capabilities = APIS["mailgun"].capabilities
    called_at = NOW - capabilities.look_up_within
    assert way_out(Doubt(called_at, called_at), capabilities, "hold", NOW) is Way.ASK
    assert way_out(Doubt(called_at, called_at), capabilities, "hold", NOW + timedelta(seconds=1)) is Way.HOLD


@pytest.mark.parametrize("provider", ABSENT)
@pytest.mark.parametrize(
    "answer", [(401, b"{}"), (404, b""), (429, b""), (500, b""), (200, b"<html>"), (200, b"{}"), (200, b"[1]")]
)
def test_a_look_up_that_fails_proves_nothing(provider: str, answer: tuple[Any, ...]) -> None:
    assert isinstance(resolved(provider, response(*answer)), StillUnknown)


OTHERS: list[tuple[str, Any]] = [
    ("brevo", listed(KEY, "other")),
    ("brevo", listed(f"{KEY}1")),
    ("mailgun", {"items": [{"event": "accepted"}], "pagination": {}}),
    ("sendgrid", {"messages": [{"to_email": EVERYONE[0]}, {"to_email": "stranger@example.net"}]}),
    ("postmark", {"Messages": [{"Recipients": [EVERYONE[0]], "Metadata": {"hf_batch": "other"}}]}),
    ("postmark bulk", {"Messages": [{"Recipients": [EVERYONE[0]], "Metadata": {"hf_batch": "other"}}]}),
    ("postmark bulk", {"Messages": [{"Recipients": [EVERYONE[0]], "Metadata": {}}]}),
]


@pytest.mark.parametrize(("provider", "answer"), OTHERS)
def test_a_search_that_finds_other_mails_proves_nothing(provider: str, answer: Any) -> None:
    assert isinstance(resolved(provider, response(200, answer)), StillUnknown)


def test_logs_that_never_end_are_left_alone() -> None:
    asked = Asked(response(200, logged("other", following="t")))
    resolution = APIS["mailgun"].resolve(MAILING, NOW, asked)
    assert isinstance(resolution, StillUnknown)
    assert resolution.ask_after is not None
    assert len(asked.requests) == 30


@pytest.mark.parametrize("provider", ABSENT)
def test_a_look_up_sends_nothing_and_asks_for_the_batch(provider: str) -> None:
    asked = Asked(response(200, ABSENT[provider]))
    APIS[provider].resolve(MAILING, NOW, asked)
    (request,) = asked.requests
    assert not request.url.endswith(("/messages", "/mail/send", "/email/batch", "/email/bulk"))
    marks = (KEY, APIS["mailgun"].build(MAILING).body.decode().partition('name="o:tag"\r\n\r\n')[2].partition("\r\n")[0])
    assert any(mark in request.url + request.body.decode() for mark in marks)


GOOD: dict[str, list[Any]] = {
    "brevo": [{"relay": {"enabled": True}}, {"authenticated": True}],
    "mailjet": [
        {"Data": [{"Email": "x@hair.example.org", "Status": "Inactive"}, {"Email": "*@Hair.example.org", "Status": "Active"}]}
    ],
    "ses": [
        {"ProductionAccessEnabled": True, "SendingEnabled": True},
        *({"VerifiedForSendingStatus": verified} for verified in (False, False, True)),
    ],
    "mailgun": [{"domain": {"type": "custom", "state": "active"}}, {"tracking": {"unsubscribe": {"active": False}}}],
    "sendgrid": [{"scopes": ["mail.send", "whitelabel.read"]}, [{"valid": True}], {"messages": []}],
    "postmark": [
        {"DeliveryType": "Live"},
        {"MessageStreamType": "Broadcasts", "SubscriptionManagementConfiguration": {"UnsubscribeHandlingType": "Custom"}},
    ],
    "resend": [{"data": [{"name": "hair.example.org", "status": "verified"}]}],
    "sparkpost": [
        {"results": {"status": {"ownership_verified": True, "dkim_status": "valid"}}},
        {"results": {"status": "active", "options": {"transactional_unsub": False}}},
    ],
}

BAD: list[tuple[str, list[Any], str]] = [
    ("brevo", [{"relay": {"enabled": False}}, {"authenticated": True}], "ask Brevo to activate it"),
    ("brevo", [{"relay": {"enabled": True}}, {"authenticated": False}], "hair.example.org is not authenticated"),
    ("mailjet", [{"Data": [{"Email": "weekly@hair.example.org", "Status": "Inactive"}]}], "is no active sender"),
    ("ses", [{"ProductionAccessEnabled": False, "SendingEnabled": True}, *GOOD["ses"][1:]], "is in the sandbox in eu-west-1"),
    ("ses", [{"ProductionAccessEnabled": True, "SendingEnabled": False}, *GOOD["ses"][1:]], "is paused"),
    ("ses", [GOOD["ses"][0], {"VerifiedForSendingStatus": False}], "hair.example.org is not verified at SES in eu-west-1"),
    ("mailgun", [{"domain": {"type": "sandbox", "state": "active"}}, *GOOD["mailgun"][1:]], "is a sandbox"),
    ("mailgun", [{"domain": {"type": "custom", "state": "unverified"}}, *GOOD["mailgun"][1:]], "verify its DNS records"),
    ("mailgun", [GOOD["mailgun"][0], {"tracking": {"unsubscribe": {"active": True}}}], "links of its own"),
    ("sendgrid", [{"scopes": ["mail.batch.read"]}, {"messages": []}], "the permission Mail Send"),
    (
        "sendgrid",
        [{"scopes": ["mail.send", "whitelabel.read"]}, [], {"messages": []}],
        "hair.example.org is no authenticated domain",
    ),
    ("postmark", [{"DeliveryType": "Sandbox"}, *GOOD["postmark"][1:]], "is a sandbox"),
    (
        "postmark",
        [
            GOOD["postmark"][0],
            {**GOOD["postmark"][1], "SubscriptionManagementConfiguration": {"UnsubscribeHandlingType": "Postmark"}},
        ],
        "its own links for leaving",
    ),
    ("postmark", [GOOD["postmark"][0], {**GOOD["postmark"][1], "MessageStreamType": "Transactional"}], "is not for broadcasts"),
    ("postmark", [GOOD["postmark"][0], {**GOOD["postmark"][1], "ArchivedAt": "2024-01-01T00:00:00Z"}], "is archived"),
    ("resend", [{"data": [{"name": "hair.example.org", "status": "pending"}]}], "no verified domain"),
    (
        "sparkpost",
        [{"results": {"status": {"ownership_verified": False, "dkim_status": "unverified"}}}, *GOOD["sparkpost"][1:]],
        "is not verified",
    ),
    ("sparkpost", [GOOD["sparkpost"][0], {"results": {"status": "suspended"}}], "the account is suspended"),
    (
        "sparkpost",
        [GOOD["sparkpost"][0], {"results": {"status": "active", "options": {"transactional_unsub": True}}}],
        "transactional_unsub",
    ),
]


@pytest.mark.parametrize("provider", GOOD)
def test_a_check_of_a_good_account_finds_nothing_and_sends_nothing(provider: str) -> None:
    asked = Asked(*(response(200, answer) for answer in GOOD[provider]))
    assert APIS[provider].check(asked) == []
    assert len(asked.requests) == len(GOOD[provider])
    for request in asked.requests:
        assert request.method == "GET" or request.url.endswith("/v3/logs")


@pytest.mark.parametrize(("provider", "answers", "said"), BAD)
def test_a_check_says_what_does_not_fit(provider: str, answers: list[Any], said: str) -> None:
    (found,) = APIS[provider].check(Asked(*(response(200, answer) for answer in answers)))
    assert said in found


@pytest.mark.parametrize("provider", GOOD)
def test_a_check_with_a_wrong_key_names_the_setting(provider: str) -> None:
    (found,) = APIS[provider].check(Asked(response(401, {"message": "Unauthorized"})))
    assert f"mail.{provider}." in found


def test_a_check_of_brevo_says_when_the_domain_is_unknown() -> None:
    asked = Asked(response(200, GOOD["brevo"][0]), response(404, {"code": "document_not_found"}))
    (found,) = APIS["brevo"].check(asked)
    assert "hair.example.org is no domain of the account" in found


def test_a_check_of_ses_says_when_the_clock_is_off() -> None:
    answer = response(403, {"message": "Signature expired: 20240816T084000Z"}, {"Date": "Fri, 16 Aug 2024 09:15:00 GMT"})
    (found,) = APIS["ses"].check(Asked(answer))
    assert "the clock of this machine is off" in found


def test_a_check_of_mailgun_compares_the_domain_with_the_senders() -> None:
    api = MailgunApi(Mailgun(key="k", domain="other.example"), SENDER)
    (found,) = api.check(Asked(*(response(200, answer) for answer in GOOD["mailgun"])))
    assert "mail.from is at hair.example.org" in found


def test_a_check_of_sendgrid_says_when_batches_could_not_be_looked_up() -> None:
    (found,) = APIS["sendgrid"].check(Asked(response(200, {"scopes": ["mail.send"]}), response(403, {"errors": []})))
    assert "could not be looked up" in found


def test_a_key_of_sparkpost_that_may_not_see_the_account_is_no_fault() -> None:
    domain = response(200, GOOD["sparkpost"][0])
    assert APIS["sparkpost"].check(Asked(domain, response(403, {"errors": [{"message": "Forbidden."}]}))) == []


AUTHORIZED = {
    "brevo": {"api-key": "xkeysib-1"},
    "mailjet": {"Authorization": "Basic amV0LTE6amV0LXNlY3JldA=="},
    "mailgun": {"Authorization": "Basic YXBpOmtleS0x"},
    "postmark": {"X-Postmark-Server-Token": "token-1"},
    "sendgrid": {"Authorization": "Bearer SG.1"},
    "sparkpost": {"Authorization": "spark"},
}


@pytest.mark.parametrize("provider", AUTHORIZED)
def test_the_key_goes_where_the_provider_looks_for_it(provider: str) -> None:
    api = APIS[provider]
    assert api.authorize(api.build(MAILING), NOW) == AUTHORIZED[provider]
