import json
import re
import subprocess
from pathlib import Path

import pytest

from recipe.errors import InputError
from recipe.report import published

CONFIG = "config/paper_tables.py"
BLOCK = "<!-- result: docs/results/paper_tables/table2.md -->\n{}<!-- end of result -->\n"


NUMBER = re.compile(r"(?<![\w./-])[+-]?\d+\.\d+(?!\.?\w)")

DIFFERENCE = re.compile(r"([+-]?\d+\.\d+) \[([+-]?\d+\.\d+), ([+-]?\d+\.\d+)\]")


def prose(text: str) -> str:
    """A document without blocks, code and the targets of links."""
    return re.sub(r"```.*?```|`[^`]*`|\]\([^)]*\)", " ", published.BLOCK.sub("", text), flags=re.DOTALL)


def quoted_figures(text: str) -> list[str]:
    """The decimal figures in sentences of a document that speak of percent or points, outside blocks and code."""
    sentences = [one for one in re.split(r"(?<=[.:;])\s", prose(text)) if "%" in one or "point" in one]
    return [figure.lstrip("+-") for one in sentences for figure in NUMBER.findall(one)]


def results_text(root: Path) -> str:
    """All that docs/results says."""
    return "\n".join(path.read_text(encoding="utf-8") for path in sorted((root / "docs" / "results").glob("*/*.md")))


@pytest.fixture
def root(tmp_path):
    """A repository with a document that shows a table, and the output of a finished graph."""
    for folder in ("output/tables", "output/plots", "docs"):
        (tmp_path / folder).mkdir(parents=True)
    for name in published.TABLES:
        (tmp_path / "output/tables" / f"{name}.md").write_text(f"| {name} | 6.1 |\n")
    (tmp_path / "output/plots/wer.png").write_bytes(b"picture")
    for document in ("README.md", "docs/mini.md"):
        (tmp_path / document).write_text("before\n" + BLOCK.format("old\n") + "after\n")
    return tmp_path


def test_publishing_copies_tables_and_plots_says_where_from_and_renews_the_documents(root):
    written = published.publish(CONFIG, root / "output", root)
    folder = root / "docs/results/paper_tables"
    assert {path.name for path in written} == {f"{name}.md" for name in published.TABLES} | {
        "wer.png",
        "run.json",
        "README.md",
        "mini.md",
    }
    assert (folder / "wer.png").read_bytes() == b"picture"
    for document in ("README.md", "docs/mini.md"):
        assert (root / document).read_text() == "before\n" + BLOCK.format("| table2 | 6.1 |\n") + "after\n"
    run = json.loads((folder / "run.json").read_text())
    assert run["config"] == CONFIG and run["commit"] and run["machine"] and len(run["date"]) == 10
    assert published.renew(root) == []


def test_publishing_again_names_a_clean_checkout_and_not_what_it_changes_itself(root):
    (root / ".gitignore").write_text("output/\n")
    git = ["git", "-C", str(root), "-c", "user.name=a", "-c", "user.email=a@b.c"]
    subprocess.run([*git, "init", "-q"], check=True)
    for table in ("first", "second"):
        (root / "output/tables/table2.md").write_text(f"| {table} | 6.1 |\n")
        published.publish(CONFIG, root / "output", root)
        subprocess.run([*git, "add", "-A"], check=True)
        subprocess.run([*git, "commit", "-qm", table], check=True)
    run = json.loads((root / "docs/results/paper_tables/run.json").read_text())
    first = subprocess.run([*git, "rev-parse", "HEAD~"], capture_output=True, text=True, check=True).stdout
    assert run["commit"] == first[:12]


def test_an_unfinished_graph_is_named(root):
    (root / "output/tables/claims.md").unlink()
    with pytest.raises(InputError, match=r"claims.md is not there; run `make tables CONFIG=config/paper_tables.py`"):
        published.publish(CONFIG, root / "output", root)


def test_a_block_of_a_file_that_is_not_there_is_named(root):
    with pytest.raises(InputError, match="docs/results/paper_tables/table2.md, which is not there"):
        published.renew(root)


def test_the_figures_of_prose_are_found_and_those_of_blocks_code_links_and_versions_are_not():
    text = (
        "In arXiv 2505.24721. From 6.1 to +10.25 %, `3.3` not, nor Python 3.12.1 or [x](a-1.5.md).\n```\n7.7\n```\n"
        + BLOCK.format("8.8\n")
    )
    assert quoted_figures(text) == ["6.1", "10.25"]


def test_the_documents_show_what_their_files_hold():
    for document in published.documents(published.ROOT):
        text = document.read_text(encoding="utf-8")
        assert published.renewed(text, published.ROOT) == text, document


def test_the_readme_quotes_no_figure_that_no_result_holds():
    held = results_text(published.ROOT)
    text = (published.ROOT / "README.md").read_text(encoding="utf-8")
    assert [figure for figure in quoted_figures(text) if figure not in held] == []


def differences(text: str) -> set[tuple[float, float, float]]:
    """All `+1.3 [+0.4, +2.2]`, from either side."""
    found = {tuple(map(float, one)) for one in DIFFERENCE.findall(text)}
    return found | {(-value, -high, -low) for value, low, high in found}


PAGES = ["README.md", *(f"docs/{path.name}" for path in sorted((published.ROOT / "docs").glob("*.md")))]


PAGES_WITH_DIFFERENCES = ("README.md", "docs/sweeps.md", "docs/device_aware_training.md")


@pytest.mark.parametrize("page", PAGES)
def test_a_difference_that_a_page_quotes_is_that_of_a_claim(page):
    claims = (published.ROOT / "docs" / "results").glob("*/claims.md")
    held = differences("\n".join(path.read_text(encoding="utf-8") for path in claims))
    quoted = differences(prose((published.ROOT / page).read_text(encoding="utf-8")).replace("\n", " "))
    assert quoted - held == set()
    assert quoted or page not in PAGES_WITH_DIFFERENCES


def test_the_machine_is_told_by_its_processor(monkeypatch):
    monkeypatch.setattr(Path, "read_text", lambda *_, **__: "model name\t: Some CPU\nflags\t: sse4_2 avx avx2\n")
    assert published.machine_kind() == "Some CPU, avx2"
