"""Time-synchronous search for transducers: log posteriors after labels in, words out.

A hypothesis is a node of the lexicon tree, a state of the language model and a state of the predictor. Of two that
agree in all three the better one stays: the search is for the best alignment, as that for CTC. Without pruning it is
exact.
"""

from typing import NamedTuple

import numpy as np

from recipe.decoding.config import SearchConfig
from recipe.decoding.label_posteriors import LabelPosteriors
from recipe.decoding.lexicon_tree import ROOT, LexiconTree
from recipe.errors import InputError
from recipe.formats.hypotheses import Hypothesis
from recipe.models.transducer import LABELS_PER_FRAME

NO_WORD = -1


class Beam(NamedTuple):
    """Hypotheses, one per row of every array [N]."""

    node: np.ndarray
    lm_state: np.ndarray
    state: np.ndarray
    """Of the predictor: what it knows of the labels so far."""
    score: np.ndarray
    first: np.ndarray
    """Frame in which the word that has begun was begun."""
    traced: np.ndarray
    """Row of the last word in the trace, NO_WORD before the first."""
    word: np.ndarray
    """The word that this hypothesis has just ended and the trace lacks yet, or NO_WORD."""

    @property
    def size(self) -> int:
        """N"""
        return len(self.node)

    def take(self, rows: np.ndarray) -> "Beam":
        """Some of them."""
        return Beam(*[values[rows] for values in self])


def joined(*beams: Beam) -> Beam:
    """All of them."""
    return Beam(*map(np.concatenate, zip(*beams, strict=True)))


class Trace:
    """The words of all hypotheses as a tree, which leads back from the last one: arrays in blocks."""

    def __init__(self) -> None:
        self._blocks: list[np.ndarray] = []
        self._size = 0

    def with_words(self, beam: Beam, frame: int) -> Beam:
        """The same beam with its new words written down."""
        (rows,) = np.nonzero(beam.word != NO_WORD)
        if not len(rows):
            return beam
        ended = np.full(len(rows), frame)
        self._blocks.append(np.stack([beam.traced[rows], beam.word[rows], beam.first[rows], ended], axis=1))
        traced = beam.traced.copy()
        traced[rows] = self._size + np.arange(len(rows))
        self._size += len(rows)
        nothing = np.full(beam.size, NO_WORD)
        return beam._replace(traced=traced, word=nothing)

    def words(self, row: int) -> list[tuple[int, int, int]]:
        """Word, first and last frame of the words up to a row, in order."""
        entries = np.concatenate(self._blocks) if self._blocks else np.zeros((0, 4), np.int64)
        found = []
        while row != NO_WORD:
            row, word, first, last = entries[row].tolist()
            found.append((word, first, last))
        return found[::-1]


class TransducerSearch:
    """Decode at one pair of scales."""

    def __init__(
        self,
        tree: LexiconTree,
        config: SearchConfig,
        lm_scale: float,
        internal_lm_scale: float,
        labels_per_frame: int = LABELS_PER_FRAME,
    ):
        """
        :param lm_scale: factor of the language model's log10 probabilities, as in recipe.decoding.search.Search
        :param internal_lm_scale: factor of the internal language model, which is subtracted from labels, not from blank
        :param labels_per_frame: labels between two blanks, at most
        :raises InputError: when the configuration rewards silence
        """
        if config.silence_score:
            raise InputError(
                f"SearchConfig.silence_score is {config.silence_score:g}; a transducer has one blank in each frame "
                "whatever is spoken, so give 0"
            )
        self._tree, self._config, self._lm_scale = tree, config, lm_scale
        self._internal_lm_scale = internal_lm_scale
        self._labels_per_frame = labels_per_frame

    def __call__(self, posteriors: LabelPosteriors) -> Hypothesis:
        """Best hypothesis of one segment; an empty one when no word was reached."""
        trace, begin = Trace(), np.zeros(1, np.int64)
        nothing = np.full(1, NO_WORD)
        beam = Beam(begin, begin, begin + posteriors.begin(), np.zeros(1), nothing, nothing, nothing)
        for frame in range(len(posteriors)):
            beam = self._after_frame(beam, posteriors, frame, trace)
        return self._best(beam, trace)

    def _after_frame(self, beam: Beam, posteriors: LabelPosteriors, frame: int, trace: Trace) -> Beam:
        scores, row = self._scores(beam, posteriors, frame)
        done = self._with_blank(beam, scores, row)
        for _ in range(self._labels_per_frame):
            least = self._promise(done).max(initial=-np.inf) - self._config.beam_threshold
            beam = self._with_label(beam, posteriors, scores, row, frame, least)
            if not beam.size:
                break
            beam = trace.with_words(beam, frame)
            scores, row = self._scores(beam, posteriors, frame)
            done = joined(done, self._with_blank(beam, scores, row))
        return self._pruned(done, -np.inf)

    def _scores(self, beam: Beam, posteriors: LabelPosteriors, frame: int) -> tuple[np.ndarray, np.ndarray]:
        """Scaled scores [D, V] of the outputs in each distinct state, and the row of each hypothesis in them [N]."""
        states, row = np.unique(beam.state, return_inverse=True)
        scores = posteriors.outputs(frame, states).astype(np.float64)
        scores[:, :-1] -= self._internal_lm_scale * posteriors.internal_lm(states)
        return scores, row

    def _allowed(self, scores: np.ndarray) -> np.ndarray:
        """bool [D, V]: the best `beam_labels` outputs of each state."""
        count = self._config.beam_labels
        if count >= scores.shape[1]:
            return np.ones(scores.shape, bool)
        return scores >= np.partition(scores, -count, axis=1)[:, -count, None]

    def _with_blank(self, beam: Beam, scores: np.ndarray, row: np.ndarray) -> Beam:
        return beam._replace(score=beam.score + scores[row, self._tree.blank])

    def _with_label(
        self, beam: Beam, posteriors: LabelPosteriors, scores: np.ndarray, row: np.ndarray, frame: int, least: float
    ) -> Beam:
        """All hypotheses with one more label, within words and at their ends, pruned."""
        tree = self._tree
        parent, place = spread(tree.first_child[beam.node], tree.num_children[beam.node])
        node, label = tree.child[place], tree.child_label[place]
        score = beam.score[parent] + scores[row[parent], label]
        promise = score + self._lm_scale * tree.best_unigram[node]
        (kept,) = np.nonzero(self._allowed(scores)[row[parent], label] & (promise >= least))
        parent, node, label, score = parent[kept], node[kept], label[kept], score[kept]
        state = posteriors.after(beam.state[parent], label)
        first = np.where(beam.node[parent] == ROOT, frame, beam.first[parent])
        inside = Beam(
            node, beam.lm_state[parent], state, score, first, beam.traced[parent], np.full(len(node), NO_WORD)
        )
        ends = self._at_word_ends(inside)
        (open_rows,) = np.nonzero(tree.num_children[node])
        return self._pruned(joined(inside.take(open_rows), ends), least)

    def _at_word_ends(self, beam: Beam) -> Beam:
        """Each with every word that ends at its node, back at the root."""
        tree = self._tree
        parent, place = spread(tree.first_word[beam.node], tree.num_words[beam.node])
        word = tree.word[place]
        log10, lm_state = tree.lm.after(beam.lm_state[parent], word)
        score = beam.score[parent] + self._lm_scale * log10 + self._config.word_score
        root = np.full(len(word), ROOT)
        return Beam(root, lm_state, beam.state[parent], score, beam.first[parent], beam.traced[parent], word)

    def _promise(self, beam: Beam) -> np.ndarray:
        """[N]: scores with the best that the language model could give the word that has begun."""
        return beam.score + self._lm_scale * self._tree.best_unigram[beam.node]

    def _pruned(self, beam: Beam, least: float) -> Beam:
        """The best of each node and pair of states; of these, what `least`, threshold and beam leave."""
        promise = self._promise(beam)
        least = max(least, promise.max(initial=-np.inf) - self._config.beam_threshold)
        (rows,) = np.nonzero(promise >= least)
        place, state = beam.lm_state[rows] * len(self._tree.num_children) + beam.node[rows], beam.state[rows]
        order = np.lexsort((-promise[rows], state, place))
        rows, place, state = rows[order], place[order], state[order]
        other = (place[1:] != place[:-1]) | (state[1:] != state[:-1])
        rows = rows[np.concatenate([[True], other])] if len(rows) else rows
        if len(rows) > self._config.beam:
            rows = rows[np.argpartition(-promise[rows], self._config.beam)[: self._config.beam]]
        return beam.take(rows)

    def _best(self, beam: Beam, trace: Trace) -> Hypothesis:
        (rows,) = np.nonzero(beam.node == ROOT)
        if not len(rows):
            return Hypothesis("", 0.0, ())
        ends = np.array([self._tree.lm.end(state) for state in beam.lm_state[rows].tolist()])
        scores = beam.score[rows] + self._lm_scale * ends
        best = int(scores.argmax())
        words, times_s = [], []
        for word, first, last in trace.words(int(beam.traced[rows[best]])):
            spelled = self._tree.words[word]
            if not spelled.startswith("["):  # a noise mark is no word, as in the paper
                words.append(spelled)
                times_s.append((self._seconds(first), self._seconds(last + 1)))
        return Hypothesis(" ".join(words), float(scores[best]), tuple(times_s))

    def _seconds(self, frames: int) -> float:
        return round(frames * self._config.frame_shift_s, 4)


def spread(first: np.ndarray, sizes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Runs of places: for each place the row [M] of its run, and the place [M] itself.

    :param first: [N] where each run begins; :param sizes: [N]
    """
    row = np.repeat(np.arange(len(sizes)), sizes)
    within = np.arange(len(row)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    return row, first[row] + within
