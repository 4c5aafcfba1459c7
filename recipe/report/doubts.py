"""Rows that nothing can be concluded from: their model did not learn, or most of what was spoken is missing."""

from collections.abc import Iterable, Sequence

from recipe.report.results import Result, Results

LARGEST_DELETION_SHARE = 0.5
"""A row with more deletions than this share of its reference words recognises too little to be compared."""
DID_NOT_LEARN = "did not learn"
DELETIONS = "deletions"
NOTES = {
    DID_NOT_LEARN: "(did not learn): the dev loss of the training is no better than that of constant priors, or the "
    "model emits blank alone; no claim is judged about the row.",
    DELETIONS: f"(deletions): more than {100 * LARGEST_DELETION_SHARE:g} % of the reference words are deleted; no "
    "claim is judged about the row.",
}


def doubt(row: Sequence[Result]) -> str:
    """Why nothing can be concluded from a row, a key of NOTES; empty for a row that can be compared.

    :param row: one result, or those of several devices, whose words are counted together
    """
    if not all(result.learned for result in row):
        return DID_NOT_LEARN
    words, deletions = (sum(int(getattr(result, name).sum()) for result in row) for name in ("words", "deletions"))
    return DELETIONS if deletions > LARGEST_DELETION_SHARE * words else ""


def mark(row: Sequence[Result]) -> str:
    """What follows the figures of such a row in a table: ` (deletions)`."""
    return f" ({doubt(row)})" if doubt(row) else ""


def doubt_record(row: Sequence[Result]) -> dict[str, str]:
    """The same for the records of a table."""
    return {"doubt": doubt(row)} if doubt(row) else {}


def doubt_notes(results: Results, kinds: Iterable[str] | None = None) -> list[str]:
    """What the marks among results of these kinds mean; None for all kinds."""
    found = {doubt([result]) for result in results.results if kinds is None or result.kind in kinds}
    return [text for kind, text in NOTES.items() if kind in found]
