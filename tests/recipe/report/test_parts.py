"""A corpus whose parts have other names than TED-LIUM's: nothing in tables, figures and page assumes any."""

import csv
import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from sisyphus import tk
from sisyphus.hash import short_hash

from memristor_sim.hardware import Adc, paper, physical
from recipe.errors import InputError
from recipe.hardware.spec import ModelSpec
from recipe.quantization.config import QuantizationConfig
from recipe.report import jobs
from recipe.report.inputs import HardwareRun, parts_of
from recipe.report.outputs import register_report
from recipe.report.plot_data import LossesData
from recipe.report.plot_jobs import LossesPlotJob, WerPlotJob
from recipe.report.table_files import write_tables
from recipe.systems import Float, Memristor, Ptq, Qat
from tests.recipe.report.artists import caption_of
from tests.recipe.training.synthetic import MODEL

PARTS = ["dev-clean", "test-clean", "test-other"]
HARDWARE = {"physical": physical(), "paper": paper(cycles=1)}
TUNED_AND_FIXED = ("tuned", "fixed")


@pytest.fixture
def systems(scored):
    devices = [Memristor(3, seed, hardware, preset) for preset, hardware in HARDWARE.items() for seed in (1, 2)]
    return [
        *(scored(system, 6.0, part) for system in (Float(), Ptq(3), Qat(3)) for part in PARTS),
        *(scored(device, 9.0, part, mode) for device in devices for part in PARTS for mode in TUNED_AND_FIXED),
    ]


@pytest.fixture
def tables(systems, tmp_path):
    """The texts of all files, and the tables as json."""
    names = [f"{table}.{suffix}" for table in jobs.TABLES for suffix in jobs.FORMATS]
    write_tables(systems, "libri", 0, {name: str(tmp_path / name) for name in names}, str(tmp_path / "tables.json"))
    texts = {name: (tmp_path / name).read_text() for name in names}
    return texts | {"tables": json.loads((tmp_path / "tables.json").read_text())}


def without_paper(text: str) -> str:
    """Without what the paper measured: dev of TED-LIUM 2."""
    return re.sub(r"paper dev|TED-LIUM 2,? dev|paper reports dev|paper,dev,", "", text)


def test_the_first_part_among_the_systems_is_the_one_that_scales_were_tuned_on(systems):
    assert parts_of(systems) == PARTS


def test_a_part_that_cannot_name_a_file_is_refused(scored):
    for part in ("", "../dev", "dev clean"):
        with pytest.raises(InputError, match="part is .*; outputs are named after it"):
            scored(Float(), 6.0, part)


def test_every_part_is_a_column_of_table_2_and_the_paper_is_beside_the_first(tables):
    (table,) = tables["tables"]["table2"]
    assert table["header"] == [
        "system",
        "bits",
        "dev-clean",
        "paper dev",
        "test-clean",
        "test-other",
        "scales LM/prior",
    ]
    (row,) = (row for row in table["rows"] if row[:2] == ["QAT", "3"])
    assert all(re.fullmatch(r"\d+\.\d \[.*\] .* %", row[column]) for column in (2, 4, 5)) and row[3] == "8.3 +15 %"
    assert all(f"{part}: 300 utterances" in table["caption"] for part in PARTS)


def test_every_part_is_a_block_of_table_3_and_the_papers_rows_are_in_the_first(tables):
    blocks = tables["tables"]["table3"]
    assert [block["caption"].split(".")[0] for block in blocks] == [f"Table 3, {part}" for part in PARTS]
    published = [sum(row[1] == "published" for row in block["rows"]) for block in blocks]
    assert published == [5, 0, 0]
    assert "tuned: found on dev-clean, with the device or with its digital model" in blocks[-1]["notes"][0]


def test_claims_are_judged_on_every_part(tables):
    (table,) = tables["tables"]["claims"]
    verdicts = [title for part in PARTS for title in (part, f"{part} verdict")]
    assert table["header"] == ["claim", *verdicts, "paper dev"]
    rows = {row[0]: row for row in table["rows"]}
    assert (
        rows["3-bit memristor (physical, tuned scales) worse than digital"][2:7:2]
        == ["separated, width unchecked, this training"] * 3
    )
    records = list(csv.DictReader(tables["claims.csv"].splitlines()))
    assert {record["part"] for record in records} == set(PARTS)


def test_no_file_of_tables_speaks_of_a_part_that_is_not_there(tables):
    for name, text in tables.items():
        if name != "tables" and not name.startswith("table1"):
            assert not re.search(r"\b(dev|test)\b(?!-)", without_paper(text)), name


def test_there_is_a_picture_for_each_part(systems, tmp_path):
    (tmp_path / "costs.json").write_text(
        json.dumps([{"bits": "3", "preset": preset, "crossbars": 100} for preset in HARDWARE])
    )
    job = WerPlotJob(systems, "libri", tk.Path(str(tmp_path / "costs.json")))
    assert job.parts == {"wer": "dev-clean", "wer_test-clean": "test-clean", "wer_test-other": "test-other"}
    assert set(job.out_files) == {f"{name}.{kind}" for name in (*job.parts, "crossbars") for kind in ("png", "svg")}
    for name, part in (*job.parts.items(), ("crossbars", "dev-clean")):
        figure = job.figure(name)
        assert figure.axes[0].get_title("left") == f"ours: libri, {part}"
        assert f"setup libri, {part}, 300 utterances" in caption_of(figure)


def test_outputs_of_todays_parts_keep_their_names(scored):
    job = WerPlotJob([scored(Float(), 6.0, part) for part in ("dev", "test")], "mini", None)
    assert sorted(job.out_files) == ["wer.png", "wer.svg", "wer_test.png", "wer_test.svg"]


def hardware_run(bits, preset, hardware):
    path = tk.Path("/file")
    return HardwareRun(
        system=Memristor(bits, 1, hardware, preset),
        spec=ModelSpec(model=MODEL, quantization=QuantizationConfig(weight_bits=bits), hardware=hardware),
        digital=path,
        programmed=path,
        clip_rates=path,
    )


@pytest.fixture
def recorded(monkeypatch):
    """What is registered: names under output/, and the arguments of each page."""
    names, pages = [], []
    page = jobs.HtmlReportJob

    def kept(*arguments):
        pages.append(arguments)
        return page(*arguments)

    monkeypatch.setattr("recipe.report.outputs.tk.register_output", lambda name, path: names.append(name))
    monkeypatch.setattr("recipe.report.outputs.HtmlReportJob", kept)
    return names, pages


@pytest.fixture
def registered(systems, recorded):
    """The same of a graph with two presets, which has one page."""
    names, pages = recorded
    path = tk.Path("/file")
    runs = [hardware_run(3, preset, hardware) for preset, hardware in HARDWARE.items()]
    works = [("3", preset, path) for preset in HARDWARE]
    register_report("libri", systems, {"float": path}, runs, path, [path], works=works)
    return names, pages[0]


def test_two_presets_have_no_picture_of_losses(registered):
    names, _ = registered
    assert not [name for name in names if "losses" in name]


def test_a_sweep_over_presets_has_a_picture_of_losses_and_it_comes_first(recorded, scored):
    names, pages = recorded
    hardware = {f"ADC {bits}": physical(adc=Adc(precision_bits=bits)) for bits in (2, 3, 4)}
    devices = [scored(Memristor(4, 1, one, name), 6.0, part) for name, one in hardware.items() for part in PARTS[:2]]
    digital = [scored(system, 5.0, part) for system in (Float(), Qat(4)) for part in PARTS[:2]]
    at_fixed = [scored(Qat(4), 5.0, part, "fixed") for part in PARTS[:2]]
    path = tk.Path("/file")
    runs = [hardware_run(4, preset, one) for preset, one in hardware.items()]
    spread = tk.Path("/spread.csv")
    register_report(
        "libri", [*digital, *devices], {"float": path}, runs, path, [path], beside=at_fixed, training_spread=spread
    )
    assert {"plots/losses.png", "plots/losses.svg"} <= set(names)
    [(_, _, pictures, _, _, data, _)] = pages
    title = next(iter(pictures))
    assert title == "What devices lose to their digital model" and isinstance(data[title], LossesData)
    job = data[title].path.creator
    assert pictures[title].creator is job
    assert job.training_spread.get_path() == spread.get_path()
    assert [one.name for one in job.scored] == [one.name for one in (*digital, *devices, *at_fixed)]


def test_the_job_of_losses_writes_what_it_draws_with_the_known_spread(systems, scored, monkeypatch, tmp_path):
    at_fixed = [scored(Qat(3), 6.5, part, "fixed") for part in PARTS]
    known = ["row,group,part,trainings_std_percent"]
    known += [f"memristor 3 {p} tuned - QAT 3,memristor - QAT,dev-clean,5.0" for p in HARDWARE]
    (tmp_path / "spread.csv").write_text("\n".join(known) + "\n")
    widths = {}
    for spread in (None, tk.Path(str(tmp_path / "spread.csv"))):
        job = LossesPlotJob([*systems, *at_fixed], "libri", spread)
        for path in (*job.out_files.values(), job.out_losses):
            monkeypatch.setattr(path, "get_path", lambda name=Path(path.path).name: str(tmp_path / name))
        job.run()
        rows = list(csv.DictReader((tmp_path / "losses.csv").read_text().splitlines()))
        assert len(rows) == len(PARTS) * len(HARDWARE) * len(TUNED_AND_FIXED)
        assert (tmp_path / "losses.png").read_bytes().startswith(b"\x89PNG")
        widths[spread] = [
            float(row["high95_percent"]) - float(row["low95_percent"])
            for row in rows
            if (row["part"], row["scales"]) == ("dev-clean", "tuned")
        ]
    narrow, wide = widths.values()
    assert all(after > before + 5 for before, after in zip(narrow, wide, strict=True))


def test_a_graph_registers_a_picture_for_each_part_and_the_page_titles_them_so(registered):
    names, (_, _, pictures, _, _, data, _) = registered
    assert data.keys() == pictures.keys()
    assert {name for name in names if "wer" in name} == {
        f"plots/wer{part}.{kind}" for part in ("", "_test-clean", "_test-other") for kind in ("png", "svg")
    }
    assert {"report.html", "tables/table3.md", "plots/states.png", "plots/learning_curves.svg"} <= set(names)
    assert {"tables/energy.csv", "plots/energy.png"} <= set(names)
    assert "Word error rate against energy, crossbars and area, dev-clean" in pictures
    files = ["wer.svg", "wer_test-clean.svg", "wer_test-other.svg", "crossbars.svg"]
    titles = [f"Word error rate against weight bits, {part}" for part in PARTS]
    titles.append("Word error rate against the number of crossbars, dev-clean")
    assert [(title, Path(path.get_path()).name) for title, path in pictures.items()][:4] == list(
        zip(titles, files, strict=True)
    )


def test_the_hash_of_a_scored_system_is_that_of_its_published_attributes(scored):
    one = replace(scored(Float(), 6.0), learned=tk.Path("learned.json"))

    class ScoredSystem:
        """As it was when ids were published."""

    ScoredSystem.__qualname__ = "ScoredSystem"
    former = ScoredSystem()
    vars(former).update({name: getattr(one, name) for name in ("system", "part", "score", "utterances")})
    vars(former).update(scales=one.scale_mode, lm_scale=one.lm_scale, prior_scale=one.prior_scale)
    assert short_hash(one) == short_hash(former)
