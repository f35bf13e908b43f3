"""Names of files, as strangers give them, made harmless."""

from __future__ import annotations

import re
import unicodedata

LONGEST = 150
_SEPARATORS = re.compile(r"[/\\]")
_UNWANTED = re.compile(r'[<>:"|?*]')
_HIDDEN_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def safe_file_name(text: str, fallback: str = "file") -> str:
    """The last part of a path, without what steers terminals, hides, or means something to a shell or a file system.

    A name that is too long is cut before its extension.
    """
    name = unicodedata.normalize("NFC", _SEPARATORS.split(text)[-1])
    name = "".join(" " if unicodedata.category(letter) in _HIDDEN_CATEGORIES else letter for letter in name)
    name = " ".join(_UNWANTED.sub("_", name).split()).strip(". ")
    stem, dot, extension = name.rpartition(".")
    if len(name) > LONGEST and stem and len(extension) <= 10:
        return stem[: LONGEST - len(extension) - 1].rstrip(". ") + dot + extension
    return name[:LONGEST].rstrip(". ") or fallback
