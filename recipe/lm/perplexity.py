"""Perplexity of a KenLM model on a text."""

import kenlm

from recipe.errors import InputError
from recipe.lm.text import sentences_of


def load_model(path: str) -> kenlm.Model:
    """:raises InputError: when KenLM cannot read the file."""
    try:
        return kenlm.Model(path)
    except (OSError, RuntimeError) as error:
        reason = str(error).strip().splitlines()[-1]
        raise InputError(f"{path}: not a whole KenLM model ({reason}); build the binary again") from None


def perplexity(model_path: str, text: str) -> dict[str, float | int]:
    """Perplexity per token (words and sentence ends), with and without the positions of unknown words.

    :return: perplexity, perplexity_without_oov, words, sentences, oovs
    :raises InputError: when the text holds no words, or the model is broken
    """
    model = load_model(model_path)
    words = sentences = oovs = 0
    log10_prob = log10_prob_known = 0.0
    for sentence in sentences_of(text):
        for log10, _, unknown in model.full_scores(sentence, bos=True, eos=True):
            log10_prob += log10
            oovs += unknown
            log10_prob_known += 0.0 if unknown else log10
        words += len(sentence.split())
        sentences += 1
    if words == 0:
        raise InputError(f"{text}: no words to measure the perplexity on; give a text with a sentence per line")
    tokens = words + sentences
    return {
        "perplexity": 10.0 ** (-log10_prob / tokens),
        "perplexity_without_oov": 10.0 ** (-log10_prob_known / (tokens - oovs)),
        "words": words,
        "sentences": sentences,
        "oovs": oovs,
    }
