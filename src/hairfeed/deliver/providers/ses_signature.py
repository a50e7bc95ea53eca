"""Signature Version 4, by which Amazon knows who makes a call. Pure.

Source: docs.aws.amazon.com, "IAM User Guide", "Create a signed AWS API request"; as of autumn 2026.
"""

import hmac
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from urllib.parse import quote, urlsplit

from hairfeed.deliver.providers.contract import Request

_ALGORITHM = "AWS4-HMAC-SHA256"


@dataclass(frozen=True, slots=True)
class Credentials:
    """An access key; the token is of a temporary one."""

    key: str
    secret: str = field(repr=False)
    token: str | None = field(default=None, repr=False)


def signed(request: Request, credentials: Credentials, region: str, service: str, now: datetime) -> dict[str, str]:
    """The headers that make the request one of ours for some five minutes. Its URL has no query, and its path is encoded."""
    address = urlsplit(request.url)
    moment = f"{now.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    added = {"X-Amz-Date": moment}
    if credentials.token:
        added["X-Amz-Security-Token"] = credentials.token
    headers = {name.lower(): value.strip() for name, value in {**request.headers, **added, "Host": address.netloc}.items()}
    names = ";".join(sorted(headers))
    canonical = "\n".join(
        (
            request.method,
            # Once more: only S3 takes the path as it is sent.
            quote(address.path or "/", safe="/~"),
            "",
            *(f"{name}:{headers[name]}" for name in sorted(headers)),
            "",
            names,
            sha256(request.body).hexdigest(),
        )
    )
    scope = f"{moment[:8]}/{region}/{service}/aws4_request"
    to_sign = f"{_ALGORITHM}\n{moment}\n{scope}\n{sha256(canonical.encode()).hexdigest()}"
    signature = hmac.digest(_key(credentials.secret, scope), to_sign.encode(), "sha256").hex()
    return {
        **added,
        "Authorization": f"{_ALGORITHM} Credential={credentials.key}/{scope}, SignedHeaders={names}, Signature={signature}",
    }


def _key(secret: str, scope: str) -> bytes:
    """The key of a day, a region and a service."""
    key = f"AWS4{secret}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    return key
