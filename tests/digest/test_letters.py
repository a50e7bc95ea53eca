"""Letters to readers and notices to the operator: what they say, in every language, in both parts."""

import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from lxml import html as lxml_html

from hairfeed.digest.content import Fact, Letter, Notice, Occasion
from hairfeed.digest.render import Rendering, Templates
from hairfeed.settings.look import Look
from hairfeed.text.merge import Mergeable, Placeholder, address_token
from tests.digest.issues import ARABIC_SITE
from tests.digest.sample import NEWSLETTER, SITE

CONFIRM = "https://hairfear.com/mail/c/token"


def a_letter(kind: Occasion, language: str = "en") -> Letter:
    """A letter of that kind."""
    return Letter(
        kind=kind,
        site=SITE,
        newsletter=NEWSLETTER,
        language=language,
        action_url=CONFIRM,
        feed_url="https://hairfear.com/feeds/feed.rss",
        expires_on=date(2024, 8, 12),
        unsubscribe_url=address_token(Placeholder.UNSUBSCRIBE) if kind in {Occasion.WELCOME, Occasion.STAY} else None,
    )


@pytest.fixture(scope="module")
def templates() -> Templates:
    return Templates(None)


def both(rendering: Rendering) -> tuple[str, str]:
    """The words of both parts, each in one line."""
    body = lxml_html.document_fromstring(rendering.html).body
    return " ".join(body.text_content().split()), " ".join(rendering.text.split())


@pytest.mark.parametrize(
    ("kind", "language", "subject", "words"),
    [
        (Occasion.CONFIRMATION, "en", "Please confirm: HairFEAR Weekly", "The link works until 12 August 2024."),
        (Occasion.CONFIRMATION, "de-CH", "Bitte bestätigen: HairFEAR Weekly", "Der Link gilt bis zum 12. August 2024."),
        (Occasion.CONFIRMATION, "fr", "À confirmer\u00a0: HairFEAR Weekly", "au 12 août 2024."),
        (Occasion.CONFIRMATION, "es", "Por confirmar: HairFEAR Weekly", "funciona hasta el 12 de agosto de 2024."),
        (Occasion.CONFIRMATION, "ar", "يُرجى التأكيد: HairFEAR Weekly", "يعمل الرابط حتى 12 أغسطس 2024."),
        (Occasion.WELCOME, "en", "Welcome to HairFEAR Weekly", "Your subscription to HairFEAR Weekly is confirmed."),
        (Occasion.GOODBYE, "en", "You have unsubscribed from HairFEAR Weekly", "You will get no more issues of HairFEAR Weekly."),
        (Occasion.STAY, "en", "Do you still want HairFEAR Weekly?", "your subscription ends after 12 August 2024."),
        (Occasion.STAY, "de", "Möchten Sie HairFEAR Weekly noch bekommen?", "nach dem 12. August 2024."),
        (Occasion.STAY, "fr", "Voulez-vous toujours recevoir HairFEAR Weekly\u00a0?", "après le 12 août 2024."),
        (Occasion.STAY, "es", "¿Quiere seguir recibiendo HairFEAR Weekly?", "después del 12 de agosto de 2024."),
        (Occasion.STAY, "ar", "هل ما زلت تريد HairFEAR Weekly؟", "بعد 12 أغسطس 2024."),
        (Occasion.GOODBYE, "nl", "You have unsubscribed from HairFEAR Weekly", "You can come back at any time."),
    ],
)
def test_a_letter_says_it_in_both_parts(templates: Templates, kind: Occasion, language: str, subject: str, words: str) -> None:
    rendering = templates.letter(a_letter(kind, language))
    assert rendering.subject == subject
    assert all(words in part for part in both(rendering))
    assert all("HairFEAR, 1 Example Street, Springfield" in part for part in both(rendering))


@pytest.mark.parametrize("kind", Occasion)
def test_the_button_leads_where_the_text_leads(templates: Templates, kind: Occasion) -> None:
    rendering = templates.letter(a_letter(kind))
    (button,) = lxml_html.document_fromstring(rendering.html).xpath("//td[@class='solid' or @class='button']/a")
    assert button.get("href") == CONFIRM
    assert CONFIRM in rendering.text.split("\n")


@pytest.mark.parametrize(("kind", "has_way_out"), [("confirmation", False), ("welcome", True), ("goodbye", False), ("stay", True)])
def test_only_those_who_get_a_newsletter_are_shown_the_way_out(templates: Templates, kind: str, has_way_out: bool) -> None:
    rendering = templates.letter(a_letter(Occasion(kind)))
    for part in (rendering.html, rendering.text):
        placeholders = [field.placeholder for field in Mergeable.of(part).fields]
        assert placeholders == ([Placeholder.UNSUBSCRIBE] if has_way_out else [])


def test_a_long_title_does_not_make_a_long_subject(templates: Templates) -> None:
    letter = replace(a_letter(Occasion.GOODBYE), newsletter=NEWSLETTER.model_copy(update={"title": "Weekly " * 40}))
    assert len(templates.letter(letter).subject) <= 90


def test_a_notice_is_in_english_and_holds_what_it_was_given(templates: Templates) -> None:
    notice = Notice(ARABIC_SITE, "An issue is held", ["One <b>fault</b>.", "hf7mq4zkname09z"], [Fact("Readers\n", "3 & more")])
    rendering = templates.notice(notice)
    assert rendering.subject == "An issue is held"
    for part in both(rendering):
        assert "One <b>fault</b>." in part
        assert re.search(r"Readers:?\s*3 & more", part)
    assert Mergeable.of(rendering.html).fields == ()
    assert lxml_html.document_fromstring(rendering.html).xpath("//b[text()='fault']") == []


def test_colours_and_fonts_are_those_of_the_config() -> None:
    look = Look(accent="#7a1fa2", dark_accent="#e1bee7", heading_font="Verdana, sans-serif", text_font='"Trebuchet MS", sans-serif')
    page = Templates(None, look).letter(a_letter(Occasion.WELCOME)).html
    assert "#7a1fa2" in page
    assert "#1d6455" not in page
    assert ".topic, .read, .link, .small, .picture { color: #e1bee7 !important; }" in page
    heading = lxml_html.document_fromstring(page).xpath("//h1/@style")[0]
    assert "font-family:Verdana, sans-serif" in heading
    assert '"Trebuchet MS"' in "".join(lxml_html.document_fromstring(page).xpath("//td[@class='foot']/@style"))


def test_an_own_base_changes_every_mail(tmp_path: Path) -> None:
    (tmp_path / "email").mkdir()
    (tmp_path / "email" / "base.txt").write_text(
        "{% block main %}{% endblock %}{% block masthead %}{% endblock %}{% block reasons %}{% endblock %}Ours"
    )
    own = Templates(tmp_path)
    assert own.letter(a_letter(Occasion.GOODBYE)).text.endswith("Ours\n")
    assert own.notice(Notice(SITE, "A notice", ["Words."])).text.endswith("Ours\n")
