"""`hairfeed subscribers import` and `export` as the operator types them."""

import csv
import io
import zipfile
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from hairfeed.cli import app
from hairfeed.errors import HairFeedError
from tests.conftest import Publication

LIST = "E-Mail;Vorname;Ort\nann@example.com;Ann;Ulm\nnobody;;\n"


def typed(publication: Publication, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["subscribers", *arguments, "--config", str(publication.config), "--now", "2024-08-09T09:00"])


def exported(publication: Publication, *arguments: str) -> str:
    done = CliRunner().invoke(app, ["subscribers", "export", *arguments, "--config", str(publication.config)])
    assert done.exception is None, done.exception
    return done.output


@pytest.fixture
def file(publication: Publication) -> Path:
    """A list of readers."""
    path = publication.folder / "readers.csv"
    path.write_text(LIST)
    return path


def test_an_import_says_what_it_understood_what_it_did_and_what_is_wrong(publication: Publication, file: Path) -> None:
    done = typed(publication, "import", str(file), "--consent", "They signed up on paper.")
    assert done.output.splitlines() == [
        "readers.csv: a table, UTF-8",
        "  columns: email = E-Mail",
        "  not used: Ort",
        "2 rows",
        " new subscriptions          1  1 confirmed",
        "          rejected          1",
        "                            1  email: no e-mail address",
        "  line 3: email: no e-mail address ('nobody': An email address must have an @-sign.)",
        f"All rejected rows are in {file.with_name('readers.rejected.csv')}: mend them there, and import that file",
    ]
    assert done.exit_code == 1
    (row,) = csv.DictReader(io.StringIO(exported(publication)))
    assert (row["email"], row["name"], row["state"], row["wording"]) == (
        "ann@example.com",
        "Ann",
        "confirmed",
        "They signed up on paper.",
    )


def test_a_dry_run_says_how_rows_are_understood_and_does_nothing(publication: Publication, file: Path) -> None:
    done = typed(publication, "import", str(file), "--dry-run")
    assert done.output.splitlines()[3:6] == [
        "  ann@example.com (Ann): weekly, pending",
        "  line 3: rejected: email: no e-mail address ('nobody': An email address must have an @-sign.)",
        "2 rows, nothing is changed by a dry run",
    ]
    assert exported(publication).count("\n") == 1
    assert list(publication.folder.glob("*.rejected.csv")) == []


def test_an_import_without_faults_ends_well(publication: Publication, file: Path) -> None:
    file.write_text("Who,Mail\nAnn,ann@example.com\n", encoding="cp1252")
    done = typed(publication, "import", str(file), "--map", "email=Mail, name=Who")
    assert done.exit_code == 0, done.output
    assert "email = Mail, name = Who" in done.output
    assert "1 pending" in done.output


def test_a_list_in_an_old_encoding_is_read_and_said_to_be_one(publication: Publication, file: Path) -> None:
    file.write_text("email,name\nann@example.com,Zoë\n", encoding="cp1252")
    done = typed(publication, "import", str(file), "--dry-run")
    assert "read as Windows-1252, since it is no UTF-8" in done.output
    assert "(Zoë)" in done.output


def test_what_somebody_wrote_into_a_list_commands_no_terminal(publication: Publication, file: Path) -> None:
    file.write_text("email\n\x1b[2Jevil" + "x" * 300 + "\n")
    done = typed(publication, "import", str(file))
    assert "\x1b" not in done.output
    assert max(map(len, done.output.splitlines()[:-1])) < 110


def test_an_export_into_a_file_is_for_its_owner_alone_and_is_what_is_printed(publication: Publication, file: Path) -> None:
    typed(publication, "import", str(file))
    target = publication.folder / "all.csv"
    assert exported(publication, str(target)) == f"{target}: 1 row; it holds readers' addresses: keep it safe\n"
    assert target.stat().st_mode & 0o077 == 0
    printed = CliRunner().invoke(app, ["subscribers", "export", "--config", str(publication.config)])
    assert target.read_bytes() == printed.stdout_bytes
    assert exported(publication, "-") == printed.output


def test_an_export_comes_back_by_import(publication: Publication, file: Path) -> None:
    typed(publication, "import", str(file), "--consent", "On paper.")
    export = publication.folder / "all.csv"
    exported(publication, str(export))
    done = typed(publication, "import", str(export))
    assert done.output.splitlines() == [
        "all.csv: HairFeed, UTF-8",
        "1 row",
        " new subscriptions          0",
        "             known          1  stay as they are",
    ]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--from", "sendy"), "--from: 'sendy' is not known; there are hairfeed, mailchimp"),
        (("--map", "email"), "--map: 'email' is no pair"),
        (("--separator", "ab"), "--separator: 'ab' is no separator"),
        (("--consent", " "), "--consent: say by what right"),
        (("--newsletter", "daily"), "daily: no such newsletter; the config has: weekly"),
        (("--lists", "News=daily"), "daily: no such newsletter; the config has: weekly"),
        (("--ask",), "--ask needs pages"),
        (("--encoding", "utf-9"), "'utf-9' is no encoding"),
    ],
)
def test_what_is_asked_wrongly_is_said_in_words(
    publication: Publication, file: Path, arguments: tuple[str, ...], said: str
) -> None:
    done = typed(publication, "import", str(file), *arguments)
    assert isinstance(done.exception, HairFeedError)
    assert said in str(done.exception)


def test_of_two_columns_by_one_name_the_second_is_said_not_to_be_used(publication: Publication, file: Path) -> None:
    file.write_text("email,email\nann@example.com,ben@example.com\n")
    done = typed(publication, "import", str(file), "--dry-run")
    assert done.output.splitlines()[1:4] == ["  columns: email = email", "  not used: email", "  ann@example.com: weekly, pending"]


def test_names_in_a_zip_command_no_terminal(publication: Publication) -> None:
    path = publication.folder / "list.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("../\x1b[2J.csv", "\x1b[31memail\nann@example.com\n")
    for arguments in ([], ["--map", "email=1"]):
        done = typed(publication, "import", str(path), "--dry-run", *arguments)
        assert "\x1b" not in done.output
    assert "ann@example.com: weekly, pending" in done.output


def test_a_separator_can_be_said(publication: Publication, file: Path) -> None:
    file.write_text("email,x\tname\nann@example.com\tAnn, Bee\n")
    assert (
        "ann@example.com (Ann, Bee)"
        in typed(publication, "import", str(file), "--separator", "tab", "--map", "email=1", "--dry-run").output
    )
