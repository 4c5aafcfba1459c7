import json

import numpy as np
import pytest

from recipe.errors import InputError
from recipe.formats.hdf import HdfReader
from recipe.formats.labels import write_labels
from recipe.formats.lexicon import write_lexicon
from recipe.formats.segments import Segment, write_segments
from recipe.lexicon.labels import PhonemeLabels
from recipe.lexicon.targets import write_targets


@pytest.fixture
def make(tmp_path):
    def run(*sentences, skip_unknown=False, lexicon=(("Don", "D OW N#"), ("don", "D AA N#"), ("'t", "T#"))):
        segments = [
            Segment(f"dev/talk/{number}", "dev/sph/talk.sph", number, number + 1, "s", words)
            for number, words in enumerate(sentences, start=1)
        ]
        write_segments(tmp_path / "segments.xml.gz", segments, "dev")
        write_labels(tmp_path / "labels.txt", PhonemeLabels().inventory)
        write_lexicon(tmp_path / "lexicon.txt", [(word, labels.split()) for word, labels in lexicon])
        names = ("segments.xml.gz", "lexicon.txt", "labels.txt", "targets.hdf", "skipped.json")
        write_targets(*(tmp_path / name for name in names), skip_unknown)
        skipped = json.loads((tmp_path / "skipped.json").read_text())
        return {tag: ids.tolist() for tag, ids in HdfReader(tmp_path / "targets.hdf").items()}, skipped

    return run


def test_first_pronunciations_in_a_row(make):
    phones = PhonemeLabels().inventory
    expected = [phones.index(label) for label in ("D", "OW", "N#", "T#", "T#")]
    assert make("DON 't 't", "don") == (
        {"dev/talk/1": expected, "dev/talk/2": expected[:3]},
        {"kept": 2, "skipped": 0, "unknown_words": {}},
    )


def test_unknown_word_is_an_error_for_training(make):
    with pytest.raises(InputError, match="dev/talk/2.*'new'"):
        make("don", "don new")


def test_unknown_word_leaves_its_segment_out(make):
    targets, skipped = make("don", "new don old", skip_unknown=True)
    assert list(targets) == ["dev/talk/1"]
    assert skipped == {"kept": 1, "skipped": 1, "unknown_words": {"dev/talk/2": ["new", "old"]}}


def test_all_segments_unknown(make):
    with pytest.raises(InputError, match="every segment"):
        make("new", skip_unknown=True)


def test_label_outside_the_inventory(make):
    with pytest.raises(InputError, match="'XX#'.*'t"):
        make("'t", lexicon=[("'t", "XX#")])


def test_targets_are_sparse_integers(make, tmp_path):
    import h5py

    make("don 't")
    with h5py.File(tmp_path / "targets.hdf") as file:
        assert file["inputs"].dtype == np.int32 and file["inputs"].ndim == 1
        assert file.attrs["numLabels"] == 78
