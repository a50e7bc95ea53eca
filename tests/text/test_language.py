"""Two texts are called different only where it is certain."""

# ruff: noqa: RUF001 - letters that look alike are meant as they stand

import pytest

from hairfeed.text.language import are_different

ENGLISH = "The hair that you have is for you to keep, and it is not of the kind that grows with the years."
GERMAN = "Das Haar ist nicht das, was man mit dem Alter behält, und die meisten werden sich an die Glatze gewöhnen."
SPANISH = "El pelo de los hombres se cae con los años, y no es por una enfermedad."
PORTUGUESE = "O cabelo dos homens cai com os anos, e não é por uma doença."
RUSSIAN = "Волосы растут примерно на сантиметр в месяц."
JAPANESE = "髪は一か月におよそ一センチ伸びるという。"
CHINESE = "头发每个月大约长一厘米，大多数人每天掉一百根。"


@pytest.mark.parametrize(("one", "other"), [(ENGLISH, GERMAN), (GERMAN, SPANISH), (ENGLISH, RUSSIAN), (JAPANESE, ENGLISH)])
def test_texts_in_two_languages_are_different(one: str, other: str) -> None:
    assert are_different(one, other)
    assert are_different(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (ENGLISH, ENGLISH),
        (SPANISH, PORTUGUESE),
        (ENGLISH, ""),
        (ENGLISH, "Minoxidil, Finasterid, Biotin."),
        (ENGLISH, f"{ENGLISH} {GERMAN}"),
        (RUSSIAN, "Да."),
        (JAPANESE, "髪"),
    ],
)
def test_what_cannot_be_told_is_not_different(one: str, other: str) -> None:
    assert not are_different(one, other)
    assert not are_different(other, one)
