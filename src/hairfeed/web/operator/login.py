"""Whether a request has the operator's password (HTTP Basic, RFC 7617). Pure."""

import binascii
from base64 import b64decode
from hmac import compare_digest

CHALLENGE = 'Basic realm="HairFeed", charset="UTF-8"'
"""What `WWW-Authenticate` says; then a browser asks."""


def admits(authorization: str, password: str) -> bool:
    """Whether the value of `Authorization` holds the password, in time that tells nothing of it; the name is of no account."""
    scheme, _, credentials = authorization.partition(" ")
    if scheme.lower() != "basic":
        return False
    try:
        given = b64decode(credentials.strip(), validate=True).partition(b":")[2]
    except (binascii.Error, ValueError):
        return False
    return compare_digest(given, password.encode())
