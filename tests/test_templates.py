"""The templates that come with HairFeed: what is asked of the operator's own whenever they are filled in is asked of these here."""

from pathlib import Path

import pytest

from hairfeed.errors import TemplateError
from hairfeed.files import shipped
from hairfeed.templates import TemplateSet
from hairfeed.text.translations import translations

OURS = shipped("templates")
PATHS = [path.relative_to(OURS) for path in sorted(OURS.rglob("*")) if path.suffix in {".html", ".txt"}]


def fault(own: Path, path: Path) -> str:
    """What is wrong with a template that is filled in with nothing."""
    kind, *name = path.parts
    try:
        TemplateSet(own, kind, {}, translations("en")).fill("/".join(name), {})
    except TemplateError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("path", PATHS, ids=str)
def test_every_block_of_ours_has_its_place(path: Path) -> None:
    assert "has no block" not in fault(OURS, path)


def test_a_block_without_its_place_would_be_seen(tmp_path: Path) -> None:
    page = Path("email/digest.html")
    (tmp_path / page).parent.mkdir()
    (tmp_path / page).write_text((OURS / page).read_text().replace("{% block main %}", "{% block mian %}"))
    assert "has no block 'mian'" in fault(tmp_path, page)
