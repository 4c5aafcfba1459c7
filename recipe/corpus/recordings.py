"""Recordings of any format that libsndfile reads: their headers, and which of them a corpus may hold together."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from recipe.corpus.layout import SAMPLE_RATE_HZ
from recipe.errors import InputError
from recipe.given_audio import RecordingInputError, audio_info, require_whole


@dataclass(frozen=True, slots=True)
class AudioHeader:
    """What the header of a recording says."""

    frames: int
    """Samples of each channel."""
    rate_hz: int
    """Sampling rate."""
    channels: int
    """Number of channels."""

    @property
    def seconds(self) -> float:
        """Length of the recording."""
        return self.frames / self.rate_hz


@dataclass(frozen=True, kw_only=True)
class AudioRules:
    """Which recordings a part may hold. Features are computed at 16 kHz: other rates are resampled, and counted."""

    mix_channels: bool = False
    """Take the mean of the channels where there are several; else they are refused."""
    mixed_rates: bool = False
    """Accept several sampling rates in one part; else they are refused, since they differ in what can be heard."""


def audio_header(path: Path) -> AudioHeader:
    """The header of a recording.

    :raises RecordingInputError: when it is not audio, holds nothing, or is shorter than its header says
    :raises InputError: when it does not exist, is no file, or is compressed as SPHERE
    """
    info = audio_info(path)
    if not info.frames:
        raise RecordingInputError(f"{path} holds no samples; fetch it again")
    require_whole(path, info)
    return AudioHeader(info.frames, info.samplerate, info.channels)


class AudioTally:
    """Counts the recordings of a part by rate, and refuses those that the rules do not allow."""

    def __init__(self, rules: AudioRules):
        self._rules = rules
        self._rates: Counter[int] = Counter()
        self._mixed = 0
        self._first: tuple[int, Path] | None = None

    def add(self, path: Path, header: AudioHeader) -> None:
        """Count a recording.

        :raises InputError: for several channels, or a rate other than the first recording's, that are not allowed
        """
        if header.channels > 1 and not self._rules.mix_channels:
            raise InputError(
                f"{path} has {header.channels} channels; convert it to one, or mix them with "
                "AudioRules(mix_channels=True)"
            )
        self._mixed += header.channels > 1
        self._first = self._first or (header.rate_hz, path)
        if header.rate_hz != self._first[0] and not self._rules.mixed_rates:
            raise InputError(
                f"{path} has {header.rate_hz} Hz where {self._first[1]} has {self._first[0]} Hz; convert all to one "
                "rate, or accept several with AudioRules(mixed_rates=True)"
            )
        self._rates[header.rate_hz] += 1

    def statistics(self) -> dict[str, object]:
        """`recordings_by_rate_hz`; and how many are `resampled_recordings` and `mixed_recordings` in the features."""
        resampled = sum(count for rate, count in self._rates.items() if rate != SAMPLE_RATE_HZ)
        return {
            "recordings_by_rate_hz": {str(rate): self._rates[rate] for rate in sorted(self._rates)},
            "resampled_recordings": resampled,
            "mixed_recordings": self._mixed,
        }
