"""What is of Amazon alone: signatures of calls and of notices, and its own model of the call."""

import json
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from hairfeed.deliver.providers.contract import Request
from hairfeed.deliver.providers.ses import SesApi
from hairfeed.deliver.providers.ses_events import visit
from hairfeed.deliver.providers.ses_signature import Credentials, signed
from hairfeed.errors import NoAnswer
from hairfeed.settings.providers import Ses
from tests.deliver.adapters import NOW, SENDER, TOLD, Asked, response
from tests.deliver.faulty_api import Answer, ApiCall, Fault, Truth, a_faulty_api
from tests.deliver.mailings import AWKWARD, MAILING
from tests.deliver.topics import CERTIFICATE_URL, SUBSCRIBE_URL, TOPIC, Amazon, certificate, posted, webhook

KEY, SECRET = "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
HOST = "https://email.eu-west-1.amazonaws.com"
REQUESTS = {
    "a batch": TOLD["ses"].api.build(MAILING),
    "no body": Request("GET", f"{HOST}/v2/email/account"),
    "an address in the path": Request("GET", f"{HOST}/v2/email/identities/weekly%2Bhair%40hair.example.org"),
    "another host": Request("POST", "http://127.0.0.1:8105/v2/email/outbound-bulk-emails", b"{}", {"Content-Type": "a/b"}),
    "the root": Request("GET", HOST),
}


NOW_WITH_SECONDS = datetime(2024, 8, 16, 9, 0, 7, tzinfo=UTC)
TOKENS = (None, "IQoJb3JpZ2luX2Vj/==")


def botocore_opinions(*asked: tuple[Request, str | None]) -> list[dict[str, Any]]:
    """Of these requests, signed with a token or without."""
    python = Path(sys.prefix, "s3", "bin", "python")
    if not python.exists():
        pytest.skip(f"botocore is not there: {python} is missing; .ci/run installs it")
    said = [
        {
            "method": one.method,
            "url": one.url,
            "headers": dict(one.headers),
            "body": one.body.decode(),
            "now": NOW_WITH_SECONDS.replace(tzinfo=None).isoformat(),
            "key": KEY,
            "secret": SECRET,
            "token": token,
        }
        for one, token in asked
    ]
    script = Path(__file__).with_name("botocore_opinion.py")
    done = subprocess.run([python, script], input=json.dumps(said), capture_output=True, text=True, check=True)
    opinions: list[dict[str, Any]] = json.loads(done.stdout)
    return opinions


def test_a_call_is_signed_as_botocore_signs_it() -> None:
    asked = [(request, token) for request in REQUESTS.values() for token in TOKENS]
    for (request, token), opinion in zip(asked, botocore_opinions(*asked), strict=True):
        credentials = Credentials(KEY, SECRET, token)
        assert signed(request, credentials, "eu-west-1", "ses", NOW_WITH_SECONDS) == opinion["headers"]


def test_a_call_is_signed_as_amazons_example_shows_it() -> None:
    """The case `get-vanilla` of its test suite for Signature Version 4."""
    now = datetime(2015, 8, 30, 12, 36, tzinfo=UTC)
    request = Request("GET", "https://example.amazonaws.com/")
    assert signed(request, Credentials(KEY, SECRET), "us-east-1", "service", now) == {
        "X-Amz-Date": "20150830T123600Z",
        "Authorization": "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
        "SignedHeaders=host;x-amz-date, Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
    }


def test_a_secret_is_in_no_representation() -> None:
    settings = Ses(key=KEY, secret=SECRET, session_token="token-1", region="eu-west-1")
    for shown in (repr(settings), repr(Credentials(KEY, SECRET, "token-1")), str(settings)):
        assert SECRET not in shown
        assert "token-1" not in shown


def test_a_request_is_what_amazons_own_model_asks_for() -> None:
    apis = [SesApi(Ses(key=KEY, secret=SECRET, region="eu-west-1", configuration_set=one), SENDER) for one in (None, "news")]
    requests = [api.build(mailing) for api in apis for mailing in (MAILING, AWKWARD)]
    wrong = replace(requests[0], body=b'{"BulkEmailEntries": 1, "Unheard": ""}')
    *opinions, other = botocore_opinions(*((one, None) for one in (*requests, wrong)))
    for request, opinion in zip(requests, opinions, strict=True):
        assert (opinion["report"], opinion["unknown"]) == ("", [])
        assert (request.method, request.url) == (opinion["http"]["method"], HOST + opinion["http"]["requestUri"])
    assert "BulkEmailEntries" in other["report"]
    assert other["unknown"] == ["Unheard"]


def test_the_configuration_set_is_named_where_there_is_one() -> None:
    named = SesApi(Ses(key=KEY, secret=SECRET, region="eu-west-1", configuration_set="news"), SENDER).build(MAILING)
    assert json.loads(named.body)["ConfigurationSetName"] == "news"
    assert "ConfigurationSetName" not in json.loads(TOLD["ses"].api.build(MAILING).body)


def test_the_region_names_the_address_unless_the_config_does() -> None:
    assert Ses(key="k", secret="s", region="us-east-2").url == "https://email.us-east-2.amazonaws.com"
    assert Ses(key="k", secret="s", region="us-east-2", url="http://127.0.0.1:8105").url == "http://127.0.0.1:8105"
    with pytest.raises(ValidationError):
        Ses(key="k", secret="s", region="not a region")


def test_a_subdomain_and_a_single_address_may_be_what_is_verified() -> None:
    asked = Asked(
        response(200, {"ProductionAccessEnabled": True, "SendingEnabled": True}), response(200, {"VerifiedForSendingStatus": True})
    )
    assert TOLD["ses"].api.check(asked) == []
    assert asked.requests[1].url == f"{HOST}/v2/email/identities/weekly%40hair.example.org"


def test_an_identity_that_is_not_there_is_no_crash() -> None:
    account = response(200, {"ProductionAccessEnabled": True, "SendingEnabled": True})
    (found,) = TOLD["ses"].api.check(Asked(account, response(404, {"message": "Email identity x does not exist."})))
    assert "is not verified" in found


NOTICE = json.dumps({"eventType": "Send", "mail": {"messageId": "m", "timestamp": "2024-08-16T08:59:30Z", "destination": []}})


@pytest.mark.parametrize("version", ["1", "2"])
@pytest.mark.parametrize("more", [{}, {"Subject": "Amazon SES Email Event Notification"}])
def test_both_versions_of_a_signature_are_believed(version: str, more: dict[str, str]) -> None:
    assert webhook().verify({}, posted(NOTICE, NOW, version=version, **more), NOW)


def test_a_certificate_is_fetched_once() -> None:
    amazon = Amazon()
    hook = webhook(amazon)
    assert all(hook.verify({}, posted(NOTICE, NOW), NOW) for _ in range(3))
    assert amazon.visited == [CERTIFICATE_URL]


ELSEWHERE = [
    "https://sns.eu-west-1.amazonaws.com.example.net/x.pem",
    "https://example.net/sns.eu-west-1.amazonaws.com/x.pem",
    "https://sns.eu-west-1.amazonaws.com@example.net/x.pem",
    "https://example.net#sns.eu-west-1.amazonaws.com/x.pem",
    "https://s3.eu-west-1.amazonaws.com/x.pem",
    "https://sns.eu-west-1.amazonaws.com:8443/x.pem",
    "https://sns.eu-west-1.amazonaws.com\\@example.net/x.pem",
    "http://sns.eu-west-1.amazonaws.com/x.pem",
    "https://sns.amazonaws.com/x.pem",
    "file:///etc/passwd.pem",
    "",
]


@pytest.mark.parametrize("url", [*ELSEWHERE, "https://sns.eu-west-1.amazonaws.com/x.txt", SUBSCRIBE_URL])
def test_a_certificate_of_another_place_is_not_even_fetched(url: str) -> None:
    amazon = Amazon({url: certificate("Mallory")})
    assert not webhook(amazon).verify({}, posted(NOTICE, NOW, key="Mallory", SigningCertURL=url), NOW)
    assert amazon.visited == []


@pytest.mark.parametrize("page", [b"", b"<html>", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"])
def test_what_is_no_certificate_believes_nobody(page: bytes) -> None:
    assert not webhook(Amazon({CERTIFICATE_URL: page})).verify({}, posted(NOTICE, NOW), NOW)


def test_a_page_that_is_no_certificate_is_not_kept_for_one() -> None:
    amazon = Amazon({CERTIFICATE_URL: b"<html>We are sorry"})
    hook = webhook(amazon)
    assert not hook.verify({}, posted(NOTICE, NOW), NOW)
    amazon.pages[CERTIFICATE_URL] = certificate()
    assert hook.verify({}, posted(NOTICE, NOW), NOW)


def test_a_certificate_that_cannot_be_fetched_tells_nothing_of_a_notice() -> None:
    """A no would be for good: Amazon repeats a notice after a 5xx alone."""
    with pytest.raises(NoAnswer):
        webhook(Amazon({"https://example.net": b""})).verify({}, posted(NOTICE, NOW), NOW)


def test_another_topic_is_not_believed_though_amazon_signs_for_it() -> None:
    assert not webhook().verify({}, posted(NOTICE, NOW, TopicArn=TOPIC.replace("123456789012", "999999999999")), NOW)


@pytest.mark.parametrize("name", ["Message", "MessageId", "Timestamp", "Type", "SignatureVersion"])
def test_every_part_of_a_notice_is_signed(name: str) -> None:
    said = json.loads(posted(NOTICE, NOW))
    other = {"Timestamp": f"{NOW + timedelta(minutes=1):%Y-%m-%dT%H:%M:%SZ}", "Type": "UnsubscribeConfirmation"}
    changed = said | {name: other.get(name, said[name] + "1")}
    assert webhook().verify({}, json.dumps(said).encode(), NOW)
    assert not webhook().verify({}, json.dumps(changed).encode(), NOW)


CONFIRMATION = {"Type": "SubscriptionConfirmation", "Token": "2336412f37", "SubscribeURL": SUBSCRIBE_URL}


def test_a_new_subscription_is_confirmed_and_is_no_event() -> None:
    amazon = Amazon()
    hook, body = webhook(amazon), posted("You have chosen to subscribe to the topic", NOW, **CONFIRMATION)
    assert hook.verify({}, body, NOW)
    assert hook.events(body) == []
    assert amazon.visited == [CERTIFICATE_URL, SUBSCRIBE_URL]


@pytest.mark.parametrize("url", ELSEWHERE)
def test_a_subscription_is_confirmed_at_amazons_addresses_alone(url: str) -> None:
    amazon = Amazon()
    assert webhook(amazon).events(posted("", NOW, **CONFIRMATION | {"SubscribeURL": url})) == []
    assert amazon.visited == []


class Page:
    """A web server's only page."""

    def key(self, call: ApiCall) -> str:
        """Whatever is asked for."""
        return call.path

    def take(self, call: ApiCall, truth: Truth) -> Answer:
        """The page at its address, and nothing elsewhere."""
        return Answer(200, b"a certificate") if call.path == "/page.pem" else Answer(404, b"no such page")


def test_a_page_is_fetched_as_it_is_or_not_at_all() -> None:
    with a_faulty_api(Page(), [Fault.NONE, Fault.NONE, Fault.RESET_AFTER]) as api:
        address = f"http://127.0.0.1:{api.port}"
        assert visit(f"{address}/page.pem") == b"a certificate"
        with pytest.raises(NoAnswer, match="404"):
            visit(f"{address}/elsewhere.pem")
        with pytest.raises(NoAnswer):
            visit(f"{address}/page.pem")


@pytest.mark.parametrize(
    "body",
    [
        posted("Successfully validated SNS topic for Amazon SES event publishing.", NOW),
        posted("", NOW, **CONFIRMATION | {"Type": "UnsubscribeConfirmation"}),
        posted(NOTICE, NOW),
    ],
    ids=["a first word", "a last word", "nobody"],
)
def test_what_is_of_no_mail_is_no_event(body: bytes) -> None:
    hook = webhook()
    assert hook.verify({}, body, NOW)
    assert hook.events(body) == []


def test_the_older_notifications_of_an_identity_are_read_too() -> None:
    mail = {"messageId": "m", "timestamp": "2024-08-16T08:59:30Z", "destination": ["ann@example.net", "bob@example.net"]}
    bounce = {
        "bounceType": "Permanent",
        "bouncedRecipients": [{"emailAddress": one} for one in mail["destination"]],
        "timestamp": "2024-08-16T09:00:01Z",
    }
    events = webhook().events(posted(json.dumps({"notificationType": "Bounce", "mail": mail, "bounce": bounce}), NOW))
    assert [event.email for event in events] == mail["destination"]
    assert len({event.id for event in events}) == 2
    assert {event.at for event in events} == {datetime(2024, 8, 16, 9, 0, 1, tzinfo=UTC)}
