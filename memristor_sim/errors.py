"""The one exception that the simulator raises on bad input."""


class MemristorError(ValueError):
    """Invalid input. The message is one sentence that names the offending value and how to fix it."""


class MemristorWarning(UserWarning):
    """Something that works, but perhaps not as the user thinks."""
