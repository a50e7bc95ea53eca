"""The certificate that readers' browsers meet."""

import socket
import ssl
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from hairfeed.operations.checks import Check, fail, ok, warn

TIMEOUT = 5.0
"""Seconds to connect, and for each step of the greeting."""
SOON = timedelta(days=14)


def check_certificate(name: str, url: str, now: datetime, authorities: str | None = None) -> Check:
    """Whether browsers take the certificate at `url`, and for how long; `authorities` is a file of those to trust."""
    parts = urlsplit(url)
    if parts.scheme != "https":
        return warn(name, f"{url} has no TLS", "readers' links go there: give it a certificate, and an address with https")
    host, port = parts.hostname or "", parts.port or 443
    context = ssl.create_default_context(cafile=authorities)
    try:
        with socket.create_connection((host, port), TIMEOUT) as plain, context.wrap_socket(plain, server_hostname=host) as secure:
            certificate = secure.getpeercert() or {}
    except ssl.SSLCertVerificationError as error:
        return fail(name, f"{host}: browsers refuse its certificate: {error.verify_message}", "renew it, with all its names")
    except OSError as error:
        return fail(name, f"{host}:{port} cannot be reached: {error}", "start the web server, or mend the address")
    until = datetime.fromtimestamp(ssl.cert_time_to_seconds(str(certificate["notAfter"])), UTC)
    if until - now < SOON:
        return warn(
            name, f"{host}: its certificate ends on {until:%Y-%m-%d}", "renew it, and look why that does not happen by itself"
        )
    return ok(name, f"{host}: its certificate holds until {until:%Y-%m-%d}")
