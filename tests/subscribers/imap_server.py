"""A real IMAP server (Dovecot) on 127.0.0.1, run by an ordinary user, that is gone when the tests are over."""

import grp
import imaplib
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from hairfeed.settings.mail import Replies
from tests.conftest import free_port
from tests.feeds.places import await_server

DOVECOT = shutil.which("dovecot", path=f"{os.environ['PATH']}:/usr/sbin")
MISSING = "dovecot (apt: dovecot-imapd) is not installed"
PASSWORD = "s3cret-words"
_NOBODY = 65534

_CONFIG = """
protocols = imap
listen = 127.0.0.1
base_dir = {home}/run
state_dir = {home}/state
log_path = {home}/log
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
disable_plaintext_auth = no
ssl = {ssl}
{certificate}
mail_location = maildir:{home}/mail/%u
first_valid_uid = 1
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={home}/mail/%u
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
  }}
}}
service anvil {{
  chroot =
}}
"""


@dataclass(frozen=True)
class ImapServer:
    """Where it listens; any user may log in, and has a mailbox of their own."""

    port: int
    tls_port: int

    def settings(self, user: str, **more: Any) -> Replies:
        """A `[mail.replies]` for the user."""
        plain = {"host": "127.0.0.1", "port": self.port, "security": "none", "username": user, "password": PASSWORD}
        return Replies.model_validate(plain | more)

    def deliver(self, user: str, mail: bytes, at: datetime, folder: str = "INBOX") -> None:
        """Put a mail into the user's mailbox."""
        with self.open(user) as connection:
            connection.create(folder)
            status, said = connection.append(folder, "", imaplib.Time2Internaldate(at), mail)
            assert status == "OK", said

    def folder(self, user: str, folder: str = "INBOX") -> list[tuple[str, bool]]:
        """Subject of every mail of a folder, and whether it is marked as read."""
        found = []
        with self.open(user) as connection:
            if connection.select(folder, readonly=True)[0] != "OK":
                return []
            for number in connection.search(None, "ALL")[1][0].split():
                part = connection.fetch(number, "(FLAGS BODY.PEEK[HEADER.FIELDS (SUBJECT)])")[1][0]
                assert isinstance(part, tuple)
                found.append((part[1].decode().partition(":")[2].strip(), b"\\Seen" in part[0]))
        return found

    @contextmanager
    def open(self, user: str) -> Iterator[imaplib.IMAP4]:
        """A connection of the user's own."""
        with imaplib.IMAP4("127.0.0.1", self.port) as connection:
            connection.login(user, PASSWORD)
            yield connection


@contextmanager
def running(certificate: Path | None = None) -> Iterator[ImapServer]:
    """The server; with a certificate, and its key in the same file, it speaks TLS as well."""
    assert DOVECOT is not None
    server = ImapServer(free_port(), free_port() if certificate else 0)
    number = _NOBODY if os.geteuid() == 0 else os.geteuid()
    user = pwd.getpwuid(number)
    # Its sockets' paths must be short.
    with tempfile.TemporaryDirectory(prefix="imap-", dir="/tmp") as home:
        if os.geteuid() == 0:
            os.chown(home, user.pw_uid, user.pw_gid)
        tls = f"ssl_cert = <{home}/pem\nssl_key = <{home}/pem" if certificate else ""
        names = {"user": user.pw_name, "group": grp.getgrgid(user.pw_gid).gr_name, "password": PASSWORD}
        ports = {"port": server.port, "tls_port": server.tls_port}
        text = _CONFIG.format(home=home, ssl="yes" if certificate else "no", certificate=tls, **names, **ports)
        Path(home, "dovecot.conf").write_text(text, encoding="utf-8")
        if certificate:
            shutil.copy(certificate, Path(home, "pem"))
            Path(home, "pem").chmod(0o644)
        command = [DOVECOT, "-F", "-c", f"{home}/dovecot.conf"]
        as_user, as_group = (user.pw_uid, user.pw_gid) if os.geteuid() == 0 else (None, None)
        with subprocess.Popen(command, cwd=home, user=as_user, group=as_group) as process:
            try:
                await_server(process, server.port)
                yield server
            finally:
                process.terminate()
