"""Rows as they come, and the page that leads to them until the finished one is there."""

import os
import re

import pytest
from sisyphus import gs, tk

from memristor_sim.hardware import physical
from recipe.report.growing import GrowingReport
from recipe.report.pages import PAGE, UNFINISHED
from recipe.systems import Float, Memristor, Qat


@pytest.fixture
def growing(scored, tmp_path, monkeypatch):
    """A report of three systems, none of whose scores are there, with what makes one of them be there."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(gs, "OUTPUT_DIR", "output")
    device = Memristor(3, 1, physical())
    wanted = [(Qat(3), "tuned"), (Float(), "tuned"), (device, "tuned"), (device, "fixed")]
    systems = [scored(system, 10.0, part, mode) for system, mode in wanted for part in ("dev", "test")]
    report = GrowingReport("mini", systems, tk.Path(str(tmp_path / "finished.html")))
    for one in systems:
        os.rename(one.score.get_path(), f"{one.score.get_path()}.later")

    def finish(number: int, age_s: float = 0.0) -> None:
        for one in report.rows[number].scored:
            path = one.score.get_path()
            os.rename(f"{path}.later", path)
            os.utime(path, (report.started_s + 1 - age_s,) * 2)

    return report, finish


def test_each_row_is_one_line_and_the_page_says_what_is_to_come(growing, capsys):
    report, finish = growing
    finish(1)
    report.add(1)
    (line,) = capsys.readouterr().out.splitlines()
    assert re.fullmatch(r"row 1 of 4: float +32 +tuned 2/0.3 +dev +[\d.]+ % +test +[\d.]+ %", line)
    link = report.folder / PAGE
    assert os.readlink(link) == UNFINISHED
    page = link.read_text()
    assert "Unfinished: 1 of 4 rows is there" in page and "http-equiv" in page
    assert [row.count("to come") for row in re.findall("<tr>.*?</tr>", page)[1:]] == [3, 0, 3, 3]
    finish(3)
    report.add(3)
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith("row 2 of 4: memristor   3  physical device 1  fixed 2/0.3")


def test_rows_from_before_are_counted_and_not_printed_again(growing, capsys):
    report, finish = growing
    finish(0, age_s=1000)
    finish(1, age_s=1000)
    finish(2)
    for number in range(3):
        report.add(number)
    first, second = capsys.readouterr().out.splitlines()
    assert first == "2 of 4 rows are there from before: output/report.html"
    assert second.startswith("row 3 of 4: memristor") and "tuned" in second


def test_the_finished_report_is_never_replaced_and_ends_the_other(growing, tmp_path):
    report, finish = growing
    link = tmp_path / "output" / PAGE
    finish(0)
    report.add(0)
    report.close()
    assert link.read_text().count("Unfinished")  # nothing has taken its place
    (tmp_path / "finished.html").write_text("whole")
    link.unlink()
    link.symlink_to(tmp_path / "finished.html")
    finish(1)
    report.add(1)
    report.close()
    assert link.read_text() == "whole" and os.listdir(tmp_path / "output") == [PAGE]


def test_a_finished_report_of_an_earlier_graph_gives_way(growing, tmp_path):
    report, finish = growing
    (tmp_path / "output").mkdir()
    (tmp_path / "earlier.html").write_text("earlier")
    (tmp_path / "output" / PAGE).symlink_to(tmp_path / "earlier.html")
    finish(0)
    report.add(0)
    assert "Unfinished" in (tmp_path / "output" / PAGE).read_text()
    assert (tmp_path / "earlier.html").read_text() == "earlier"


def test_a_full_disk_stops_no_graph(growing, monkeypatch, capsys):
    report, finish = growing
    finish(0)
    monkeypatch.setattr(report, "write", lambda: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    report.add(0)
    assert "the unfinished report cannot be written" in capsys.readouterr().out
