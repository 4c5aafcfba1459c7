"""The one exception for bad input: its message is a sentence for the person who has to fix it."""

SHOWN_CHARACTERS = 40


class InputError(ValueError):
    """Invalid input. The message is one sentence that names the file, line or field and says how to fix it."""


def require(condition: bool, message: str) -> None:
    """:raises InputError: with this message, unless the condition holds"""
    if not condition:
        raise InputError(message)


def shown(text: str) -> str:
    """A text from outside, quoted for a message: what nobody would see is written as its code point, long ones are cut.

    >>> shown("a\\ufeffb")
    "'a<U+FEFF>b'"
    """
    cut = text if len(text) <= SHOWN_CHARACTERS else text[:SHOWN_CHARACTERS]
    visible = "".join(one if one.isprintable() else f"<{code_point(one)}>" for one in cut)
    return f"'{visible}'" if cut is text else f"'{visible}...' ({len(text):,} characters)"


def code_point(character: str) -> str:
    """`U+FEFF`."""
    return f"U+{ord(character):04X}"
