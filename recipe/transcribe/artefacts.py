"""The models and files that a graph made, found by building it again; nothing runs."""

from dataclasses import dataclass, replace

from memristor_sim.hardware import Hardware, paper, physical
from recipe.decoding.config import SearchConfig
from recipe.errors import InputError
from recipe.features.config import LogMelConfig
from recipe.graph.entry_point import experiment_of
from recipe.graph.experiment import Experiment
from recipe.hardware.spec import ModelSpec
from recipe.systems import Memristor, Qat, System
from recipe.training.checkpoints import LAST_CHECKPOINT, Checkpoint


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


def find_pair(config: str, bits: str, preset: str, device_seed: int) -> tuple[Recogniser, Recogniser]:
    """The QAT model of `bits` and its device.

    A device that the graph lacks, or has not finished, is to be programmed on the spot, and searched with the digital
    model's scales.

    :raises InputError: when the graph has no such model, or has not finished it
    """
    experiment = experiment_of(config)
    digital = recogniser(experiment, _finished_model(experiment, config, bits))
    devices = [system for system in experiment.systems if isinstance(system, Memristor)]
    for system in devices:
        asked = (system.row, system.preset, system.device_seed) == (bits, preset, device_seed)
        if asked and is_finished(experiment, system):
            return digital, recogniser(experiment, system)
    device = replace(
        digital,
        name=f"memristor-{bits}/{preset}/device-{device_seed}",
        spec=replace(digital.spec, hardware=hardware_of(devices, preset, device_seed)),
        device_seed=device_seed,
        read_noise_seed=device_seed,
    )
    return digital, device


def _finished_model(experiment: Experiment, config: str, bits: str) -> Qat:
    models = {system.row: system for system in experiment.systems if isinstance(system, Qat)}
    run = f"`make tables CONFIG={config}`"
    if bits not in models:
        known = ", ".join(models) or "none"
        raise InputError(
            f"{config} has no {bits}-bit QAT model (bits it has: {known}); give one of these as BITS, or add "
            f"Qat({bits}) to its systems and run {run}"
        )
    if not is_finished(experiment, models[bits]):
        done = ", ".join(row for row, system in models.items() if is_finished(experiment, system)) or "none"
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


def _checkpoint(experiment: Experiment, system: System) -> Checkpoint:
    """Of several, the last: devices are made of it."""
    tried = system.checkpoints(experiment.setup)
    return LAST_CHECKPOINT if LAST_CHECKPOINT in tried else tried[0]


def is_finished(experiment: Experiment, system: System) -> bool:
    """Whether everything that the system recognises with is there."""
    checkpoint, data = _checkpoint(experiment, system), experiment.data
    needed = [experiment.model(system, checkpoint).checkpoint, experiment.prior(system, checkpoint)]
    needed += [data.labels, data.lexicon, data.lm, *experiment.scales(system, "tuned", checkpoint)]
    return all(path.available() for path in needed)


def recogniser(experiment: Experiment, system: System) -> Recogniser:
    """Of a finished system."""
    checkpoint, data, setup = _checkpoint(experiment, system), experiment.data, experiment.setup
    model, scales = experiment.model(system, checkpoint), experiment.scales(system, "tuned", checkpoint)
    return Recogniser(
        name=system.name,
        spec=model.spec,
        checkpoint=model.checkpoint.get_path(),
        read_noise_seed=system.read_noise_seed,
        features=setup.features,
        search=setup.search,
        labels=data.labels.get_path(),
        lexicon=data.lexicon.get_path(),
        lm=data.lm.get_path(),
        prior=experiment.prior(system, checkpoint).get_path(),
        lm_scale=float(scales.lm.get()),
        prior_scale=float(scales.prior.get()),
    )
