"""Passes killed at random moments, in short; `make torture` is the long form."""

import pytest

from tests.deliver.grounds import Ground
from tests.deliver.torture import torture
from tests.deliver.victims import VICTIMS
from tests.store import place


@pytest.fixture(scope="module")
def ground(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Ground:
    """The same publication with its ledger in each kind of database."""
    server = request.getfixturevalue("postgresql") if request.param == "postgresql" else None
    return Ground(tmp_path_factory.mktemp(request.param), 250, server)


BY_NAME = {victim.name: victim for victim in VICTIMS}
SHORT = [
    *(("sqlite", name, 2) for name in BY_NAME),
    # One that is repeated, one that is asked, and two that cannot tell.
    *(("postgresql", name, 5) for name in ("resend", "mailgun", "ses", "smtp")),
]
"""Some twenty kills on each database."""


@place.on_both
@pytest.mark.parametrize(("ground", "name", "kills"), SHORT, indirect=["ground"])
def test_passes_killed_at_random_moments_mail_everyone_once_or_name_them(ground: Ground, name: str, kills: int) -> None:
    _, deaths = torture(ground, BY_NAME[name], kills, seed=7)
    assert deaths.total() == kills
