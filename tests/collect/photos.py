"""Picture files to test with."""

from io import BytesIO
from typing import Any

from PIL import Image

from tests.conftest import Publication


def photo(width: int = 1600, height: int = 900, form: str = "JPEG", **options: Any) -> bytes:
    """A picture with soft colours, the same ones every time."""
    left, right = Image.new("RGB", (width, height), "#7a4b2a"), Image.new("RGB", (width, height), "#e8cdb0")
    return written(Image.composite(left, right, Image.linear_gradient("L").resize((width, height))), form, **options)


def illustrate(publication: Publication, picture: str = "hair.jpg") -> None:
    """A new article of the 13th, with a picture in the publication's folder."""
    text = f"---\ntitle: New\ndate: 2024-08-13\nimage: /{picture}\n---\nTwo sentences of text. This is the second.\n"
    (publication.articles / "new.md").write_text(text)
    file = publication.articles / picture
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(photo())


def noise(width: int, height: int) -> Image.Image:
    """What no form can make small."""
    return Image.effect_noise((width, height), 100).convert("RGB")


def written(picture: Image.Image, form: str, **options: Any) -> bytes:
    """The picture as a file."""
    out = BytesIO()
    picture.save(out, form, **options)
    return out.getvalue()


def opened(content: bytes) -> Image.Image:
    """A file, read."""
    picture = Image.open(BytesIO(content))
    picture.load()
    return picture
