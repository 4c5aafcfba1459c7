"""A small corpus of real speech-like sound, and its report without a job engine."""

import gzip
import json
from pathlib import Path

import numpy as np
import soundfile

from recipe.corpus.config import StmRules
from recipe.corpus.layout import PARTS, lm_text_paths
from recipe.corpus.segmentation import segment_part
from recipe.corpus_report.findings import OK, Finding, stopping_sentence
from recipe.corpus_report.known_words import known_words
from recipe.corpus_report.limits import CorpusLimits
from recipe.corpus_report.report import CorpusFiles, CorpusReport, corpus_report
from recipe.corpus_report.segment_checks import LabelCounts, OutputFrames
from recipe.features.config import LogMelConfig
from recipe.formats.labels import write_labels
from recipe.formats.lexicon import write_lexicon
from recipe.formats.segments import read_segments
from recipe.lexicon.dictionary import find_oov, read_dictionary
from recipe.lexicon.labels import PhonemeLabels
from recipe.lexicon.ruled import ruled

LIMITS = CorpusLimits()


def report_of(root: Path, rules: StmRules = StmRules(), g2p: bool = False) -> CorpusReport:
    """The report of a directory in the layout of release 2; unknown training words get some pronunciation.

    :param g2p: whether these may enter the search lexicon
    """
    work = root.parent / f"{root.name}.made"
    work.mkdir(exist_ok=True)
    segments = {}
    for part in PARTS:
        files = [str(work / f"{part}.{name}") for name in ("xml.gz", "txt", "stm", "json")]
        segment_part(root, part, None, rules, *files)
        segments[part] = list(read_segments(files[0]))
    [given] = root.glob("*.dic")
    dictionary = ruled(read_dictionary(given), rules.text)
    unknown = find_oov((one.words for one in segments["train"]), dictionary)
    vocabulary = dictionary | {word: [("AH",)] for word in unknown}
    labels = PhonemeLabels()
    entries = [(word, labels.spell(phones)) for word, variants in vocabulary.items() for phones in variants]
    write_lexicon(work / "lexicon.txt", entries)
    write_labels(work / "labels.txt", labels.inventory)
    return corpus_report(
        CorpusFiles(
            root=str(root),
            segments={},
            transcripts={part: str(root / part / "stm") for part in PARTS},
            dictionary=str(given),
            lm_texts=[str(path) for path in lm_text_paths(root)],
        ),
        segments,
        known_words(dictionary, vocabulary if g2p else dictionary, vocabulary),
        LabelCounts(str(work / "lexicon.txt"), str(work / "labels.txt")),
        OutputFrames(features=LogMelConfig(), time_reduction=4),
        rules.text,
    )


def odd(report: CorpusReport, limits: CorpusLimits = LIMITS) -> dict[tuple[str, str], Finding]:
    """The findings with a warning or a stop, by limit and place (a file by its name)."""
    return {(one.check, Path(one.where).name): one for one in report.findings if one.verdict(limits) != OK}
