"""Each rule about mails is broken once, and says so; the shipped templates break none."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from hairfeed.digest.check.rules import RULES, Mail
from hairfeed.digest.check.samples import samples
from hairfeed.digest.check.walk import check_mails
from hairfeed.digest.render import Templates
from hairfeed.settings import Settings, load_settings
from tests.conftest import Publication


@pytest.fixture
def settings(publication: Publication) -> Settings:
    """A config with one newsletter and the shipped templates."""
    return load_settings(publication.config)


@pytest.fixture(scope="module")
def templates() -> Templates:
    return Templates(None)


@pytest.fixture
def mail(settings: Settings, templates: Templates) -> Mail:
    """An issue with everything."""
    (newsletter,) = settings.newsletters.values()
    sample = next(samples(settings, newsletter, "en"))
    return Mail(sample, templates.render(sample.content))  # type: ignore[arg-type] # the first sample is an issue


def faults(mail: Mail) -> Iterator[str]:
    """What all rules say."""
    for rule in RULES:
        yield from rule(mail)


def test_the_shipped_templates_are_without_fault(settings: Settings) -> None:
    assert list(check_mails(settings)) == []


@pytest.mark.parametrize(
    ("before", "after", "complaint"),
    [
        ("<title>", "<title></title><x-title>", "no <title>"),
        ('<meta charset="utf-8">', '<meta charset="utf-8"><meta charset="utf-8">', "charset once"),
        ('<meta name="viewport"', '<meta name="port"', 'lacks <meta name="viewport">'),
        ('dir="ltr"', "", "says no lang or no dir"),
        ('role="article"', "", "there is no wrapper"),
        ("<h1", "<h2", "there must be one <h1>"),
        ("<h2", "<h4", "a level is left out"),
        ('cellspacing="0"', "", "lacks cellspacing"),
        (' width="504"', "", "lacks width"),
        (".jpg", ".webp", "must be a PNG, JPEG or GIF"),
        ("https://hf7mq4zkunsubscribe0.invalid/", "http://localhost/", "no https or mailto address"),
        (">View in browser<", ">Read more<", "does not say what it leads to"),
        (">View in browser<", ">Choose what you get<", "two links are called 'Choose what you get'"),
        ("border-radius: 4px !important", "border-radius: 4px", "has no !important"),
        ("<style>\n:root", f"<style>\n{'p { margin: 0 !important; } ' * 600}\n:root", "Gmail drops those above 16000"),
        ("<h1", "<form></form><h1", "<form> has no place"),
        ("display:block", "display:flex", "'display:flex'"),
        ("color:#26231f", "color:#222", "'#222'"),
        ("<h1", f"<p>{'word ' * 20_000}</p><h1", "must stay below 90000"),
        ("Sample Article 2 ·", "Other Words ·", "does not hold the preheader"),
        (">View in browser<", ">{{ view }}<", "'{{', which was to be filled in"),
        (">View in browser<", ">None<", "says 'None'"),
        ("https://hf7mq4zkunsubscribe0.invalid/", "https://example.com/", "lacks unsubscribe_url"),
        ("https://hair.example.org/sample-issue", "https://example.com/", "the HTML part does not lead to"),
        ("Plain Hair, 1 Example", "Plain", "the HTML part lacks site.postal_address"),
    ],
)
def test_a_rule_about_the_html_part_names_what_breaks_it(mail: Mail, before: str, after: str, complaint: str) -> None:
    html = mail.rendering.html.replace(before, after)
    assert html != mail.rendering.html
    broken = replace(mail, rendering=replace(mail.rendering, html=html))
    assert [fault for fault in faults(broken) if complaint in fault], list(faults(broken))


@pytest.mark.parametrize(
    ("before", "after", "complaint"),
    [
        ("View in browser", "<p>View", "holds markup: <p>"),
        ("View in browser", "This &amp; that", "holds markup: &amp;"),
        ("View in browser", "View\u200b", "characters that nobody sees"),
        ("View in browser", "word " * 20, "more than 76 columns"),
        ("https://hf7mq4zkpreferences0.invalid/", "", "the text part lacks a line with"),
        ("Springfield", "", "the text part lacks site.postal_address"),
        ("https://hf7mq4zkunsubscribe0.invalid/", "", "the text part lacks unsubscribe_url"),
    ],
)
def test_a_rule_about_the_text_part_names_what_breaks_it(mail: Mail, before: str, after: str, complaint: str) -> None:
    text = mail.rendering.text.replace(before, after)
    assert text != mail.rendering.text
    broken = replace(mail, rendering=replace(mail.rendering, text=text))
    assert [fault for fault in faults(broken) if complaint in fault], list(faults(broken))


def test_a_preheader_that_repeats_the_subject_is_named(mail: Mail) -> None:
    broken = replace(mail, rendering=replace(mail.rendering, subject=mail.rendering.preheader))
    assert "the preheader repeats the subject" in list(faults(broken))


def test_a_fault_is_told_once_with_the_first_mail_that_shows_it(publication: Publication, tmp_path: Path) -> None:
    (tmp_path / "email").mkdir()
    (tmp_path / "email" / "digest.txt").write_text("{{ nobody }}")
    settings = load_settings(publication.config)
    site = settings.site.model_copy(update={"templates": tmp_path})
    (fault,) = check_mails(settings.model_copy(update={"site": site}))
    assert fault == f"{tmp_path}/email/digest.txt:1: 'nobody' is undefined (an issue with everything of weekly, in en)"
