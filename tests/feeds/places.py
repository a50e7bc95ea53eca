"""Places that files are pushed to, each played by a real server on this machine."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Self

import requests

from tests.conftest import Publication, free_port

MOTO = Path(sys.prefix, "s3", "bin", "moto_server")

SSHD = shutil.which("sshd", path=f"{os.environ['PATH']}:/usr/sbin")
"""It asks to be called by its full path."""

KEY, SECRET = "AKIDEXAMPLE", "s3cret/words"

# moto reads who asks and checks no signature: without this, files are private.
OWNER = {"Authorization": f"AWS4-HMAC-SHA256 Credential={KEY}/20240809/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0"}


def await_server(server: subprocess.Popen[bytes], port: int) -> None:
    """Return once it listens.

    Raises:
        AssertionError: it has ended instead.
    """
    while True:
        assert server.poll() is None, f"{server.args!r} has ended with {server.returncode}"
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
            continue
        return


class RsyncDaemon:
    """Two modules over one folder: `open`, and `closed` for `ann` with the password `s3cret words`."""

    def __init__(self, scratch: Path) -> None:
        """Started and stopped as often as wanted, always on the same port."""
        self.folder = scratch / "remote"
        self.folder.mkdir(parents=True)
        self.port = free_port()
        self.url = f"rsync://127.0.0.1:{self.port}"
        self._server: subprocess.Popen[bytes] | None = None
        secrets = scratch / "secrets"
        secrets.write_text("ann:s3cret words\n")
        secrets.chmod(0o600)
        # By itself a daemon that root starts writes as nobody.
        head = f"use chroot = no\nuid = {os.getuid()}\ngid = {os.getgid()}\nlock file = {scratch}/lock\nread only = no\n"
        self._config = scratch / "rsyncd.conf"
        self._config.write_text(
            f"{head}log file = {scratch}/log\n"
            f"[open]\npath = {self.folder}\n[closed]\npath = {self.folder}\nauth users = ann\nsecrets file = {secrets}\n"
        )

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Serve."""
        where = ["--address", "127.0.0.1", "--port", str(self.port), "--config", str(self._config)]
        self._server = subprocess.Popen(["rsync", "--daemon", "--no-detach", *where])
        await_server(self._server, self.port)

    def stop(self) -> None:
        """Serve no longer."""
        if self._server:
            self._server.terminate()
            self._server.wait()
            self._server = None

    def files(self) -> dict[str, bytes]:
        """What is there."""
        return files_below(self.folder)


class SshServer:
    """OpenSSH's server for the user who runs the tests; `known` has a program `ssh` that knows it as `mirror.example`."""

    def __init__(self, scratch: Path) -> None:
        """Its keys live as long as the test."""
        self.known = scratch / "bin"
        self.known.mkdir(parents=True)
        self.port = free_port()
        for name in ("host", "user"):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", scratch / name], check=True)
        public = {name: (scratch / f"{name}.pub").read_text() for name in ("host", "user")}
        (scratch / "authorized").write_text(public["user"])
        (scratch / "known_hosts").write_text(f"[127.0.0.1]:{self.port} {public['host']}")
        self._config = scratch / "sshd_config"
        self._config.write_text(
            f"ListenAddress 127.0.0.1:{self.port}\nHostKey {scratch}/host\nAuthorizedKeysFile {scratch}/authorized\nPidFile none\n"
            "UsePAM no\nStrictModes no\nPasswordAuthentication no\nKbdInteractiveAuthentication no\n"
        )
        (scratch / "ssh_config").write_text(
            f"Host mirror.example\nHostName 127.0.0.1\nPort {self.port}\nIdentityFile {scratch}/user\nIdentitiesOnly yes\n"
            f"UserKnownHostsFile {scratch}/known_hosts\nStrictHostKeyChecking yes\nLogLevel ERROR\n"
        )
        # Stands for the user's own ~/.ssh/config, which ssh finds whatever HOME says.
        ssh = self.known / "ssh"
        ssh.write_text(f'#!/bin/sh\nexec {shutil.which("ssh")} -F {scratch}/ssh_config "$@"\n')
        ssh.chmod(0o755)
        self.known_hosts = scratch / "known_hosts"

    def __enter__(self) -> Self:
        self._server = subprocess.Popen([str(SSHD), "-D", "-e", "-f", self._config], stderr=subprocess.DEVNULL)
        await_server(self._server, self.port)
        return self

    def __exit__(self, *_: object) -> None:
        self._server.terminate()
        self._server.wait()


class S3Server:
    """moto's server with one bucket, `shelf`, in an environment of its own; whoever asks may do anything."""

    def __init__(self) -> None:
        """It starts at once."""
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._server = subprocess.Popen(
            [MOTO, "-H", "127.0.0.1", "-p", str(self.port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        await_server(self._server, self.port)

    def stop(self) -> None:
        """Serve no longer."""
        self._server.terminate()
        self._server.wait()

    def begin_again(self) -> None:
        """Have an empty bucket, open to all."""
        self.demand_keys(after=1_000_000)
        requests.post(f"{self.url}/moto-api/reset").raise_for_status()
        self.ask("PUT", "")

    def demand_keys(self, *, after: int = 0) -> None:
        """Know nobody's key after so many requests."""
        requests.post(f"{self.url}/moto-api/reset-auth", data=str(after)).raise_for_status()

    def files(self, prefix: str = "") -> dict[str, bytes]:
        """What is in the bucket below a prefix."""
        listed = self.ask("GET", "", **{"list-type": "2", "prefix": prefix}).text
        return {key.removeprefix(prefix): self.ask("GET", key).content for key in re.findall(r"<Key>([^<]*)</Key>", listed)}

    def headers(self, key: str) -> Mapping[str, str]:
        """What a reader of the object is told."""
        return self.ask("HEAD", key).headers

    def ask(self, method: str, key: str, **parameters: str) -> requests.Response:
        """Ask for an object as its owner."""
        response = requests.request(method, f"{self.url}/shelf/{key}", params=parameters, headers=OWNER)
        response.raise_for_status()
        return response


def files_below(folder: Path) -> dict[str, bytes]:
    """Every file in a folder, by path."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def push_to(publication: Publication, *lines: str, name: str = "mirror") -> None:
    """Put a target into the config."""
    publication.configure("[newsletters", "\n".join([f"[feeds.push.{name}]", *lines, "", "[newsletters"]))
