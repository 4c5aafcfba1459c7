"""Word errors of an aligned utterance, counted and shown."""

from recipe.formats.utterances import UtteranceErrors
from recipe.scoring.alignment import GAP, Pairs, same

GAP_MARK = "***"


def utterance_errors(name: str, pairs: Pairs) -> UtteranceErrors:
    """Counts per kind of error."""
    insertions = sum(spoken is GAP for spoken, _ in pairs)
    deletions = sum(found is GAP for _, found in pairs)
    substitutions = sum(GAP not in pair and not same(*pair) for pair in pairs)
    return UtteranceErrors(name, len(pairs) - insertions, insertions, deletions, substitutions)


def readable(name: str, pairs: Pairs) -> str:
    """Two lines of words in columns, errors in capitals, gaps as ***."""
    columns = []
    for spoken, found in pairs:
        shown = str if same(spoken, found) else str.upper
        column = [GAP_MARK if word is GAP else shown(word) for word in (spoken, found)]
        width = max(map(len, column))
        columns.append([word.ljust(width) for word in column])
    lines = [" ".join(column[row] for column in columns).rstrip() for row in (0, 1)]
    return f"{name}\nREF: {lines[0]}\nHYP: {lines[1]}\n"
