"""The search against an exhaustive one, against torchaudio's decoder, and in the cases that lose words elsewhere."""

import itertools
from functools import lru_cache

import kenlm
import numpy as np
import pytest

from recipe.decoding.config import SearchConfig
from recipe.decoding.search import MAX_HOMOPHONES, PrefixTree, Search, word_frames
from recipe.errors import InputError
from recipe.formats.labels import read_labels
from recipe.formats.lexicon import read_lexicon

WIDE = SearchConfig(beam=20_000, beam_labels=11, beam_threshold=1e9)


def tree_of(toy) -> PrefixTree:
    labels = read_labels(toy.path("labels.txt"))
    return PrefixTree(read_lexicon(toy.path("lexicon.txt"), labels), len(labels), toy.path("lm.bin"))


def noise(frames: int, seed: int) -> np.ndarray:
    logits = np.random.default_rng(seed).normal(size=(frames, 11)) * 2
    return (logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))).astype(np.float32)


def best_alignment(scores: np.ndarray, words: list[tuple[int, ...]], blank: int) -> float:
    """Best score of a frame path for the words; Flashlight lets a word's last label last one frame."""
    labels = [(label, place == len(word) - 1) for word in words for place, label in enumerate(word)]

    @lru_cache(None)
    def best(frame: int, done: int, last: int) -> float:
        """From `frame` on, `done` labels finished, `last` the label of the frame before."""
        if frame == len(scores):
            return 0.0 if done == len(labels) else -np.inf
        options = [scores[frame, blank] + best(frame + 1, done, blank)]
        if done and last == labels[done - 1][0] and not labels[done - 1][1]:
            options.append(scores[frame, last] + best(frame + 1, done, last))
        if done < len(labels) and labels[done][0] != last:
            label = labels[done][0]
            options.append(scores[frame, label] + best(frame + 1, done + 1, label))
        return max(options)

    return best(0, 0, blank)


@pytest.mark.parametrize("seed", range(6))
def test_finds_what_an_exhaustive_search_finds(toy, seed):
    lexicon = {"cat": (0, 1, 6), "dog": (3, 4, 7), "a": (9,), "tad": (2, 1, 8)}
    toy.write_lexicon(
        {word: [" ".join(read_labels(toy.path("labels.txt"))[i] for i in s)] for word, s in lexicon.items()}
    )
    model, scores, lm_scale = kenlm.Model(toy.path("lm.bin")), noise(8, seed), 0.7
    candidates = {}
    for length in range(4):
        for words in itertools.product(lexicon, repeat=length):
            acoustic = best_alignment(scores.astype(float), [lexicon[word] for word in words], 10)
            candidates[" ".join(words)] = acoustic + lm_scale * model.score(" ".join(words))
    expected = max(candidates, key=candidates.get)
    found = Search(tree_of(toy), WIDE, lm_scale, 0.0, np.zeros(11, np.float32))(scores)
    assert found.words == expected
    assert found.score == pytest.approx(candidates[expected], rel=1e-5)


def test_equals_torchaudios_decoder(toy):
    import torch
    from torchaudio.models.decoder import ctc_decoder

    reference = ctc_decoder(
        lexicon=toy.path("lexicon.txt"),
        tokens=toy.path("labels.txt"),
        lm=toy.path("lm.bin"),
        beam_size=20,
        beam_size_token=5,
        beam_threshold=14.0,
        lm_weight=1.3,
        word_score=-0.4,
        sil_score=-0.1,
        blank_token="<blank>",
        sil_token="<blank>",
    )
    config = SearchConfig(beam=20, beam_labels=5, word_score=-0.4, silence_score=-0.1)
    search = Search(tree_of(toy), config, 1.3, 0.0, np.zeros(11, np.float32))
    recognised = 0
    for seed in range(20):
        scores = noise(5 + 2 * seed, seed)
        expected = reference(torch.from_numpy(scores)[None])[0][0]
        found = search(scores)
        assert found.words.split() == [word for word in expected.words if not word.startswith("[")]
        assert found.score == pytest.approx(expected.score, rel=1e-6)
        recognised += len(found.words.split())
    assert recognised > 20


def test_scales_of_one_tree_do_not_disturb_each_other(toy):
    tree, scores, prior = tree_of(toy), noise(14, 3), np.linspace(-4, -1, 11).astype(np.float32)
    searches = {pair: Search(tree, WIDE, *pair, prior) for pair in ((0.5, 0.0), (3.0, 0.6))}
    interleaved = {pair: search(scores) for pair, search in searches.items()}
    for pair in searches:
        assert Search(tree_of(toy), WIDE, *pair, prior)(scores) == interleaved[pair]
    assert len(set(interleaved.values())) == 2


def test_prior_is_subtracted_from_every_column(toy):
    scores, prior = noise(12, 4), np.linspace(-4, -1, 11).astype(np.float32)
    with_prior = Search(tree_of(toy), WIDE, 1.0, 0.5, prior)(scores)
    assert with_prior == Search(tree_of(toy), WIDE, 1.0, 0.0, prior)(scores - np.float32(0.5) * prior)


def test_words_have_the_times_of_their_labels(toy, plant):
    frames = plant(". K K AE . T# . . AE# D AO AO G# .")
    found = Search(tree_of(toy), SearchConfig(frame_shift_s=0.04), 1.0, 0.0, np.zeros(11, np.float32))(frames)
    assert found.words == "cat a dog"
    assert found.times_s == ((0.04, 0.24), (0.32, 0.36), (0.36, 0.52))


def test_a_word_that_the_lm_lacks_stays_decodable(toy, plant):
    assert "tad" not in kenlm.Model(toy.path("lm.bin"))
    found = Search(tree_of(toy), SearchConfig(), 1.0, 0.0, np.zeros(11, np.float32))(plant("T . AE D# . K AE T#"))
    assert found.words == "tad cat"


def test_noise_marks_are_no_words(toy, plant):
    frames = plant("K . K G# . K AE T#")
    found = Search(tree_of(toy), SearchConfig(), 0.1, 0.0, np.zeros(11, np.float32))(frames)
    assert (found.words, found.times_s) == ("cat", ((0.2, 0.32),))


@pytest.mark.parametrize("path", ["", ".", ". . . . .", "K", "D AO . ."])
def test_a_segment_without_a_word_keeps_an_empty_hypothesis(toy, plant, path):
    frames = plant(path) if path else np.zeros((0, 11), np.float32)
    config = SearchConfig(beam_labels=1)  # no way but the planted path
    found = Search(tree_of(toy), config, 1.0, 0.0, np.zeros(11, np.float32))(frames)
    assert (found.words, found.times_s) == ("", ())


def test_of_too_many_homophones_the_least_likely_are_dropped_and_named(toy, plant):
    words = [f"w{index}" for index in range(MAX_HOMOPHONES + 2)]
    toy.write_lm("".join(f"{word}\n" * (20 - 2 * index) for index, word in enumerate(words)))
    toy.write_lexicon({word: ["K AE T#"] for word in reversed(words)})
    tree = tree_of(toy)
    assert {word for word, _ in tree.dropped} == {"w6", "w7"}
    frames = plant("K AE T#")
    assert Search(tree, SearchConfig(), 1.0, 0.0, np.zeros(11, np.float32))(frames).words == "w0"


@pytest.mark.parametrize("words", [("x", "y"), ("y", "x")])
def test_of_homophones_that_the_lm_lacks_the_first_of_the_lexicon_is_recognised(toy, plant, words):
    sounds = ["K AE T#", "D AO G#", "T AE D#"]
    homophones = {f"{word}{index}": [sound] for index, sound in enumerate(sounds) for word in words}
    toy.write_lexicon(homophones)
    frames = plant(" . ".join(sounds * 2))
    tree = tree_of(toy)
    found = Search(tree, SearchConfig(beam_labels=1), 1.0, 0.0, np.zeros(11, np.float32))(frames)
    assert found.words == " ".join(f"{words[0]}{index}" for index in (0, 1, 2, 0, 1, 2))  # 64 paths would tie
    assert [word for word, _ in tree.dropped] == [f"{words[1]}{index}" for index in (0, 1, 2)]


def test_of_homophones_that_are_equally_likely_the_first_of_the_lexicon_is_recognised(toy, plant):
    toy.write_lm("x\ny\n" * 9 + "cat\n" * 30)
    toy.write_lexicon({"y": ["K AE T#"], "x": ["K AE T#"]})
    frames = plant(" . ".join(["K AE T#"] * 6))
    found = Search(tree_of(toy), SearchConfig(beam_labels=1), 1.0, 0.0, np.zeros(11, np.float32))(frames)
    assert found.words == "y y y y y y"


def test_a_broken_language_model_names_the_file(toy):
    with open(toy.path("lm.bin"), "r+b") as file:
        file.truncate(300)
    with pytest.raises(InputError, match=r"lm\.bin: not a whole KenLM model \((?!.*threw).+\); build") as refused:
        tree_of(toy)
    assert len(str(refused.value).splitlines()) == 1


def test_words_that_touch_are_told_apart():
    blank, words, labels = 9, [-1, -1, 5, 6, -1, -1, -1], [9, 1, 2, 3, 1, 1, 9]
    assert word_frames(words, labels, blank) == [(5, 0, 1), (6, 2, 2)]


def test_log_posteriors_in_double_precision_are_searched_alike(toy):
    tree, frames = tree_of(toy), noise(30, seed=3)
    search = Search(tree, SearchConfig(), 1.0, 0.3, np.zeros(11, np.float32))
    assert search(frames.astype(np.float64)) == search(frames)
