"""A corpus with parts of other names, two of them for tests: a graph is built from it as from any other."""

import re
from dataclasses import dataclass, replace

import pytest
from sisyphus import tk

from memristor_sim.hardware import physical
from recipe.corpus.protocol import LmTexts, Parts, PreparedCorpus, PreparedPart
from recipe.errors import InputError
from recipe.graph.experiment import Experiment
from recipe.graph.run import run
from recipe.lm.config import MixtureConfig
from recipe.systems import Float, Memristor, Ptq, Qat
from recipe.training.checkpoints import LAST_CHECKPOINT, BestCheckpoints, LastCheckpoint
from setups.tiny import tiny

HOURS = {"training": 100.0, "dev-clean": 5.0, "test-clean": 6.0, "test-other": 7.0}
EVALUATED = ("dev-clean", "test-clean", "test-other")
SYSTEMS = [Float(), Ptq(4), Qat(4), Memristor(4, 1, physical())]


@dataclass(frozen=True, kw_only=True)
class Clean:
    """All of its files exist somewhere else; no job makes them."""

    parts: Parts = Parts(train="training", dev="dev-clean", tests=("test-clean", "test-other"))
    expected: None = None
    forgotten: tuple[str, ...] = ()

    def hours(self, part):
        return HOURS[part]

    def plan_notes(self):
        return ["Nothing to download."]

    def prepare(self):
        def part(name):
            segments, text, statistics = (tk.Path(f"/clean/{name}.{kind}") for kind in ("xml.gz", "txt", "json"))
            return PreparedPart(segments=segments, text=text, statistics=statistics)

        return PreparedCorpus(
            roles=self.parts,
            parts={name: part(name) for name in self.parts if name not in self.forgotten},
            root=tk.Path("/clean/audio"),
            dictionary=tk.Path("/clean/words.dict"),
            lm_texts=LmTexts(all=(tk.Path("/clean/books.gz"),), by_name={"books": tk.Path("/clean/books.gz")}),
        )


@pytest.fixture
def setup():
    return replace(tiny(), name="clean", corpus=Clean())


@pytest.fixture
def outputs(monkeypatch):
    """Names of what a graph registers."""
    names = []
    monkeypatch.setattr(tk, "register_output", lambda name, path, **_: names.append(name))
    return names


def given_files(path) -> set[str]:
    """The files that no job makes among all that decide what a path will hold."""
    found, seen, todo = set(), set(), [path]
    while todo:
        path = todo.pop()
        if path.creator is None:
            found.add(path.get_path())
        elif path.creator not in seen:
            seen.add(path.creator)
            todo.extend(path.creator.deciding_inputs())
    return found


def test_training_sees_the_training_part_and_watches_dev(setup):
    training = Experiment(setup).training(Float())
    assert given_files(training.out_checkpoint) == {
        "/clean/audio",
        "/clean/words.dict",
        "/clean/training.xml.gz",
        "/clean/training.txt",
        "/clean/dev-clean.xml.gz",
    }


def test_scales_are_tuned_on_dev_and_every_evaluated_part_is_searched(setup):
    experiment = Experiment(setup)
    tuning = experiment.tuning(Qat(4))
    assert tuning.segments.get_path() == "/clean/dev-clean.xml.gz"
    searches = [experiment.hypotheses(Qat(4), LAST_CHECKPOINT, part, "tuned").creator for part in EVALUATED]
    assert searches[0] is tuning
    assert [job.segments.get_path() for job in searches] == [f"/clean/{part}.xml.gz" for part in EVALUATED]
    recordings = [path.creator.segments.get_path() for path in experiment.emissions(Qat(4)).features]
    assert list(dict.fromkeys(recordings)) == [f"/clean/{part}.xml.gz" for part in EVALUATED]


def test_the_corpus_report_looks_at_all_parts_and_texts(setup):
    report = Experiment(setup).data.corpus_report
    assert given_files(report) == {
        "/clean/audio",
        "/clean/words.dict",
        "/clean/books.gz",
        *(f"/clean/{part}.{kind}" for part in HOURS for kind in ("xml.gz", "json")),
        "/clean/training.txt",
    }
    assert report.creator.train == "training" and not report.creator.transcripts


def test_hours_are_those_of_the_parts(setup):
    experiment = Experiment(setup)
    assert experiment.audio_h[experiment.emissions(Float())] == 5.0 + 6.0 + 7.0
    assert experiment.audio_h[experiment.training(Float())] == 100.0
    assert experiment.audio_h[experiment.prior(Float()).creator] == 100.0


def test_a_mixture_is_tuned_on_dev_and_tests_are_only_reported(setup, outputs):
    data = Experiment(replace(setup, lm=MixtureConfig())).data
    assert "/clean/dev-clean.txt" in given_files(data.lm)
    assert not {"/clean/test-clean.txt", "/clean/test-other.txt"} & given_files(data.lm)
    assert [f"clean/perplexity.{part}" for part in EVALUATED] == [name for name in outputs if "/perplexity." in name]


def test_a_corpus_that_forgets_a_part_is_refused(setup):
    setup = replace(setup, corpus=Clean(forgotten=("dev-clean",)))
    with pytest.raises(InputError, match="prepares the parts training, test-clean, test-other where it names training"):
        Experiment(setup).data  # noqa: B018


@pytest.mark.parametrize("checkpoints", [(LastCheckpoint(),), (LastCheckpoint(), BestCheckpoints(1))])
def test_a_whole_graph_knows_no_other_names(setup, outputs, checkpoints):
    training = replace(setup.training, keep_best=1)
    setup = replace(setup, checkpoints=checkpoints, training=training, qat_training=training)
    experiment = run(setup, SYSTEMS)
    for system in SYSTEMS:
        scored = experiment.scores(system)
        assert {result.part for result in scored} == set(EVALUATED)
    assert not [name for name in outputs if re.search(r"(^|[/.])(train|dev|test)([/.]|$)", name)]
    assert {f"clean/corpus.{part}.json" for part in HOURS} <= set(outputs)
