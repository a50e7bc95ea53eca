"""A picture made fit for mail: small, upright, without a word about where it was taken. Pure: the same bytes give the same bytes.

Mail programs show JPEG, PNG and GIF. Everything else that a site may have becomes one of the first two, or is refused by name.
"""

import warnings
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from PIL import ExifTags, Image, ImageCms, ImageOps, UnidentifiedImageError

from hairfeed.errors import PictureError

MOST_PIXELS = 40_000_000
"""Of a picture that is read; more is no picture for a page, and takes all the memory there is."""
MOST_BYTES = 200_000
"""Of a picture that is made: a phone loads ten of them with a mail."""
DENSITY = 2
"""Pixels made for each CSS pixel, for screens that have them."""

_TOO_LARGE = f"has more than {MOST_PIXELS // 1_000_000} million pixels, and is not read; make it smaller"
_FORMATS = ("JPEG", "PNG", "GIF", "WEBP", "AVIF")
_QUALITIES = (82, 74, 66, 58, 50)
_SMALLER = 0.8
_BACKGROUND = (255, 255, 255)
_OPAQUE = 255
_LYING = frozenset({5, 6, 7, 8})
"""Values of EXIF's Orientation that swap the sides."""
_DRAWING = (b"<svg", b"<?xml", b"<!doctype svg")


@dataclass(frozen=True, slots=True)
class Size:
    """In CSS pixels."""

    width: int
    height: int


@dataclass(frozen=True, slots=True)
class MailPicture:
    """A picture file. `shown` is the size it was made for, with `DENSITY` times as many pixels where there were so many."""

    content: bytes
    suffix: str
    """`.jpg` or `.png`."""
    shown: Size


def made_for_mail(content: bytes, most: Size, least: int = 1) -> MailPicture:
    """The picture in `content`, shown at most as large as `most`, and never larger than it is.

    Raises:
        PictureError: it cannot be read, has too many pixels, or is less than `least` CSS pixels wide or high.
    """
    if content[:200].lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith(_DRAWING):
        raise PictureError("is an SVG drawing, which mail programs do not show; give the article a JPEG or PNG")
    # What Pillow warns of (odd metadata, for the most part) does no harm here; sizes are looked at below.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return _made(content, most, least)
        except PictureError:
            raise
        except UnidentifiedImageError as error:
            raise PictureError(f"is none of the forms that are read: {', '.join(_FORMATS)}") from error
        except Image.DecompressionBombError as error:
            raise PictureError(_TOO_LARGE) from error
        except Exception as error:
            # Whatever a decoder makes of hostile bytes.
            raise PictureError(f"cannot be read as a picture ({type(error).__name__}: {error})"[:300]) from error


def _made(content: bytes, most: Size, least: int) -> MailPicture:
    with Image.open(BytesIO(content), formats=_FORMATS) as picture:
        if picture.width * picture.height > MOST_PIXELS:
            raise PictureError(_TOO_LARGE)
        lies = picture.getexif().get(ExifTags.Base.Orientation, 1) in _LYING
        width, height = picture.size[::-1] if lies else picture.size
        shown = _fitted(width, height, most)
        if min(shown.width, shown.height) < least:
            raise PictureError(f"has {width} by {height} pixels, which is too small to show")
        # A large JPEG is decoded at half its size or less, as long as that is twice what is made of it.
        side = 2 * DENSITY * max(shown.width, shown.height)
        picture.draft(None, (side, side))
        upright = ImageOps.exif_transpose(picture)
    small = _in_srgb(upright)
    small.thumbnail((DENSITY * shown.width, DENSITY * shown.height), Image.Resampling.LANCZOS, reducing_gap=3.0)
    return MailPicture(*_file(small), shown)


def _fitted(width: int, height: int, most: Size) -> Size:
    scale = min(most.width / width, most.height / height, 1)
    return Size(max(round(width * scale), 1), max(round(height * scale), 1))


def _in_srgb(picture: Image.Image) -> Image.Image:
    """The picture as RGB, or as RGBA where something shines through, in the colours of the web; nothing else of it is kept."""
    profile = picture.info.get("icc_profile")
    if picture.mode.startswith("I"):
        # 16 bits of grey; a plain conversion would cut off all but the darkest.
        picture = picture.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    alpha = picture.convert("RGBA").getchannel("A") if picture.has_transparency_data else None
    colours = (profile and _by_profile(picture, profile)) or picture.convert("RGBA" if alpha else "RGB").convert("RGB")
    if alpha and alpha.getextrema() != (_OPAQUE, _OPAQUE):
        colours.putalpha(alpha)
    colours.info.clear()
    return colours


def _by_profile(picture: Image.Image, profile: bytes) -> Image.Image | None:
    """The colours as their profile means them; None where it means nothing."""
    plain = picture if picture.mode in {"L", "CMYK"} else picture.convert("RGB")
    try:
        meant = ImageCms.ImageCmsProfile(BytesIO(profile))
        return ImageCms.profileToProfile(plain, meant, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError):
        return None


def _file(picture: Image.Image) -> tuple[bytes, str]:
    """The smaller of PNG and JPEG, as it looks to the eye; with transparency PNG as long as that is small enough."""
    png = _written(picture, "PNG", optimize=True)
    if picture.mode == "RGBA":
        if len(png) <= MOST_BYTES:
            return png, ".png"
        paper = Image.new("RGB", picture.size, _BACKGROUND)
        paper.paste(picture, mask=picture.getchannel("A"))
        return _jpeg(paper), ".jpg"
    jpeg = _jpeg(picture)
    return (png, ".png") if len(png) <= len(jpeg) else (jpeg, ".jpg")


def _jpeg(picture: Image.Image) -> bytes:
    """At the best quality that is small enough; a picture that is too large at all of them, with fewer pixels."""
    for quality in _QUALITIES:
        jpeg = _written(picture, "JPEG", quality=quality, optimize=True, progressive=True)
        if len(jpeg) <= MOST_BYTES:
            return jpeg
    width, height = (max(round(side * _SMALLER), 1) for side in picture.size)
    return _jpeg(picture.resize((width, height), Image.Resampling.LANCZOS))


def _written(picture: Image.Image, form: str, **options: Any) -> bytes:
    out = BytesIO()
    picture.save(out, form, **options)
    return out.getvalue()
