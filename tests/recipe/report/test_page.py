import json
import re
import tarfile

import pytest
from sisyphus import tk
from sisyphus.hash import short_hash

from recipe.errors import InputError
from recipe.report import jobs
from recipe.report.html import data_uri, page
from recipe.report.inputs import document
from recipe.report.job_records import JobRecord, ancestors
from recipe.report.plot_style import save
from recipe.report.plot_wer import wer_figure
from recipe.report.results import Results
from recipe.report.show import main
from recipe.report.table_files import write_tables


@pytest.fixture
def written(whole_graph, tmp_path):
    """A folder like output/ with the tables."""
    folder = tmp_path / "output" / "tables"
    folder.mkdir(parents=True)
    transfer = tmp_path / "rows.json"
    transfer.write_text(json.dumps([{"operation": "1.0 x 1", "mean": 1.01, "std": 0.06, "min": 0.7, "max": 1.3}]))
    names = [f"{table}.{suffix}" for table in jobs.TABLES for suffix in jobs.FORMATS]
    paths = {name: str(folder / name) for name in names}
    write_tables(whole_graph, "<mini>", 0, paths, str(folder / "tables.json"), transfer_path=str(transfer))
    return folder


def test_show_prints_tables_and_report(written, capsys):
    (written.parent / "report.html").write_text("")
    (written / "stages.md").write_text("run time per kind of job\n")
    (written.parent / "mini").mkdir()
    (written.parent / "mini" / "perplexity.dev").write_text(
        "{'perplexity': 19.04, 'perplexity_without_oov': 18.96, 'words': 3485, 'oovs': 2}\n"
    )
    assert main([str(written.parent)]) == 0
    printed = capsys.readouterr().out
    assert (written / "table2.md").read_text() in printed
    assert "run time per kind of job" in printed
    assert "perplexity on mini dev: 19.0, 19.0 without unknown words (2 of 3,485 words)" in printed
    assert printed.rstrip().endswith("report.html")


def test_show_without_tables_says_what_to_do(tmp_path, capsys):
    assert main([str(tmp_path)]) == 1
    assert "make tables" in capsys.readouterr().err


def test_page_escapes_and_refers_to_nothing_outside(written, whole_graph, tmp_path):
    picture = tmp_path / "wer.svg"
    save(wer_figure(Results.load(whole_graph), "<mini>", "dev"), [picture])
    text = tmp_path / "deviations.md"
    table = "| a | b |\n|---|---|\n| `x<y` | **bold** |"
    text.write_text(f"# Ours <script>\n\n{table}\n\n<b>raw</b> ![p](x.png) [f](recipe/a.py)\n\n<div>\n")
    html = page(
        setup_name="<mini>",
        tables_path=str(written / "tables.json"),
        plots={"WER": str(picture)},
        documents=[str(text)],
        jobs=[
            JobRecord(
                job_id=f"{stage}/jobs/Some<Job>.{n}", alias="<b>", seeds=(("seed", n),), used_h=0.1, memory_gb=0.2
            )
            for stage in ("training", "scoring")
            for n in range(700)
        ],
    )
    assert "<mini>" not in html and "&lt;mini&gt;" in html
    assert html.count("<script") == 1 and "Ours &lt;script&gt;" in html
    assert "<b>" not in html and "Some<Job>" not in html
    assert len(re.findall(r"<details><summary>(?:training|scoring): 700 jobs", html)) == 2  # one per stage, closed
    assert all(f"Some&lt;Job&gt;.{n}<" in html for n in range(700))
    assert len(html) < 2_000_000
    assert "<code>x&lt;y</code>" in html
    sources = re.findall(r'(?:src|href)="([^"]*)"', html)
    assert all(source.startswith(("data:", "#")) for source in sources)
    assert not re.search(r"url\(|@import", html)


def test_only_pictures_are_embedded(tmp_path):
    with pytest.raises(InputError, match="svg or png"):
        data_uri(str(tmp_path / "plot.pdf"))


def job(work, job_id, inputs=(), extra="", hours=0.5):
    folder = work / job_id
    (folder / "output").mkdir(parents=True)
    lines = [f"INPUT: {work}/{name}/output/file" for name in inputs]
    (folder / "info").write_text("\n".join([*lines, extra]) + "\n")
    (folder / "usage.run.1").write_text(repr({"used_time": hours, "cpu_time": hours / 2, "max": {"rss": 0.7}}))
    return folder


def test_history_walks_to_every_ancestor_once(tmp_path):
    work = tmp_path / "work"
    job(
        work,
        "a/Root.1",
        extra="PARAMETER: device_seed: 3\nPARAMETER: schedule: Schedule(peak=1.0, seed=42)\nALIAS: mini/root",
    )
    job(work, "a/Left.2", ["a/Root.1"])
    job(work, "b/c/Right.3", ["a/Root.1", "gone/Job.9"])
    top = job(work, "r/Report.4", ["a/Left.2", "b/c/Right.3"])
    found = ancestors(top, "r/Report.4")
    assert [record.job_id for record in found] == ["a/Left.2", "a/Root.1", "b/c/Right.3"]
    root = found[1]
    assert (root.kind, root.alias, root.stage, root.used_h, root.cpu_h) == ("Root", "mini/root", "a", 0.5, 0.25)
    assert root.seeds_text == "device_seed 3, seed 42"


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize(
    ("name", "text", "used_h"),
    [("usage.run.2.part", "", 0.5), ("usage.run.2.part", "{'used_time': 1.0}", 0.5), ("usage.run.2", "{'used_t", 0.5),
     ("usage.run.2", "", 0.5), ("usage.run.2", "{'used_time': 1.0}", 1.5)],
)  # fmt: skip
def test_a_usage_file_that_a_killed_worker_left_ends_no_report(tmp_path, name, text, used_h, packed):
    work = tmp_path / "work"
    folder = job(work, "a/Root.1")
    (folder / name).write_text(text)
    if packed:
        with tarfile.open(folder / "finished.tar.gz", "w:gz") as archive:
            for path in folder.glob("usage.*"):
                archive.add(path, path.name)
                path.unlink()
    [root] = ancestors(job(work, "r/Report.4", ["a/Root.1"]), "r/Report.4")
    assert root.used_h == used_h


def test_a_document_is_known_by_its_content(tmp_path):
    path = tmp_path / "text.md"
    path.write_text("a")
    first = short_hash(document(str(path)))
    path.write_text("b")
    assert short_hash(document(str(path))) != first


def test_the_report_job_writes_the_page_and_the_times_of_its_ancestors(written, tmp_path, monkeypatch):
    work = tmp_path / "work"
    report = jobs.HtmlReportJob(tk.Path(str(written / "tables.json")), "mini")
    job(work, "a/Root.1", extra="PARAMETER: device_seed: 3")
    top = job(work, report.job_id(), ["a/Root.1"])
    (top / "work").mkdir(exist_ok=True)
    monkeypatch.chdir(top / "work")
    monkeypatch.setattr(tk.Path, "get_path", lambda path: str(path.path if path.creator is None else top / path.path))
    report.run()
    assert "Root" in (top / "stages.md").read_text() or "a" in (top / "stages.md").read_text().split()
    assert "device_seed" in (top / "report.html").read_text()
