"""Recordings in another form, a file per talk, streamed."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path, PurePosixPath

from recipe.corpus.config import AudioStorage
from recipe.corpus.ogg import set_serial
from recipe.errors import InputError
from recipe.files import written_aside
from recipe.formats.segments import read_segments, write_segments

_BLOCK_SAMPLES = 1 << 16


def recordings_of(segments: str | Path) -> Iterator[str]:
    """The recordings that segments are of, each once, in file order."""
    previous = None
    for segment in read_segments(segments):
        if segment.recording != previous:
            previous = segment.recording
            yield previous


def stored_name(recording: str, storage: AudioStorage) -> str:
    """`train/sph/Talk.sph` -> `train/flac/Talk.flac`; a talk's name may hold dots."""
    path = PurePosixPath(recording)
    name = f"{path.name.removesuffix(path.suffix)}{storage.suffix}"
    return str(path.parent.with_name(storage.suffix[1:]) / name)


def store_recording(source: Path, target: Path, storage: AudioStorage) -> None:
    """Convert one recording; equal input gives equal bytes. Raises InputError if it cannot be read."""
    import soundfile

    lossless = storage.codec == "flac"
    options = {"subtype": "PCM_16"} if lossless else {"compression_level": 1 - storage.vorbis_quality}
    try:
        with soundfile.SoundFile(source) as sound, written_aside(target) as scratch:
            form = (sound.samplerate, sound.channels)
            with soundfile.SoundFile(scratch, "w", *form, format="FLAC" if lossless else "OGG", **options) as file:
                for block in sound.blocks(_BLOCK_SAMPLES, dtype="int16"):
                    file.write(block)
            if not lossless:
                set_serial(scratch)
    except soundfile.LibsndfileError as error:
        raise InputError(f"{source} cannot be converted ({error}); check or fetch the recording again") from None


def store_part(
    root: Path, segments: str | Path, storage: AudioStorage, out_root: Path, part: int, num_parts: int
) -> None:
    """Convert every num_parts-th recording, beginning with number `part`; those already there are left alone."""
    for recording in list(recordings_of(segments))[part::num_parts]:
        target = out_root / stored_name(recording, storage)
        target.parent.mkdir(parents=True, exist_ok=True)
        if not target.exists():
            store_recording(root / recording, target, storage)


def write_stored_segments(segments: str | Path, storage: AudioStorage, out_segments: str | Path) -> None:
    """The segments, cut from the converted recordings."""
    corpus_name = next(read_segments(segments)).name.split("/")[0]
    moved = (replace(s, recording=stored_name(s.recording, storage)) for s in read_segments(segments))
    write_segments(out_segments, moved, corpus_name)
