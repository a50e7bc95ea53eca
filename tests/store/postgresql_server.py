"""A PostgreSQL server of our own on 127.0.0.1, run by an ordinary user, that is gone when the tests are over."""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from tests.conftest import free_port

_NOBODY = 65534


def programs() -> Path | None:
    """The folder of initdb and postgres; None where the server is not installed."""
    found = shutil.which("initdb")
    folders = [Path(found).parent] if found else [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    return max(folders, default=None)


@contextmanager
def running(folder: Path) -> Iterator[str]:
    """The address of a server without its database: `postgresql+psycopg://hairfeed@127.0.0.1:5432`."""
    # The server refuses to be root.
    user = _NOBODY if os.geteuid() == 0 else None
    with tempfile.TemporaryDirectory() as home:
        if user is not None:
            os.chown(home, _NOBODY, _NOBODY)
        data, port = Path(home) / "data", free_port()
        make: list[str | Path] = [
            folder / "initdb",
            "-D",
            data,
            "-U",
            "hairfeed",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
            "--no-sync",
        ]
        subprocess.run(make, check=True, capture_output=True, cwd=home, user=user, group=user)
        options = {"listen_addresses": "127.0.0.1", "port": port, "unix_socket_directories": "", "fsync": "off"}
        start: list[str | Path] = [
            folder / "postgres",
            "-D",
            data,
            *(f"--{name.replace('_', '-')}={value}" for name, value in options.items()),
        ]
        with subprocess.Popen(start, cwd=home, stderr=subprocess.PIPE, text=True, user=user, group=user) as server:
            try:
                assert server.stderr is not None
                said = ""
                while "ready to accept connections" not in said:
                    line = server.stderr.readline()
                    assert line, f"the server did not start: {said}"
                    said += line
                yield f"postgresql+psycopg://hairfeed@127.0.0.1:{port}"
            finally:
                server.send_signal(signal.SIGINT)


def make_database(server: str, name: str) -> str:
    """An empty database; its address for `store.url`."""
    address = server.replace("+psycopg", "")
    with psycopg.connect(f"{address}/postgres", autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    return f"{server}/{name}"
