import json
from dataclasses import replace

import numpy as np
import pytest

from recipe.decoding.config import SearchConfig
from recipe.decoding.recognise import recognise, write_report
from recipe.errors import InputError


def test_decodes_exactly_the_listed_segments(toy, plant):
    toy.write_segments({"1": "a cat", "3": "dog"})
    toy.write_emissions({"1": plant("AE# . K AE T#"), "2": plant("AE#")}, "dev.hdf")
    toy.write_emissions({"3": plant("D AO G# ."), "4": plant("AE#")}, "test.hdf")
    found = recognise(toy.load("dev.hdf", "test.hdf"), SearchConfig(), 1.0, 0.0)
    assert {name: one.words for name, one in found.items()} == {"toy/t/1": "a cat", "toy/t/3": "dog"}


def test_a_segment_without_emissions_is_refused_before_decoding(toy, plant):
    toy.write_segments({"1": "a", "2": "a", "3": "a"})
    toy.write_emissions({"1": plant("AE#")})
    with pytest.raises(InputError, match=r"emissions\.hdf: no emissions of toy/t/2 \(2 missing\)"):
        toy.load()


def test_log_posteriors_that_are_not_finite_name_file_and_segment(toy, plant):
    toy.write_segments({"1": "a", "2": "a"})
    broken = plant("AE# . .")
    broken[1, 2] = np.nan
    toy.write_emissions({"1": plant("AE# . ."), "2": broken})
    inputs = toy.load()
    assert inputs.log_posteriors("toy/t/1").shape == (3, 11)
    with pytest.raises(InputError, match=r"emissions\.hdf: log posteriors of toy/t/2 are not all finite"):
        inputs.log_posteriors("toy/t/2")


def test_a_repeated_segment_name_is_refused(toy, plant):
    toy.write_segments({"1": "a"})
    toy.write_emissions({"1": plant("AE#")})
    import gzip

    content = gzip.decompress(open(toy.path("segments.xml.gz"), "rb").read())
    start, end = content.index(b"    <segment"), content.index(b"  </recording>")
    with gzip.open(toy.path("segments.xml.gz"), "wb") as file:
        file.write(content[:end] + content[start:end] + content[end:])
    with pytest.raises(InputError, match="a segment name occurs twice"):
        toy.load()


def test_emissions_of_other_labels_are_refused(toy, plant):
    toy.write_segments({"1": "a"})
    toy.write_emissions({"1": plant("AE#")})
    inputs = toy.load()
    inputs = replace(inputs, labels=inputs.labels[:-1])
    with pytest.raises(InputError, match="toy/t/1 have 11 columns, the inventory 10 labels"):
        inputs.log_posteriors("toy/t/1")


def test_report_tells_what_the_search_could_not_do(toy, plant):
    homophones = {f"w{n}": ["K AE T#"] for n in range(7)}
    toy.write_lexicon({**homophones, "w6": ["K AE T#", "G#"], "a": ["AE#"], "dog": ["D AO G#"]})
    toy.write_segments({"1": "a", "2": "a"})
    toy.write_emissions({"1": plant("AE#"), "2": plant(". . .", strength=30.0)})
    inputs = toy.load()
    write_report(toy.path("report.json"), inputs, recognise(inputs, SearchConfig(), 1.0, 0.0))
    with open(toy.path("report.json")) as file:
        report = json.load(file)
    dropped = [word for word, spelling in report["dropped_homophones"]]
    assert (report["lexicon_words"], report["lexicon_pronunciations"]) == (9, 10)
    assert dropped == [f"w{n}" for n in range(1, 7)]  # the model knows none of them, so nothing tells them apart
    assert {spelling for _, spelling in report["dropped_homophones"]} == {"K AE T#"}
    assert report["undecodable_words"] == [word for word in dropped if word != "w6"]  # w6 has another spelling
    assert (report["reference_words"], report["reference_words_outside_lexicon"]) == (2, {})
    assert report["words_unknown_to_lm"] == [f"w{n}" for n in range(7)]
    assert report["empty_hypotheses"] == ["toy/t/2"]


def test_words_of_the_references_that_the_lexicon_lacks_are_undecodable_and_counted(toy, plant):
    toy.write_lexicon({"a": ["AE#"], "dog": ["D AO G#"]})
    toy.write_segments({"1": "a zebra", "2": "zebra a cat zebra"})
    toy.write_emissions({"1": plant("AE#"), "2": plant("AE#")})
    inputs = toy.load()
    write_report(toy.path("report.json"), inputs, recognise(inputs, SearchConfig(), 1.0, 0.0))
    with open(toy.path("report.json")) as file:
        report = json.load(file)
    assert report["undecodable_words"] == ["cat", "zebra"]
    assert report["reference_words_outside_lexicon"] == {"cat": 1, "zebra": 3}
    assert report["reference_words"] == 6


def test_equal_input_gives_equal_hypotheses(toy):
    rng = np.random.default_rng(1)
    toy.write_segments({str(n): "a" for n in range(1, 6)})
    toy.write_emissions({str(n): rng.normal(size=(20, 11)).astype(np.float32) for n in range(1, 6)})
    first, second = (recognise(toy.load(), SearchConfig(), 1.0, 0.3) for _ in range(2))
    assert first == second and len(first) == 5
