"""Tables of pictures that mails show."""

from typing import Any

from sqlalchemy import Column, ForeignKey, Integer, String, Table, Text

from hairfeed.store.schema.base import Instant, Number, metadata


def _picture_columns() -> list[Column[Any]]:
    """What is known of a picture that mails show."""
    return [
        Column("source", Text, nullable=False),  # its address; another one is another picture
        Column("state", String(16), nullable=False),
        Column("path", Text),  # below the feeds directory
        Column("width", Integer),  # as shown, in CSS pixels
        Column("height", Integer),
        Column("size", Integer),  # in bytes
        Column("fault", Text),  # why there is none
        Column("tries", Integer, nullable=False),  # in a row that failed
        Column("next_try_at", Instant),
    ]


article_pictures = Table(
    "article_pictures",
    metadata,
    Column("article_id", Number, ForeignKey("articles.id"), primary_key=True),
    *_picture_columns(),
)

look_pictures = Table(
    "look_pictures",
    metadata,
    Column("name", String(16), primary_key=True),  # the key in [look]: logo, logo_dark
    *_picture_columns(),
)
