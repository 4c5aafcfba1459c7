"""A line of a game: what is displayed, who says it, where, and its recording."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

from recipe.errors import InputError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

GAME_RATE_HZ = 11_025
"""Of all recordings of these games."""


@dataclass(frozen=True, kw_only=True)
class Clip:
    """One recording of one line, in the order of the game's files."""

    game: str
    """`drascula` or `amazon_queen`."""
    name: str
    """Name of the recording in its game, without suffix."""
    scene: str
    """What is recorded and heard together, such as a conversation; parts of the corpus share none."""
    speaker: str
    """The character. One actor may play several: neither game says who plays whom."""
    text: str
    """As displayed, without the marks of the engine."""
    data: bytes
    """The recording: an MP3 file, or samples of 8 bit without sign."""
    compressed: bool
    """Whether it is an MP3 file."""

    def samples(self) -> NDArray[np.float32]:
        """The recording in -1 .. 1, at GAME_RATE_HZ, shape [samples].

        :raises InputError: when it cannot be decoded, or has another rate or more than one channel
        """
        import numpy as np

        if not self.compressed:
            return ((np.frombuffer(self.data, np.uint8).astype(np.int16) - 128) / 128).astype(np.float32)
        import soundfile

        try:
            samples, rate_hz = soundfile.read(io.BytesIO(self.data), dtype="float32")
        except soundfile.LibsndfileError as error:
            raise InputError(
                f"{self.game}: the recording {self.name} cannot be decoded ({error}); MP3 needs libsndfile 1.1, "
                f"this one is {soundfile.__libsndfile_version__}"
            ) from None
        if rate_hz != GAME_RATE_HZ or samples.ndim != 1:
            known = f"is not {GAME_RATE_HZ} Hz mono; use the known package"
            raise InputError(f"{self.game}: the recording {self.name} {known}")
        return samples
