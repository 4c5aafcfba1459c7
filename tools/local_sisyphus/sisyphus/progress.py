"""The progress of a running job: the file `progress` in its work folder, one line `0.42 epoch 5/12 loss 1.23`."""

import os
from typing import NamedTuple

from sisyphus import global_settings as gs


class Progress(NamedTuple):
    fraction: float  # 0 to 1
    text: str


def read_progress(job) -> Progress | None:
    """The progress that a job reports; None without a readable line."""
    try:
        with open(os.path.join(gs.BASE_DIR, job._sis_path("work", "progress")), encoding="utf-8") as file:
            fraction, _, text = file.readline().strip().partition(" ")
        return Progress(min(max(float(fraction), 0.0), 1.0), text)
    except (OSError, ValueError):
        return None
