"""Recordings from outside the recipe: whether a file is a whole recording, and whether its samples are sound.

libsndfile opens a file that was cut in the middle as a shorter recording. What a header promises is compared with what
is there: the sample count of NIST SPHERE, the chunk sizes of WAV, AIFF, AU and their relatives (which libsndfile notes
in its log), the last page of Ogg, and for all formats the number of frames with what the decoder gives (FLAC, MP3).
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from recipe.errors import InputError, shown
from recipe.given_files import open_regular, require_regular

if TYPE_CHECKING:
    import numpy as np
    import soundfile

LOUDEST = 2.0**31
"""Largest magnitude of a sample; full scale is 1, or 32,768 where integers were stored as they are."""
_UNKNOWN_FRAMES = 1 << 62  # what libsndfile says of a FLAC file without a count
_STREAMED_BYTES = 0x7FFF0000  # sizes from here are placeholders of programs that write to a pipe
_MP3_SLACK_FRAMES = 2 * 1152  # encoders count the frame that holds the count, or not
_SPHERE_HEADER_BYTES = 1 << 20
_OGG_PAGE_BYTES = 1 << 16
_SHORTER = re.compile(r": (\d+) \(should be (\d+)\)")
_COUNT_DIFFERS = re.compile(r"\*\*\* (Calculated frame count|Frame count read) .*not (match|equal)")


class RecordingInputError(InputError):
    """A recording exists, but cannot be read or is truncated."""


def audio_info(path: str | os.PathLike) -> soundfile._SoundFileInfo:
    """What soundfile says of a recording of a corpus; nothing is decoded.

    :raises RecordingInputError: when it is not audio
    :raises InputError: when it does not exist, is no file, or is compressed as SPHERE
    """
    import soundfile

    if not os.path.lexists(path):
        raise InputError(f"{path} is not there, though a transcript names it; add the recording, or take its lines out")
    require_regular(path)
    require_plain_sphere(path)
    try:
        return soundfile.info(path)
    except soundfile.LibsndfileError as error:
        raise RecordingInputError(
            f"{path} cannot be read as audio ({error}); it may be truncated: fetch or convert it again"
        ) from None


def require_whole(path: str | os.PathLike, info: soundfile._SoundFileInfo) -> None:
    """Compare what the header of a recording promises with the file; nothing is decoded.

    :param info: what soundfile says of it
    :raises RecordingInputError: when the file is cut off
    """
    promised = sphere_header(path).get("sample_count")
    if promised is not None and info.frames < int(promised):
        raise RecordingInputError(
            f"{path} is truncated: its header says {promised} samples, {info.frames} are there; fetch it again"
        )
    shorter = any(int(there) < int(promised) < _STREAMED_BYTES for promised, there in _SHORTER.findall(info.extra_info))
    if shorter or _COUNT_DIFFERS.search(info.extra_info) or (info.format == "OGG" and not _ogg_ends(path)):
        raise RecordingInputError(f"{path} is truncated: its header promises more than is there; fetch it again")


def require_decoded(path: str | os.PathLike, info: soundfile._SoundFileInfo, frames: int) -> None:
    """Compare the frames that a decoder gave with those that the header promises.

    :raises RecordingInputError: when there are fewer
    """
    slack = _MP3_SLACK_FRAMES if info.format == "MP3" else 0
    if frames + slack < info.frames < _UNKNOWN_FRAMES:
        raise RecordingInputError(
            f"{path} is truncated: its header says {info.frames} frames, {frames} can be decoded; fetch it again"
        )


def require_sound(samples: np.ndarray, path: str | os.PathLike, first: int, rate_hz: int) -> None:
    """See that samples are finite, and within LOUDEST.

    :param samples: float [N] or [N, channels]
    :param first: the number of the first one in the recording
    :raises InputError: naming the time of the first that is not
    """
    import numpy as np

    loud = ~(np.abs(samples) <= LOUDEST)  # true for NaN
    if loud.any():
        number = int(np.argmax(loud if loud.ndim == 1 else loud.any(axis=1)))
        raise InputError(
            f"{path} holds samples that are no numbers, or far too loud, from {(first + number) / rate_hz:.3f} s on; "
            "write it again from its source"
        )


def sphere_header(path: str | os.PathLike) -> dict[str, str]:
    """The fields of a NIST SPHERE header; empty for any other file."""
    with open_regular(path) as file:
        start = file.read(16)
        size = re.fullmatch(rb"NIST_1A\n *([0-9]{1,7})\n", start)
        if not size:
            return {}
        header = file.read(min(int(size[1]), _SPHERE_HEADER_BYTES)).partition(b"\nend_head")[0]
    fields = re.findall(rb"^([!-~]+) -(?:i|r|s[0-9]+) ([ -~]*)$", header, re.MULTILINE)
    return {
        name.decode("ascii"): value.decode("ascii")
        for name, value in fields
        if name != b"sample_count" or re.fullmatch(rb"[0-9]{1,18}", value)
    }


def require_plain_sphere(path: str | os.PathLike) -> None:
    """See that a NIST SPHERE file is not compressed, which libsndfile cannot read.

    :raises InputError: when it is
    """
    coding = sphere_header(path).get("sample_coding", "")
    if "embedded" in coding:
        raise InputError(
            f"{path} is compressed (its sample_coding is {shown(coding)}); unpack it with sph2pipe -p -f sph"
        )


def counts_its_frames(path: str | os.PathLike, info: soundfile._SoundFileInfo) -> bool:
    """Whether a missing end would be noticed: MP3 files may do without a count."""
    if info.format != "MP3":
        return True
    with open_regular(path) as file:
        tag = file.read(10)
        if tag[:3] == b"ID3" and len(tag) == 10:
            file.seek(10 + sum((byte & 0x7F) << 7 * place for place, byte in enumerate(reversed(tag[6:]))))
        else:
            file.seek(0)
        start = file.read(4096)
    return any(mark in start for mark in (b"Xing", b"Info", b"VBRI"))


def _ogg_ends(path: str | os.PathLike) -> bool:
    """Whether the last page is marked as the last of its stream, and whole (RFC 3533, section 6)."""
    with open_regular(path) as file:
        file.seek(max(0, os.fstat(file.fileno()).st_size - 2 * _OGG_PAGE_BYTES))
        end = file.read()
    page = end[max(0, end.rfind(b"OggS")) :]
    if len(page) < 27 or len(page) < 27 + page[26]:
        return False
    return bool(page[5] & 4) and len(page) >= 27 + page[26] + sum(page[27 : 27 + page[26]])
