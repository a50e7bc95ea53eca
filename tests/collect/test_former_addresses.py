"""Pages of a folder whose front matter names the addresses that they had before."""

import pytest

from tests.collect.passes import collect, live
from tests.conftest import NEXT_FRIDAY, Publication


@pytest.mark.parametrize("looks_without", [0, 3])
@pytest.mark.parametrize(
    "stated", ["aliases: [/other, /wash/]", "aliases: wash", "redirect_from:\n  - /wash", "alias: https://hair.example.org/wash"]
)
def test_a_page_that_names_its_former_address_is_the_same_article(
    publication: Publication, stated: str, looks_without: int
) -> None:
    publication.page("stays")
    page = publication.page("wash")
    collect(publication)
    before = live(publication)["wash"]
    page.unlink()
    for _ in range(looks_without):
        collect(publication)
    text = f"---\ntitle: In Other Words\ndate: 2024-08-08\n{stated}\n---\nNew words.\n"
    (publication.articles / "rinse.md").write_text(text, encoding="utf-8")
    report = collect(publication, NEXT_FRIDAY)
    assert (report.moved, report.new, report.warnings) == (1, 0, ())
    after = live(publication)["In Other Words"]
    assert (after.id, after.guid, after.url) == (before.id, before.guid, "https://hair.example.org/rinse")


@pytest.mark.parametrize("stated", ["aliases: [/wash]", "aliases: {a: {b: c}}", "aliases: ['http://[']", "aliases: ['']"])
def test_a_former_address_takes_nothing_from_a_page_that_is_there(publication: Publication, stated: str) -> None:
    publication.page("wash")
    collect(publication)
    text = f"---\ntitle: In Other Words\ndate: 2024-08-08\n{stated}\n---\nNew words.\n"
    (publication.articles / "rinse.md").write_text(text, encoding="utf-8")
    report = collect(publication, NEXT_FRIDAY)
    assert (report.moved, report.new, report.warnings) == (0, 1, ())
