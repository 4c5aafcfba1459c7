"""Names from data and settings: whatever becomes part of a path, an alias or a tag is checked where it enters."""

import re

from recipe.errors import InputError, shown

MAX_NAME_BYTES = 100
"""File systems take 255 bytes for one name; suffixes and the names of scratch files are added to ours."""

_USABLE = re.compile(r"[^\s/\\.\-][^\s/\\]*")


def checked_name(name: object, what: str, where: str = "", spaces: bool = False) -> str:
    """The name, if it can name one file or folder.

    It has no `/`, `\\`, `..`, blank or invisible character, no `.` or `-` at its start, and 1 to MAX_NAME_BYTES bytes.

    :param what: what it names, as in "the talk"
    :param where: "file:line" where it stands, or the field
    :param spaces: whether single spaces (U+0020) may stand between its words
    :raises InputError: for any other
    """
    if isinstance(name, str) and name.isprintable() and ".." not in name:
        whole = re.sub("(?<! ) (?=[^ ])", "_", name) if spaces and name[:1] != " " else name
        if _USABLE.fullmatch(whole) and len(name.encode("utf-8")) <= MAX_NAME_BYTES:
            return name
    told = shown(name) if isinstance(name, str) else repr(name)
    raise InputError(
        f"{where}{': ' if where else ''}{what} is named {told}; give a name without '/', '\\', '..', white space and "
        f"invisible characters, of 1 to {MAX_NAME_BYTES} bytes, which begins with neither '.' nor '-'"
    )
