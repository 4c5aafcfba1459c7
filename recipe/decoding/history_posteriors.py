"""Log posteriors of a transducer whose predictor depends on all labels so far."""

import numpy as np
import torch

from recipe.models.transducer_network import TransducerNetwork

START = 0
NOT_RUN = -1


class HistoryPosteriors:
    """A state is a sequence of labels. It runs through the predictor when it is scored first, so that what a search
    prunes costs nothing, and those that are scored together run together. See LabelPosteriors.
    """

    def __init__(self, network: TransducerNetwork, emissions: torch.Tensor, seed: int):
        """
        :param network: in evaluation mode
        :param emissions: [T, J]
        :param seed: of the read noise, where parts are on crossbars
        """
        self._network, self._emissions, self._seed = network, emissions, seed
        self.begin()

    def begin(self) -> int:
        """See LabelPosteriors. Forgets all states, and begins the read noise anew."""
        torch.manual_seed(self._seed)
        self._numbers: dict[tuple[int, int], int] = {}
        self._parent, self._label = [NOT_RUN], [self._network.blank]
        self._row = np.array([NOT_RUN])
        self._rows = Rows()
        self._scored_frame, self._scored = NOT_RUN, dict[int, np.ndarray]()
        return START

    def __len__(self) -> int:
        """T"""
        return len(self._emissions)

    def outputs(self, frame: int, states: np.ndarray) -> np.ndarray:
        """See LabelPosteriors. A state that is asked for twice in a frame has been read once."""
        if frame != self._scored_frame:
            self._scored_frame, self._scored = frame, {}
        new = list(dict.fromkeys(state for state in states.tolist() if state not in self._scored))
        if new:
            predicted = self._rows_of(np.array(new))[0]
            with torch.no_grad():
                values = self._network.joiner(self._emissions[frame], predicted).log_softmax(-1).numpy()
            self._scored.update(zip(new, values, strict=True))
        return np.stack([self._scored[state] for state in states.tolist()])

    def internal_lm(self, states: np.ndarray) -> np.ndarray:
        """See LabelPosteriors."""
        return self._rows_of(states)[1].numpy().astype(np.float64)

    def after(self, states: np.ndarray, labels: np.ndarray) -> np.ndarray:
        """See LabelPosteriors. Numbers alone: nothing runs yet."""
        found = [self._number(*pair) for pair in zip(states.tolist(), labels.tolist(), strict=True)]
        if len(self._row) < len(self._parent):
            self._row = np.concatenate([self._row, np.full(len(self._parent), NOT_RUN)])
        return np.array(found, np.int64)

    def _number(self, state: int, label: int) -> int:
        number = self._numbers.setdefault((state, label), len(self._parent))
        if number == len(self._parent):
            self._parent.append(state)
            self._label.append(label)
        return number

    def _rows_of(self, states: np.ndarray) -> list[torch.Tensor]:
        """What the joiner takes of the predictor [N, J], the internal language model [N, V - 1], and the memory."""
        new = np.unique(states[self._row[states] == NOT_RUN])
        if len(new):
            self._run(new)
        return self._rows.take(self._row[states])

    def _run(self, states: np.ndarray) -> None:
        """Run states [N] whose parents have run. The predictor's memory is [1, N, H] each, and kept as rows."""
        labels = torch.tensor([self._label[state] for state in states.tolist()])
        parents = self._row[[self._parent[state] for state in states.tolist()]]
        memory = None if START in states else tuple(part[None] for part in self._rows.take(parents)[2:])
        with torch.no_grad():
            predicted, memory = self._network.step(labels, memory)
            internal_lm = self._network.internal_lm(predicted)
        self._row[states] = self._rows.add(predicted, internal_lm, *(part[0] for part in memory))


class Rows:
    """Tensors of the same number of rows [N, ...], which grow."""

    def __init__(self) -> None:
        self._size = 0
        self._tensors: list[torch.Tensor] = []

    def add(self, *tensors: torch.Tensor) -> np.ndarray:
        """Append rows to each; returns their numbers."""
        numbers = self._size + np.arange(len(tensors[0]))
        self._size += len(numbers)
        if not self._tensors:
            self._tensors = [one.new_empty(0, *one.shape[1:]) for one in tensors]
        if self._size > len(self._tensors[0]):  # twice as many, so that no row is copied often
            self._tensors = [
                torch.cat([one, one.new_empty(2 * self._size - len(one), *one.shape[1:])]) for one in self._tensors
            ]
        for kept, new in zip(self._tensors, tensors, strict=True):
            kept[numbers[0] : self._size] = new
        return numbers

    def take(self, numbers: np.ndarray) -> list[torch.Tensor]:
        """Rows of each, by number."""
        return [one[torch.from_numpy(numbers)] for one in self._tensors]
