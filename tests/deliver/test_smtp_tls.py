"""A relay's certificate is checked, by its name and by who signed it, before a word of a mail or a password is said."""

import asyncio
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from aiosmtpd.smtp import SMTP

from tests.certificates import self_signed
from tests.deliver.relays import Relay, hang_up
from tests.deliver.sending import Sending, failures, receipt


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Self-signed, for localhost, with its key in the same file."""
    return self_signed(tmp_path_factory.mktemp("certificate"), "localhost")


@contextmanager
def a_secure_relay(certificate: Path, security: str) -> Iterator[Relay]:
    """A relay that speaks TLS, from the beginning or when it is asked to."""
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate)
    relay, loop = Relay(), asyncio.new_event_loop()
    starttls = {"tls_context": tls, "require_starttls": True} if security == "starttls" else {}
    # aiosmtpd's own controller tries the server out, without its certificate.
    listen = loop.create_server(lambda: SMTP(relay, loop=loop, **starttls), "127.0.0.1", 0, ssl=tls if security == "tls" else None)
    server = loop.run_until_complete(listen)
    relay.port = server.sockets[0].getsockname()[1]
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield relay
    finally:
        hang_up(loop)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        server.close()
        loop.close()


def sending_to(folder: Path, port: int, security: str, host: str) -> Sending:
    """An issue to send there."""
    sending = Sending(folder, provider="smtp", smtp={"host": host, "port": port, "security": security})
    sending.subscribe("a@example.net")
    sending.approve()
    return sending


@pytest.mark.parametrize("security", ["starttls", "tls"])
@pytest.mark.parametrize(("trusted", "host", "accepted"), [(True, "localhost", 1), (False, "localhost", 0), (True, "127.0.0.1", 0)])
def test_a_mail_goes_to_the_relay_that_is_meant_and_to_no_other(
    tmp_path: Path,
    certificate: Path,
    security: str,
    trusted: bool,
    host: str,
    accepted: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with a_secure_relay(certificate, security) as relay:
        report = sending_to(tmp_path, relay.port, security, host).deliver()
    assert (receipt(report).accepted, receipt(report).waiting) == (accepted, 1 - accepted)
    assert len(relay.taken) == accepted
    assert accepted or "certificate verify failed" in failures(report)
