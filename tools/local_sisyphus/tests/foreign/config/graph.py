"""A graph of i6_core's jobs that need nothing but Python, numpy and a shell. Each is an output, named by its order."""

from i6_core.corpus.convert import CorpusToStmJob, CorpusToTextDictJob, CorpusToTxtJob
from i6_core.corpus.filter import (
    FilterCorpusBySegmentDurationJob,
    FilterCorpusBySegmentsJob,
    FilterSegmentsByListJob,
    FilterSegmentsByRegexJob,
)
from i6_core.corpus.segments import SegmentCorpusJob, ShuffleAndSplitSegmentsJob, SplitSegmentFileJob
from i6_core.corpus.stats import CountCorpusWordFrequenciesJob, ExtractOovWordsFromCorpusJob
from i6_core.corpus.transform import MergeCorporaJob, MergeStrategy, ShiftCorpusSegmentStartJob
from i6_core.lexicon.conversion import LexiconFromTextFileJob, LexiconToWordListJob
from i6_core.lexicon.modification import AddEowPhonemesToLexiconJob, MergeLexiconJob
from i6_core.lm.vocabulary import VocabularyFromTextJob
from i6_core.returnn.config import CodeWrapper, ReturnnConfig, WriteReturnnConfigJob
from i6_core.returnn.search import SearchBPEtoWordsJob, SearchWordsDummyTimesToCTMJob
from i6_core.returnn.vocabulary import ReturnnVocabFromPhonemeInventory
from i6_core.text.processing import (
    ConcatenateJob,
    HeadJob,
    PipelineJob,
    SetDifferenceJob,
    SplitTextFileJob,
    TailJob,
    TakeNRandomLinesJob,
    WriteToCsvFileJob,
    WriteToTextFileJob,
)
from sisyphus import tk
from sisyphus.delayed_ops import DelayedFormat, DelayedFunctionV2


def largest(*values, factor):
    return max(values) * factor


def graph():
    outputs = [*texts(), *corpora(), *lexica(), *for_returnn()]
    for number, output in enumerate(outputs):
        tk.register_output(f"{number:02d}", output)


def texts():
    lines = [f"line {number % 7} of {number}" for number in range(20)]
    text = WriteToTextFileJob(lines).out_file
    head, ratio, tail = HeadJob(text, num_lines=6), HeadJob(text, ratio=0.5, zip_output=False), TailJob(text, 5)
    renamed = head.out.copy()
    renamed.hash_overwrite = "THE_HEAD"
    both = ConcatenateJob([renamed, tail.out], zip_out=False)
    most = DelayedFunctionV2(largest, (head.length, ratio.length), {"factor": 2})
    yield text
    yield from (head.out, head.length, ratio.out, tail.out, both.out)
    yield PipelineJob([text, ratio.out], ["sort -u", DelayedFormat("head -n {}", most)], mini_task=True).out
    yield PipelineJob(text, ["cut -d ' ' -f 2"], zip_output=True, check_equal_length=True).out
    yield SetDifferenceJob(text, ratio.out).out_file
    yield from SplitTextFileJob(text, 10, 20).out_split_text_files.values()
    yield TakeNRandomLinesJob(text, 4, gzip=False).out
    yield WriteToTextFileJob({"first": most, "second": ratio.length + 1}, "pairs.txt").out_file
    yield WriteToCsvFileJob({"a": "1", "b": ["2", "3"]}, delimiter=";").out_file


def corpora():
    corpus = tk.Path("corpus.xml", hash_overwrite="small")
    segments = SegmentCorpusJob(corpus, 2).out_single_segment_files
    one = ConcatenateJob([segments[1], segments[2]], zip_out=False).out
    split = ShuffleAndSplitSegmentsJob(one, {"train": 0.5, "dev": 0.5}).out_segments
    yield from (one, split["dev"], SplitSegmentFileJob(one, 2).out_single_segments[2])
    yield FilterSegmentsByListJob(segments, ["small/first/2"]).out_single_segment_files[1]
    yield FilterSegmentsByRegexJob(segments, ".*/2$", invert_match=True).out_single_segment_files[2]
    dev = FilterCorpusBySegmentsJob(corpus, split["dev"], delete_empty_recordings=True).out_corpus
    long = FilterCorpusBySegmentDurationJob(corpus, min_duration=1.0).out_corpus
    yield from (dev, long, CorpusToStmJob(long).out_stm_path, CorpusToTxtJob(long, gzip=True).out_txt)
    yield CorpusToTextDictJob(long, segment_file=one, gzip=True).out_dictionary
    yield MergeCorporaJob([dev, long], "merged", MergeStrategy.FLAT).out_merged_corpus
    yield ShiftCorpusSegmentStartJob(long, "moved", 0.25).out_shifted_corpus
    yield CountCorpusWordFrequenciesJob(long).out_word_counts


def lexica():
    words = WriteToTextFileJob(["one w ah n", "two t uw", "three th r iy", "four f ao r"], "words.txt").out_file
    lexicon = LexiconFromTextFileJob(words, compressed=False).out_bliss_lexicon
    merged = MergeLexiconJob([lexicon, lexicon], sort_phonemes=True, sort_lemmata=True).out_bliss_lexicon
    yield from (lexicon, merged, AddEowPhonemesToLexiconJob(merged).out_lexicon)
    yield LexiconToWordListJob(merged).out_word_list
    yield ExtractOovWordsFromCorpusJob(tk.Path("corpus.xml", hash_overwrite="small"), lexicon, "none").out_oov_words
    yield ReturnnVocabFromPhonemeInventory(lexicon, blacklist={"ah"}).out_vocab
    yield VocabularyFromTextJob([words], num_words=4).out_vocabulary


def for_returnn():
    found = WriteToTextFileJob("{'seq-0': 'on@@ e two', 'seq-1': 'three'}", "found.py").out_file
    words = SearchBPEtoWordsJob(found).out_word_search_results
    settings = {"batch_size": 100, "found": found, "f": CodeWrapper("max"), "rates": [0.1, {"a": (1, None)}]}
    config = ReturnnConfig(settings, {"log": "x"}, python_prolog=["import os"], black_formatting=False)
    yield from (words, SearchWordsDummyTimesToCTMJob(words).out_ctm_file)
    yield WriteReturnnConfigJob(config).out_returnn_config_file
