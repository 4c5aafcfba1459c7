"""The job of the page of utterances; its work is in utterances.py, which only workers load."""

from sisyphus import Task, tk

from recipe.errors import InputError
from recipe.job import ShortJob
from recipe.report.comparison import Comparison


class UtterancesPageJob(ShortJob):
    """A page that sets reference, digital hypothesis and device hypothesis of every utterance beside each other."""

    def __init__(
        self,
        comparisons: list[Comparison],
        setup_name: str,
        segments: dict[str, tk.Path],
        audio_root: tk.Path | None = None,
    ):
        """
        :param comparisons: at least one; the audio of those utterances is embedded that differ most in the first title
        :param setup_name: what the graph ran on, for the title
        :param segments: segment file by part
        :param audio_root: what recordings are relative to; None for a page without audio
        :raises InputError: without a comparison
        """
        if not comparisons:
            raise InputError("the page of utterances got no comparison; give at least one")
        self.comparisons = comparisons
        self.setup_name = setup_name
        self.segments = segments
        self.audio_root = audio_root
        self.out_page = self.output_path("utterances.html")

    def tasks(self):
        yield Task("run", resume="run", rqmt={"cpu": 1, "mem": 2, "time": 1}, mini_task=True)

    def run(self):
        """Write the page."""
        from recipe.files import open_text
        from recipe.report.utterances import page

        html = page(
            self.setup_name,
            self.comparisons,
            {part: path.get_path() for part, path in self.segments.items()},
            None if self.audio_root is None else self.audio_root.get_path(),
        )
        with open_text(self.out_page.get_path(), "wt") as file:
            file.write(html)
