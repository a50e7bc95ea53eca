"""The examples for systemd and cron, as systemd and a shell understand them."""

import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cronsim import CronSim

from tests.conftest import Publication
from tests.store.place import only_in_a_file

EXAMPLES = Path(__file__).parents[2] / "examples"
GOES_ON = re.compile(r"hairfeed (up|work|serve) ")
"""What goes on until it is stopped."""
SERVICE = "hairfeed.service"
UNITS = tuple(sorted(path.name for path in (EXAMPLES / "systemd").iterdir()))


@pytest.fixture
def command(tmp_path: Path) -> Path:
    """The command, where the examples would have it."""
    path = tmp_path / "bin" / "hairfeed"
    path.parent.mkdir()
    path.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m hairfeed "$@"\n')
    path.chmod(0o755)
    return path


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")
def test_systemd_has_nothing_to_say_against_the_units(tmp_path: Path, command: Path) -> None:
    for name in UNITS:
        unit = (EXAMPLES / "systemd" / name).read_text(encoding="utf-8")
        (tmp_path / name).write_text(unit.replace("/opt/hairfeed/bin/hairfeed", str(command)), encoding="utf-8")
    verify = ["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", *(str(tmp_path / name) for name in UNITS)]
    done = subprocess.run(verify, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")
def test_systemd_would_complain_about_a_slip(tmp_path: Path, command: Path) -> None:
    unit = (EXAMPLES / "systemd" / SERVICE).read_text(encoding="utf-8").replace("/opt/hairfeed/bin/hairfeed", str(command))
    (tmp_path / SERVICE).write_text(unit.replace("RestartSec=30", "RestartSecs=30"), encoding="utf-8")
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", str(tmp_path / SERVICE)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert "RestartSecs" in done.stderr


def commands() -> list[str]:
    """What the examples would have run: lines of a shell."""
    lines = (EXAMPLES / "crontab").read_text(encoding="utf-8").splitlines()
    of_cron = [line.split(None, 5) for line in lines if line and not line.startswith("#")]
    for fields in of_cron:
        next(CronSim(" ".join(fields[:5]), datetime(2024, 8, 9, tzinfo=UTC)))
    of_systemd = [
        line.removeprefix("ExecStart=")
        for name in UNITS
        for line in (EXAMPLES / "systemd" / name).read_text(encoding="utf-8").splitlines()
        if line.startswith("ExecStart=")
    ]
    return [*(fields[5] for fields in of_cron), *(line for line in of_systemd if not GOES_ON.search(line))]


@only_in_a_file
def test_every_line_does_its_work(publication: Publication, command: Path, tmp_path: Path) -> None:
    publication.page("brushing")
    places = {
        "/opt/hairfeed/bin/hairfeed": str(command),
        "/srv/hairfeed": str(publication.folder),
        "/var/lib/node_exporter": str(tmp_path),
    }
    for line in commands():
        for place, here in places.items():
            line = line.replace(place, here)  # noqa: PLW2901 - the same line, elsewhere
        done = subprocess.run(["/bin/sh", "-c", line], capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, ""), line
    assert (publication.public / "feed.rss").exists()
    assert (publication.folder / "backup" / "hairfeed.db").exists()
    assert "hairfeed_articles" in (tmp_path / "hairfeed.prom").read_text()
