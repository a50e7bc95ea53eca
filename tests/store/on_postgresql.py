"""Runs a command with its ledger on a PostgreSQL server of its own: `python -m tests.store.on_postgresql make demo`."""

import os
import subprocess
import sys

from tests.store.postgresql_server import make_database, programs, running


def main(command: list[str]) -> int:
    """How the command ended."""
    folder = programs()
    if folder is None:
        sys.exit("PostgreSQL's server, initdb and postgres, is not installed")
    with running(folder) as server:
        environment = os.environ | {"HAIRFEED_STORE__URL": make_database(server)}
        return subprocess.run(command, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
