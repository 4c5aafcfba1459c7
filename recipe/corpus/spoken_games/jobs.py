"""The job that makes the corpus of spoken games."""

from __future__ import annotations

import shutil
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from sisyphus import Task

from recipe.files import write_progress
from recipe.job import ShortJob

if TYPE_CHECKING:  # the value makes the job
    from recipe.corpus.spoken_games.config import SpokenGames

report_progress = partial(write_progress, "progress")  # the file that an engine reads in the directory of a task
_UNPACKED = Path("unpacked")


class PrepareSpokenGamesJob(ShortJob):
    """Fetch the packages, match recordings with texts, write the layout of TED-LIUM release 2.

    `report.json` in the corpus counts what every rule kept and left out, `clips.tsv` names the clip of every segment.
    """

    def __init__(self, config: SpokenGames):
        self.config = config
        self.out_root = self.output_path("corpus", directory=True)

    def tasks(self):
        yield Task("unpack", resume="unpack", mini_task=True)
        yield Task("write", resume="write", rqmt={"cpu": 1, "mem": 2, "time": 1})

    def unpack(self):
        """Fetch the packages, or take them where they lie, and unpack what is needed."""
        from recipe.corpus.spoken_games.config import PACKAGES
        from recipe.corpus.spoken_games.debian import fetched_file, given_file, unpack

        shutil.rmtree(_UNPACKED, ignore_errors=True)
        folder = self.config.debs
        for number, package in enumerate(PACKAGES):
            report_progress(number / len(PACKAGES), package.name)
            path = given_file(package, folder) if folder else fetched_file(package, Path.cwd())
            unpack(path, package, _UNPACKED)

    def write(self):
        """Write the corpus and remove what was unpacked."""
        from recipe.corpus.spoken_games.write import write_corpus

        write_corpus(_UNPACKED, Path(self.out_root.get_path()), self.config, report_progress)
        shutil.rmtree(_UNPACKED)
