"""What podcast directories want to know of a feed: the config's section, with the categories that they agree on."""

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, StringConstraints, model_validator

CATEGORIES: Mapping[str, tuple[str, ...]] = {
    "Arts": ("Books", "Design", "Fashion & Beauty", "Food", "Performing Arts", "Visual Arts"),
    "Business": ("Careers", "Entrepreneurship", "Investing", "Management", "Marketing", "Non-Profit"),
    "Comedy": ("Comedy Interviews", "Improv", "Stand-Up"),
    "Education": ("Courses", "How To", "Language Learning", "Self-Improvement"),
    "Fiction": ("Comedy Fiction", "Drama", "Science Fiction"),
    "Government": (),
    "Health & Fitness": ("Alternative Health", "Fitness", "Medicine", "Mental Health", "Nutrition", "Sexuality"),
    "History": (),
    "Kids & Family": ("Education for Kids", "Parenting", "Pets & Animals", "Stories for Kids"),
    "Leisure": ("Animation & Manga", "Automotive", "Aviation", "Crafts", "Games", "Hobbies", "Home & Garden", "Video Games"),
    "Music": ("Music Commentary", "Music History", "Music Interviews"),
    "News": ("Business News", "Daily News", "Entertainment News", "News Commentary", "Politics", "Sports News", "Tech News"),
    "Religion & Spirituality": ("Buddhism", "Christianity", "Hinduism", "Islam", "Judaism", "Religion", "Spirituality"),
    "Science": (
        *("Astronomy", "Chemistry", "Earth Sciences", "Life Sciences", "Mathematics", "Natural Sciences", "Nature", "Physics"),
        "Social Sciences",
    ),
    "Society & Culture": ("Documentary", "Personal Journals", "Philosophy", "Places & Travel", "Relationships"),
    "Sports": (
        *("Baseball", "Basketball", "Cricket", "Fantasy Sports", "Football", "Golf", "Hockey", "Rugby", "Running", "Soccer"),
        *("Swimming", "Tennis", "Volleyball", "Wilderness", "Wrestling"),
    ),
    "Technology": (),
    "True Crime": (),
    "TV & Film": ("After Shows", "Film History", "Film Interviews", "Film Reviews", "TV Reviews"),
}
"""The categories of Apple's directory, which the others take over, each with its subcategories."""


class Podcast(BaseModel):
    """What is said of every feed that has recordings."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    image: Annotated[str, StringConstraints(pattern=r"^https?://[!-~]+\.(jpe?g|png)$")]
    """The cover: a square JPEG or PNG of 1400 to 3000 pixels."""
    category: str
    subcategory: str | None = None
    explicit: bool
    """Whether some of it is not for children."""
    type: Literal["episodic", "serial"] = "episodic"
    """Whether listeners begin with the newest or with the oldest."""
    owner_email: Annotated[str, StringConstraints(pattern=r"^[!-?A-~]+@[!-?A-~]+\.[!-?A-~]+$")] | None = None
    """Where directories prove whose it is; everyone can read it in the feed."""
    locked: bool = False
    """Whether other platforms are asked not to import it."""

    @model_validator(mode="after")
    def _category_is_known(self) -> Self:
        if self.category not in CATEGORIES:
            raise ValueError(f"category {self.category!r} is unknown; there are {', '.join(CATEGORIES)}")
        if self.subcategory is not None and self.subcategory not in CATEGORIES[self.category]:
            known = ", ".join(CATEGORIES[self.category]) or "none"
            raise ValueError(f"subcategory {self.subcategory!r} is unknown; of {self.category} there are {known}")
        return self
