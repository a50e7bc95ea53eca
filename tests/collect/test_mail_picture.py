"""A picture made fit for mail."""

import struct
import zlib

import pytest
from PIL import ExifTags, Image, ImageCms

from hairfeed.collect.pictures.fit import MOST_BYTES, Size, made_for_mail
from hairfeed.errors import PictureError
from tests.collect.photos import noise, opened, photo, written

MOST = Size(504, 756)
RED, GREEN = (200, 30, 30), (30, 160, 60)


@pytest.mark.parametrize(
    ("pixels", "shown", "made"),
    [
        ((4000, 2000), (504, 252), (1008, 504)),
        ((1008, 504), (504, 252), (1008, 504)),
        ((700, 350), (504, 252), (700, 350)),
        ((300, 200), (300, 200), (300, 200)),
        ((1000, 4000), (189, 756), (378, 1512)),
    ],
)
def test_a_picture_has_two_pixels_for_each_that_is_shown_where_it_has_so_many(
    pixels: tuple[int, int], shown: tuple[int, int], made: tuple[int, int]
) -> None:
    picture = made_for_mail(photo(*pixels), MOST)
    assert picture.shown == Size(*shown)
    assert opened(picture.content).size == made


def test_the_same_picture_gives_the_same_bytes() -> None:
    assert made_for_mail(photo(), MOST) == made_for_mail(photo(), MOST)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "GIF", "WEBP", "AVIF"])
def test_every_form_of_the_web_becomes_one_of_mail(form: str) -> None:
    picture = made_for_mail(photo(form=form), MOST)
    assert (opened(picture.content).format, picture.suffix) in {("JPEG", ".jpg"), ("PNG", ".png")}
    middle = opened(picture.content).convert("RGB").getpixel((500, 280))
    assert all(abs(one - other) < 12 for one, other in zip(middle, (0xB1, 0x8C, 0x6D), strict=True))  # type: ignore[arg-type]


@pytest.mark.parametrize("picture", [noise(3000, 2000), noise(700, 5000)])
def test_no_picture_is_larger_than_200_kb(picture: Image.Image) -> None:
    made = made_for_mail(written(picture, "PNG", compress_level=1), MOST)
    assert made.suffix == ".jpg"
    assert len(made.content) <= MOST_BYTES == 200_000


def test_a_picture_that_was_taken_lying_stands_upright_and_says_nothing_of_where() -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    exif[ExifTags.Base.Make] = "Camera of Ann"
    exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitude] = (52.0, 31.0, 0.0)
    lying = Image.new("RGB", (1200, 800), RED)
    lying.paste(GREEN, (0, 0, 1200, 400))
    made = made_for_mail(written(lying, "JPEG", exif=exif, comment=b"Ann's garden", dpi=(300, 300)), MOST)
    upright = opened(made.content)
    assert upright.size == (800, 1200)
    assert made.shown == Size(504, 756)
    right, left = upright.convert("RGB").getpixel((700, 600)), upright.convert("RGB").getpixel((100, 600))
    assert right[1] > right[0]  # type: ignore[index]
    assert left[0] > left[1]  # type: ignore[index]
    assert not upright.getexif()
    assert not {"exif", "comment", "icc_profile"} & upright.info.keys()
    assert b"Ann" not in made.content


@pytest.mark.parametrize(
    ("picture", "form", "options"),
    [
        (Image.new("CMYK", (600, 400), (55, 225, 225, 0)), "JPEG", {}),
        (Image.new("RGB", (600, 400), RED).quantize(4), "PNG", {}),
        (
            Image.new("RGB", (600, 400), RED),
            "PNG",
            {"icc_profile": ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()},
        ),
        (Image.new("RGB", (600, 400), RED), "PNG", {"icc_profile": b"no profile at all"}),
        (Image.new("RGBA", (600, 400), (*RED, 255)), "WEBP", {"lossless": True}),
    ],
)
def test_colours_of_every_kind_stay_what_they_are(picture: Image.Image, form: str, options: dict[str, object]) -> None:
    made = opened(made_for_mail(written(picture, form, **options), MOST).content)
    assert made.mode in {"RGB", "P"}
    shown = made.convert("RGB").getpixel((300, 200))
    assert all(abs(one - other) < 8 for one, other in zip(shown, RED, strict=True))  # type: ignore[arg-type]


def test_sixteen_bits_of_grey_are_grey() -> None:
    made = opened(made_for_mail(written(Image.new("I;16", (600, 400), 0x8000), "PNG"), MOST).content)
    assert made.convert("RGB").getpixel((300, 200)) == (128, 128, 128)


def test_what_shines_through_a_small_picture_shines_through() -> None:
    made = made_for_mail(written(Image.new("RGBA", (600, 400), (*RED, 128)), "WEBP", lossless=True), MOST)
    assert made.suffix == ".png"
    assert opened(made.content).convert("RGBA").getpixel((300, 200)) == (*RED, 128)


def test_what_shines_through_a_large_picture_is_white() -> None:
    large = noise(1000, 800).convert("RGBA")
    large.paste((0, 0, 0, 0), (0, 0, 100, 100))
    made = made_for_mail(written(large, "PNG"), MOST)
    assert made.suffix == ".jpg"
    assert len(made.content) <= MOST_BYTES
    assert all(value > 240 for value in opened(made.content).getpixel((40, 40)))  # type: ignore[union-attr]


def test_of_a_moving_picture_there_is_the_first_one() -> None:
    frames = [Image.new("RGB", (400, 300), colour) for colour in (RED, GREEN)]
    made = opened(made_for_mail(written(frames[0], "GIF", save_all=True, append_images=frames[1:], loop=0), MOST).content)
    assert getattr(made, "n_frames", 1) == 1
    assert made.convert("RGB").getpixel((200, 150)) == RED


def png_of(width: int, height: int) -> bytes:
    """A PNG of few bytes that claims to be so large."""
    chunks = (b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0), b"IDAT" + zlib.compress(b""), b"IEND")
    framed = (struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk)) for chunk in chunks)
    return b"\x89PNG\r\n\x1a\n" + b"".join(framed)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "none of the forms"),
        (b"<!DOCTYPE html><title>Not found</title>", "none of the forms"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "SVG drawing"),
        (b'\xef\xbb\xbf<?xml version="1.0"?>\n<svg/>', "SVG drawing"),
        (written(Image.new("RGB", (40, 40)), "BMP"), "none of the forms"),
        (photo()[:20_000], "cannot be read"),
        (png_of(8000, 6000), "more than 40 million pixels"),
        (png_of(60_000, 60_000), "more than 40 million pixels"),
        (photo(90, 400), "90 by 400 pixels"),
        (photo(4000, 120), "4000 by 120 pixels"),
    ],
)
def test_what_cannot_be_shown_is_refused_by_name(content: bytes, why: str) -> None:
    with pytest.raises(PictureError, match=why):
        made_for_mail(content, MOST, least=100)


def test_whatever_is_wrong_with_a_file_is_an_error_of_ours() -> None:
    whole = photo(200, 150, "PNG") + photo(200, 150)
    for cut in range(0, len(whole), 97):
        broken = whole[:cut] + bytes([whole[cut] ^ 0x55]) + whole[cut + 1 :]
        try:
            made_for_mail(broken, MOST)
        except PictureError:
            continue
