"""The one exception for bad input: its message is a sentence for the person who has to fix it."""


class InputError(ValueError):
    """Invalid input. The message is one sentence that names the file, line or field and says how to fix it."""


def require(condition: bool, message: str) -> None:
    """:raises InputError: with this message, unless the condition holds"""
    if not condition:
        raise InputError(message)
