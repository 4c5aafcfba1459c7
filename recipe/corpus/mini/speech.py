"""espeak-ng through its C interface. A process must synthesise one talk only: the engine keeps state between calls."""

import ctypes
from functools import cache

import numpy as np

from recipe.corpus.mini.talks import Speaker

SYNTHESIS_RATE_HZ = 22_050
_SYNCHRONOUS, _UTF8 = 2, 1
_RATE, _PITCH, _PITCH_RANGE = 1, 3, 4
_CALLBACK = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p)


@cache
def load_library() -> ctypes.CDLL:
    """The shared library, not initialised: safe to load before forking."""
    import espeakng_loader

    library = ctypes.CDLL(espeakng_loader.get_library_path())
    library.espeak_Initialize.argtypes = [ctypes.c_int, ctypes.c_int, ctypes.c_char_p, ctypes.c_int]
    library.espeak_Synth.argtypes = [
        ctypes.c_char_p, ctypes.c_size_t, ctypes.c_uint, ctypes.c_int, ctypes.c_uint, ctypes.c_uint,
        ctypes.c_void_p, ctypes.c_void_p,
    ]  # fmt: skip
    library.espeak_ng_SetRandSeed.argtypes = [ctypes.c_long]
    return library


class Synthesiser:
    """Synthesises sentences with the voice of one speaker. Make one per process."""

    def __init__(self, speaker: Speaker, seed: int):
        """:raises ValueError: if the engine does not start or has no such voice"""
        import espeakng_loader

        self._library = load_library()
        rate = self._library.espeak_Initialize(_SYNCHRONOUS, 0, espeakng_loader.get_data_path().encode(), 0)
        if rate != SYNTHESIS_RATE_HZ:
            raise ValueError(f"espeak-ng started with {rate} Hz instead of {SYNTHESIS_RATE_HZ}")
        self._library.espeak_ng_SetRandSeed(seed % 2**31)
        self._blocks: list[bytes] = []
        self._callback = _CALLBACK(self._collect)  # the engine does not keep a reference
        self._library.espeak_SetSynthCallback(self._callback)
        if self._library.espeak_SetVoiceByName(speaker.voice.encode()):
            raise ValueError(f"espeak-ng has no voice {speaker.voice!r}")
        for parameter, value in ((_PITCH, speaker.pitch), (_PITCH_RANGE, speaker.pitch_range)):
            self._library.espeak_SetParameter(parameter, value, 0)

    def _collect(self, samples, count, _events) -> int:
        if samples and count > 0:
            self._blocks.append(ctypes.string_at(samples, 2 * count))
        return 0

    def say(self, text: str, words_per_minute: int) -> np.ndarray:
        """Speech for `text`, [samples] int16 at SYNTHESIS_RATE_HZ."""
        self._blocks.clear()
        self._library.espeak_SetParameter(_RATE, words_per_minute, 0)
        data = text.encode("utf-8")
        status = self._library.espeak_Synth(data, len(data) + 1, 0, 1, 0, _UTF8, None, None)
        if status:
            raise ValueError(f"espeak-ng could not say {text!r} (status {status})")
        return np.frombuffer(b"".join(self._blocks), dtype=np.int16)
