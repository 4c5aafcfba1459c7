"""LibriSpeech and mini LibriSpeech in their real layout, on stand-ins."""

import shutil
from dataclasses import replace

import pytest

from recipe.corpus.librispeech import CMUDICT, LibriSpeech, LibriSpeechSource, MiniLibriSpeech
from recipe.corpus.librispeech_files import ARCHIVES, EVALUATED, HOURS, TRAIN_960, UTTERANCES
from recipe.corpus.source import segment_source
from recipe.errors import InputError
from recipe.formats.segments import read_segments
from tests.recipe.corpus.stand_ins import librispeech_subset


@pytest.fixture
def root(tmp_path):
    """The folder that holds LibriSpeech: one training subset, all that are evaluated."""
    for subset in ("train-clean-100", *EVALUATED):
        librispeech_subset(tmp_path / "LibriSpeech", subset)
    return tmp_path


@pytest.fixture
def corpus(root):
    return LibriSpeech(root=str(root), train_subsets=("train-clean-100",), published_counts=False, dictionary=CMUDICT)


def segmented(root, corpus, part):
    outputs = [str(root / name) for name in ("s.xml.gz", "t.txt", "r.stm", "s.json")]
    expected = corpus.expected.of(part) if corpus.expected else None
    counts = segment_source(
        root / "LibriSpeech", corpus.source(part), part, corpus.text_rule, corpus.audio, expected, *outputs
    )
    return list(read_segments(outputs[0])), counts, (root / "r.stm").read_text()


def test_an_utterance_is_a_recording(root, corpus):
    segments, counts, stm = segmented(root, corpus, "train")
    first = segments[0]
    speaker = first.speaker
    assert first.name == f"train/{speaker}-1-0000/1"
    assert first.recording == f"train-clean-100/{speaker}/1/{speaker}-1-0000.flac"
    assert (first.start_s, first.end_s, first.words) == (0.0, 1.0, "we don't know")
    assert (counts["segments"], counts["recordings"], counts["speakers"]) == (4, 4, 2)
    tags = {line.split()[2]: line.split()[5] for line in stm.splitlines() if not line.startswith(";;")}
    assert sorted(tags.values()) == ["<o,f0,female>", "<o,f0,male>"]


def test_parts_and_published_counts_add_up(root):
    whole = LibriSpeech()
    assert tuple(whole.parts) == ("train", "dev-other", "dev-clean", "test-clean", "test-other")
    assert whole.expected.of("train").segments == 281_241
    assert sum(counts.recordings for counts in whole.expected.parts) == sum(UTTERANCES.values()) == 292_367
    assert whole.hours("train") == pytest.approx(sum(HOURS[subset] for subset in TRAIN_960))


def test_other_counts_than_published_are_refused(root, corpus):
    with pytest.raises(
        InputError, match="'dev-clean' has 4 segments of 4 recordings where 2,703 of 2,703 are published"
    ):
        segmented(root, replace(corpus, published_counts=True), "dev-clean")


def test_hours_of_another_selection_are_its_own(corpus):
    assert 3600 * corpus.hours("train") == pytest.approx(4.0)


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda folder: next(folder.glob("*/*/*.flac")).unlink(), "has no recording"),
        (lambda folder: next(folder.glob("*/*/*.trans.txt")).unlink(), "trans.txt is not there"),
        (lambda folder: next(folder.glob("*/*/*.flac")).write_bytes(b"no sound"), "cannot be read as audio"),
        (lambda folder: shutil.rmtree(folder), "dev-clean is not a directory; unpack dev-clean.tar.gz there"),
        (
            lambda folder: next(folder.glob("*/*/*.flac")).rename(next(folder.glob("*/*/")) / "7-7-0007.flac"),
            r"has no (recording|transcript) \(2 such",
        ),
    ],
)
def test_damage_is_named(root, corpus, damage, message):
    damage(root / "LibriSpeech" / "dev-clean")
    with pytest.raises(InputError, match=message):
        segmented(root, corpus, "dev-clean")


def test_a_subset_that_is_missing_is_told_while_the_graph_is_built(root, corpus):
    corpus.prepare()
    shutil.rmtree(root / "LibriSpeech" / "test-other")
    with pytest.raises(InputError, match="test-other is not a directory; unpack test-other.tar.gz there"):
        corpus.prepare()


@pytest.mark.parametrize(
    "field", [{"train_subsets": ("dev-clean",)}, {"dev_subset": "train-clean-100"}, {"train_subsets": ()}]
)
def test_subsets_have_their_roles(field):
    with pytest.raises(InputError, match="give (some|one) of"):
        LibriSpeech(**field)


def test_a_dictionary_that_is_not_known_is_refused():
    with pytest.raises(InputError, match="LibriSpeech.dictionary is 'mine'; give 'published' or 'cmudict'"):
        LibriSpeech(dictionary="mine")


def test_without_a_directory_every_archive_is_a_download_of_its_own():
    prepared = LibriSpeech(train_subsets=("train-clean-100",)).prepare()
    downloads = [path.creator for path in prepared.root.creator.folders]
    assert [job.archive for job in downloads] == [
        ARCHIVES[subset] for subset in ("train-clean-100", "dev-other", "dev-clean", "test-clean", "test-other")
    ]
    larger = LibriSpeech().prepare().root.creator.folders
    assert {path.creator for path in prepared.root.creator.folders} <= {path.creator for path in larger}


def test_files_of_resource_11_are_taken_from_beside_the_corpus(root, corpus):
    published = replace(corpus, dictionary="published", lm_text=True)
    downloaded = published.prepare()
    (root / "librispeech-lexicon.txt").write_text("WE W IY1\n")
    (root / "LibriSpeech" / "4-gram.arpa.gz").touch()
    local = published.prepare()
    assert local.dictionary.creator.dictionary.get_path() == str(root / "librispeech-lexicon.txt")
    assert type(downloaded.dictionary.creator.dictionary.creator).__name__ == "DownloadFileJob"
    assert local.language_models["4-gram"].get_path() == str(root / "LibriSpeech" / "4-gram.arpa.gz")
    assert local.language_models["3-gram"].size_bytes == 759_636_181
    assert list(local.lm_texts.by_name) == ["librispeech-lm-norm"]


def test_mini_divides_the_readers_of_its_second_subset(tmp_path):
    librispeech_subset(tmp_path / "LibriSpeech", "train-clean-5", speakers=3)
    librispeech_subset(tmp_path / "LibriSpeech", "dev-clean-2", speakers=8)
    corpus = MiniLibriSpeech(root=str(tmp_path), dictionary=CMUDICT)
    voices = {part: {one.speaker for one in segmented(tmp_path, corpus, part)[0]} for part in corpus.parts}
    assert {part: len(found) for part, found in voices.items()} == {"train": 3, "dev": 4, "test": 4}
    assert not voices["dev"] & voices["test"]
    whole = LibriSpeechSource(subsets=("dev-clean-2",))
    assert voices["dev"] | voices["test"] == {one.speaker for one in whole.utterances(tmp_path / "LibriSpeech")}
    assert [3600 * corpus.hours(part) for part in corpus.parts] == pytest.approx([6.0, 8.0, 8.0])
