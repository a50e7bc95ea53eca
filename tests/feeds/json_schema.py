"""JSON Feed 1.1 as a schema: every key that the specification knows and no other, of the right type and form."""

import re
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator


def _address(text: str) -> str:
    assert re.fullmatch(r"https?://[a-z0-9.-]+(:\d+)?/([A-Za-z0-9._~!$&'()*+,;=:@/?#-]|%[0-9A-Fa-f]{2})*", text), (
        "no absolute address"
    )
    return text


def _date(text: str) -> str:
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", text), "no date of RFC 3339"
    datetime.fromisoformat(text)
    return text


Text = Annotated[str, Field(min_length=1)]
Address = Annotated[str, AfterValidator(_address)]
Date = Annotated[str, AfterValidator(_date)]
Language = Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")]


class Object(BaseModel):
    """Unknown keys are refused, but for extensions: objects whose name is an underscore, a letter and whatever has no dot."""

    model_config = ConfigDict(extra="allow", strict=True)

    @model_validator(mode="before")
    @classmethod
    def _extensions_are_objects(cls, value: dict[str, Any]) -> dict[str, Any]:
        for key in value.keys() - cls.model_fields.keys():
            assert re.fullmatch(r"_[a-zA-Z][^.]*", key), f"unknown key {key}"
            assert isinstance(value[key], dict), f"the extension {key} is no object"
        assert None not in value.values(), "null"
        return value


class Author(Object):
    """Who wrote it: at least one of the three is there."""

    name: Text | None = None
    url: Address | None = None
    avatar: Address | None = None

    @model_validator(mode="after")
    def _says_something(self) -> "Author":
        assert self.name or self.url or self.avatar, "an author without anything"
        return self


class Attachment(Object):
    """A file that belongs to an item."""

    url: Address
    mime_type: Annotated[str, Field(pattern=r"^[a-z]+/[a-z0-9.+-]+$")]
    title: Text | None = None
    size_in_bytes: Annotated[int, Field(gt=0)] | None = None
    duration_in_seconds: Annotated[float, Field(gt=0, strict=False)] | None = None


class Hub(Object):
    """Where readers are told of changes."""

    type: Text
    url: Address


class Item(Object):
    """An article; `content_html` or `content_text` must be there."""

    id: Text
    url: Address | None = None
    external_url: Address | None = None
    title: Text | None = None
    content_html: Text | None = None
    content_text: Text | None = None
    summary: Text | None = None
    image: Address | None = None
    banner_image: Address | None = None
    date_published: Date | None = None
    date_modified: Date | None = None
    authors: Annotated[list[Author], Field(min_length=1)] | None = None
    tags: Annotated[list[Text], Field(min_length=1)] | None = None
    language: Language | None = None
    attachments: Annotated[list[Attachment], Field(min_length=1)] | None = None

    @model_validator(mode="after")
    def _has_content(self) -> "Item":
        assert self.content_html or self.content_text, "neither content_html nor content_text"
        return self


class JsonFeed(Object):
    """A whole file."""

    version: Literal["https://jsonfeed.org/version/1.1"]
    title: Text
    home_page_url: Address | None = None
    feed_url: Address | None = None
    description: Text | None = None
    user_comment: Text | None = None
    next_url: Address | None = None
    icon: Address | None = None
    favicon: Address | None = None
    authors: Annotated[list[Author], Field(min_length=1)] | None = None
    language: Language | None = None
    expired: bool | None = None
    hubs: Annotated[list[Hub], Field(min_length=1)] | None = None
    items: list[Item]

    @model_validator(mode="after")
    def _every_id_is_its_own(self) -> "JsonFeed":
        assert len({item.id for item in self.items}) == len(self.items), "an id twice"
        assert self.next_url is None or self.next_url != self.feed_url, "next_url leads to itself"
        return self
