"""Lexical prefix-tree search with an n-gram model: log posteriors in, words with times out.

The decoder is Flashlight's, which `torchaudio.models.decoder.ctc_decoder` wraps; here it is called directly. The same
options give the same hypotheses (a test compares the two), but torch is not imported, one tree serves all scales of a
grid, where ctc_decoder would rebuild it for each, and the raw result says in which frame a word ends.
"""

from itertools import takewhile

import kenlm
import numpy as np
from flashlight.lib.text.decoder import CriterionType, LexiconDecoder, LexiconDecoderOptions, SmearingMode, Trie
from flashlight.lib.text.decoder.kenlm import KenLM
from flashlight.lib.text.dictionary import Dictionary

from recipe.decoding.config import SearchConfig
from recipe.errors import InputError
from recipe.formats.hypotheses import Hypothesis
from recipe.formats.lexicon import Spellings

MAX_HOMOPHONES = 6
"""Flashlight keeps this many words per tree node."""
UNKNOWN_WORD = "<unk>"
NO_UNKNOWN_WORDS = float("-inf")
"""The score of leaving the lexicon: never."""


class PrefixTree:
    """The lexicon as a tree of labels, each node with the best unigram score below it, and the language model.

    Blank is the silence label. A word that the model lacks stays decodable: it scores as the model's unknown word.
    """

    def __init__(self, lexicon: Spellings, num_labels: int, lm_path: str):
        """
        :param lexicon: (word, label indices) per pronunciation
        :param num_labels: V, with blank, which is label V - 1
        :param lm_path: KenLM binary or ARPA
        """
        self.blank = num_labels - 1
        self.words = Dictionary(list(dict.fromkeys([*(word for word, _ in lexicon), UNKNOWN_WORD])))
        self.words.set_default_index(self.words.get_index(UNKNOWN_WORD))
        self.lm = load_lm(lm_path, self.words)
        self.trie = Trie(num_labels, self.blank)
        self.dropped: Spellings = []
        """Pronunciations that did not fit into their node any more, or that nothing tells from another word's."""
        self._insert(lexicon, str(lm_path))
        self.trie.smear(SmearingMode.MAX)

    def _insert(self, lexicon: Spellings, lm_path: str) -> None:
        """Likely words first, so that what a full node drops are the least likely ones.

        Of homophones that the language model does not know the first is kept: it would always tie with the others, and
        which of them a full beam keeps differs from run to run.
        """
        start, known, unknown_spellings = self.lm.start(False), kenlm.Model(lm_path), set()
        scored = [(self.lm.score(start, self.words.get_index(word))[1], word, spelling) for word, spelling in lexicon]
        for score, word, spelling in sorted(scored, key=lambda entry: -entry[0]):
            node, unknown = self.trie.search(list(spelling)), word not in known
            if node is not None and len(node.labels) >= MAX_HOMOPHONES or unknown and spelling in unknown_spellings:
                self.dropped.append((word, spelling))
            else:
                unknown_spellings |= {spelling} if unknown else set()
                self.trie.insert(list(spelling), self.words.get_index(word), score)

    def decoder(self, config: SearchConfig, lm_scale: float) -> LexiconDecoder:
        """A decoder on this tree. Cheap: the tree and the model are shared."""
        options = LexiconDecoderOptions(
            beam_size=config.beam,
            beam_size_token=config.beam_labels,
            beam_threshold=config.beam_threshold,
            lm_weight=lm_scale,
            word_score=config.word_score,
            unk_score=NO_UNKNOWN_WORDS,
            sil_score=config.silence_score,
            log_add=False,
            criterion_type=CriterionType.CTC,
        )
        unknown = self.words.get_index(UNKNOWN_WORD)
        return LexiconDecoder(options, self.trie, self.lm, self.blank, self.blank, unknown, [], False)


def load_lm(path: str, words: Dictionary) -> KenLM:
    """The language model over these words. :raises InputError: when KenLM cannot read the file"""
    try:
        return KenLM(str(path), words)
    except RuntimeError as error:
        reason = str(error).strip().splitlines()[-1]
        raise InputError(f"{path}: not a whole KenLM model ({reason}); build the binary again") from None


class Search:
    """Decode at one pair of scales."""

    def __init__(
        self, tree: PrefixTree, config: SearchConfig, lm_scale: float, prior_scale: float, log_prior: np.ndarray
    ):
        """
        :param lm_scale: factor of the language model's log10 probabilities, while log posteriors are natural
            logarithms: Flashlight's convention, and so the paper's. With natural logarithms throughout, the factor is
            lm_scale / 2.303.
        :param prior_scale: factor of the log prior that is subtracted
        :param log_prior: float32 [V]
        """
        self._tree = tree
        self._decoder = tree.decoder(config, lm_scale)
        self._offset = np.float32(prior_scale) * log_prior
        self._frame_shift_s = config.frame_shift_s

    def __call__(self, log_posteriors: np.ndarray) -> Hypothesis:
        """Best hypothesis of one segment; an empty one when no word was reached.

        :param log_posteriors: float32 [T, V]
        """
        scores = np.ascontiguousarray(log_posteriors - self._offset, dtype=np.float32)  # [T, V]
        results = self._decoder.decode(scores.ctypes.data, *scores.shape)
        return self._hypothesis(_best(results)) if results else Hypothesis("", 0.0, ())

    def _hypothesis(self, result) -> Hypothesis:
        words, times_s = [], []
        for word, first_frame, last_frame in word_frames(result.words, result.tokens, self._tree.blank):
            spelled = self._tree.words.get_entry(word)
            if not spelled.startswith("["):  # a noise mark is no word, as in the paper
                words.append(spelled)
                times_s.append((self._seconds(first_frame), self._seconds(last_frame + 1)))
        return Hypothesis(" ".join(words), result.score, tuple(times_s))

    def _seconds(self, frames: int) -> float:
        return round(frames * self._frame_shift_s, 4)


def _best(results: list):
    """Of the paths with the best score the one whose words stand first in the lexicon.

    Homophones with equal probabilities tie, and Flashlight lists ties by address in memory, which is another one in
    each process.
    """
    equal = takewhile(lambda result: result.score == results[0].score, results)
    return min(equal, key=lambda result: (result.words, result.tokens))


def word_frames(words: list[int], labels: list[int], blank: int) -> list[tuple[int, int, int]]:
    """(word, first frame, last frame) of each word on a path.

    Flashlight puts one step before the first frame and one after the last, so step i is frame i - 1. A word is listed
    at the step of its last label, which Flashlight never repeats; it begins with the first label after the previous
    word.

    :param words: [T + 2], -1 where no word ends
    :param labels: [T + 2]
    """
    found, first = [], None
    for step, (word, label) in enumerate(zip(words, labels, strict=True)):
        if first is None and label != blank:
            first = step
        if word >= 0:
            found.append((word, (step if first is None else first) - 1, step - 1))
            first = None
    return found
