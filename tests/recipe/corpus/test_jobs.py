import subprocess
import sys
from pathlib import Path

import pytest

from recipe.corpus.config import SegmentPadding, TedliumDirectory, tiny_corpus
from recipe.corpus.jobs import SegmentCorpusJob, corpus_root
from recipe.errors import InputError

ROOT = Path(__file__).resolve().parents[3]


def segment_id(corpus, **arguments):
    return SegmentCorpusJob(corpus_root(corpus), "train", **arguments).job_id()


def test_a_named_corpus_may_move(corpus):
    before = segment_id(TedliumDirectory(root=str(corpus), identity="release 2"))
    unnamed = segment_id(TedliumDirectory(root=str(corpus)))
    moved = corpus.rename(corpus.with_name("elsewhere"))
    assert segment_id(TedliumDirectory(root=str(moved), identity="release 2")) == before
    assert segment_id(TedliumDirectory(root=str(moved))) != unnamed


def test_generated_and_given_corpora_feed_the_same_job():
    assert segment_id(tiny_corpus()) == segment_id(tiny_corpus())
    assert segment_id(tiny_corpus()) != segment_id(tiny_corpus(seed=2))
    assert segment_id(tiny_corpus()) != segment_id(tiny_corpus(), padding=SegmentPadding())


def test_gap_in_a_given_corpus_is_told_while_the_graph_is_built(corpus):
    (corpus / "TEDLIUM.152k.dic").unlink()
    with pytest.raises(InputError, match=r"\.dic"):
        corpus_root(TedliumDirectory(root=str(corpus)))


def test_graph_is_built_without_heavy_imports():
    """Building costs no import of torch and the like; only workers need them."""
    code = (
        "import sys, importlib.util\n"
        "if importlib.util.find_spec('sisyphus') is None: sys.path.append('tools/local_sisyphus')\n"
        "from recipe.corpus.config import tiny_corpus\n"
        "from recipe.corpus.jobs import SegmentCorpusJob, corpus_root\n"
        "from recipe.features.jobs import LogMelJob\n"
        "from recipe.lexicon.graph import build_lexicon\n"
        "from recipe.lexicon.labels import SentencePieceLabels\n"
        "root = corpus_root(tiny_corpus())\n"
        "train = SegmentCorpusJob(root, 'train')\n"
        "build_lexicon(root, train.out_text, SentencePieceLabels(size=128)).targets(train.out_segments)\n"
        "LogMelJob(root, train.out_segments, num_parts=4)\n"
        "print(*sorted({'torch', 'torchaudio', 'h5py', 'returnn', 'numpy', 'soundfile'} & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
