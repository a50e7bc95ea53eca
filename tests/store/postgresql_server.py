"""A PostgreSQL server of our own on 127.0.0.1, run by an ordinary user, that is gone when the tests are over."""

import os
import re
import shutil
import signal
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import uuid4

import psycopg

from tests.conftest import free_port

USER_OF_THE_SERVER = 65534
"""Where the tests are root, whom the server refuses to be: nobody."""
_IN_HASTE = {"fsync": "off", "full_page_writes": "off", "autovacuum": "off"}
"""What it promises holds when it is killed, not when the power of its machine goes."""


def programs() -> Path | None:
    """The folder of initdb and postgres; None where the server is not installed."""
    found = shutil.which("initdb")
    folders = [Path(found).parent] if found else [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    return max(folders, default=None)


_ODD = {
    "timezone": "America/St_Johns",
    "datestyle": "SQL,DMY",
    "bytea_output": "escape",
    "default_transaction_isolation": "serializable",
    "idle_in_transaction_session_timeout": "5s",
}
"""What an administrator may have set for others."""


def _a_language(folder: Path) -> tuple[str, ...]:
    """Where the server can, its databases sort as a language does: ä beside a, lower case beside upper."""
    version = subprocess.run([folder / "initdb", "--version"], check=True, capture_output=True, text=True).stdout
    found = re.search(r"\d+", version)
    return ("--locale-provider=icu", "--icu-locale=de-DE") if found and int(found[0]) >= 15 else ()


class PostgresqlServer:
    """A server that can be killed, and started again with what it had committed."""

    options: Mapping[str, str] = _IN_HASTE | _ODD

    def __init__(self, folder: Path, home: Path) -> None:
        """Make its empty files in `home`; `folder` has its programs."""
        self._folder, self.home, self._port = folder, home, free_port()
        self._user = USER_OF_THE_SERVER if os.geteuid() == 0 else None
        if self._user is not None:
            os.chown(home, USER_OF_THE_SERVER, USER_OF_THE_SERVER)
        how = ("-U", "hairfeed", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
        make: list[str | Path] = [folder / "initdb", "-D", home / "data", *how, *_a_language(folder)]
        subprocess.run(make, check=True, capture_output=True, cwd=home, user=self._user, group=self._user)

    @property
    def address(self) -> str:
        """Without a database: `postgresql+psycopg://hairfeed@127.0.0.1:5432`."""
        return f"postgresql+psycopg://hairfeed@127.0.0.1:{self._port}"

    def start(self) -> None:
        """Until it takes connections."""
        options = {"listen_addresses": "127.0.0.1", "port": self._port, "unix_socket_directories": self.home, **self.options}
        start: list[str | Path] = [
            self._folder / "postgres",
            "-D",
            self.home / "data",
            *(f"--{name.replace('_', '-')}={value}" for name, value in options.items()),
        ]
        self._process = subprocess.Popen(start, cwd=self.home, stderr=subprocess.PIPE, text=True, user=self._user, group=self._user)
        assert self._process.stderr is not None
        said = ""
        while "ready to accept connections" not in said:
            line = self._process.stderr.readline()
            assert line, f"the server did not start: {said}"
            said += line
        # What it says from now on is thrown away: it would wait for a reader for ever. No daemon would keep Python from ending.
        self._log = threading.Thread(target=self._process.stderr.read, daemon=True)
        self._log.start()

    @property
    def pid(self) -> int:
        """Of the process that the others are children of."""
        return self._process.pid

    def stop(self) -> None:
        """Let it write down what it has, and wait until it is gone."""
        self._process.send_signal(signal.SIGINT)
        self._reap()

    def kill(self) -> None:
        """As when the power of its machine goes, but for what the system has not written to the disk."""
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children").read_text(encoding="ascii").split()
        self._process.kill()
        for child in map(int, children):
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
        self._reap()

    def _reap(self) -> None:
        self._process.wait()
        # Its children are not ours to wait for, but the end of the log comes with the last of them.
        self._log.join()
        assert self._process.stderr is not None
        self._process.stderr.close()


@contextmanager
def running(folder: Path) -> Iterator[str]:
    """The address of a server without its database: `postgresql+psycopg://hairfeed@127.0.0.1:5432`."""
    with a_server(folder) as server:
        yield server.address


@contextmanager
def a_server(folder: Path) -> Iterator[PostgresqlServer]:
    """A server at work."""
    with tempfile.TemporaryDirectory() as home:
        server = PostgresqlServer(folder, Path(home))
        server.start()
        try:
            yield server
        finally:
            server.stop()


def make_database(server: str) -> str:
    """An empty database; its address for `store.url`."""
    name = uuid4().hex
    address = server.replace("+psycopg", "")
    with psycopg.connect(f"{address}/postgres", autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    return f"{server}/{name}"
