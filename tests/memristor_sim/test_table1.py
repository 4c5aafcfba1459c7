import pytest

from memristor_sim import __main__, table1
from memristor_sim.published import TABLE_1


@pytest.fixture(scope="module")
def rows():
    return table1.measured_rows(cells=100_000)


def test_spreads_are_those_of_the_paper(rows):
    for index in (0, 1, 3, 4):  # the third: see docs/deviations.md
        assert rows[index].std == pytest.approx(TABLE_1[index].std, rel=0.03)


def test_means_keep_the_ratios_of_the_paper(rows):
    for index in (1, 2, 4):
        paper = TABLE_1[0].mean / TABLE_1[index].mean
        assert rows[0].mean / rows[index].mean == pytest.approx(paper, rel=0.003)
    assert rows[3].mean == pytest.approx(0.0, abs=0.001)


def test_the_published_factor_is_kept(rows):
    assert TABLE_1[0].mean / rows[0].mean == pytest.approx(8066 / 8020, rel=0.001)


def test_printed_table(capsys):
    __main__.main(["table1", "--cells", "10000"])
    printed = capsys.readouterr().out
    assert printed.count("\n") == 9 and "8020" in printed
    with pytest.raises(SystemExit):
        __main__.main(["table1", "--cells", "15000"])
    assert "multiple of 10000" in capsys.readouterr().err


def test_published_products_scale_with_the_input():
    full, *parts = [row for row in TABLE_1 if row.weight == 1]
    assert [row.x for row in (full, *parts)] == [1, 0.1, 0.01]
    for row in parts:
        scaled = [value / row.x for value in (row.mean, row.least, row.most)]
        assert scaled == pytest.approx([full.mean, full.least, full.most], rel=0.07)
