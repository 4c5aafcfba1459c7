"""What the search jobs are to an engine."""

import pytest
from sisyphus import tk
from sisyphus.tools import extract_paths

from recipe.decoding.config import SearchConfig, Searched, SearchFiles
from recipe.decoding.forward_jobs import EmissionsJob, PriorJob
from recipe.decoding.jobs import SearchErrorJob, SearchJob, TuneScalesJob
from recipe.hardware.spec import ModelSpec
from recipe.job import RecipeJob
from recipe.models.conformer import small_conformer

PATHS = {name: tk.Path(f"/{name}") for name in ("prior", "lexicon", "labels", "lm")}
EMISSIONS = [tk.Path("/dev.hdf"), tk.Path("/test.hdf")]
FILES = SearchFiles(emissions=EMISSIONS, **PATHS)
REST = {"segments": tk.Path("/segments.xml.gz"), "search": SearchConfig()}


@pytest.mark.parametrize(
    "kind, scales",
    [
        (SearchJob, {"lm_scale": 2.0, "prior_scale": 0.3}),
        (TuneScalesJob, {"lm_scales": [2.0], "prior_scales": [0.3], "walk_from": None}),
    ],
)
def test_ids_are_those_of_a_job_that_takes_each_file_by_itself(kind, scales, monkeypatch):
    monkeypatch.setattr(kind, "hash", classmethod(RecipeJob.hash.__func__))
    former = kind.hash({"emissions": EMISSIONS, **PATHS, **REST, **scales})
    monkeypatch.undo()
    assert kind.hash({"files": FILES, **REST, **scales}) == former
    assert kind.hash({"files": SearchFiles(emissions=EMISSIONS[:1], **PATHS), **REST, **scales}) != former


def test_everything_that_is_searched_again_is_an_input():
    hypotheses, segments = tk.Path("/hypotheses.json"), tk.Path("/test.xml.gz")
    searched = Searched(segments=segments, lm_scale=2.0, prior_scale=0.3, hypotheses=hypotheses)
    job = SearchErrorJob(FILES, SearchConfig(), {"test.fixed": searched}, num_segments=5, factor=4)
    assert {path.get_path() for path in job._sis_inputs} == {
        path.get_path() for path in (*EMISSIONS, *PATHS.values(), hypotheses, segments)
    }


def test_every_file_of_a_search_is_an_input():
    job = SearchJob(FILES, **REST, lm_scale=2.0, prior_scale=0.3)
    assert {path.get_path() for path in extract_paths(job.files)} == {
        path.get_path() for path in (*EMISSIONS, *PATHS.values())
    }


def test_emissions_are_read_with_the_seed_of_the_job_and_the_prior_with_none(monkeypatch):
    given = []
    monkeypatch.setattr("recipe.decoding.forward.forward", lambda *_, **options: given.append(options))
    digital = ModelSpec(model=small_conformer())
    EmissionsJob(digital, tk.Path("/model.pt"), EMISSIONS, 7.0, read_noise_seed=5).run()
    PriorJob(digital, tk.Path("/model.pt"), EMISSIONS, 9.0).run()
    assert [(options["seed"], options["batch_s"]) for options in given] == [(5, 7.0), (0, 9.0)]
    assert given[0]["callback"].startswith("emissions.") and given[1]["callback"].startswith("prior.")
