import torch

from recipe.training.returnn_model import one_param_group, returnn_model
from tests.recipe.training.synthetic import MODEL


def test_weight_decay_reaches_all_parameters_biases_and_norms_included():
    model = returnn_model(MODEL, None, epoch=1, step=0)
    (group,) = one_param_group(model=model, rf=None)
    assert [id(parameter) for parameter in group["params"]] == [id(parameter) for parameter in model.parameters()]
    before = [parameter.detach().clone() for parameter in model.parameters()]
    optimizer = torch.optim.RAdam([group], lr=0.1, weight_decay=0.5, decoupled_weight_decay=True)
    for parameter in model.parameters():
        parameter.grad = torch.zeros_like(parameter)
    optimizer.step()
    for old, parameter in zip(before, model.parameters(), strict=True):
        torch.testing.assert_close(parameter.detach(), 0.95 * old)
