"""Bylines, credits, dates and calls to the reader are no prose, and datelines are taken off, in every language of the table."""

# ruff: noqa: RUF001 - letters that look alike are meant as they stand

from pathlib import Path

import pytest

from hairfeed.text.excerpt import excerpt
from hairfeed.text.furniture import is_finished, is_furniture, without_dateline

# A paragraph for each script, so that a line stands beside prose as on a page.
SENTENCES = {
    "ja": "髪は一か月におよそ一センチ伸び、多くの人は毎日百本ほどの髪を失っている。",
    "zh": "头发每个月大约长一厘米，大多数人每天掉一百根左右的头发。",
    "ko": "머리카락은 한 달에 약 일 센티미터 자라며 매일 백 가닥 정도 빠진다.",
    "ar": "ينمو الشعر نحو سنتيمتر واحد في الشهر، ويفقد معظم الناس مئة شعرة كل يوم.",
    "he": "השיער צומח כסנטימטר אחד בחודש, ורוב האנשים מאבדים כמאה שערות ביום.",
    "ru": "Волосы растут примерно на сантиметр в месяц, и люди теряют сто волос в день.",
    "el": "Τα μαλλιά μεγαλώνουν ένα εκατοστό τον μήνα.",
}
ENGLISH = "Hair grows about one centimetre a month, and most people lose a hundred hairs each day."

TABLE = [
    line.split("\t")
    for line in Path(__file__).with_name("openings.tsv").read_text(encoding="utf-8").splitlines()
    if not line.startswith("#")
]


@pytest.mark.parametrize(("outcome", "language", "line"), TABLE, ids=[f"{row[0]} {row[2]}" for row in TABLE])
def test_an_opening_is_dropped_stripped_or_kept(outcome: str, language: str, line: str) -> None:
    prose = SENTENCES.get(language, ENGLISH)
    if outcome == "strip":
        assert excerpt([line + prose], language) == prose
    elif outcome == "drop":
        assert excerpt([line, prose], language) == prose
    else:
        assert excerpt([line, prose], language).startswith(line)


@pytest.mark.parametrize(
    "line",
    [
        "Photo: dpa",
        "(Photo by Jane Doe/Getty Images)",
        "By Jane Doe",
        "Von Max Muster",
        "Fot. PAP/Jan Kowalski",
        "文/张三",
        "Автор: Иван Петров",
        "홍길동 기자 hong@example.org",
        "Advertisement",
        "Getty Images",
        "Article continues below advertisement",
        "Auf Facebook teilen",
        "Leer más",
        "目次",
        "続きを読む",
        "5 min read",
        "8. August 2024",
        "Yayınlanma: 8 Ağustos 2024",
    ],
)
def test_furniture_is_known_without_any_prose_beside_it(line: str) -> None:
    assert is_furniture(line)


@pytest.mark.parametrize("line", ["It ends. 😊", "“It ends.”", "« Fini ! »", "終わり。」", "Fertig.“", "انتهى؟", "समाप्त।"])
def test_a_sentence_ends_before_quotes_brackets_and_emoji(line: str) -> None:
    assert is_finished(line)


@pytest.mark.parametrize("line", ["A heading 😊", "A. heading", "(brackets)", ""])
def test_what_has_no_end_mark_is_unfinished(line: str) -> None:
    assert not is_finished(line)


@pytest.mark.parametrize("line", ["(Reuters)", "LONDON (Reuters) -", "【東京】", "BERLIN —", ""])
def test_a_dateline_alone_is_left_as_it_stands(line: str) -> None:
    assert without_dateline(line) == line


@pytest.mark.parametrize("signal", ["WARNING", "NOTE", "ACHTUNG", "Q"])
def test_a_signal_in_capitals_is_no_place(signal: str) -> None:
    line = f"{signal} — Do not leave it on for longer than an hour."
    assert without_dateline(line) == line
