"""Amazon SNS as it posts notices: a topic, a certificate at an address of Amazon's, and signatures by its published rule."""

import base64
import json
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID

from hairfeed.deliver.providers.ses_events import SesWebhook
from hairfeed.errors import NoAnswer
from hairfeed.settings.providers import Ses

TOPIC = "arn:aws:sns:eu-west-1:123456789012:hairfeed"
CERTIFICATE_URL = "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0123456789abcdef.pem"
SUBSCRIBE_URL = "https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&TopicArn=x&Token=y"


@cache
def private_key(name: str = "Amazon") -> rsa.RSAPrivateKey:
    """The key of Amazon, or of somebody else."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@cache
def certificate(name: str = "Amazon") -> bytes:
    """What shows the key's other half, in PEM."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.amazonaws.com")])
    key = private_key(name)
    begin = datetime(2024, 1, 1, tzinfo=UTC)
    made = x509.CertificateBuilder(subject, subject, key.public_key(), 1, begin, begin + timedelta(days=365))
    return made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


class Amazon:
    """Its web servers."""

    def __init__(self, pages: dict[str, bytes] | None = None) -> None:
        """The certificate, and where a subscription is confirmed."""
        self.pages = pages or {CERTIFICATE_URL: certificate(), SUBSCRIBE_URL: b"<ConfirmSubscriptionResponse/>"}
        self.visited: list[str] = []

    def __call__(self, url: str) -> bytes:
        """What stands there."""
        self.visited.append(url)
        if url not in self.pages:
            raise NoAnswer(f"{url}: 404")
        return self.pages[url]


def webhook(amazon: Amazon | None = None, topic: str | None = TOPIC) -> SesWebhook:
    """The adapter's, with Amazon within reach."""
    settings = Ses(key="k", secret="s", region="eu-west-1", webhook_secret=topic)
    return SesWebhook(settings, Amazon() if amazon is None else amazon)


def posted(message: str, at: datetime, *, key: str = "Amazon", version: str = "2", **changed: Any) -> bytes:
    """The body of a notice or, with another `Type`, of a word about the subscription; `changed` before it is signed."""
    said = {
        "Type": "Notification",
        "MessageId": "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324",
        "TopicArn": TOPIC,
        "Message": message,
        "Timestamp": f"{at:%Y-%m-%dT%H:%M:%S}.000Z",
        "SignatureVersion": version,
        "SigningCertURL": CERTIFICATE_URL,
    } | changed
    order = ["Message", "MessageId", "Subject", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"]
    text = "".join(f"{name}\n{said[name]}\n" for name in order if name in said)
    digest = hashes.SHA1() if version == "1" else hashes.SHA256()
    signature = private_key(key).sign(text.encode(), padding.PKCS1v15(), digest)
    return json.dumps(said | {"Signature": base64.b64encode(signature).decode()}).encode()
