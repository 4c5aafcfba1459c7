import pytest
import torch
from torch import nn

from recipe.errors import InputError
from recipe.formats.checkpoint import load_checkpoint, read_checkpoint, save_checkpoint, save_state


def network(width: int = 4, names: tuple[str, ...] = ("inner", "outer")) -> nn.Module:
    return nn.ModuleDict({name: nn.Linear(width, width) for name in names})


def test_a_checkpoint_comes_back_and_equal_models_give_equal_bytes(tmp_path):
    module = network()
    for name in ("a.pt", "another name ä.pt"):
        save_checkpoint(module, tmp_path / name)
    assert (tmp_path / "a.pt").read_bytes() == (tmp_path / "another name ä.pt").read_bytes()
    loaded = load_checkpoint(network(), tmp_path / "a.pt").state_dict()
    assert all(torch.equal(loaded[name], tensor) for name, tensor in module.state_dict().items())


def test_texts_in_a_state_are_kept(tmp_path):
    save_state({"weight": torch.ones(2, requires_grad=True), "about": "a text"}, tmp_path / "a.pt")
    state = read_checkpoint(tmp_path / "a.pt")
    assert state["about"] == "a text" and not state["weight"].requires_grad


@pytest.mark.parametrize(
    "other, culprit",
    [(network(5), "inner.weight"), (network(names=("inner",)), "outer"), (network(names=("inner", "outer", "x")), "x")],
)
def test_a_checkpoint_of_another_model_is_refused(tmp_path, other, culprit):
    save_checkpoint(network(), tmp_path / "model.pt")
    with pytest.raises(InputError, match=rf"model\.pt: {culprit}"):
        load_checkpoint(other, tmp_path / "model.pt")


def test_a_missing_or_broken_checkpoint_is_one_sentence(tmp_path):
    (tmp_path / "broken.pt").write_bytes(b"no checkpoint")
    torch.save({"weights": {}}, tmp_path / "other.pt")
    for name in ("broken.pt", "missing.pt", "other.pt"):
        with pytest.raises(InputError, match=name):
            read_checkpoint(tmp_path / name)
