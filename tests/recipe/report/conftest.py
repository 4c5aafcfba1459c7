"""Scored systems made up from a seed: as many errors as asked for, on shared utterances."""

import json

import numpy as np
import pytest
from sisyphus import tk

from memristor_sim.hardware import paper, physical
from recipe.report.inputs import ScoredSystem
from recipe.report.intervals import Intervals
from recipe.report.losses import losses
from recipe.report.results import Results
from recipe.systems import Float, Memristor, Ptq, Qat


@pytest.fixture
def scored(tmp_path):
    return _factory(tmp_path)


def _factory(root):
    """Factory `scored(system, wer_percent, part="dev", scales="tuned", ...) -> ScoredSystem` with its two files.

    All words of the first `deleted` utterances are deleted; the word errors of the others are substitutions.
    """

    def make(system, wer_percent, part="dev", scales="tuned", utterances=300, lm_scale=2.0, prior_scale=0.3, deleted=0):
        reference = np.random.default_rng(len(part)).integers(4, 12, utterances)
        generator = np.random.default_rng([ord(letter) for letter in system.name + part + scales])
        substituted = generator.binomial(reference, min(wer_percent / 100, 1.0))
        folder = root / system.name.replace("/", "_") / part / scales
        folder.mkdir(parents=True, exist_ok=True)
        deletions = np.arange(utterances) < deleted
        deletions = np.where(deletions, reference, 0)
        substituted = np.minimum(substituted, reference - deletions)
        counts = enumerate(zip(reference, deletions, substituted, strict=True))
        lines = [f"{part}/{n}\t{w}\t0\t{d}\t{s}\n" for n, (w, d, s) in counts]
        header = "name\twords\tinsertions\tdeletions\tsubstitutions\n"
        (folder / "utterances.tsv").write_text("".join([header, *lines]))
        words, errors = int(reference.sum()), int(substituted.sum() + deletions.sum())
        wer = 100 * errors / words
        score = {"utterances": utterances, "words": words, "insertions": 0}
        score |= {"deletions": int(deletions.sum()), "substitutions": int(substituted.sum())}
        score |= {"wer_percent": wer, "interval95_percent": [wer - 1.0, wer + 1.0]}
        (folder / "score.json").write_text(json.dumps(score))
        return ScoredSystem(
            system=system,
            part=part,
            scale_mode=scales,
            score=tk.Path(str(folder / "score.json")),
            utterances=tk.Path(str(folder / "utterances.tsv")),
            lm_scale=lm_scale,
            prior_scale=prior_scale,
        )

    return make


@pytest.fixture(scope="session")
def whole_graph(tmp_path_factory):
    """The paper's systems but 6 and 5 bit, on dev and test, with 4 devices under two presets."""
    scored, systems = _factory(tmp_path_factory.mktemp("whole_graph")), []
    for part, harder in (("dev", 0.0), ("test", 1.0)):
        systems.append(scored(Float(), 7 + harder, part))
        for bits, wer in {8: 7.3, 4: 8.0, 3: 14.0, 2: 97.0}.items():
            systems.append(scored(Ptq(bits), wer + harder, part))
        for bits, wer in {8: 7.2, 4: 7.4, 3: 7.9, 2: 9.0}.items():
            systems.append(scored(Qat(bits), wer + harder, part))
            if bits in (4, 3):  # there are devices
                systems.append(scored(Qat(bits), wer + harder + 0.4, part, "fixed", prior_scale=0.5))
        for bits, wer in {4: 9.0, 3: 12.0}.items():
            for preset, hardware in (("physical", physical()), ("paper", paper(cycles=1))):
                for seed in range(4):
                    for scales, gain in (("tuned", 0.0), ("fixed", 0.5)):
                        device = Memristor(bits, seed, hardware, preset)
                        systems.append(scored(device, wer + harder + gain, part, scales, prior_scale=0.5))
    return systems


@pytest.fixture(scope="session")
def results(whole_graph):
    """The same, read from its files; looked at, not changed."""
    return Results.load(whole_graph)


@pytest.fixture(scope="session")
def found_losses(results):
    """What its devices lose to their digital models."""
    return losses(results, Intervals(results, 0))
