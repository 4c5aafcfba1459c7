import pytest
from matplotlib.figure import Figure

from recipe.figure_files import save_figure


def figure() -> Figure:
    made = Figure(figsize=(2, 1))
    made.subplots().plot([1, 2], [3, 4])
    return made


@pytest.mark.parametrize(("suffix", "start"), [("png", b"\x89PNG"), ("svg", b"<?xml")])
def test_equal_figures_give_equal_bytes(tmp_path, suffix, start):
    for name in "ab":
        save_figure(figure(), tmp_path / f"{name}.{suffix}")
    first, second = ((tmp_path / f"{name}.{suffix}").read_bytes() for name in "ab")
    assert first == second and first.startswith(start)
    assert b"Date" not in first and b"Software" not in first
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"a.{suffix}", f"b.{suffix}"]
