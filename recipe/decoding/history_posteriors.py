"""Log posteriors of a transducer whose predictor depends on all labels so far."""

import numpy as np
import torch

from recipe.models.transducer_network import TransducerNetwork

START = 0
NEVER = -1
PARENT, LABEL, ROW, FRAME, PLACE = "parent", "label", "row", "frame", "place"
"""Of a state: the state and label before it, where what was kept of it is, when and where it was scored last."""
PREDICTED, INTERNAL_LM, MEMORY = 0, 1, slice(2, None)
"""Parts that are kept of a state: what the joiner takes, the internal language model, the predictor's memory."""


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
        self._numbers: dict[int, int] = {}
        self._rows, self._outputs = Rows(), Rows()
        self._frame = NEVER
        first = {PARENT: NEVER, LABEL: self._network.blank, ROW: NEVER, FRAME: NEVER, PLACE: NEVER}
        self._of_state = {name: np.array([value]) for name, value in first.items()}
        return START

    def __len__(self) -> int:
        """T"""
        return len(self._emissions)

    def outputs(self, frame: int, states: np.ndarray) -> np.ndarray:
        """See LabelPosteriors. A state that is asked for twice in a frame has been read once."""
        if frame != self._frame:
            self._frame, self._outputs = frame, Rows()
        new = np.unique(states[self._of_state[FRAME][states] != frame])
        if len(new):
            predicted = self._take(PREDICTED, new)
            with torch.no_grad():
                values = self._network.joiner(self._emissions[frame], predicted).log_softmax(-1)
            self._of_state[FRAME][new] = frame
            self._of_state[PLACE][new] = self._outputs.add(values)
        return self._outputs.take(0, self._of_state[PLACE][states]).numpy()

    def internal_lm(self, states: np.ndarray) -> np.ndarray:
        """See LabelPosteriors."""
        return self._take(INTERNAL_LM, states).numpy().astype(np.float64)

    def after(self, states: np.ndarray, labels: np.ndarray) -> np.ndarray:
        """See LabelPosteriors. Numbers alone: nothing runs yet."""
        known, pairs = len(self._numbers) + 1, states * self._network.blank + labels
        found = np.array([self._numbers.setdefault(pair, len(self._numbers) + 1) for pair in pairs.tolist()], np.int64)
        if len(self._numbers) + 1 > len(self._of_state[ROW]):  # twice as many, so that none is copied often
            more = np.full(2 * len(self._numbers), NEVER)
            self._of_state = {name: np.concatenate([values, more]) for name, values in self._of_state.items()}
        new = found >= known
        self._of_state[PARENT][found[new]] = states[new]
        self._of_state[LABEL][found[new]] = labels[new]
        return found

    def _take(self, part: int, states: np.ndarray) -> torch.Tensor:
        """One part of what is kept of states [N], which run first where they have not."""
        row = self._of_state[ROW]
        new = np.unique(states[row[states] == NEVER])
        if len(new):
            row[new] = self._run(new)
        return self._rows.take(part, row[states])

    def _run(self, states: np.ndarray) -> np.ndarray:
        """Run states [N] whose parents have run; the rows of what is kept. The predictor's memory is [1, N, H] each."""
        memory = None
        if states[0] != START:
            parents = self._of_state[ROW][self._of_state[PARENT][states]]
            memory = tuple(self._rows.take(part, parents)[None] for part in self._rows.parts[MEMORY])
        with torch.no_grad():
            predicted, memory = self._network.step(torch.from_numpy(self._of_state[LABEL][states]), memory)
            internal_lm = self._network.internal_lm(predicted)
        return self._rows.add(predicted, internal_lm, *(part[0] for part in memory))


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

    @property
    def parts(self) -> range:
        """Numbers of the tensors."""
        return range(len(self._tensors))

    def take(self, part: int, numbers: np.ndarray) -> torch.Tensor:
        """Rows of one of the tensors, by number."""
        return self._tensors[part].index_select(0, torch.from_numpy(numbers))
