"""The job of a published model."""

from sisyphus import Task, tk

from recipe.job import ShortJob


class LowerCaseArpaJob(ShortJob):
    """A model in ARPA form with its words in lower case, as the dictionary has them."""

    def __init__(self, arpa: tk.Path):
        """:param arpa: `.gz` or plain, all in upper case but the marks of sentences"""
        self.arpa = arpa
        self.out_arpa = self.output_path("lm.arpa.gz")

    def tasks(self):
        yield Task("run", resume="run", rqmt={"cpu": 1, "mem": 1, "time": 4})

    def run(self):
        from recipe.files import open_text
        from recipe.lm.text import read_lines

        with open_text(self.out_arpa.get_path(), "wt") as file:
            file.writelines(line.lower() for line in read_lines(self.arpa.get_path()))
