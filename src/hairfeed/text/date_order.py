"""In which order people print day, month and year as numbers."""

from enum import StrEnum


class DateOrder(StrEnum):
    """The order in which a source prints day, month and year as numbers."""

    DMY = "DMY"
    MDY = "MDY"
    YMD = "YMD"


_DAY_FIRST = (
    "ar az be bg bs ca cs cy da de el es et fi fr ga gl he hi hr id is it ka kk lb lv mk ms nb nl nn no pl pt ro ru sk sl sq sr ta"
    " te th tr uk ur uz vi"
)
_YEAR_FIRST = "eu hu ja ko lt mn ne si sv zh"
_ORDERS_BY_LANGUAGE = {
    "fil": DateOrder.MDY,
    **dict.fromkeys(_DAY_FIRST.split(), DateOrder.DMY),
    **dict.fromkeys(_YEAR_FIRST.split(), DateOrder.YMD),
}
_DAY_FIRST_ENGLISH = "AU BE BW CH CY DE DK ES FI FR GB GG GI HK IE IM IN IT JE JM KE MT MY NG NL NO NZ PK PT SG TT TZ UG ZM ZW"
_ORDERS_BY_REGION: dict[tuple[str, str], DateOrder | None] = {
    **{("en", region): DateOrder.DMY for region in _DAY_FIRST_ENGLISH.split()},
    **{("en", region): DateOrder.MDY for region in ("US", "PR", "GU", "VI", "AS", "MP", "PH")},
    **{("zh", region): DateOrder.DMY for region in ("HK", "MO", "SG")},
    **{("es", region): None for region in ("US", "PR", "PA")},
    ("fr", "CA"): None,
    ("sv", "FI"): None,
}


def order_for_language(language: str) -> DateOrder | None:
    """The order in which people who read `language` (a BCP 47 tag) usually print a date in numbers; None where habits differ.

    YMD says nothing about a date that has its year last all the same. Source: the short formats of the Unicode CLDR 47; a region
    in which two orders are in use counts as undecided.
    """
    subtags = language.replace("_", "-").split("-")
    primary = subtags[0].lower()
    region = next((subtag.upper() for subtag in subtags[1:] if len(subtag) == 2), "")  # noqa: PLR2004
    if (primary, region) in _ORDERS_BY_REGION:
        return _ORDERS_BY_REGION[primary, region]
    return _ORDERS_BY_LANGUAGE.get(primary)
