"""The six issues whose renderings are golden, with everything that a digest can have between them."""

from dataclasses import replace
from datetime import date

from hairfeed.digest.content import Correction, DigestArticle, DigestContent, Link, Picture
from hairfeed.text.merge import Placeholder, address_token
from tests.digest.sample import DIGEST, NEWSLETTER, SITE, SUMMARY, a_digest, an_article

UNSUBSCRIBE, PREFERENCES = address_token(Placeholder.UNSUBSCRIBE), address_token(Placeholder.PREFERENCES)
ARCHIVE = "https://hairfear.com/letters/weekly/12/"
LOGO = Picture("https://hairfear.com/letters/logo.png", 160, 40, "HairFEAR")
LOGO_DARK = replace(LOGO, url="https://hairfear.com/letters/logo-dark.png")

TITLES = (
    "A Comfortable Scalp in Hot Weather",
    "Hair at the Beach: Sun, Salt & Chlorine",
    "Brushing: Less Is Often Enough",
    "Dandruff or a Dry Scalp?",
    "Heat Styling With Care",
    "Washing Hair Without Drying It Out",
    "Questions for Your Doctor",
)
LONG_TITLE = (
    "What Twelve Years of Notes From a Small Town's Only Dermatologist Say About Shedding, Itching, Washing and Worrying, "
    "and What They Do Not Say About Supplements, Shampoos and Everything Else That Is Sold for It"
)


def a_picture(number: int, alt: str = "") -> Picture:
    """A picture of the usual proportions."""
    return Picture(f"https://hairfear.com/letters/weekly/12/{number}.jpg", 504, 284, alt)


def an_illustrated_article(number: int) -> DigestArticle:
    """An article with a picture and with what leads on from it."""
    return replace(
        an_article(number, TITLES[number % len(TITLES)] if number < len(TITLES) else f"{TITLES[number % 7]} ({number})", SUMMARY),
        picture=a_picture(number, f"A drawing of number {number}"),
        related=(Link("How Hair Grows", "https://hairfear.com/how-hair-grows"),),
        read_all=Link("Hair Care", "https://hairfear.com/hair-care"),
    )


def with_pages(content: DigestContent) -> DigestContent:
    """The content where there are subscribe pages, an archive and a logo."""
    return replace(
        content,
        newsletter=NEWSLETTER.model_copy(update={"greeting": True}),
        unsubscribe_url=UNSUBSCRIBE,
        preferences_url=PREFERENCES,
        archive_url=ARCHIVE,
        logo=LOGO,
        logo_dark=LOGO_DARK,
    )


ARABIC_SITE = SITE.model_copy(
    update={
        "title": "شَعر",
        "language": "ar",
        "postal_address": "شَعر، 1 شارع المثال، عمّان",
        "notice": "معلومات عامة، وليست نصيحة طبية.",
    }
)
ARABIC = replace(
    with_pages(
        a_digest(
            [
                replace(
                    an_article(1, "فروة رأس مرتاحة في الطقس الحار", "فروة الرأس جلد، وفي الصيف تتعرق وتحترق مثل بقية الجلد."),
                    topics=("العناية بالفروة",),
                    authors=("ليلى",),
                    picture=a_picture(1, "رسم لفروة الرأس"),
                    related=(Link("كيف ينمو الشعر", "https://hairfear.com/ar/how-hair-grows"),),
                    read_all=Link("العناية بالفروة", "https://hairfear.com/ar/scalp"),
                ),
                an_article(2, "SPF 50 على فروة الرأس: 1.5 مل تكفي", "من 2 إلى 3 مرات في اليوم، ولا أكثر."),
            ],
            [an_article(3, "What the FDA Says About Minoxidil")],
        )
    ),
    site=ARABIC_SITE,
    newsletter=NEWSLETTER.model_copy(update={"title": "شَعر كل أسبوع", "greeting": True}),
    language="ar",
    corrections=(Correction("القشرة أم جفاف الفروة؟", "https://hairfear.com/ar/dandruff", date(2024, 8, 5)),),
    trimmed=3,
)

ISSUES: dict[str, DigestContent] = {
    "one-article": with_pages(a_digest([an_illustrated_article(1)])),
    "thirty": replace(
        with_pages(a_digest([an_illustrated_article(number) for number in range(30)], [an_article(31, "Sleeping With Wet Hair")])),
        corrections=(Correction("How Hair Grows", "https://hairfear.com/how-hair-grows", date(2024, 8, 5)),),
        trimmed=2,
    ),
    "long-titles": a_digest(
        [
            replace(an_illustrated_article(1), title=LONG_TITLE, topics=(LONG_TITLE,)),
            an_article(2, "Donaudampfschiff" * 12, "x" * 300),
        ],
        [an_article(3, f"And Also: {LONG_TITLE}"), an_article(4, "An Address Nobody Can Break: " + "long-" * 20 + "word")],
    ),
    "no-images": DIGEST,
    "right-to-left": ARABIC,
    "minimal": a_digest([replace(an_article(1, summary=""), topics=(), authors=())]),
}
