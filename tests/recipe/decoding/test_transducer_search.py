import numpy as np
import pytest

from recipe.decoding.config import SearchConfig
from recipe.decoding.label_posteriors import TablePosteriors
from recipe.decoding.lexicon_tree import LexiconTree
from recipe.decoding.transducer_search import TransducerSearch, spread
from recipe.errors import InputError
from tests.recipe.decoding.transducer_tasks import EXHAUSTIVE, found_as_by_trying_every_path, log_softmax, random_task


@pytest.mark.parametrize("block", range(5))
def test_without_pruning_it_finds_what_trying_every_path_finds(toy, block):
    """250 random tasks."""
    empty = 0
    for task in map(random_task, range(block, 250, 5)):
        found = found_as_by_trying_every_path(
            task,
            toy.path("lm.bin"),
            TablePosteriors(task.table, task.internal),
            lambda labels, task=task: task.table[:, (labels or (-1,))[-1]],
            lambda labels, task=task: task.internal[(labels or (-1,))[-1]],
            tolerance=1e-6,
        )
        empty += not found.words
    assert empty < 40  # most of them find words


def planted(path: str, labels: list[str], strength: float = 12.0) -> np.ndarray:
    """A table [T, V, V] that prefers, whatever was last, the labels of each frame, `+` between those of one frame."""
    blank = len(labels) - 1
    logits = np.random.default_rng(0).normal(size=(len(path.split()), len(labels), len(labels)))
    for frame, emitted in enumerate(path.split()):
        chain = [] if emitted == "." else [labels.index(label) for label in emitted.split("+")]
        logits[frame, :, chain[0] if chain else blank] += strength
        for one, other in zip(chain, [*chain[1:], *([blank] if chain else [])], strict=True):
            logits[frame, one] = 0
            logits[frame, one, other] += strength
    return log_softmax(logits).astype(np.float32)


@pytest.fixture
def pruning(toy):
    inputs_labels = [line for line in open(toy.path("labels.txt")).read().split()]
    index = {label: number for number, label in enumerate(inputs_labels)}
    spelled = {"cat": "K AE T#", "dog": "D AO G#", "a": "AE#", "[noise]": "K K G#"}
    lexicon = [(word, tuple(index[label] for label in labels.split())) for word, labels in spelled.items()]
    tree = LexiconTree(lexicon, len(inputs_labels), toy.path("lm.bin"))
    internal = np.zeros((len(inputs_labels), len(inputs_labels) - 1))
    return inputs_labels, lambda config, path: TransducerSearch(tree, config, 1.0, 0.0)(
        TablePosteriors(planted(path, inputs_labels), internal)
    )


def test_words_come_with_the_frames_in_which_their_labels_were_emitted(pruning):
    _, search = pruning
    found = search(SearchConfig(beam=64), ". K . AE+T# . D AO . G# .")
    assert found.words == "cat dog"
    assert found.times_s == ((0.04, 0.16), (0.2, 0.36))


def test_two_words_may_share_a_frame_and_noise_is_no_word(pruning):
    _, search = pruning
    found = search(SearchConfig(beam=64), "K AE T#+AE# K K+G#")
    assert found.words == "cat a" and found.times_s == ((0.0, 0.12), (0.08, 0.12))


def test_a_narrow_beam_finds_a_clear_path_and_never_a_better_score(pruning):
    _, search = pruning
    path = ". K . AE+T# . AE# D AO . G# ."
    wide = search(EXHAUSTIVE, path)
    for config in (SearchConfig(beam=8), SearchConfig(beam=64, beam_labels=2), SearchConfig(beam_threshold=5.0)):
        narrow = search(config, path)
        assert narrow.words == wide.words == "cat a dog"
    assert search(SearchConfig(beam=1, beam_labels=1), path).score <= wide.score + 1


def test_no_frames_and_no_complete_word_give_empty_hypotheses(pruning):
    labels, search = pruning
    assert search(SearchConfig(), "K AE").words == ""
    assert search(SearchConfig(beam=1, beam_labels=1), "K AE").score == 0.0


def test_a_reward_of_silence_is_refused(toy):
    tree = LexiconTree([("a", (0,))], 3, toy.path("lm.bin"))
    with pytest.raises(InputError, match=r"SearchConfig\.silence_score is 1; a transducer has one blank in each frame"):
        TransducerSearch(tree, SearchConfig(silence_score=1.0), 1.0, 0.0)


def test_blank_in_a_pronunciation_and_a_broken_model_are_refused(toy, tmp_path):
    with pytest.raises(InputError, match="the lexicon spells 'a' with blank"):
        LexiconTree([("a", (0, 2))], 3, toy.path("lm.bin"))
    (tmp_path / "lm.bin").write_bytes(b"no model")
    with pytest.raises(InputError, match="not a whole KenLM model"):
        LexiconTree([("a", (0,))], 3, str(tmp_path / "lm.bin"))


def test_spread_lists_the_places_of_runs():
    row, place = spread(np.array([4, 9, 0]), np.array([2, 0, 3]))
    assert row.tolist() == [0, 0, 2, 2, 2] and place.tolist() == [4, 5, 0, 1, 2]
