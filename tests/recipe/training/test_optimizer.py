import copy

import pytest
import torch

from recipe.training.optimizer import FusedRAdam


def trained(
    optimizer_class: type, steps: int, beta2: float, *, eps: float = 1e-16, resume_at: int | None = None
) -> list[torch.Tensor]:
    """Parameters after some steps on a noisy quadratic."""
    options = {"lr": 0.02, "betas": (0.9, beta2), "eps": eps, "weight_decay": 0.1, "decoupled_weight_decay": True}
    generator = torch.Generator().manual_seed(0)
    params = [torch.nn.Parameter(torch.randn(shape, generator=generator)) for shape in [(7, 33), (33,), ()]]
    optimizer = optimizer_class(params, **options)
    for step in range(steps):
        if step == resume_at:
            state = copy.deepcopy(optimizer.state_dict())
            optimizer = optimizer_class(params, **options)
            optimizer.load_state_dict(state)
        optimizer.param_groups[0]["lr"] = 0.02 / (1 + step)
        for param in params:
            param.grad = param.detach() - 1 + torch.randn(param.shape, generator=generator)
        params[1].grad[:5] = 0.0
        optimizer.step()
    return [param.detach() for param in params]


@pytest.mark.parametrize("eps", [1e-16, 0.1])
@pytest.mark.parametrize("beta2", [0.98, 0.999])
@pytest.mark.parametrize("steps", [4, 5, 6, 60])
def test_it_is_torchs_radam_up_to_rounding(steps, beta2, eps):
    expected = trained(torch.optim.RAdam, steps, beta2, eps=eps)
    torch.testing.assert_close(trained(FusedRAdam, steps, beta2, eps=eps), expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("resume_at", [3, 6, 20])
def test_a_resumed_run_gives_the_same_bytes(resume_at):
    straight, resumed = trained(FusedRAdam, 30, 0.98), trained(FusedRAdam, 30, 0.98, resume_at=resume_at)
    assert all(torch.equal(one, other) for one, other in zip(straight, resumed, strict=True))


def test_without_decoupled_decay_it_is_torchs_own():
    param = [torch.nn.Parameter(torch.ones(3)) for _ in range(2)]
    for one, kind in zip(param, (torch.optim.RAdam, FusedRAdam), strict=True):
        optimizer = kind([one], weight_decay=0.1)
        for _ in range(8):
            one.grad = one.detach().clone()
            optimizer.step()
    assert torch.equal(*param)
