"""Training targets: the label ids of every segment."""

import json
from pathlib import Path

import numpy as np

from recipe.errors import InputError
from recipe.files import open_text
from recipe.formats.hdf import HdfWriter
from recipe.formats.labels import read_labels
from recipe.formats.lexicon import read_lexicon
from recipe.formats.segments import read_segments


def word_ids(lexicon: str | Path, inventory: str | Path) -> tuple[dict[str, np.ndarray], int]:
    """Lower-case word -> label ids [S] int32 of its first pronunciation; and the number of labels without the blank."""
    labels = read_labels(inventory)
    ids: dict[str, np.ndarray] = {}
    for word, spelling in read_lexicon(lexicon, labels):
        ids.setdefault(word.lower(), np.array(spelling, dtype=np.int32))
    return ids, len(labels) - 1


def write_targets(
    segments: str | Path,
    lexicon: str | Path,
    inventory: str | Path,
    out_hdf: str | Path,
    out_skipped: str | Path,
    skip_unknown: bool,
) -> None:
    """Label ids per segment as HDF, words concatenated without separators; and which segments were left out, and why.

    A word that the lexicon lacks is an InputError, or with `skip_unknown` leaves its segment out.
    """
    ids, num_labels = word_ids(lexicon, inventory)
    skipped: dict[str, list[str]] = {}
    kept = 0
    with HdfWriter(out_hdf, num_labels, sparse=True) as hdf:
        for segment in read_segments(segments):
            words = segment.words.lower().split()
            unknown = [word for word in words if word not in ids]
            if unknown and not skip_unknown:
                raise InputError(
                    f"{segment.name}: the word {unknown[0]!r} has no pronunciation in {lexicon}; "
                    "add one to the dictionary or mend the transcript"
                )
            if unknown:
                skipped[segment.name] = unknown
                continue
            hdf.append(segment.name, np.concatenate([ids[word] for word in words]))
            kept += 1
    if not kept:
        raise InputError(f"{segments}: every segment holds a word that {lexicon} lacks; check the dictionary")
    counts = {"kept": kept, "skipped": len(skipped), "unknown_words": skipped}
    with open_text(out_skipped, "wt") as file:
        json.dump(counts, file, indent=2, ensure_ascii=False)
