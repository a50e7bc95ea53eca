"""`hairfeed check`: faults of config and templates, before anything is sent."""

import re
from pathlib import Path

import pytest

from hairfeed.files import shipped
from tests.conftest import Publication
from tests.test_cli import hairfeed


@pytest.fixture
def own(publication: Publication) -> Path:
    """The operator's folder of mail templates, empty."""
    config = publication.config.read_text()
    publication.config.write_text(config.replace("[site]\n", '[site]\ntemplates = "../templates"\n', 1))
    folder = publication.folder / "templates" / "email"
    folder.mkdir(parents=True)
    return folder


def test_without_fault_it_says_so_and_changes_nothing(publication: Publication) -> None:
    before = sorted(publication.folder.rglob("*"))
    done = hairfeed("check", "-c", publication.config)
    assert (done.returncode, done.stdout, done.stderr) == (0, "faults 0\n", "")
    assert sorted(publication.folder.rglob("*")) == before


def test_every_faulty_template_is_named_with_file_and_line(publication: Publication, own: Path) -> None:
    (own / "welcome.txt").write_text("{{ newsletter.title }}\n{{ nobody }}\n")
    (own / "notice.html").write_text('{% extends "base.html" %}\n\n{% block mian %}Words{% endblock %}\n')
    (own / "goodbye.html").write_text('{% extends "base.html" %}\n{% block main %}\n{% block reasons %}{% endblock %}\n')
    page = (shipped("templates/email") / "confirmation.html").read_text()
    (own / "confirmation.html").write_text(
        page.replace("{{ parts.button(action_url", '<a href="http://x.example">Click here</a>{{ parts.button(action_url')
    )
    done = hairfeed("check", "-c", publication.config)
    assert done.returncode == 1
    assert done.stderr == ""
    *faults, count = done.stdout.splitlines()
    assert count == f"faults {len(faults)}"
    for beginning in (
        f"mails: {own}/welcome.txt:2: 'nobody' is undefined (the welcome of weekly, in en)",
        f"mails: {own}/notice.html:3: base.html has no block 'mian'; the blocks there: main, masthead, reasons",
        f"mails: {own}/goodbye.html:3: ",
        f"mails: {own}/confirmation.html: the link 'Click here' leads to 'http://x.example'",
        f"mails: {own}/confirmation.html: the link 'Click here' does not say what it leads to",
    ):
        assert [fault for fault in faults if fault.startswith(beginning)], beginning


def test_the_example_of_the_docs_is_without_fault(publication: Publication, own: Path) -> None:
    docs = (Path(__file__).parents[1] / "docs" / "digests.md").read_text()
    (example,) = re.findall(r"```jinja\n(.*?)```", docs, re.DOTALL)
    (own / "digest.html").write_text(example)
    assert hairfeed("check", "-c", publication.config).stdout == "faults 0\n"


def test_every_faulty_template_of_pages_is_named(publication: Publication, own: Path) -> None:
    publication.config.write_text(publication.config.read_text() + '\n[web]\nurl = "https://hair.example.org/mail"\n')
    pages = own.parent / "web"
    pages.mkdir()
    ours = shipped("templates/web")
    whole = sorted(path.name for path in ours.glob("*.html") if path.name not in {"page.html", "reader.html", "zones.html"})
    for name in whole:
        (pages / name).write_text((ours / name).read_text() + "{{ nobody }}")
        extends = "{% extends" in (ours / name).read_text()
        if extends:
            (pages / name).write_text((ours / name).read_text().replace("{% block main %}", "{% block main %}{{ nobody }}"))
    done = hairfeed("check", "-c", publication.config)
    assert done.returncode == 1
    *faults, _ = done.stdout.splitlines()
    assert sorted({Path(fault.split(":")[1].strip()).name for fault in faults}) == whole
    assert all("'nobody' is undefined" in fault for fault in faults)


def test_a_page_whose_button_would_do_nothing_is_a_fault(publication: Publication, own: Path) -> None:
    publication.config.write_text(publication.config.read_text() + '\n[web]\nurl = "https://hair.example.org/mail"\n')
    (own.parent / "web").mkdir()
    page = (shipped("templates/web") / "leave.html").read_text()
    (own.parent / "web" / "leave.html").write_text(page.replace('value="leave"', 'value="go"'))
    done = hairfeed("check", "-c", publication.config)
    assert (done.returncode, done.stdout.splitlines()) == (
        1,
        ['pages: web/leave.html: lacks value="leave", without which its button does nothing (in en)', "faults 1"],
    )


def test_an_address_without_tls_is_named_once_and_no_fault_of_the_templates(publication: Publication) -> None:
    publication.config.write_text(publication.config.read_text().replace("https://", "http://"))
    done = hairfeed("check", "-c", publication.config)
    assert done.returncode == 1
    assert [line.split(" is ")[0] for line in done.stdout.splitlines()] == [
        "mails: site.url: http://hair.example.org",
        "mails: feeds.url: http://hair.example.org/feeds",
        "faults 2",
    ]


def test_a_config_with_faults_is_not_looked_at_further(publication: Publication) -> None:
    publication.config.write_text(f'{publication.config.read_text()}\n[look]\nink = "#fdfcfa"\n')
    done = hairfeed("check", "-c", publication.config)
    assert done.returncode == 2
    assert "look: ink on sheet has a contrast of 1.00:1" in done.stderr
