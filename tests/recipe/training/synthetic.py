"""A corpus of a few seconds for tests: every label is a spectral pattern, held for some frames, in noise."""

from pathlib import Path

import numpy as np

from recipe.formats.hdf import HdfWriter
from recipe.models.conformer import ConformerConfig

NUM_LABELS = 6
MODEL = ConformerConfig(
    num_labels=NUM_LABELS,
    frontend_channels=(2, 2, 2, 2),
    frontend_pools=((2, 4), (2, 4)),
    model_dim=16,
    feed_forward_dim=32,
    num_heads=2,
    num_blocks=2,
    conv_kernel=7,
)


def write_corpus(folder: Path, part: str, num_segments: int, *, num_files: int = 2, seed: int = 0) -> dict:
    """Feature and target HDF files of segments of 0.6 to 2.4 s; returns {"features": [paths], "targets": path}."""
    random = np.random.default_rng((seed, num_segments))
    patterns = np.random.default_rng(0).normal(size=(NUM_LABELS, 80))
    features = [str(folder / f"{part}.features.{i}.hdf") for i in range(num_files)]
    targets = str(folder / f"{part}.targets.hdf")
    segments = []
    for number in range(num_segments):
        labels = random.integers(0, NUM_LABELS, random.integers(3, 13))
        frames = np.repeat(patterns[labels], 20, axis=0)
        frames += 0.3 * random.normal(size=frames.shape)
        segments.append((f"{part}/talk {number // 4} ü/{number % 4 + 1}", frames, labels))
    for i, path in enumerate(features):
        with HdfWriter(path, 80) as writer:
            for name, frames, _ in segments[i::num_files]:
                writer.append(name, frames)
    with HdfWriter(targets, NUM_LABELS, sparse=True) as writer:
        for name, _, labels in segments:
            writer.append(name, labels)
    return {"features": features, "targets": targets}
