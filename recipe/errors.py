"""The one exception for bad input: its text is a sentence for the person who has to mend it."""


class InputError(ValueError):
    """Bad input, told in one sentence that names the file, line or field and how to mend it."""
