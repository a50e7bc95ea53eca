"""The bytes of a feed as text: which encoding they are in, whatever they say of it."""

import codecs
import re
from collections.abc import Sequence

# The encodings that are neither Unicode nor Latin-1, by their labels, read as browsers do (Encoding Standard §4.2).
_CODECS = (
    {f"iso-8859-{part}": f"iso8859_{part}" for part in (2, 3, 4, 5, 6, 7, 8, 10, 13, 14, 15, 16)}
    | {f"{prefix}{page}": f"cp{page}" for prefix in ("windows-", "cp") for page in (1250, 1251, *range(1253, 1259))}
    | {"iso-8859-9": "cp1254", "iso-8859-11": "cp874", "tis-620": "cp874", "windows-874": "cp874"}
    | {"koi8-r": "koi8_r", "koi8-u": "koi8_u", "ibm866": "cp866", "cp866": "cp866", "macintosh": "mac_roman"}
    | {"gb2312": "gb18030", "gbk": "gb18030", "gb18030": "gb18030", "big5": "big5hkscs", "big5-hkscs": "big5hkscs"}
    | {"shift-jis": "cp932", "sjis": "cp932", "x-sjis": "cp932", "windows-31j": "cp932", "euc-jp": "euc_jp"}
    | {"iso-2022-jp": "iso2022_jp", "euc-kr": "cp949", "ks-c-5601-1987": "cp949"}
)
_LATIN = frozenset({"iso-8859-1", "latin1", "l1", "windows-1252", "cp1252"})
# How a document of two or four bytes a character begins, with a byte order mark or a "<" (XML 1.0 appendix F); longest first.
_WIDE = {
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    b"<\0\0\0": "utf-32-le",
    b"\0\0\0<": "utf-32-be",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
    b"<\0": "utf-16-le",
    b"\0<": "utf-16-be",
}
_DECLARED_ENCODING = re.compile(rb"<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9._-]{1,40})")
# A byte that is no UTF-8, as "surrogateescape" leaves it, and its character in windows-1252.
_STRAY_BYTES = {0xDC00 + byte: bytes([byte]).decode("cp1252", "replace") for byte in range(0x80, 0x100)}
# What XML 1.0 §2.2 forbids: the opposite of what is allowed, because that is much faster.
_NO_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def decoded(content: bytes, charset: str | None) -> tuple[str, list[str]]:
    """The text, without byte order mark, outer blanks and what XML forbids; and notes on what was wrong with it."""
    text, notes = _wide_text(content) or _narrow_text(content, charset)
    clean = xml_characters(text)
    if clean != text:
        notes.append("has control characters, which were left out")
    return clean.strip().removeprefix("\ufeff").strip(), notes


def xml_characters(text: str) -> str:
    """The text without what XML forbids."""
    return _NO_XML.sub("", text)


def _wide_text(content: bytes) -> tuple[str, list[str]] | None:
    codec = next((codec for start, codec in _WIDE.items() if content.startswith(start)), None)
    return (content.decode(codec, "replace"), []) if codec else None


def _narrow_text(content: bytes, charset: str | None) -> tuple[str, list[str]]:
    declared = _DECLARED_ENCODING.search(content, 0, 1024)
    labels = [_label(label) for label in (charset, declared and declared[1].decode("ascii")) if label]
    codec = next((_CODECS[label] for label in labels if label in _CODECS), None)
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return _legacy_text(content, codec, labels)
    if codec and content.isascii():
        # ISO-2022-JP writes everything in ASCII.
        return content.decode(codec, "replace"), []
    # Text in another encoding is hardly ever valid UTF-8 by chance.
    mislabelled = [label for label in labels[:1] if label not in ("utf-8", "utf8") and not content.isascii()]
    return text, [f"says that it is in {label}, but is in UTF-8" for label in mislabelled]


def _legacy_text(content: bytes, codec: str | None, labels: Sequence[str]) -> tuple[str, list[str]]:
    if codec:
        return content.decode(codec, "replace"), []
    # One page pasted into a feed of UTF-8 must not spoil the others: only what is no UTF-8 is read as windows-1252.
    text = content.decode("utf-8", "surrogateescape").translate(_STRAY_BYTES)
    expected = _LATIN.isdisjoint(labels)
    return text, ["has bytes that are no UTF-8; they were read as windows-1252"] if expected else []


def _label(label: str) -> str:
    return label.strip(" \"'").lower().replace("_", "-")
