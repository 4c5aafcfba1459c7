"""The page in a real browser: no error, nothing fetched, fits a phone, sorts and filters."""

import json
import re

import pytest

from recipe.report import jobs
from recipe.report.html import page
from recipe.report.job_records import JobRecord
from recipe.report.plot_data import WerData
from recipe.report.plot_style import save
from recipe.report.plot_wer import wer_figure
from recipe.report.results import Results
from recipe.report.table_files import write_tables
from tests.recipe.report.browser import seen_in_browser

PHONE_PX, LAPTOP_PX = 390, 1280

LOOK = """
const found = {};
for (const width of WIDTHS) {
  const frame = document.createElement("iframe");
  frame.width = width; frame.height = 800; frame.srcdoc = document.getElementById("page").textContent;
  const loaded = new Promise(done => frame.onload = done);
  document.body.append(frame); await loaded;
  const inside = frame.contentDocument, section = inside.querySelector("#table2");
  const table = section.querySelector("table"), scroll = table.parentElement;
  const cells = column => [...table.tBodies[0].rows].filter(r => !r.hidden).map(r => r.cells[column].textContent);
  const before = cells(0);
  scroll.scrollLeft = 200;
  const first = table.tBodies[0].rows[0].cells[0].getBoundingClientRect().left - scroll.getBoundingClientRect().left;
  table.tHead.rows[0].cells[2].querySelector("button").click();
  const up = cells(2);
  table.tHead.rows[0].cells[2].querySelector("button").click();
  const down = cells(2);
  const field = section.querySelector("input");
  field.value = "qat"; field.dispatchEvent(new Event("input"));
  const link = inside.querySelector("details.data a");
  link.addEventListener("click", event => event.preventDefault()); link.click();
  found[width] = {page: inside.documentElement.scrollWidth, table: scroll.scrollWidth, scroll: scroll.clientWidth,
    first, before, up, down, filtered: cells(0), csv: await (await fetch(link.href)).text(), name: link.download};
}
document.body.replaceChildren(JSON.stringify(found));
"""


@pytest.fixture(scope="module")
def written(whole_graph, tmp_path_factory):
    """The page of a whole graph, and what a browser finds in it at both widths."""
    folder = tmp_path_factory.mktemp("page")
    paths = {name: str(folder / name) for name in (f"{t}.{f}" for t in jobs.TABLES for f in jobs.FORMATS)}
    write_tables(whole_graph, "mini", 0, paths, str(folder / "tables.json"))
    save(wer_figure(Results.load(whole_graph), "mini", "dev"), [folder / "wer.svg"])
    text = page(
        setup_name="mini",
        tables_path=str(folder / "tables.json"),
        plots={"Word error rate, dev": str(folder / "wer.svg")},
        documents=[],
        jobs=[JobRecord(job_id="a/B.1", alias="mini/b", seeds=(("seed", 1),), used_h=0.5, memory_gb=1)],
        plot_data={"Word error rate, dev": WerData("dev")},
    )
    (folder / "report.html").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def seen(written):
    text = (written / "report.html").read_text(encoding="utf-8")
    console, found = seen_in_browser(written, text, LOOK.replace("WIDTHS", json.dumps([PHONE_PX, LAPTOP_PX])))
    return console, {int(width): facts for width, facts in found.items()}


def test_it_opens_without_an_error_or_a_warning(seen):
    assert seen[0] == []


@pytest.mark.parametrize("width", [PHONE_PX, LAPTOP_PX])
def test_the_page_is_as_wide_as_the_screen_and_tables_scroll_within_it(seen, width):
    facts = seen[1][width]
    assert facts["page"] <= width
    assert facts["scroll"] <= width
    assert 0 <= facts["first"] <= 2  # scrolled to the side, the first column stays


def test_on_a_phone_a_table_is_wider_than_its_frame(seen):
    assert seen[1][PHONE_PX]["table"] > seen[1][PHONE_PX]["scroll"]


def test_rows_sort_by_number_and_filter_by_text(seen):
    facts = seen[1][LAPTOP_PX]
    numbers = [float(found[0]) for cell in facts["up"] if (found := re.match(r"[\d.]+", cell))]
    assert len(numbers) > 3 and numbers == sorted(numbers) and facts["up"] == facts["down"][::-1]
    assert facts["up"] != facts["before"] and {"float", "PTQ"} <= set(facts["before"])
    assert set(facts["filtered"]) == {"QAT"}


def test_the_figures_of_a_plot_are_saved_as_csv(seen, written):
    facts = seen[1][LAPTOP_PX]
    assert facts["name"] == "word-error-rate-dev.csv"
    assert facts["csv"].startswith("source,system,bits") and "ours,float,32" in facts["csv"]
