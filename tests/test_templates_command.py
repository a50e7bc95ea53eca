"""`hairfeed templates`: copies of what mails and pages are made from."""

import json
from subprocess import CompletedProcess

import pytest

from hairfeed.files import shipped
from tests.conftest import Publication
from tests.test_cli import hairfeed

DIGEST = "email/digest.html"


@pytest.fixture
def own(publication: Publication) -> Publication:
    """A publication with a folder for templates of its own, which is not there yet."""
    config = publication.config.read_text()
    publication.config.write_text(config.replace("[site]\n", '[site]\ntemplates = "../templates"\n', 1))
    return publication


def copied(publication: Publication, *names: str) -> CompletedProcess[str]:
    return hairfeed("templates", "copy", *names, "-c", publication.config)


def whose(publication: Publication) -> dict[str, str]:
    listed = hairfeed("templates", "list", "--json", "-c", publication.config)
    assert listed.returncode == 0, listed.stderr
    return {row["name"]: row["whose"] for row in json.loads(listed.stdout)}


def test_the_list_says_whose_template_is_taken(own: Publication) -> None:
    assert set(whose(own).values()) == {"HairFeed's"}
    copied(own, DIGEST)
    assert whose(own)[DIGEST] == "yours, the same as HairFeed's"
    mine = own.folder / "templates"
    (mine / DIGEST).write_text("changed")
    (mine / "email" / "digset.html").write_text("a slip")
    named = whose(own)
    assert named[DIGEST] == "yours"
    assert named["email/digset.html"] == "yours, and HairFeed has none by this name"
    assert named["web/join.html"] == "HairFeed's"


def test_a_copy_is_the_template_itself_and_is_not_written_over(own: Publication) -> None:
    done = copied(own, DIGEST, "web/join.html")
    assert done.returncode == 0
    mine = own.folder / "templates" / DIGEST
    assert mine.read_bytes() == (shipped("templates") / DIGEST).read_bytes()
    mine.write_text("changed")
    assert "was there, and stays as it is" in copied(own, DIGEST).stdout
    assert mine.read_text() == "changed"


def test_a_template_that_is_none_is_named_and_nothing_is_copied(own: Publication) -> None:
    done = copied(own, DIGEST, "../config/hairfeed.toml", "email/digset.html")
    assert done.returncode == 2
    assert "there is no template ../config/hairfeed.toml, email/digset.html; see: hairfeed templates list" in done.stderr
    assert not (own.folder / "templates").exists()


def test_without_a_folder_for_them_the_setting_is_named(publication: Publication) -> None:
    done = copied(publication, DIGEST)
    assert done.returncode == 2
    assert "site.templates is not set" in done.stderr
