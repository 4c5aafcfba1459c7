"""The effect of each step of a mixture: n-grams per order, weight, perplexity."""

import numpy as np

from recipe.lm.table import BEGIN_ID, UNKNOWN_ID, NgramTable, token_probabilities, tokens_of


def measured(name: str, model: str, weight: float | None, texts: dict[str, str]) -> dict:
    """A row: model, weight (None for a mixture), n-grams per order, and for each text the result of perplexity_of."""
    table = NgramTable.load(model)
    ngrams = [len(level) for level in table.levels]
    return {"model": name, "weight": weight, "ngrams": ngrams} | {
        part: perplexity_of(table, text) for part, text in texts.items()
    }


def perplexity_of(table: NgramTable, text: str) -> dict[str, float | int]:
    """Perplexity per word and sentence end, with and without the positions of unknown words, and their number.

    :raises InputError: when the text holds no words
    """
    log_prob = log_prob_known = 0.0
    count = oovs = 0
    for tokens in tokens_of(table, text):
        log_probs = np.log(token_probabilities(table, tokens))
        known = tokens[tokens != BEGIN_ID] != UNKNOWN_ID
        log_prob += log_probs.sum()
        log_prob_known += log_probs[known].sum()
        count += len(known)
        oovs += int((~known).sum())
    return {
        "perplexity": float(np.exp(-log_prob / count)),
        "perplexity_without_oov": float(np.exp(-log_prob_known / (count - oovs))),
        "oovs": oovs,
    }


def table_of(rows: list[dict], parts: list[str]) -> str:
    """Markdown with a line per model; perplexities are those without unknown words."""
    orders = range(1, len(rows[0]["ngrams"]) + 1)
    head = ["model", "weight", *(f"{n}-grams" for n in orders), *(f"{part} perplexity" for part in parts)]
    lines = [head, ["---"] * len(head)]
    for row in rows:
        weight = "" if row["weight"] is None else f"{row['weight']:.4f}"
        perplexities = [f"{row[part]['perplexity_without_oov']:.2f}" for part in parts]
        lines.append([row["model"], weight, *(f"{count:,}" for count in row["ngrams"]), *perplexities])
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)
