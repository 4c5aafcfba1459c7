"""The one exception that the simulator raises on bad input."""


class MemristorError(ValueError):
    """Something given to the simulator cannot be; the message is one sentence with the name of what and the mend."""
