import re
from pathlib import Path

import pytest
import torch

import memristor_sim

README = Path(memristor_sim.__file__).parent / "README.md"


def examples(language: str = "python") -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README.read_text(encoding="utf-8"), re.S)


def test_the_example_runs_and_its_error_is_small(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    torch.manual_seed(0)
    exec(compile(examples()[0], str(README), "exec"), {})
    assert 0 < float(capsys.readouterr().out.split()[-1]) < 0.25
    assert (tmp_path / "device1.pt").stat().st_size > 0


def test_the_example_of_an_own_device_programs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("my.csv").write_text(examples("csv")[0], encoding="utf-8")
    names = {"memristor_sim": memristor_sim}
    exec(compile(examples()[1], str(README), "exec"), names)
    torch.manual_seed(0)
    layer, x = torch.nn.Linear(64, 32), torch.randn(20, 64)
    wanted = layer(x).detach()
    result = memristor_sim.program(layer, names["hardware"], 1, calibration=[x])(x)
    assert float((result - wanted).std() / wanted.std()) < 0.1


def test_every_module_is_named():
    text = README.read_text(encoding="utf-8")
    modules = {path.stem for path in README.parent.rglob("*.py") if not path.stem.startswith("_")}
    assert not {name for name in modules - {"errors", "seeds"} if f"`{name}`" not in text}


def test_public_names_exist():
    assert all(getattr(memristor_sim, name) is not None for name in memristor_sim.__all__)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        memristor_sim.nothing  # noqa: B018
