"""What may be uploaded: a short list, checked by name, by first bytes and by structure, images drawn anew.

An upload is hostile until shown otherwise. Images are decoded and encoded again, so that nothing survives but
pixels: no EXIF, no comment, no colour profile, no second file behind the first. Animated GIF and WebP stay
animated up to 20 megapixels and 300 frames over all; of other formats the first frame is kept. Everything else is
stored as it came and never shown inline (see `chats.file_views`).
"""

import codecs
import tempfile
import threading
import unicodedata
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from typing import IO

import puremagic
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from PIL import Image, ImageOps, ImageSequence, UnidentifiedImageError

from livecaller.core.errors import TooLargeError, UnsupportedTypeError

PIXELS_MOST = 40_000_000
ANIMATION_PIXELS_MOST, ANIMATION_FRAMES_MOST = 20_000_000, 300
NAME_CHARACTERS = 120
ZIP_ENTRIES_MOST = 5_000
ZIP_UNPACKED_MOST = 1024 * 1024 * 1024

_CHUNK = 64 * 1024
_IN_MEMORY = 1024 * 1024
# A decoded picture takes up to 160 MB: so many at a time.
_drawing = threading.BoundedSemaphore(2)

Stream = IO[bytes]
Check = Callable[[Stream], None]


@dataclass(frozen=True, slots=True)
class Accepted:
    """A file that may be stored: `stream` is at its beginning, `size` in bytes, width and height for images."""

    name: str
    content_type: str
    stream: Stream
    size: int
    width: int | None = None
    height: int | None = None


def accept(upload: "UploadedFile[bytes]") -> Accepted:
    """Return what may be stored of an upload.

    Raises `UnsupportedTypeError` when it is not on the list or not what its name says, and `TooLargeError`.
    """
    _require_size(upload.size or 0)
    name = clean_name(upload.name or "")
    extension = name.rpartition(".")[2].lower()
    stream: Stream = upload.file  # type: ignore[assignment]
    if extension in _IMAGES:
        _require_magic(stream, extension)
        return _drawn_anew(name, extension, stream)
    if extension not in _OTHERS:
        raise UnsupportedTypeError(
            _("Files of this kind are not accepted. These are: %(kinds)s.") % {"kinds": ", ".join(sorted(EXTENSIONS))}
        )
    content_type, check = _OTHERS[extension]
    stream.seek(0)
    check(stream)
    if not content_type.startswith("text/"):
        _require_magic(stream, extension)
    stream.seek(0)
    return Accepted(name, content_type, stream, upload.size or 0)


def clean_name(name: str) -> str:
    """Return a file name without path, control, direction or invisible characters, at most 120 characters long.

    What is left of the extension is what counts: a name cannot look like another kind than it is checked for.
    """
    last = name.replace("\\", "/").rpartition("/")[2]
    visible = "".join(letter for letter in unicodedata.normalize("NFC", last) if letter.isprintable())
    stem, dot, extension = " ".join(visible.split()).rpartition(".")
    stem = stem.strip(" .")[: NAME_CHARACTERS - 12].strip(" .") or "file"
    return f"{stem}.{extension.strip()[:10]}" if dot else stem


def _require_size(size: int) -> None:
    if size > settings.ATTACHMENT_MAX_BYTES:
        raise TooLargeError(_("A file may have 20 MB."))


def _refuse(reason: str) -> UnsupportedTypeError:
    outcome = _("It was not stored.")
    return UnsupportedTypeError(f"{reason} {outcome}")


def _require_magic(stream: Stream, extension: str) -> None:
    """Ask a second opinion about the kind of file; the first is our own check."""
    stream.seek(0)
    try:
        kinds = {match.extension.lstrip(".") for match in puremagic.magic_stream(stream)}
    except (puremagic.PureError, ValueError):
        kinds = set()
    if not kinds & _SAME_KIND.get(extension, {extension}):
        raise _refuse(_("This is not a %(kind)s file.") % {"kind": extension.upper()})


# Images ------------------------------------------------------------------------------------------------------


def _drawn_anew(name: str, extension: str, stream: Stream) -> Accepted:
    format_ = _IMAGES[extension]
    output: Stream = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 who stores it closes it
    try:
        with _drawing:
            width, height = _draw(stream, format_, output)
        size = output.tell()
        _require_size(size)
    except BaseException:
        output.close()
        raise
    output.seek(0)
    return Accepted(name, f"image/{format_.lower()}", output, size, width, height)


def _draw(stream: Stream, format_: str, output: Stream) -> tuple[int, int]:
    """Decode and encode a picture and return its width and height; `output` is left at its end."""
    stream.seek(0)
    try:
        with Image.open(stream, formats=[format_]) as image:
            _require_drawable(image)
            size = _encode(image, format_, output)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise TooLargeError(_("A picture may have 40 megapixels.")) from None
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError, OverflowError, IndexError):
        raise _refuse(_("This picture is damaged or is something else.")) from None
    output.seek(0, 2)
    return size


def _require_drawable(image: Image.Image) -> None:
    """Judge by the header, before a single pixel is decoded."""
    pixels = image.width * image.height
    if pixels > PIXELS_MOST:
        raise TooLargeError(_("A picture may have 40 megapixels."))
    frames = getattr(image, "n_frames", 1) if image.format in _ANIMATED else 1
    if frames > 1 and (frames > ANIMATION_FRAMES_MOST or frames * pixels > ANIMATION_PIXELS_MOST):
        raise TooLargeError(_("An animation may have 300 frames and 20 megapixels over all."))


def _encode(image: Image.Image, format_: str, output: Stream) -> tuple[int, int]:
    if format_ in _ANIMATED and getattr(image, "n_frames", 1) > 1:
        return _save_animation(image, format_, output)
    picture = _bare(ImageOps.exif_transpose(image), format_)
    picture.save(output, format_, **_OPTIONS[format_])
    return picture.size


def _save_animation(image: Image.Image, format_: str, output: Stream) -> tuple[int, int]:
    frames, durations = [], []
    for frame in ImageSequence.Iterator(image):
        durations.append(int(frame.info.get("duration", 100) or 100))
        frames.append(_bare(frame, format_))
    frames[0].save(
        output,
        format_,
        save_all=True,
        append_images=frames[1:],
        duration=durations,
        loop=0,
        **_OPTIONS[format_],
        **({"disposal": 2} if format_ == "GIF" else {}),
    )
    return frames[0].size


def _bare(image: Image.Image, format_: str) -> Image.Image:
    """Return the pixels alone: what Pillow carries along in `info` would be written out again."""
    has_alpha = format_ != "JPEG" and image.has_transparency_data
    picture = image.convert("RGBA" if has_alpha else "RGB")
    if picture is image:
        picture = image.copy()
    picture.info = {}
    return picture


# Other files -------------------------------------------------------------------------------------------------


def _starts(stream: Stream, count: int = 64) -> bytes:
    stream.seek(0)
    return stream.read(count)


def _pdf(stream: Stream) -> None:
    head = _starts(stream, 8)
    size = stream.seek(0, 2)
    stream.seek(max(0, size - 2048))
    if not head.startswith(b"%PDF-") or b"%%EOF" not in stream.read():
        raise _refuse(_("This PDF is damaged or is something else."))


def _text(stream: Stream) -> None:
    decode = codecs.getincrementaldecoder("utf-8")("strict").decode
    stream.seek(0)
    try:
        while chunk := stream.read(_CHUNK):
            _require_plain(decode(chunk))
        decode(b"", True)  # noqa: FBT003 the standard library's `final`
    except UnicodeDecodeError:
        raise _refuse(_("Text files are accepted in UTF-8.")) from None


def _require_plain(text: str) -> None:
    if any(letter < " " and letter not in "\t\n\r\f" for letter in text):
        raise _refuse(_("This is not a text file."))


def _zip(stream: Stream) -> None:
    _zip_names(stream)


def _office(folder: str) -> Check:
    def check(stream: Stream) -> None:
        names = _zip_names(stream)
        if "[Content_Types].xml" not in names or not any(name.startswith(folder) for name in names):
            raise _refuse(_("This document is damaged or is something else."))
        if any(name.lower().endswith("vbaproject.bin") for name in names):
            raise _refuse(_("Documents with macros are not accepted."))

    return check


def _zip_names(stream: Stream) -> set[str]:
    """Return the names in an archive; nothing is unpacked. Refuses what would hurt whoever unpacks it."""
    if not _starts(stream, 4) == b"PK\x03\x04" or _zip_entries(stream) > ZIP_ENTRIES_MOST:
        raise _refuse(_("This archive is damaged or has too many files."))
    stream.seek(0)
    try:
        with zipfile.ZipFile(stream) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, OverflowError):
        raise _refuse(_("This archive is damaged.")) from None
    if sum(entry.file_size for entry in entries) > ZIP_UNPACKED_MOST:
        raise TooLargeError(_("An archive may have 1 GB when it is unpacked."))
    names = {entry.filename for entry in entries}
    if any(name.startswith(("/", "\\")) or ".." in name.replace("\\", "/").split("/") for name in names):
        raise _refuse(_("This archive would write outside its folder."))
    return names


def _zip_entries(stream: Stream) -> int:
    """Return how many entries the archive claims, without reading its directory; 65535 stands for more."""
    size = stream.seek(0, 2)
    stream.seek(max(0, size - 65_557))
    tail = stream.read()
    end = tail.rfind(b"PK\x05\x06")
    return int.from_bytes(tail[end + 10 : end + 12], "little") if end >= 0 else 65_535


def _begins(*signatures: tuple[int, bytes]) -> Check:
    """Return a check that every `(offset, bytes)` is there."""

    def check(stream: Stream) -> None:
        head = _starts(stream)
        if not all(head[offset : offset + len(magic)] == magic for offset, magic in signatures):
            raise _refuse(_("This recording is damaged or is something else."))

    return check


def _mp3(stream: Stream) -> None:
    head = _starts(stream, 4)
    is_frame = len(head) == 4 and head[0] == 0xFF and head[1] & 0xE6 == 0xE2
    if not head.startswith(b"ID3") and not is_frame:
        raise _refuse(_("This recording is damaged or is something else."))


def _webm(stream: Stream) -> None:
    head = _starts(stream)
    if not head.startswith(b"\x1aE\xdf\xa3") or b"webm" not in head:
        raise _refuse(_("This recording is damaged or is something else."))


_OFFICE = "application/vnd.openxmlformats-officedocument"
_IMAGES = {"jpg": "JPEG", "jpeg": "JPEG", "png": "PNG", "gif": "GIF", "webp": "WEBP"}
_ANIMATED = {"GIF", "WEBP"}
_OPTIONS: dict[str, dict[str, int | bool]] = {
    "JPEG": {"quality": 88, "progressive": True},
    "PNG": {"compress_level": 6},
    "GIF": {},
    "WEBP": {"quality": 85, "method": 2},
}
_OTHERS: dict[str, tuple[str, Check]] = {
    "pdf": ("application/pdf", _pdf),
    "txt": ("text/plain", _text),
    "log": ("text/plain", _text),
    "md": ("text/plain", _text),
    "csv": ("text/csv", _text),
    "zip": ("application/zip", _zip),
    "docx": (f"{_OFFICE}.wordprocessingml.document", _office("word/")),
    "xlsx": (f"{_OFFICE}.spreadsheetml.sheet", _office("xl/")),
    "pptx": (f"{_OFFICE}.presentationml.presentation", _office("ppt/")),
    "mp3": ("audio/mpeg", _mp3),
    "ogg": ("audio/ogg", _begins((0, b"OggS"))),
    "wav": ("audio/wav", _begins((0, b"RIFF"), (8, b"WAVE"))),
    "m4a": ("audio/mp4", _begins((4, b"ftyp"))),
    "mp4": ("video/mp4", _begins((4, b"ftyp"))),
    "webm": ("video/webm", _webm),
}
_ZIPS = {"zip", "docx", "xlsx", "pptx"}
_MP4 = {"mp4", "m4a", "f4a", "m4v", "mov", "3gp"}
_JPEG = {"jpg", "jpeg", "jfif"}
# What the second opinion calls a kind that we name more exactly.
_SAME_KIND = {
    **dict.fromkeys(("jpg", "jpeg"), _JPEG),
    **dict.fromkeys(_ZIPS, _ZIPS),
    **dict.fromkeys(("m4a", "mp4"), _MP4),
    "mp3": {"mp3", "mpga"},
    "webm": {"webm", "mkv"},
}
EXTENSIONS = frozenset({*_IMAGES, *_OTHERS})
INLINE_TYPES = frozenset(f"image/{format_.lower()}" for format_ in _IMAGES.values())
