"""Derive MIME type and file type from the extension of a file (content inspection, table of types)."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

OTHER, DOCUMENT, SPREADSHEET, PRESENTATION, TEXT, IMAGE, FOLDER = range(7)

LABELS: Final = ("OTHER", "DOCUMENT", "SPREADSHEET", "PRESENTATION", "TEXT", "IMAGE", "FOLDER")
"""Wire names of the file types, indexed by number."""

_WORD: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_EXCEL: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_SLIDES: Final = "application/vnd.openxmlformats-officedocument.presentationml"
_OPEN: Final = "application/vnd.oasis.opendocument"

_MIME_TYPES: Final = {
    "doc dot": "application/msword",
    "docx": f"{_WORD}.document",
    "dotx": f"{_WORD}.template",
    "docm": "application/vnd.ms-word.document.macroEnabled.12",
    "odt": f"{_OPEN}.text",
    "odg": f"{_OPEN}.graphics",
    "odc": f"{_OPEN}.chart",
    "odf": f"{_OPEN}.formula",
    "sxw": "application/vnd.sun.xml.writer",
    "gdoc": "application/vnd.google-apps.document",
    "boxnote": "application/vnd.box.boxnote",
    "pdf": "application/pdf",
    "rtf": "application/rtf",
    "xls xlt": "application/vnd.ms-excel",
    "xlsx": f"{_EXCEL}.sheet",
    "xltx": f"{_EXCEL}.template",
    "xlsm": "application/vnd.ms-excel.sheet.macroEnabled.12",
    "xlsb": "application/vnd.ms-excel.sheet.binary.macroEnabled.12",
    "ods": f"{_OPEN}.spreadsheet",
    "sxc": "application/vnd.sun.xml.calc",
    "gsheet": "application/vnd.google-apps.spreadsheet",
    "ppt pps pot": "application/vnd.ms-powerpoint",
    "pptx": f"{_SLIDES}.presentation",
    "ppsx": f"{_SLIDES}.slideshow",
    "potx": f"{_SLIDES}.template",
    "pptm": "application/vnd.ms-powerpoint.presentation.macroEnabled.12",
    "odp": f"{_OPEN}.presentation",
    "sxi": "application/vnd.sun.xml.impress",
    "gslides": "application/vnd.google-apps.presentation",
    "txt log ini conf cfg": "text/plain",
    "csv": "text/csv",
    "tsv": "text/tab-separated-values",
    "htm html": "text/html",
    "css": "text/css",
    "md": "text/markdown",
    "ics": "text/calendar",
    "vcf": "text/vcard",
    "xml": "text/xml",
    "js mjs": "text/javascript",
    "py": "text/x-python",
    "sh": "text/x-shellscript",
    "c h": "text/x-c",
    "java": "text/x-java-source",
    "sql": "text/x-sql",
    "odi": f"{_OPEN}.image",
    "jpg jpeg": "image/jpeg",
    "png": "image/png",
    "gif": "image/gif",
    "bmp": "image/bmp",
    "tif tiff": "image/tiff",
    "webp": "image/webp",
    "svg": "image/svg+xml",
    "heic": "image/heic",
    "ico": "image/vnd.microsoft.icon",
    "json": "application/json",
    "yaml yml": "application/yaml",
    "zip": "application/zip",
    "gz": "application/gzip",
    "7z": "application/x-7z-compressed",
    "rar": "application/vnd.rar",
    "tar": "application/x-tar",
    "exe dll": "application/vnd.microsoft.portable-executable",
    "msg": "application/vnd.ms-outlook",
    "eml": "message/rfc822",
    "mp3": "audio/mpeg",
    "wav": "audio/wav",
    "mp4": "video/mp4",
    "mov": "video/quicktime",
    "avi": "video/x-msvideo",
}
"""Space-separated extensions → MIME type."""

_BY_EXTENSION: Final = {name: mime for names, mime in _MIME_TYPES.items() for name in names.split()}

_FAMILIES: Final = (
    (IMAGE, ("opendocument.image", "google-apps.photo")),
    (PRESENTATION, ("presentation", "powerpoint", "impress")),
    (SPREADSHEET, ("spreadsheet", "excel", ".calc")),
    (
        DOCUMENT,
        (
            "wordprocessingml",
            "msword",
            "ms-word",
            "opendocument.",
            "vnd.sun.xml.",
            "vnd.stardivision.",
            "starwriter",
            "google-apps.document",
            "google-apps.kix",
            "boxnote",
            "webdoc",
            "jive.document",
            "/pdf",
            "/x-pdf",
            "/rtf",
        ),
    ),
)
"""File type → substrings of MIME types; the first match wins."""


def mime_type(extension: str) -> str:
    """Return the MIME type of an extension (without dot, any case), or empty text if unknown."""
    return _BY_EXTENSION.get(extension.lower(), "")


@lru_cache(maxsize=1_000)
def file_type(mime: str) -> int:
    """Return the file type of a MIME type (any case)."""
    plain = mime.partition(";")[0].strip().lower()
    if plain in {"application/vnd.google-apps.folder", "inode/directory"}:
        return FOLDER
    for kind, words in _FAMILIES:
        if any(word in plain for word in words):
            return kind
    return {"image": IMAGE, "text": TEXT}.get(plain.partition("/")[0], OTHER)


def extension_of(name: str) -> str:
    """Return the extension of a file name as written, without the dot; empty if there is none."""
    stem, dot, extension = name.rpartition(".")
    return extension if dot and stem and extension.isalnum() and len(extension) <= 16 else ""
