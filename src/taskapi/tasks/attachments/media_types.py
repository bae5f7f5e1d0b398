"""What a file is, by its own first bytes: neither its name nor its sender is believed.

The name may only choose among what the bytes allow: a ZIP archive may be a text document, plain text a table. What a
browser would run (HTML, SVG, XML, scripts) has no type of its own, so that nobody is ever told to treat it as such.
"""

from typing import Final

from taskapi.tasks.attachments.names import ending

HEAD_BYTES: Final = 4096
OPAQUE: Final = "application/octet-stream"
TEXT: Final = "text/plain; charset=utf-8"

_BEGINNINGS: Final = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"%PDF-", "application/pdf"),
    (b"BM", "image/bmp"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"OggS", "audio/ogg"),
    (b"fLaC", "audio/flac"),
    (b"ID3", "audio/mpeg"),
    (b"\x1a\x45\xdf\xa3", "video/webm"),
    (b"\x1f\x8b\x08", "application/gzip"),
    (b"BZh", "application/x-bzip2"),
    (b"\xfd7zXZ\x00", "application/x-xz"),
    (b"(\xb5/\xfd", "application/zstd"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (b"Rar!\x1a\x07", "application/vnd.rar"),
    (b"SQLite format 3\x00", "application/vnd.sqlite3"),
)
_RIFF: Final = {b"WEBP": "image/webp", b"WAVE": "audio/wav", b"AVI ": "video/x-msvideo"}
_BRANDS: Final = {
    **dict.fromkeys((b"avif", b"avis"), "image/avif"),
    **dict.fromkeys((b"heic", b"heix", b"mif1"), "image/heic"),
    **dict.fromkeys((b"M4A ", b"M4B "), "audio/mp4"),
    b"qt  ": "video/quicktime",
}
_OFFICE: Final = "application/vnd.openxmlformats-officedocument"
_IN_ZIP: Final = {
    "docx": f"{_OFFICE}.wordprocessingml.document",
    "xlsx": f"{_OFFICE}.spreadsheetml.sheet",
    "pptx": f"{_OFFICE}.presentationml.presentation",
    "odt": "application/vnd.oasis.opendocument.text",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "odp": "application/vnd.oasis.opendocument.presentation",
    "epub": "application/epub+zip",
}
_IN_COMPOUND: Final = {
    "doc": "application/msword",
    "xls": "application/vnd.ms-excel",
    "ppt": "application/vnd.ms-powerpoint",
    "msg": "application/vnd.ms-outlook",
}
_TEXTS: Final = {
    "csv": "text/csv; charset=utf-8",
    "md": "text/markdown; charset=utf-8",
    "json": "application/json",
    "ics": "text/calendar; charset=utf-8",
}
# Whatever they hold, browsers or systems run what has such a name.
_RUN: Final = frozenset(
    {
        *("html", "htm", "xhtml", "xht", "shtml", "mhtml", "mht", "hta", "svg", "svgz", "xml", "xsl", "xslt", "rdf"),
        *("js", "mjs", "cjs", "jse", "vbs", "vbe", "wsf", "ps1", "bat", "cmd", "sh", "php", "jar", "swf", "wasm"),
    }
)
_COMPOUND: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_CONTROLS: Final = bytes(set(range(0x20)) - set(b"\t\n\f\r\x1b"))
_BOM: Final = b"\xef\xbb\xbf"


def media_type(head: bytes, name: str) -> str:
    """Of a file whose first bytes, HEAD_BYTES at most, are these."""
    called = ending(name)
    if called in _RUN:
        return OPAQUE
    if head.startswith(b"PK\x03\x04"):
        return _IN_ZIP.get(called, "application/zip")
    if head.startswith(_COMPOUND):
        return _IN_COMPOUND.get(called, "application/x-ole-storage")
    return _by_beginning(head) or _as_text(head, called)


def _by_beginning(head: bytes) -> str | None:
    if head.startswith(b"RIFF"):
        return _RIFF.get(head[8:12])
    if head[4:8] == b"ftyp":
        return _BRANDS.get(head[8:12], "video/mp4")
    if head[257:262] == b"ustar":
        return "application/x-tar"
    return next((found for beginning, found in _BEGINNINGS if head.startswith(beginning)), None)


def _as_text(head: bytes, called: str) -> str:
    """UTF-8 without control characters is text; the end of these bytes may cut a sign. Markup may be run."""
    if (
        not head
        or len(head.translate(None, _CONTROLS)) < len(head)
        or head.removeprefix(_BOM).lstrip().startswith(b"<")
    ):
        return OPAQUE
    try:
        head.decode()
    except UnicodeDecodeError as error:
        if error.start < len(head) - 3:
            return OPAQUE
    return _TEXTS.get(called, TEXT)
