"""Finds the models and files of a finished graph. The graph is built again without running anything."""

from dataclasses import dataclass, replace

from memristor_sim.hardware import Hardware, paper, physical
from recipe.decoding.config import SearchConfig
from recipe.errors import InputError, shown
from recipe.features.config import LogMelConfig
from recipe.graph.entry_point import experiment_of
from recipe.graph.experiment import Experiment
from recipe.hardware.spec import ModelSpec
from recipe.systems import Memristor, Qat, System, is_device
from recipe.training.checkpoints import LAST_CHECKPOINT, Checkpoint


@dataclass(frozen=True, kw_only=True)
class Recogniser:
    """Everything that one system needs to recognise speech. All paths exist."""

    name: str
    """Of the system: `qat-3`, `memristor-3/physical/device-0`."""
    spec: ModelSpec
    """The model to run."""
    checkpoint: str
    """Of `spec`; with `device_seed`, of `spec` without hardware."""
    device_seed: int | None = None
    """The device to program the checkpoint onto first; None when the checkpoint can be loaded as it is."""
    read_noise_seed: int = 0
    """Of the noise while cells are read."""
    features: LogMelConfig
    """How log-mel frames are computed."""
    search: SearchConfig
    """Beam search settings."""
    labels: str
    """File of the label inventory."""
    lexicon: str
    """File of the decoder's lexicon."""
    lm: str
    """File of the language model."""
    prior: str | None
    """File of the label log prior; None for a transducer, whose internal language model takes its place."""
    lm_scale: float
    """Weight of the language model's log probabilities."""
    prior_scale: float
    """Weight of the label log prior, or of the internal language model."""


def find_pair(config: str, bits: str, preset: str, device_seed: int) -> tuple[Recogniser, Recogniser]:
    """The QAT model of `bits` and one of its devices.

    A device that is not in the graph, or not finished, gets `device_seed` set: it must be programmed before use, and it
    uses the digital model's scales. A calibrated one must be in the graph.

    :param config: the entry point of the graph, such as config/mini.py
    :param bits: weight bits as tables print them: `3`, or `8+4.1c0e` for a mixture
    :param preset: `physical`, `paper` or what tables call the device's row, such as `physical + column affine 20 s`
    :param device_seed: selects the device
    :raises InputError: when the graph has no such model or preset, or has not finished the model
    """
    experiment = experiment_of(config)
    digital = recogniser(experiment, _finished_model(experiment, config, bits))
    devices = [system for system in experiment.systems if is_device(system)]
    name = f"memristor-{bits}/{preset}/device-{device_seed}"
    for system in devices:
        if system.name == name and is_finished(experiment, system):
            return digital, recogniser(experiment, system)
    device = replace(
        digital,
        name=name,
        spec=replace(digital.spec, hardware=hardware_of(devices, preset, device_seed)),
        device_seed=device_seed,
        read_noise_seed=device_seed,
    )
    return digital, device


def _finished_model(experiment: Experiment, config: str, bits: str) -> System:
    models = {system.row: system for system in experiment.systems if system.kind == Qat.kind}
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
    """The hardware of this name in the graph, or else in memristor_sim. Device k of `paper` has k x 50 pulses.

    :param devices: the devices of the graph
    :raises InputError: when neither has hardware of this name, or the graph has several kinds
    """
    if preset == "paper":
        return paper(cycles=device_seed)
    named = {device.hardware for device in devices if device.hardware_name == preset}
    if len(named) == 1:
        return named.pop()
    if preset == "physical":
        return physical()
    names = ", ".join(dict.fromkeys(["physical", "paper", *(device.condition for device in devices)]))
    raise InputError(
        f"there is no hardware preset {shown(preset)} for device {device_seed}; give one of {names} as PRESET"
    )


def _checkpoint(experiment: Experiment, system: System) -> Checkpoint:
    """The checkpoint of the last sub-epoch where there are several: devices are programmed from it."""
    tried = system.checkpoints(experiment.setup)
    return LAST_CHECKPOINT if LAST_CHECKPOINT in tried else tried[0]


def is_finished(experiment: Experiment, system: System) -> bool:
    """Whether all files of the system's Recogniser exist."""
    checkpoint, data = _checkpoint(experiment, system), experiment.data
    scales = experiment.tuned_scales(system, checkpoint)
    files = [experiment.model(system, checkpoint).checkpoint, data.labels, data.lexicon, data.lm]
    if experiment.has_prior:
        files.append(experiment.prior(system, checkpoint))
    return all(path.available() for path in (*files, *scales))


def recogniser(experiment: Experiment, system: System) -> Recogniser:
    """The Recogniser of a finished system."""
    checkpoint, data, setup = _checkpoint(experiment, system), experiment.data, experiment.setup
    model = experiment.model(system, checkpoint)
    lm_scale, prior_scale = experiment.tuned_scales(system, checkpoint)
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
        prior=experiment.prior(system, checkpoint).get_path() if experiment.has_prior else None,
        lm_scale=float(lm_scale.get()),
        prior_scale=float(prior_scale.get()),
    )
