"""The table of networks: complete lines, errors that calibration lowers, and what is published."""

import json

import pytest
from torch import nn

from tests.memristor_sim import voice_activity, zoo
from tests.memristor_sim.foreign_networks import _noise


def cells(line):
    return [cell.strip() for cell in line.strip("|").split("|")]


def small():
    return nn.Sequential(nn.Linear(12, 30), nn.ReLU(), nn.Linear(30, 7)), {"input": _noise(200, 12)}


@pytest.fixture
def networks(monkeypatch):
    """Two networks, one of a package that is not there."""

    def missing():
        raise ImportError("no such package", name="missing_package")

    found = {"small": small, "missing network": missing}
    monkeypatch.setattr(zoo, "NETWORKS", found)
    return found


def test_a_line_says_what_is_mapped_and_how_far_off_it_is(networks):
    line = cells(zoo.row("small"))
    assert line[:4] == ["small", "570", "100.0", "100.0"] and line[7] == "the same"
    eight, four, calibrated = map(float, line[4:7])
    assert 0 < calibrated < eight < four < 0.5


def test_every_line_has_as_many_cells_as_the_head(networks):
    lines = list(zoo.table([]))
    assert len(lines) == 4 and len({len(cells(line)) for line in lines}) == 1
    assert "not installed: missing_package" in lines[3]
    assert len(list(zoo.table(["missing"]))) == 3


def test_what_is_published_lies_beside_when_and_where_it_was_measured(networks, tmp_path, monkeypatch):
    del networks["missing network"]
    for name in ("detector", "recordings"):
        monkeypatch.setattr(voice_activity, name, lambda: (None, None))
    for name in ("agreement_table", "layer_table"):
        monkeypatch.setattr(voice_activity, name, lambda *_, name=name: iter([name]))
    (tmp_path / "docs").mkdir()
    (tmp_path / "README.md").touch()
    block = "<!-- result: docs/results/zoo/networks.md -->\n{}<!-- end of result -->\n"
    (tmp_path / "docs" / "networks.md").write_text(block.format(""))
    zoo.publish(tmp_path)
    folder = tmp_path / "docs" / "results" / "zoo"
    text = (folder / "networks.md").read_text()
    assert text.startswith("| network |") and "| small |" in text
    assert (tmp_path / "docs" / "networks.md").read_text() == block.format(text)
    assert (folder / "voice_activity.md").read_text() == "agreement_table\n"
    assert json.loads((folder / "run.json").read_text()).keys() >= {"date", "commit", "machine"}
