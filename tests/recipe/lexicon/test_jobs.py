from sisyphus import tk

from recipe.corpus.layout import dictionary_path
from recipe.lexicon.jobs import ReadDictionaryJob


def test_ids_are_those_of_before_the_argument_was_called_dictionary():
    """A stored id: existing lexicons stay valid."""
    assert ReadDictionaryJob(tk.Path("/corpus")).job_id() == "lexicon/jobs/ReadDictionaryJob.RoIaXjcGipU8"


def test_the_dictionary_may_be_a_file_of_any_name(tmp_path):
    (tmp_path / "words.txt").write_text("we W IY\n")
    job = ReadDictionaryJob(tk.Path(str(tmp_path / "words.txt")))
    job.out_pronunciations = tk.Path(str(tmp_path / "pronunciations.txt"))
    job.run()
    assert (tmp_path / "pronunciations.txt").read_text() == "we W IY\n"
    assert dictionary_path(tmp_path / "words.txt") == tmp_path / "words.txt"
