"""The engine's source as a whole: its import order, its settings, its references to the contract."""

import ast
import graphlib
import re
from pathlib import Path

import pytest
import sisyphus
from sisyphus import gs

SOURCE = {path.stem: path.read_text(encoding="utf-8") for path in Path(sisyphus.__file__).parent.glob("*.py")}
CONTRACT = (Path(sisyphus.__file__).parents[1] / "contract.md").read_text(encoding="utf-8")


def imported(text: str) -> set[str]:
    """The modules of the engine that a module imports, also inside functions."""
    names = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ImportFrom) and node.module == "sisyphus":
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module.startswith("sisyphus."):
            names.add(node.module.partition(".")[2])
        elif isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[2] for alias in node.names if alias.name.startswith("sisyphus.")}
    return names & set(SOURCE)


def test_imports_have_no_circle():
    order = {name: imported(text) for name, text in SOURCE.items()}
    assert sum(map(len, order.values())) > 100
    list(graphlib.TopologicalSorter(order).static_order())  # raises CycleError


SETTINGS = [name for name in vars(gs) if name.isupper() and name not in {"FIXED_SETTINGS", *gs.FIXED_SETTINGS}]


@pytest.mark.parametrize("name", SETTINGS)
def test_every_setting_is_obeyed_somewhere(name):
    assert any(re.search(rf"\bgs\.{name}\b", text) for text in SOURCE.values())


def test_references_to_the_contract_name_its_sections():
    sections = set(re.findall(r"^## (.+)$", CONTRACT, re.MULTILINE))
    references = re.findall(r'contract\.md((?:, "[^"]+")+)', "\n".join(SOURCE.values()))
    names = {name for reference in references for name in re.findall(r'"([^"]+)"', reference)}
    assert len(references) > 15 and names <= sections
    assert sum(text.count("contract.md") for text in SOURCE.values()) == len(references)
