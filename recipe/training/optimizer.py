"""RAdam as one fused kernel per step; torch's own runs about fifteen small operations per parameter."""

import torch


class FusedRAdam(torch.optim.RAdam):
    """torch.optim.RAdam with decoupled weight decay: the same state, and the same results up to rounding.

    A rectified RAdam step is an AdamW step with another learning rate, weight decay and epsilon, and torch has AdamW as
    one fused CPU kernel. torch's RAdam takes the first few steps, which are not rectified, and parameters on other
    devices. Algorithm: Liu et al., arXiv 1908.03265.
    """

    @torch.no_grad()
    def step(self, closure=None):
        """One update.

        :param closure: as in torch.optim.Optimizer: evaluates the loss and its gradients again
        :return: what `closure` returns; None without one
        """
        factors = [factor for group in self.param_groups if (factor := self._rectification(group)) is not None]
        if len(factors) < len(self.param_groups):
            return super().step(closure)
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for group, factor in zip(self.param_groups, factors, strict=True):
            self._update(group, *factor)
        return loss

    def _rectification(self, group: dict) -> tuple[float, float] | None:
        """Factors of the learning rate and of the second moment's root in the next step; None to use torch's RAdam."""
        first = group["params"][0]
        if not group["decoupled_weight_decay"] or first.device.type != "cpu" or first not in self.state:
            return None
        step = self.state[first]["step"].item() + 1
        decay = group["betas"][1] ** step
        longest = 2 / (1 - group["betas"][1]) - 1
        length = longest - 2 * step * decay / (1 - decay)  # of the simple moving average: rho_t in arXiv 1908.03265
        if length <= 5:
            return None
        rate = (length - 4) * (length - 2) * longest / ((longest - 4) * (longest - 2) * length)
        return rate**0.5, (1 - decay) ** 0.5

    def _update(self, group: dict, rate: float, root: float) -> None:
        params: list[torch.Tensor] = []
        grads: list[torch.Tensor] = []
        averages: list[torch.Tensor] = []
        squares: list[torch.Tensor] = []
        steps: list[torch.Tensor] = []
        self._init_group(group, params, grads, averages, squares, steps)
        torch._foreach_add_(steps, 1)
        torch._fused_adamw_(
            params,
            grads,
            averages,
            squares,
            [],
            steps,
            lr=group["lr"] * rate,
            beta1=group["betas"][0],
            beta2=group["betas"][1],
            weight_decay=group["weight_decay"] / rate,  # weight decay is not rectified
            eps=group["eps"] / root,  # RAdam adds epsilon before the bias correction
            amsgrad=False,
            maximize=group["maximize"],
        )
