"""The report's perplexities against KenLM's, and its table."""

import pytest

from recipe.errors import InputError
from recipe.lm.arpa import write_arpa
from recipe.lm.estimate import build_binary
from recipe.lm.mixture_report import measured, perplexity_of, table_of
from recipe.lm.perplexity import perplexity


def test_perplexities_are_those_of_kenlm(toy, tmp_path):
    arpa, binary = str(tmp_path / "lm.arpa"), str(tmp_path / "lm.bin")
    write_arpa(toy.tables[0], arpa)
    build_binary(arpa, binary, str(tmp_path))
    found, expected = perplexity_of(toy.tables[0], toy.texts[1]), perplexity(binary, toy.texts[1])
    assert found["oovs"] == expected["oovs"] > 0
    assert found["perplexity"] == pytest.approx(expected["perplexity"], rel=1e-4)
    assert found["perplexity_without_oov"] == pytest.approx(expected["perplexity_without_oov"], rel=1e-4)


def test_the_table_has_a_line_per_model_and_a_column_per_text(toy, tmp_path):
    toy.tables[0].save(str(tmp_path / "model"))
    row = measured("one", str(tmp_path / "model"), 0.25, {"dev": toy.texts[0], "test": toy.texts[1]})
    lines = table_of([row, {**row, "model": "mixture", "weight": None}], ["dev", "test"]).splitlines()
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    assert cells[0] == ["model", "weight", "1-grams", "2-grams", "3-grams", "dev perplexity", "test perplexity"]
    assert cells[2][:3] == ["one", "0.2500", str(len(toy.words))] and cells[3][:2] == ["mixture", ""]
    assert cells[2][-1] == f"{row['test']['perplexity_without_oov']:.2f}"


def test_an_empty_text_is_refused(toy, tmp_path):
    (tmp_path / "text.txt").write_text("\n\n")
    with pytest.raises(InputError, match=r"text\.txt: no words"):
        perplexity_of(toy.tables[0], str(tmp_path / "text.txt"))
