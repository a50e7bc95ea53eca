"""A digest of real prose, as the pipeline puts it into the outbox: what receivers get."""

import shutil
from pathlib import Path

import pytest

from tests.conftest import FRIDAY, NEXT_FRIDAY, Publication

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture(scope="session")
def mail(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample publication's first issue, to one reader."""
    publication = Publication(tmp_path_factory.mktemp("mailed") / "site")
    publication.subscribe("ann@example.com")
    for pages, moment in (("articles", FRIDAY), ("later", NEXT_FRIDAY)):
        for page in (EXAMPLES / pages).iterdir():
            shutil.copy2(page, publication.articles)
        assert publication.run(moment).failures == []
    (only,) = publication.outbox.iterdir()
    return only
