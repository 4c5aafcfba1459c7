"""States of all arrays of one integer matrix, and the matrices that products need of them.

Shapes: I inputs (rows), O outputs (columns), P planes.
"""

from typing import Any

import torch

from memristor_sim.errors import MemristorError
from memristor_sim.kept_buffers import KeptBuffers
from memristor_sim.mapping import Mapping


class ArrayStates(KeptBuffers):
    """Pairs of cells by plane, group, row and column, and which shares of their currents arrive."""

    r_plus: torch.Tensor
    """States of the positive lines, float16 [P, groups, I, O]. Rounding to float16 adds less than 1e-4 to the variance
    of a state (test_state_law.py) and halves the size of a device."""
    r_minus: torch.Tensor
    """States of the negative lines, like `r_plus`."""
    attenuation_plus: torch.Tensor | None
    """Shares of the currents of the positive lines' cells that arrive, float16, like `r_plus`; None for all of it."""
    attenuation_minus: torch.Tensor | None
    """Of the negative lines, like `attenuation_plus`."""
    mapping_text: torch.Tensor
    """The mapping that the states belong to, as bytes; checked when they are loaded."""

    def __init__(self, mapping: Mapping, *, attenuated: bool, name: str):
        """Empty.

        :param attenuated: whether shares of currents are kept.
        :param name: of the layer, for messages.
        """
        super().__init__()
        self.mapping, self.attenuated, self.name = mapping, attenuated, name
        self.register_buffer("r_plus", torch.zeros(mapping.shape, dtype=torch.float16))
        self.register_buffer("r_minus", torch.zeros(mapping.shape, dtype=torch.float16))
        for each in ("attenuation_plus", "attenuation_minus"):
            self.register_buffer(each, torch.ones(mapping.shape, dtype=torch.float16) if attenuated else None)
        self.register_buffer("mapping_text", torch.tensor(list(mapping.text().encode()), dtype=torch.uint8))
        self.programmed = False

    def write(self, r_plus: torch.Tensor, r_minus: torch.Tensor, *attenuation: torch.Tensor) -> None:
        """Take these states, each like `r_plus`.

        :param attenuation: of the positive and of the negative lines; without, all of the currents arrive.
        """
        self.r_plus, self.r_minus, self.programmed = r_plus, r_minus, True
        if attenuation:
            self.attenuation_plus, self.attenuation_minus = attenuation

    @property
    def attenuation(self) -> tuple[torch.Tensor, ...]:
        """Shares of the currents that arrive, of the positive and of the negative lines; none if all of it does."""
        both = self.attenuation_plus, self.attenuation_minus
        return tuple(one for one in both if one is not None)

    def digital_sums(self) -> tuple[torch.Tensor, ...]:
        """The matrices of the mean, summed over planes with their place values: each float32 [groups, I, O].

        One, the differences of states; two if currents are attenuated.
        """
        shape, device = self.mapping.shape[1:], self.r_plus.device
        totals = tuple(torch.zeros(shape, device=device) for _ in range(1 + self.attenuated))
        for plane, weight in enumerate(self.mapping.plane_weights):
            for total, matrix in zip(totals, self.matrices((plane,), noisy=False), strict=True):
                total.add_(matrix, alpha=weight)
        return totals

    def sums_of_rows(self) -> tuple[torch.Tensor, torch.Tensor | float]:
        """Over all cells of each row: states, and how many cells; attenuated, both times the share that arrives.

        :return: float64 [groups, I]; of the second a number if it is one for all rows.
        """
        plus, minus = self.r_plus.double(), self.r_minus.double()
        if not self.attenuated:
            return plus.sum((0, 3)) + minus.sum((0, 3)), float(2 * self.mapping.planes * self.mapping.columns)
        share_plus, share_minus = (share.double() for share in self.attenuation)
        weighted = (plus * share_plus).sum((0, 3)) + (minus * share_minus).sum((0, 3))
        return weighted, share_plus.sum((0, 3)) + share_minus.sum((0, 3))

    def matrices(self, index: tuple[int | slice, ...], *, noisy: bool) -> tuple[torch.Tensor, ...]:
        """What the functions of the lines are multiplied with: as many for the mean and, if noisy, for the variance.

        :param index: of cells among [P, groups, I, O].
        :return: each float32 [...]; with r for the states, r- - r+ and r- + r+. Attenuated by a, a+ - a-, q- - q+,
            - a- - a+ and q- + q+, where q = a r.
        """
        minus, plus = (states[index].float() for states in (self.r_minus, self.r_plus))
        if not self.attenuated:
            total = (minus + plus,) if noisy else ()
            return minus.sub_(plus), *total
        share_plus, share_minus = (share[index].float() for share in self.attenuation)
        minus, plus = minus.mul_(share_minus), plus.mul_(share_plus)
        totals = ((share_minus + share_plus).neg_(), minus + plus) if noisy else ()
        return share_plus.sub_(share_minus), minus.sub_(plus), *totals

    def require_programmed(self) -> None:
        """Refuse to compute with empty states.

        :raises MemristorError: nothing was written or loaded.
        """
        if not self.programmed:
            raise MemristorError(
                f"Crossbar layer {self.name!r} was prepared, but never programmed: load the state_dict of a programmed "
                "model, or use program() instead of prepare()."
            )

    def extra_repr(self) -> str:
        """The mapping, for `print(model)`."""
        return self.mapping.text()

    def _load_from_state_dict(self, state_dict: dict, prefix: str, *args: Any, **kwargs: Any) -> None:
        found = state_dict.get(prefix + "mapping_text")
        if found is None:
            raise MemristorError(
                f"The state_dict has no programmed states for layer {self.name!r}: it is of a model that was not "
                "programmed, so program that one."
            )
        text = bytes(found.tolist()).decode()
        if text != self.mapping.text():
            raise MemristorError(
                f"The state_dict of layer {self.name!r} was programmed with another mapping ({text}) than this "
                f"model's ({self.mapping.text()}): prepare the model with the hardware that it was programmed for."
            )
        super()._load_from_state_dict(state_dict, prefix, *args, **kwargs)
        self.programmed = True
