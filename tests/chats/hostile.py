"""Files that mean harm, made here byte by byte; and honest ones beside them."""

import io
import struct
import zipfile
import zlib
from typing import Any  # Pillow's options

from PIL import Image, PngImagePlugin

CANARY = b"canary-4111-1111"


def picture(format_: str, size: tuple[int, int] = (40, 30), **options: Any) -> bytes:
    """Return an honest picture."""
    output = io.BytesIO()
    image = Image.new("RGB", size, (200, 80, 40))
    image.putpixel((1, 1), (0, 0, 255))
    image.save(output, format_, **options)
    return output.getvalue()


def with_exif(format_: str) -> bytes:
    """Return a picture that says where and by whom it was taken, and that is to be turned by 90 degrees."""
    exif = Image.Exif()
    exif[0x010E] = CANARY.decode()
    exif[0x0112] = 6
    exif.get_ifd(0x8825)[1] = "N"
    return picture(format_, exif=exif)


def png_with_text() -> bytes:
    """Return a PNG with text chunks and a colour profile."""
    info = PngImagePlugin.PngInfo()
    info.add_text("Comment", CANARY.decode())
    info.add_itxt("XML:com.adobe.xmp", CANARY.decode())
    return picture("PNG", pnginfo=info, icc_profile=b"\0" * 128 + CANARY)


def animation(format_: str, frames: int = 5, size: tuple[int, int] = (20, 10)) -> bytes:
    """Return a moving picture with a comment."""
    output = io.BytesIO()
    images = [Image.new("RGB", size, (number * 7 % 256, number % 256, 0)) for number in range(frames)]
    options: dict[str, Any] = {"comment": CANARY} if format_ == "GIF" else {"xmp": CANARY}
    images[0].save(output, format_, save_all=True, append_images=images[1:], duration=40, loop=0, **options)
    return output.getvalue()


def png_claiming(width: int, height: int) -> bytes:
    """Return a PNG of a few bytes that says it is huge."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", header)
        + _chunk(b"IDAT", zlib.compress(b"\0" * 100))
        + _chunk(b"IEND", b"")
    )


def archive(entries: dict[str, bytes]) -> bytes:
    """Return a zip file."""
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in entries.items():
            file.writestr(name, content)
    return output.getvalue()


def office(folder: str, **more: bytes) -> bytes:
    """Return a document as far as anybody looks."""
    return archive({"[Content_Types].xml": b"<Types/>", f"{folder}/document.xml": b"<x/>", **more})


def archive_claiming(size: int) -> bytes:
    """Return an archive whose one entry says it is `size` bytes long when unpacked."""
    content = archive({"bomb.txt": b"boom"})
    at = content.rindex(b"PK\x01\x02") + 24
    return content[:at] + struct.pack("<I", size) + content[at + 4 :]


def archive_of_many() -> bytes:
    """Return an archive that claims sixty thousand entries."""
    content = archive({"a.txt": b"a"})
    at = content.rindex(b"PK\x05\x06") + 8
    return content[:at] + struct.pack("<HH", 60_000, 60_000) + content[at + 4 :]


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


SCRIPT = b"<script>alert(document.domain)</script>"
SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>1</script></svg>'
PDF = b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
EXE = b"MZ\x90\0" + b"\0" * 200
MP3 = b"ID3\x04\0\0\0\0\0\0" + b"\0" * 400

# name, bytes, what the refusal is called
REFUSED: list[tuple[str, bytes, str]] = [
    ("drawing.svg", SVG, "unsupported_type"),
    ("drawing.png", SVG, "unsupported_type"),
    ("page.html", SCRIPT, "unsupported_type"),
    ("page.png", SCRIPT, "unsupported_type"),
    ("page.jpg", b"\xff\xd8\xff\xe0" + SCRIPT, "unsupported_type"),
    ("script.gif", b"GIF89a/*" + b"\0" * 20 + b"*/=1;alert(1)", "unsupported_type"),
    ("photo.webp", b"RIFF\x10\0\0\0WEBPVP8 " + SCRIPT, "unsupported_type"),
    ("photo.png", picture("JPEG"), "unsupported_type"),
    ("cut.png", picture("PNG", (200, 200))[:-60], "unsupported_type"),
    ("cut.jpg", picture("JPEG", (300, 300))[:700], "unsupported_type"),
    ("huge.png", png_claiming(60_000, 60_000), "too_large"),
    ("large.png", png_claiming(7_000, 6_000), "too_large"),
    ("endless.gif", animation("GIF", frames=301), "too_large"),
    ("setup.exe", EXE, "unsupported_type"),
    ("invoice.pdf.exe", PDF, "unsupported_type"),
    ("invoice.pdf", EXE, "unsupported_type"),
    ("invoice.pdf", SCRIPT + PDF, "unsupported_type"),
    ("cut.pdf", PDF[:30], "unsupported_type"),
    ("photo\u202egnp.exe", picture("PNG"), "unsupported_type"),
    ("noextension", picture("PNG"), "unsupported_type"),
    (".htaccess", b"Options +ExecCGI", "unsupported_type"),
    ("letter.docx", archive({"a.txt": b"a"}), "unsupported_type"),
    ("letter.docx", office("xl"), "unsupported_type"),
    ("macro.docx", office("word", **{"word/vbaProject.bin": b"x"}), "unsupported_type"),
    ("macro.docm", office("word"), "unsupported_type"),
    ("climb.zip", archive({"../../etc/cron.d/job": b"x"}), "unsupported_type"),
    ("climb.zip", archive({"..\\..\\autorun.inf": b"x"}), "unsupported_type"),
    ("root.zip", archive({"/etc/passwd": b"x"}), "unsupported_type"),
    ("bomb.zip", archive_claiming(4_000_000_000), "too_large"),
    ("many.zip", archive_of_many(), "unsupported_type"),
    ("cut.zip", archive({"a.txt": b"a" * 500})[:-30], "unsupported_type"),
    ("null.txt", b"a\0b", "unsupported_type"),
    ("wide.txt", "text".encode("utf-16"), "unsupported_type"),
    ("bytes.csv", b"\xff\xfe\xfd", "unsupported_type"),
    ("song.mp3", SCRIPT, "unsupported_type"),
    ("film.mp4", SCRIPT, "unsupported_type"),
    ("empty.pdf", b"", "unsupported_type"),
    ("empty.png", b"", "unsupported_type"),
]

ACCEPTED: list[tuple[str, bytes, str]] = [
    ("photo.jpg", picture("JPEG"), "image/jpeg"),
    ("PHOTO.JPEG", picture("JPEG"), "image/jpeg"),
    ("photo.png", picture("PNG"), "image/png"),
    ("photo.gif", picture("GIF"), "image/gif"),
    ("photo.webp", picture("WEBP"), "image/webp"),
    ("invoice.pdf", PDF, "application/pdf"),
    ("notes.txt", "Grüße, გამარჯობა\r\n".encode(), "text/plain"),
    ("list.csv", b"a;b\n=1;2\n", "text/csv"),
    ("page.txt", SCRIPT, "text/plain"),
    ("letter.docx", office("word"), "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    ("table.xlsx", office("xl"), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ("all.zip", archive({"a/b.txt": b"a"}), "application/zip"),
    ("song.mp3", MP3, "audio/mpeg"),
    ("voice.ogg", b"OggS\0\2" + b"\0" * 200, "audio/ogg"),
    ("voice.wav", b"RIFF\x24\0\0\0WAVEfmt " + b"\0" * 100, "audio/wav"),
    ("voice.m4a", b"\0\0\0\x18ftypM4A " + b"\0" * 100, "audio/mp4"),
    ("film.mp4", b"\0\0\0\x18ftypmp42" + b"\0" * 100, "video/mp4"),
    ("film.webm", b"\x1aE\xdf\xa3" + b"\0" * 20 + b"webm" + b"\0" * 100, "video/webm"),
]
