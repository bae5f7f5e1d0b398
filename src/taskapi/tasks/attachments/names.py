"""Names of files: what a person calls one, and nothing that a program could take for a path or read backwards."""

import re
import unicodedata
from typing import Final
from uuid import UUID

MAX_BYTES: Final = 255
UNNAMED: Final = "unnamed"
# Control characters and lone surrogates; what turns the direction of text; invisible ones. Emoji need U+200D.
_UNWANTED: Final = frozenset({"Cc", "Cs", "Cf", "Co", "Cn", "Zl", "Zp"})
_JOINER: Final = "\u200d"
_LONGEST_ENDING: Final = 20


def key(object_id: UUID) -> str:
    """Where the storage has the bytes, whatever people call the file."""
    return f"attachments/{object_id.hex}"


def cleaned(given: str) -> str:
    """The last part of a path, in NFC, without what cannot be seen, and no longer than a file system takes."""
    name = unicodedata.normalize("NFC", re.split(r"[/\\]", given)[-1])
    name = "".join(sign for sign in name if sign == _JOINER or unicodedata.category(sign) not in _UNWANTED).strip()
    if not name.strip(f". {_JOINER}"):
        return UNNAMED
    return _shortened(name)


def _shortened(name: str) -> str:
    """The ending stays: it says what opens the file."""
    if len(name.encode()) <= MAX_BYTES:
        return name
    stem, dot, ending = name.rpartition(".")
    if not stem or len(ending.encode()) > _LONGEST_ENDING:
        stem, dot, ending = name, "", ""
    left = MAX_BYTES - len((dot + ending).encode())
    return stem.encode()[:left].decode(errors="ignore").rstrip().rstrip(_JOINER) + dot + ending


def ending(name: str) -> str:
    """In small letters, without its dot."""
    return name.rpartition(".")[2].lower() if "." in name else ""
