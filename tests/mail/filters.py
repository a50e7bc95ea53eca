"""Spam filters as receivers run them, without the network: SpamAssassin, and rspamd on a port of this machine."""

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import requests

from tests.conftest import free_port
from tests.feeds.places import await_server

RSPAMD_CONFIG = Path("/etc/rspamd")
PATIENCE = 600
"""Seconds; a busy machine decides nothing."""

# They ask the network, or remember what they saw before.
_SILENT = (
    *("rbl", "surbl", "fuzzy_check", "asn", "url_redirector", "greylist", "ratelimit", "neural", "replies", "history_redis"),
    *("phishing", "mx_check", "hfilter", "dmarc", "spf", "dkim", "arc", "dkim_signing", "arc_signing"),
)
_NO_ROOM = "enabled = false;\n"


@dataclass(frozen=True)
class Verdict:
    """What a filter thinks of a mail. `why` is what it saw, each with its share of the score; more is worse."""

    score: float
    why: str


def spamassassin(mail: bytes, home: Path) -> Verdict:
    """SpamAssassin's verdict by its own rules alone; it keeps its files in `home`."""
    command = ["spamassassin", "--local", "--test-mode", "--nocreate-prefs"]
    environment = os.environ | {"HOME": str(home), "LC_ALL": "C.UTF-8"}
    done = subprocess.run(command, input=mail, capture_output=True, check=True, timeout=PATIENCE, env=environment)
    report = done.stdout.decode(errors="replace")
    score = re.search(r"^X-Spam-Status: \w+, score=(-?[\d.]+)", report, re.MULTILINE)
    assert score, f"{report}\n{done.stderr.decode(errors='replace')}"
    return Verdict(float(score[1]), report.partition("Content analysis details:")[2])


class Rspamd:
    """rspamd with a config of its own in `folder`: nothing listens but its scanner and its controller."""

    def __init__(self, folder: Path) -> None:
        """It is not started yet."""
        self._folder = folder
        self._config = folder / "config"
        shutil.copytree(RSPAMD_CONFIG, self._config)
        self._port, controller = free_port(), free_port()
        own = self._config / "local.d"
        own.mkdir(exist_ok=True)
        (own / "worker-normal.inc").write_text(f'bind_socket = "127.0.0.1:{self._port}";\ncount = 1;\n')
        (own / "worker-controller.inc").write_text(f'bind_socket = "127.0.0.1:{controller}";\n')
        (own / "logging.inc").write_text(f'type = "file";\nfilename = "{folder}/log";\nlevel = "warning";\n')
        for name in ("worker-proxy.inc", "worker-fuzzy.inc"):
            (own / name).write_text(_NO_ROOM)
        for name in _SILENT:
            (own / f"{name}.conf").write_text(_NO_ROOM)

    def __enter__(self) -> Self:
        """Start it, and wait until it listens."""
        places = {name: self._folder / name.lower() for name in ("DBDIR", "RUNDIR", "LOGDIR")}
        for place in places.values():
            place.mkdir()
        places |= {"CONFDIR": self._config, "LOCAL_CONFDIR": self._config}
        # As whoever runs the tests, root too: it reads the test's own folder.
        command = ["rspamd", "--no-fork", "--insecure", f"--config={self._config / 'rspamd.conf'}"]
        command += [f"--var={name}={place}" for name, place in places.items()]
        self._server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            await_server(self._server, self._port)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        """Stop it."""
        self._server.terminate()
        self._server.wait(PATIENCE)

    def verdict(self, mail: bytes) -> Verdict:
        """Its verdict on a mail."""
        answer = requests.post(f"http://127.0.0.1:{self._port}/checkv2", data=mail, timeout=PATIENCE)
        said = answer.json()
        symbols = sorted(said["symbols"].values(), key=lambda symbol: -float(symbol["score"]))
        why = "\n".join(f"{symbol['score']:6} {symbol['name']} {symbol.get('options', '')}" for symbol in symbols)
        return Verdict(float(said["score"]), why)
