"""The models and files that a graph made, found through the graph itself: it is built again, and nothing is run."""

import importlib
from dataclasses import dataclass, replace
from pathlib import Path

from sisyphus import tk

from memristor_sim.hardware import Hardware, paper, physical
from recipe.decoding.config import SearchConfig
from recipe.errors import InputError
from recipe.features.config import LogMelConfig
from recipe.hardware.spec import ModelSpec
from recipe.report.config import ScoredSystem
from recipe.report.jobs import TablesJob
from recipe.scoring.jobs import BestOnDevJob
from recipe.systems import Memristor, Qat, row_name
from recipe.training.checkpoints import LastCheckpoint


@dataclass(frozen=True, kw_only=True)
class Recogniser:
    """All that one system recognises with; paths are those of files that are there.

    :param checkpoint: of `spec`; with `device_seed`, of `spec` without hardware, to be programmed
    :param device_seed: the device to program on the spot; None when the checkpoint is ready
    """

    name: str
    spec: ModelSpec
    checkpoint: str
    device_seed: int | None = None
    read_noise_seed: int = 0
    features: LogMelConfig
    search: SearchConfig
    labels: str
    lexicon: str
    lm: str
    prior: str
    lm_scale: float
    prior_scale: float


def scored_systems(config: str) -> list[ScoredSystem]:
    """The test results with tuned scales of the graph that `config` (a path such as config/mini.py) describes.

    Each has a search of its own at these scales; dev has the tuning that found them.
    """
    path = Path(config)
    if path.suffix != ".py" or not path.is_file() or path.is_absolute():
        raise InputError(f"{config} is not a graph; give CONFIG=config/NAME.py, as to `make tables`")
    importlib.import_module(".".join(path.with_suffix("").parts)).py()
    tables = [job for job in tk.sis_graph.jobs() if isinstance(job, TablesJob)]
    scored = [item for job in tables for item in job.scored]
    return [item for item in scored if (item.part, item.scales) == ("test", "tuned")]


def find_pair(config: str, bits: str, preset: str, device_seed: int) -> tuple[Recogniser, Recogniser]:
    """The QAT model of `bits` and its device.

    A device that the graph lacks, or has not finished, is to be programmed on the spot, and searched with the digital
    model's scales.

    :raises InputError: when the graph has no such model, or has not finished it
    """
    scored = scored_systems(config)
    digital = recogniser(_digital(scored, config, bits))
    devices = [item for item in scored if isinstance(item.system, Memristor)]
    for item in devices:
        system = item.system
        of_bits = row_name(system) == bits
        if of_bits and (system.preset, system.device_seed) == (preset, device_seed) and is_finished(item):
            return digital, recogniser(item)
    hardware = hardware_of([item.system for item in devices], preset, device_seed)
    device = replace(
        digital,
        name=f"memristor-{bits}/{preset}/device-{device_seed}",
        spec=replace(digital.spec, hardware=hardware),
        device_seed=device_seed,
        read_noise_seed=device_seed,
    )
    return digital, device


def _digital(scored: list[ScoredSystem], config: str, bits: str) -> ScoredSystem:
    models = {row_name(item.system): item for item in scored if isinstance(item.system, Qat)}
    run = f"`make tables CONFIG={config}`"
    if bits not in models:
        known = ", ".join(models) or "none"
        raise InputError(
            f"{config} has no {bits}-bit QAT model (bits it has: {known}); give one of these as BITS, or add "
            f"Qat({bits}) to its systems and run {run}"
        )
    if not is_finished(models[bits]):
        done = ", ".join(found for found, item in models.items() if is_finished(item)) or "none"
        raise InputError(f"the {bits}-bit QAT model of {config} is not finished (bits finished: {done}); run {run}")
    return models[bits]


def hardware_of(devices: list[Memristor], preset: str, device_seed: int) -> Hardware:
    """What the graph means by `preset`, or else what memristor_sim does; run k of `paper` has k x 50 pulses."""
    if preset == "paper":
        return paper(cycles=device_seed)
    named = {device.hardware for device in devices if device.preset == preset}
    if len(named) == 1:
        return named.pop()
    if preset == "physical":
        return physical()
    names = ", ".join(dict.fromkeys(["physical", "paper", *(device.preset for device in devices)]))
    raise InputError(f"there is no hardware preset {preset!r} for device {device_seed}; give one of {names} as PRESET")


def _jobs(scored: ScoredSystem) -> tuple:
    """The search and the acoustic pass behind a score. Of several checkpoints the last, which devices are made of."""
    job = scored.score.creator
    if isinstance(job, BestOnDevJob):
        last = LastCheckpoint().name
        job = job.scores[job.names.index(last) if last in job.names else 0].creator
    search = job.hypotheses.creator
    return search, search.emissions[0].creator


def is_finished(scored: ScoredSystem) -> bool:
    """Whether everything that the system recognises with is there."""
    search, emissions = _jobs(scored)
    needed = [emissions.checkpoint, search.labels, search.lexicon, search.lm, search.prior]
    return all(path.available() for path in [*needed, search.lm_scale, search.prior_scale])


def recogniser(scored: ScoredSystem) -> Recogniser:
    """Of a finished system."""
    search, emissions = _jobs(scored)
    files = {name: getattr(search, name).get_path() for name in ("labels", "lexicon", "lm", "prior")}
    return Recogniser(
        name=scored.system.name,
        spec=emissions.spec,
        checkpoint=emissions.checkpoint.get_path(),
        read_noise_seed=emissions.read_noise_seed,
        features=emissions.features[0].creator.config,
        search=search.search,
        lm_scale=float(search.lm_scale.get()),
        prior_scale=float(search.prior_scale.get()),
        **files,
    )
