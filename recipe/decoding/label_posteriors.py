"""What the search of a transducer asks its model for: log posteriors after the labels that hypotheses have emitted."""

from typing import Protocol

import numpy as np


class LabelPosteriors(Protocol):
    """Of one segment. What a predictor knows of the labels so far is a state, and states are numbers."""

    def begin(self) -> int:
        """The state before the first label. A search calls it first; what an earlier one has asked changes nothing."""
        ...

    def __len__(self) -> int:
        """Frames, T."""
        ...

    def outputs(self, frame: int, states: np.ndarray) -> np.ndarray:
        """Natural logarithms [N, V] of labels and blank, the last column, in a frame and states [N]."""
        ...

    def internal_lm(self, states: np.ndarray) -> np.ndarray:
        """Natural logarithms [N, V - 1] of the next label where nothing is heard."""
        ...

    def after(self, states: np.ndarray, labels: np.ndarray) -> np.ndarray:
        """The states [N] that labels [N] lead to from states [N]."""
        ...


class TablePosteriors:
    """Of a predictor that sees one label: its states are the labels, and V - 1 before the first; all are in a table."""

    def __init__(self, table: np.ndarray, internal_lm: np.ndarray):
        """
        :param table: [T, V, V]: frame, state, output
        :param internal_lm: [V, V - 1], next label after each state
        """
        self._table, self._internal_lm = table, internal_lm.astype(np.float64)

    def begin(self) -> int:
        """See LabelPosteriors."""
        return self._table.shape[1] - 1

    def __len__(self) -> int:
        """T"""
        return len(self._table)

    def outputs(self, frame: int, states: np.ndarray) -> np.ndarray:
        """See LabelPosteriors."""
        return self._table[frame, states]

    def internal_lm(self, states: np.ndarray) -> np.ndarray:
        """See LabelPosteriors."""
        return self._internal_lm[states]

    def after(self, states: np.ndarray, labels: np.ndarray) -> np.ndarray:
        """The labels."""
        return labels
