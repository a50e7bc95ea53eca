"""Notices that providers post to us: believed when they are signed by the provider's published rule, and read into our words."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from hairfeed.deliver.providers.api import UNREADABLE
from hairfeed.deliver.providers.choice import ADAPTERS, open_webhook
from hairfeed.deliver.providers.contract import Webhook
from hairfeed.models.events import EventKind, MailEvent
from hairfeed.settings.mail import Mail
from tests.deliver import topics

NOW = datetime(2024, 8, 16, 9, 0, tzinfo=UTC)
AT = datetime(2024, 8, 16, 8, 59, 30, tzinfo=UTC)
SECONDS = int(AT.timestamp())
OURS = {"hf_batch": "batch-1", "hf_subscriber": "7"}
READER = "ann@example.net"

PRIVATE_KEY = ec.derive_private_key(0xC0FFEE, ec.SECP256R1())
OTHER_KEY = ec.derive_private_key(0xBAD, ec.SECP256R1())
PUBLIC_KEY = base64.b64encode(
    PRIVATE_KEY.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
).decode()
SVIX_KEY = b"twenty-four bytes of it."

Headers = dict[str, str]
Sign = Callable[[Any, datetime], tuple[Headers, bytes]]
"""What a provider posts: a notice, signed at a moment."""


def mailgun(notice: Any, at: datetime, key: str = "signing-key", token: str = "t" * 50) -> tuple[Headers, bytes]:
    """HMAC-SHA256 over timestamp and token, hexadecimal, in the body."""
    timestamp = str(int(at.timestamp()))
    digest = hmac.new(key.encode(), (timestamp + token).encode(), hashlib.sha256).hexdigest()
    signature = {"timestamp": timestamp, "token": token, "signature": digest}
    return {"content-type": "application/json"}, json.dumps({"signature": signature, "event-data": notice}).encode()


def sendgrid(notice: Any, at: datetime, key: ec.EllipticCurvePrivateKey = PRIVATE_KEY) -> tuple[Headers, bytes]:
    """ECDSA over timestamp and body, base64 of its DER form, in headers."""
    timestamp, body = str(int(at.timestamp())), json.dumps([notice]).encode()
    signature = key.sign(timestamp.encode() + body, ec.ECDSA(hashes.SHA256()))
    name = "x-twilio-email-event-webhook"
    return {f"{name}-signature": base64.b64encode(signature).decode(), f"{name}-timestamp": timestamp}, body


def login(notice: Any, at: datetime, who: str = "hooks:s3cret") -> tuple[Headers, bytes]:
    """Basic authentication, as Postmark and SparkPost have it."""
    return {"authorization": "Basic " + base64.b64encode(who.encode()).decode()}, json.dumps(notice).encode()


def ses(notice: Any, at: datetime, key: str = "Amazon") -> tuple[Headers, bytes]:
    """Amazon SNS: RSA over the named parts of the body, which bears the signature itself."""
    return {"x-amz-sns-message-type": "Notification"}, topics.posted(json.dumps(notice), at, key=key)


def resend(notice: Any, at: datetime, key: bytes = SVIX_KEY) -> tuple[Headers, bytes]:
    """Svix: HMAC-SHA256 over id, timestamp and body with dots between them, base64; here beside the signature of an older key."""
    timestamp, body = str(int(at.timestamp())), json.dumps(notice).encode()
    digest = hmac.new(key, b"msg_1." + timestamp.encode() + b"." + body, hashlib.sha256).digest()
    signatures = "v1,bm90IHRoaXMgb25l v1," + base64.b64encode(digest).decode()
    return {"svix-id": "msg_1", "svix-timestamp": timestamp, "svix-signature": signatures}, body


MAIL = Mail.model_validate(
    {
        "from": "Plain Hair <weekly@hair.example.org>",
        "reply_to": "editor@hair.example.org",
        "outbox": {"directory": "outbox"},
        "brevo": {"key": "k", "webhook_secret": "hooks:s3cret"},
        "mailjet": {"key": "k", "secret": "s", "webhook_secret": "hooks:s3cret"},
        "ses": {"key": "k", "secret": "s", "region": "eu-west-1", "webhook_secret": topics.TOPIC},
        "mailgun": {"key": "k", "domain": "hair.example.org", "webhook_secret": "signing-key"},
        "postmark": {"token": "t", "webhook_secret": "hooks:s3cret"},
        "resend": {"key": "k", "webhook_secret": "whsec_" + base64.b64encode(SVIX_KEY).decode()},
        "sendgrid": {"key": "k", "webhook_secret": PUBLIC_KEY},
        "sparkpost": {"key": "k", "webhook_secret": "hooks:s3cret"},
    }
)


def hook(provider: str, mail: Mail = MAIL) -> Webhook:
    """The provider's; that of SES finds Amazon without a network."""
    if provider == "ses":
        assert mail.ses is not None
        return topics.webhook(topic=mail.ses.webhook_secret)
    webhook = open_webhook(mail, provider)
    assert webhook is not None
    return webhook


@dataclass(frozen=True)
class Poster:
    """How a provider posts, how a stranger would try to, and a notice of a mail that was delivered."""

    sign: Sign
    forge: Sign
    delivered: Any
    stale: timedelta | None
    """After so long it is no longer believed; None where nothing in it tells its age."""


def bounce(record: str = "Bounce", **more: Any) -> dict[str, Any]:
    """A notice of Postmark."""
    return {
        "RecordType": record,
        "ID": 42,
        "MessageID": "m-1",
        "Email": READER,
        "BouncedAt": AT.isoformat(),
        "Metadata": OURS,
    } | more


def spark(kind: str, **more: Any) -> list[dict[str, Any]]:
    """A notice of SparkPost."""
    said = {
        "type": kind,
        "event_id": "92356927693813856",
        "timestamp": str(SECONDS),
        "rcpt_to": READER.lower(),
        "raw_rcpt_to": READER,
        "rcpt_meta": OURS,
    } | more
    return [{"msys": {"message_event": said}}]


def gun(event: str, **more: Any) -> dict[str, Any]:
    """A notice of Mailgun."""
    return {"event": event, "id": "e-1", "timestamp": SECONDS + 0.0, "recipient": READER, "user-variables": OURS} | more


def grid(event: str, **more: Any) -> dict[str, Any]:
    """A notice of SendGrid."""
    return {"event": event, "email": READER, "timestamp": SECONDS, "sg_event_id": "x", "sg_message_id": "m.1", **OURS} | more


def re_(kind: str, **more: Any) -> dict[str, Any]:
    """A notice of Resend."""
    data = {"email_id": "e-1", "to": [READER], "tags": OURS} | more
    return {"type": kind, "created_at": "2024-08-16T08:59:30.000Z", "data": data}


def brevo(event: str, **more: Any) -> dict[str, Any]:
    """A notice of Brevo."""
    return {
        "event": event,
        "email": READER,
        "id": 26224,
        "date": "2024-08-16 10:59:30",
        "ts_epoch": SECONDS * 1000,
        "message-id": "<m-1@brevo.example>",
        "X-Mailin-custom": json.dumps(OURS),
    } | more


def jet(event: str, **more: Any) -> dict[str, Any]:
    """A notice of Mailjet."""
    return {
        "event": event,
        "time": SECONDS,
        "MessageID": 19421777835146490,
        "email": READER,
        "customcampaign": "batch-1",
        "Payload": json.dumps(OURS),
    } | more


def amazon(event: str, part: str | None = None, **said: Any) -> dict[str, Any]:
    """A notice of SES."""
    mail = {
        "timestamp": "2024-08-16T08:59:30.000Z",
        "messageId": "0102-m-1",
        "destination": [READER],
        "tags": {"ses:configuration-set": ["news"], **{name: [value] for name, value in OURS.items()}},
    }
    return {"eventType": event, "mail": mail, part or event.lower(): said}


POSTERS = {
    "brevo": Poster(login, lambda notice, at: login(notice, at, "hooks:guessed"), brevo("delivered"), None),
    "mailjet": Poster(login, lambda notice, at: login(notice, at, "hooks:guessed"), jet("sent"), None),
    "ses": Poster(
        ses,
        lambda notice, at: ses(notice, at, "Mallory"),
        amazon("Delivery", timestamp="2024-08-16T08:59:30.000Z", recipients=[READER]),
        timedelta(hours=3),
    ),
    "mailgun": Poster(mailgun, lambda notice, at: mailgun(notice, at, "guessed"), gun("delivered"), timedelta(hours=10)),
    "postmark": Poster(
        login,
        lambda notice, at: login(notice, at, "hooks:guessed"),
        bounce("Delivery", Recipient=READER, DeliveredAt=AT.isoformat()),
        None,
    ),
    "resend": Poster(resend, lambda notice, at: resend(notice, at, b"guessed"), re_("email.delivered"), timedelta(minutes=6)),
    "sendgrid": Poster(sendgrid, lambda notice, at: sendgrid(notice, at, OTHER_KEY), grid("delivered"), timedelta(hours=26)),
    "sparkpost": Poster(login, lambda notice, at: login(notice, at, "hooks:s3cret2"), spark("delivery"), None),
}

providers = pytest.mark.parametrize("provider", POSTERS)


@providers
def test_a_notice_signed_by_the_provider_is_believed(provider: str) -> None:
    poster = POSTERS[provider]
    assert hook(provider).verify(*poster.sign(poster.delivered, NOW), NOW)


@providers
def test_a_notice_is_read_into_our_words(provider: str) -> None:
    poster = POSTERS[provider]
    _, body = poster.sign(poster.delivered, NOW)
    (event,) = hook(provider).events(body)
    assert event.id
    assert replace(event, id="") == MailEvent(
        provider=provider, id="", kind=EventKind.DELIVERED, at=AT, email=READER, batch_key="batch-1", subscriber_id=7
    )


@providers
def test_a_forged_notice_is_not_believed(provider: str) -> None:
    poster = POSTERS[provider]
    assert not hook(provider).verify(*poster.forge(poster.delivered, NOW), NOW)


@providers
def test_a_notice_without_a_signature_is_not_believed(provider: str) -> None:
    poster = POSTERS[provider]
    _, body = poster.sign(poster.delivered, NOW)
    if provider in {"mailgun", "ses"}:
        body = json.dumps({"event-data": poster.delivered}).encode()
    assert not hook(provider).verify({}, body, NOW)


@providers
def test_a_notice_is_not_believed_while_the_config_has_no_secret(provider: str) -> None:
    poster, section = POSTERS[provider], getattr(MAIL, provider)
    bare = MAIL.model_copy(update={provider: section.model_copy(update={"webhook_secret": None})})
    assert not hook(provider, bare).verify(*poster.sign(poster.delivered, NOW), NOW)
    if poster.sign is login:
        assert not hook(provider, bare).verify(*login(poster.delivered, NOW, ""), NOW)


@pytest.mark.parametrize("provider", [name for name, poster in POSTERS.items() if poster.stale])
@pytest.mark.parametrize("direction", [-1, 1])
def test_a_notice_of_another_time_is_not_believed(provider: str, direction: int) -> None:
    poster = POSTERS[provider]
    assert poster.stale is not None
    signed = poster.sign(poster.delivered, NOW)
    assert hook(provider).verify(*signed, NOW + direction * timedelta(minutes=4))
    assert not hook(provider).verify(*signed, NOW + direction * poster.stale)


@pytest.mark.parametrize("provider", ["resend", "sendgrid"])
def test_a_signature_is_good_for_its_own_notice_and_moment_alone(provider: str) -> None:
    poster = POSTERS[provider]
    headers, body = poster.sign(poster.delivered, NOW)
    assert not hook(provider).verify(headers, body.replace(b"ann@", b"bob@"), NOW)
    timestamp = next(name for name in headers if "timestamp" in name)
    assert not hook(provider).verify({**headers, timestamp: str(int(NOW.timestamp()) + 1)}, body, NOW)


def test_mailguns_signature_that_somebody_overheard_brings_no_second_event() -> None:
    """It signs a token, not the notice: so the token is the event's id, and the ledger takes an id once."""
    _, first = mailgun(gun("delivered"), NOW)
    headers, second = mailgun(gun("complained", recipient="bob@example.net"), NOW)
    assert hook("mailgun").verify(headers, second, NOW)
    assert hook("mailgun").events(first)[0].id == hook("mailgun").events(second)[0].id == "t" * 50


@providers
def test_a_repeated_notice_is_the_same_event(provider: str) -> None:
    poster = POSTERS[provider]
    (first,) = hook(provider).events(poster.sign(poster.delivered, NOW)[1])
    (again,) = hook(provider).events(poster.sign(poster.delivered, NOW + timedelta(hours=1))[1])
    assert first.id == again.id


def test_sendgrid_gives_a_repeated_notice_another_id_and_we_do_not() -> None:
    one, two = (hook("sendgrid").events(json.dumps([grid("bounce", sg_event_id=name)]).encode()) for name in "ab")
    assert one == two
    assert one != hook("sendgrid").events(json.dumps([grid("bounce", timestamp=SECONDS + 1)]).encode())


@providers
def test_a_truncated_notice_is_neither_believed_nor_a_crash(provider: str) -> None:
    poster = POSTERS[provider]
    headers, body = poster.sign(poster.delivered, NOW)
    for end in range(0, len(body), 7):
        if "authorization" not in headers:
            assert not hook(provider).verify(headers, body[:end], NOW)
        with pytest.raises(UNREADABLE):
            hook(provider).events(body[:end])


RUBBISH: list[Any] = [
    None,
    1,
    "x",
    [],
    [1],
    [[]],
    {},
    {"msys": 1},
    [{"msys": 1}],
    [{"event": {}}],
    {"event-data": []},
    {"data": 1, "type": 2},
]


@providers
@pytest.mark.parametrize("rubbish", RUBBISH, ids=repr)
def test_rubbish_is_no_event_and_no_crash(provider: str, rubbish: Any) -> None:
    body = json.dumps(rubbish).encode()
    assert hook(provider).verify({}, body, NOW) is False
    with suppress(*UNREADABLE):
        assert list(hook(provider).events(body)) == []


@providers
def test_a_huge_notice_is_not_believed(provider: str) -> None:
    poster = POSTERS[provider]
    huge = json.loads(json.dumps(poster.delivered))
    (huge if isinstance(huge, dict) else huge[0])["padding"] = "x" * (33 << 20)
    assert not hook(provider).verify(*poster.sign(huge, NOW), NOW)


def test_a_notice_of_postmark_without_any_date_cannot_be_read() -> None:
    undated = {name: said for name, said in bounce(Type="HardBounce").items() if name != "BouncedAt"}
    with pytest.raises(UNREADABLE):
        hook("postmark").events(json.dumps(undated).encode())


@providers
def test_a_deeply_nested_notice_is_no_crash(provider: str) -> None:
    body = b'{"signature":' * 100_000
    assert not hook(provider).verify({}, body, NOW)
    with pytest.raises(UNREADABLE):
        hook(provider).events(body)


@providers
@pytest.mark.parametrize("header", ["", "x", "Basic", "Basic !!!", "Bearer abc", "Basic \xff", "v1", "v1,", "v1,\xff", "\x00"])
def test_strange_headers_are_no_crash(provider: str, header: str) -> None:
    headers, body = POSTERS[provider].sign(POSTERS[provider].delivered, NOW)
    if provider not in {"mailgun", "ses"}:
        for name in headers:
            assert not hook(provider).verify({**headers, name: header}, body, NOW)


@pytest.mark.parametrize("secret", ["whsec_%%%", "not-base64-at-all", "AAAA"])
@pytest.mark.parametrize("provider", ["resend", "sendgrid"])
def test_a_secret_that_is_none_believes_nobody(provider: str, secret: str) -> None:
    bad = MAIL.model_copy(update={provider: getattr(MAIL, provider).model_copy(update={"webhook_secret": secret})})
    assert not hook(provider, bad).verify(*POSTERS[provider].sign(POSTERS[provider].delivered, NOW), NOW)


@pytest.mark.parametrize(
    "given", [{}, {"hf_subscriber": "x"}, {"hf_subscriber": "-1"}, {"hf_subscriber": "9" * 30}, {"hf_subscriber": None}]
)
def test_metadata_that_is_not_ours_names_no_subscriber(given: dict[str, Any]) -> None:
    (event,) = hook("postmark").events(json.dumps(bounce(Type="HardBounce", Metadata=given)).encode())
    assert (event.batch_key, event.subscriber_id) == ("", None)


def test_every_mail_api_has_a_webhook() -> None:
    assert set(POSTERS) == set(ADAPTERS)
    assert open_webhook(MAIL, "outbox") is None
    assert open_webhook(MAIL.model_copy(update={"resend": None}), "resend") is None


@pytest.mark.parametrize("provider", ["brevo", "mailjet"])
def test_several_notices_may_come_at_once(provider: str) -> None:
    notices = [POSTERS[provider].delivered, POSTERS[provider].delivered | {"email": "bob@example.net"}]
    events = hook(provider).events(json.dumps(notices).encode())
    assert [event.email for event in events] == [READER, "bob@example.net"]
    assert len({event.id for event in events}) == 2


@pytest.mark.parametrize("given", [{}, {"X-Mailin-custom": "x"}, {"X-Mailin-custom": "[]"}, {"X-Mailin-custom": 1}])
def test_what_brevo_brings_back_of_another_sender_names_no_subscriber(given: dict[str, Any]) -> None:
    notice = {name: value for name, value in brevo("spam").items() if name != "X-Mailin-custom"} | given
    (event,) = hook("brevo").events(json.dumps(notice).encode())
    assert (event.batch_key, event.subscriber_id) == ("", None)


K = EventKind
PERMANENT = {"severity": "permanent", "delivery-status": {"code": 550, "message": "no such user"}}
GONE: dict[str, Any] = {
    "bounceType": "Permanent",
    "bouncedRecipients": [{"emailAddress": READER, "diagnosticCode": "550 no such user"}],
}
KINDS: list[tuple[str, Any, EventKind | None]] = [
    ("brevo", brevo("request"), K.ACCEPTED),
    ("brevo", brevo("deferred"), None),
    ("brevo", brevo("hard_bounce"), K.HARD_BOUNCE),
    ("brevo", brevo("invalid_email"), K.HARD_BOUNCE),
    ("brevo", brevo("soft_bounce"), K.SOFT_BOUNCE),
    ("brevo", brevo("blocked"), K.REJECTED),
    ("brevo", brevo("error"), K.REJECTED),
    ("brevo", brevo("spam"), K.COMPLAINT),
    ("brevo", brevo("complaint"), K.COMPLAINT),
    ("brevo", brevo("unsubscribe"), K.UNSUBSCRIBE),
    ("brevo", brevo("unique_opened"), K.OPENED),
    ("brevo", brevo("proxy_open"), K.OPENED),
    ("brevo", brevo("click"), K.CLICKED),
    ("brevo", brevo("list_addition"), None),
    ("mailjet", jet("bounce", hard_bounce=True, error="user unknown"), K.HARD_BOUNCE),
    ("mailjet", jet("bounce", hard_bounce=False, error="quota exceeded"), K.SOFT_BOUNCE),
    ("mailjet", jet("bounce", hard_bounce=False, error="greylisted"), None),
    ("mailjet", jet("blocked", error="preblocked"), K.REJECTED),
    ("mailjet", jet("blocked", error="duplicate in campaign"), None),
    ("mailjet", jet("spam", source="JMRPP"), K.COMPLAINT),
    ("mailjet", jet("unsub"), K.UNSUBSCRIBE),
    ("mailjet", jet("open"), K.OPENED),
    ("mailjet", jet("click"), K.CLICKED),
    ("mailjet", jet("typofix"), None),
    ("ses", amazon("Send"), K.ACCEPTED),
    ("ses", amazon("DeliveryDelay", "deliveryDelay"), None),
    ("ses", amazon("Bounce", **GONE), K.HARD_BOUNCE),
    ("ses", amazon("Bounce", **GONE | {"bounceType": "Transient"}), K.SOFT_BOUNCE),
    ("ses", amazon("Bounce", **GONE | {"bounceType": "Undetermined"}), K.SOFT_BOUNCE),
    ("ses", amazon("Bounce", **GONE, bounceSubType="OnAccountSuppressionList"), K.REJECTED),
    ("ses", amazon("Complaint", complainedRecipients=[{"emailAddress": READER}], complaintFeedbackType="abuse"), K.COMPLAINT),
    ("ses", amazon("Complaint", complainedRecipients=[{"emailAddress": READER}], complaintFeedbackType="not-spam"), None),
    ("ses", amazon("Complaint", complainedRecipients=[], complaintSubType="OnAccountSuppressionList"), K.REJECTED),
    ("ses", amazon("Reject", reason="Bad content"), K.REJECTED),
    ("ses", amazon("Rendering Failure", "failure", errorMessage="Attribute 'x' is not present"), K.REJECTED),
    ("ses", amazon("Subscription", newTopicPreferences={"unsubscribeAll": True}), K.UNSUBSCRIBE),
    ("ses", amazon("Subscription", newTopicPreferences={"unsubscribeAll": False}), None),
    ("ses", amazon("Open"), K.OPENED),
    ("ses", amazon("Click"), K.CLICKED),
    ("ses", amazon("Something New"), None),
    ("mailgun", gun("accepted"), K.ACCEPTED),
    ("mailgun", gun("failed", severity="temporary", **{"delivery-status": {"code": 451}}), None),
    ("mailgun", gun("failed", **PERMANENT, reason="bounce"), K.HARD_BOUNCE),
    ("mailgun", gun("failed", **PERMANENT, reason="old"), K.SOFT_BOUNCE),
    ("mailgun", gun("failed", **PERMANENT, reason="suppress-bounce"), K.REJECTED),
    ("mailgun", gun("failed", severity="permanent", **{"delivery-status": {"code": 552, "bounce-type": "soft"}}), K.SOFT_BOUNCE),
    ("mailgun", gun("failed", severity="permanent", **{"delivery-status": {"code": 498}}), K.SOFT_BOUNCE),
    ("mailgun", gun("rejected", reject={"reason": "virus"}), K.REJECTED),
    ("mailgun", gun("complained"), K.COMPLAINT),
    ("mailgun", gun("unsubscribed"), K.UNSUBSCRIBE),
    ("mailgun", gun("opened"), K.OPENED),
    ("mailgun", gun("clicked"), K.CLICKED),
    ("mailgun", gun("stored"), None),
    ("sendgrid", grid("processed"), K.ACCEPTED),
    ("sendgrid", grid("deferred"), None),
    ("sendgrid", grid("bounce", type="bounce"), K.HARD_BOUNCE),
    ("sendgrid", grid("bounce", type="bounce", bounce_classification="Invalid Address"), K.HARD_BOUNCE),
    ("sendgrid", grid("bounce", type="bounce", bounce_classification="Mailbox Unavailable"), K.SOFT_BOUNCE),
    ("sendgrid", grid("bounce", type="blocked"), K.SOFT_BOUNCE),
    ("sendgrid", grid("dropped", reason="Bounced Address"), K.REJECTED),
    ("sendgrid", grid("spamreport"), K.COMPLAINT),
    ("sendgrid", grid("unsubscribe"), K.UNSUBSCRIBE),
    ("sendgrid", grid("group_unsubscribe"), K.UNSUBSCRIBE),
    ("sendgrid", grid("group_resubscribe"), None),
    ("sendgrid", grid("open"), K.OPENED),
    ("sendgrid", grid("click"), K.CLICKED),
    ("postmark", bounce(Type="HardBounce"), K.HARD_BOUNCE),
    ("postmark", bounce(Type="BadEmailAddress"), K.HARD_BOUNCE),
    ("postmark", bounce(Type="SoftBounce"), K.SOFT_BOUNCE),
    ("postmark", bounce(Type="Blocked"), K.SOFT_BOUNCE),
    ("postmark", bounce(Type="Transient"), None),
    ("postmark", bounce(Type="AutoResponder"), None),
    ("postmark", bounce(Type="ManuallyDeactivated"), K.REJECTED),
    ("postmark", bounce("SpamComplaint", Type="SpamComplaint"), K.COMPLAINT),
    (
        "postmark",
        bounce(
            "SubscriptionChange",
            SuppressSending=True,
            Origin="Recipient",
            SuppressionReason="ManualSuppression",
            ChangedAt=AT.isoformat(),
        ),
        K.UNSUBSCRIBE,
    ),
    ("postmark", bounce("SubscriptionChange", SuppressSending=True, Origin="Recipient", SuppressionReason="HardBounce"), None),
    ("postmark", bounce("SubscriptionChange", SuppressSending=False, Origin="Customer", SuppressionReason=None), None),
    ("postmark", bounce("Open", Recipient=READER, ReceivedAt=AT.isoformat()), K.OPENED),
    ("postmark", bounce("Click", Recipient=READER, ReceivedAt=AT.isoformat()), K.CLICKED),
    ("postmark", bounce("Inbound"), None),
    ("sparkpost", spark("injection"), K.ACCEPTED),
    ("sparkpost", spark("delay", bounce_class="21"), None),
    ("sparkpost", spark("bounce", bounce_class="10"), K.HARD_BOUNCE),
    ("sparkpost", spark("out_of_band", bounce_class="30"), K.HARD_BOUNCE),
    ("sparkpost", spark("bounce", bounce_class="22"), K.SOFT_BOUNCE),
    ("sparkpost", spark("bounce", bounce_class="51"), K.SOFT_BOUNCE),
    ("sparkpost", spark("bounce", bounce_class="25"), K.REJECTED),
    ("sparkpost", spark("out_of_band", bounce_class="60"), None),
    ("sparkpost", spark("out_of_band", bounce_class="90"), K.UNSUBSCRIBE),
    ("sparkpost", spark("policy_rejection"), K.REJECTED),
    ("sparkpost", spark("generation_rejection"), K.REJECTED),
    ("sparkpost", spark("spam_complaint", fbtype="abuse"), K.COMPLAINT),
    ("sparkpost", spark("list_unsubscribe"), K.UNSUBSCRIBE),
    ("sparkpost", spark("link_unsubscribe"), K.UNSUBSCRIBE),
    ("sparkpost", spark("initial_open"), K.OPENED),
    ("sparkpost", spark("click"), K.CLICKED),
    ("sparkpost", spark("relay_injection"), None),
    ("sparkpost", [{"msys": {}}], None),
    ("resend", re_("email.sent"), K.ACCEPTED),
    ("resend", re_("email.delivery_delayed"), None),
    ("resend", re_("email.bounced", bounce={"type": "Permanent", "message": "gone"}), K.HARD_BOUNCE),
    ("resend", re_("email.bounced", bounce={"type": "Transient"}), K.SOFT_BOUNCE),
    ("resend", re_("email.bounced", bounce={"type": "Undetermined"}), K.SOFT_BOUNCE),
    ("resend", re_("email.failed", failed={"reason": "reached_daily_quota"}), K.REJECTED),
    ("resend", re_("email.complained"), K.COMPLAINT),
    ("resend", re_("email.opened", tags=[{"name": name, "value": value} for name, value in OURS.items()]), K.OPENED),
    ("resend", re_("email.clicked"), K.CLICKED),
    ("resend", re_("domain.updated"), None),
]


@pytest.mark.parametrize(("provider", "notice", "kind"), KINDS)
def test_a_notice_is_of_the_kind_that_the_provider_means(provider: str, notice: Any, kind: EventKind | None) -> None:
    _, body = POSTERS[provider].sign(notice, NOW)
    events = hook(provider).events(body)
    assert [event.kind for event in events] == ([kind] if kind else [])
    assert all((event.email, event.at, event.batch_key, event.subscriber_id) == (READER, AT, "batch-1", 7) for event in events)


REASONS = [
    ("brevo", brevo("hard_bounce", reason="550 no such user"), "550 no such user"),
    ("mailjet", jet("bounce", hard_bounce=True, error="user unknown"), "user unknown"),
    ("mailjet", jet("bounce", hard_bounce=True, error="user unknown", comment="550 nobody"), "550 nobody"),
    ("ses", amazon("Bounce", **GONE), "550 no such user"),
    ("ses", amazon("Reject", reason="Bad content"), "Bad content"),
    ("ses", amazon("Rendering Failure", "failure", errorMessage="Attribute 'x' is not present"), "Attribute 'x' is not present"),
    ("mailgun", gun("failed", **PERMANENT), "no such user"),
    ("mailgun", gun("rejected", reject={"reason": "virus"}), "virus"),
    ("sendgrid", grid("bounce", reason="550\n no   such user"), "550 no such user"),
    ("postmark", bounce(Type="HardBounce", Details="550 no such user"), "550 no such user"),
    ("sparkpost", spark("bounce", bounce_class="10", raw_reason="550 no such user"), "550 no such user"),
    ("resend", re_("email.bounced", bounce={"type": "Permanent", "message": "gone"}), "gone"),
    ("resend", re_("email.failed", failed={"reason": "quota"}), "quota"),
]


@pytest.mark.parametrize(("provider", "notice", "reason"), REASONS)
def test_a_notice_says_why_in_one_line(provider: str, notice: Any, reason: str) -> None:
    (event,) = hook(provider).events(POSTERS[provider].sign(notice, NOW)[1])
    assert event.reason == reason
