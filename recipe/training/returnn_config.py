"""Text of RETURNN's configuration files, generated from config values."""

import dataclasses
from collections.abc import Iterable, Mapping

from recipe.features.config import FRAMES_PER_SECOND
from recipe.models.protocol import AcousticModel
from recipe.quantization.config import QuantizationConfig
from recipe.training.config import RAdamConfig, TrainingConfig
from recipe.training.options import Distil, Noise

HEADER = "#!rnn.py\n"  # RETURNN executes a configuration as Python only if it begins with "#!"
COMMON: dict[str, object] = {
    "backend": "torch",
    "behavior_version": 24,
    "log_verbosity": 5,
    "log_batch_size": False,
    "rf_native_opt": False,  # compiled helpers that the models here do not need
}
CODE = """
acoustic_model = {model!r}
quantization = {quantization!r}
specaugment_config = {specaugment!r}
get_model = functools.partial(returnn_model, acoustic_model, quantization)
train_step = functools.partial(
    train_step,
    loss=acoustic_model.loss(),
    specaugment_config=specaugment_config,
    accumulate_batches=accum_grad_multiple_step,
)
optimizer["param_groups_custom"] = one_param_group
"""
WARM_START_CODE = """
get_model = functools.partial(get_model, {name}={checkpoint!r})
"""
NOISE_CODE = """
get_model = functools.partial(get_model, noise={noise!r}, num_sub_epochs=num_epochs)
"""
DISTIL_CODE = """
train_step = functools.partial(train_step, distillation=Distillation(acoustic_model, {teacher!r}, {distil!r}))
"""
DISTRIBUTED_CODE = """
if not torch.cuda.is_available():
    device = "cpu"
    torch_distributed["backend"] = "gloo"
"""
IMPORTS = """import functools
import torch
{of_values}\
{distillation}\
from recipe.training.returnn_model import one_param_group, returnn_model
from recipe.training.train_step import train_step

torch_dataloader_opts = {{"num_workers": 1 if torch.cuda.is_available() else 0}}
"""


def extern_data(num_features: int, num_labels: int | None = None) -> dict:
    """RETURNN's description of a batch: "data" [B, T, F] and, with `num_labels`, "targets" [B, S]."""
    data: dict[str, dict] = {"data": {"dim": num_features}}
    if num_labels is not None:
        data["targets"] = {"dim": num_labels, "sparse": True}
    return data


def hdf_dataset(files: list[str], **options) -> dict:
    """RETURNN dataset that reads HDF files.

    :param options: further options of the dataset, such as its sequence order
    """
    return {"class": "HDFDataset", "files": files, "use_cache_manager": False, **options}


def labelled_dataset(
    features: list[str], targets: str, *, known: str, labelled: str, names: str | None = None, **options
) -> dict:
    """RETURNN dataset that pairs features with label sequences. The order of sequences is that of the features.

    :param features: HDF files of log-mel frames
    :param targets: HDF file of label ids
    :param known: file with the tags of all feature sequences, in file order. It lets RETURNN skip the check that every
        one of them has targets
    :param labelled: file with the tags of the sequences to use
    :param names: file with the tag of the targets of each sequence in `known`, line by line; None if both are equal
    :param options: further options of the feature dataset, such as its sequence order
    """
    return {
        "class": "MetaDataset",
        "datasets": {
            "features": hdf_dataset(features, seq_list_filter_file=labelled, **options),
            "targets": hdf_dataset([targets]),
        },
        "data_map": {"data": ("features", "data"), "targets": ("targets", "data")},
        "seq_list_file": known if names is None else {"features": known, "targets": names},
        "seq_order_control_dataset": "features",
    }


def training_config(
    model: AcousticModel,
    quantization: QuantizationConfig | None,
    training: TrainingConfig,
    *,
    train: dict,
    dev: dict,
    distributed: bool = False,
    encoder: str | None = None,
    start: str | None = None,
    teacher: str | None = None,
    distil: Distil | None = None,
    noise: Noise | None = None,
) -> str:
    """Configuration of a training that writes models/epoch.NNN.pt below the current directory.

    :param quantization: None for a float model
    :param train: dataset of the training data, a value of `labelled_dataset`
    :param dev: dataset of the dev loss, likewise
    :param distributed: several processes train together, each on its share of every sub-epoch
    :param encoder: checkpoint that the network's `encoder` starts from
    :param start: checkpoint that the whole network starts from
    :param teacher: checkpoint of the float model that it learns from, as `distil` says
    :param noise: on quantised weights
    """
    options = _options(model, training, train, dev) | _precision(training)
    code = CODE.format(model=model, quantization=quantization, specaugment=training.specaugment)
    for name, checkpoint in (("encoder", encoder), ("start", start)):
        if checkpoint is not None:
            code += WARM_START_CODE.format(name=name, checkpoint=checkpoint)
    if noise is not None:
        code += NOISE_CODE.format(noise=noise)
    if distil is not None:
        code += DISTIL_CODE.format(teacher=teacher, distil=distil)
    if distributed:
        # The train step shares the quantisers' ranges, and RETURNN evaluates in one process: DDP broadcasts no buffers.
        ddp = {"broadcast_buffers": False}
        options["torch_distributed"] = {"reduce_type": "grad", "dataset_distribution": "shard", "options": ddp}
        code += DISTRIBUTED_CODE
    distillation = "" if distil is None else "from recipe.training.distil import Distillation\n"
    imports = IMPORTS.format(
        distillation=distillation, of_values=imports_of([model, quantization, training.specaugment, distil, noise])
    )
    return config_text(imports, options, code)


def _options(model: AcousticModel, training: TrainingConfig, train: dict, dev: dict) -> dict[str, object]:
    """Options that every training has."""
    return {
        "task": "train",
        "extern_data": extern_data(model.num_features, model.num_labels),
        "train": train,
        "dev": dev,
        "batch_size": {"data": round(training.batch_s * FRAMES_PER_SECOND)},
        "num_epochs": training.schedule.num_sub_epochs,
        "learning_rates": training.schedule.rates(),
        "learning_rate_file": "learning_rates",
        "gradient_clip_global_norm": training.gradient_clip,
        "accum_grad_multiple_step": training.accumulate_batches,
        "model": "models/epoch",
        "cleanup_old_models": {"keep_last_n": training.keep_last, "keep_best_n": training.keep_best, "keep": []},
        "random_seed": training.seed,
        "optimizer": _optimizer(training.optimizer),
    }


def _optimizer(config: RAdamConfig) -> dict[str, object]:
    """RAdam. RETURNN would exempt norms and biases from weight decay; CODE therefore sets its own parameter groups."""
    return {
        "class": "recipe.training.optimizer.FusedRAdam",
        "betas": config.betas,
        "epsilon": config.epsilon,
        "weight_decay": config.weight_decay,
        "decoupled_weight_decay": True,
        "foreach": True,
    }


def _precision(training: TrainingConfig) -> dict[str, object]:
    """Options of automatic mixed precision; none in float32."""
    if training.precision == "float32":
        return {}
    return {"torch_amp": {"dtype": training.precision, "grad_scaler": None}}


def imports_of(values: Iterable[object]) -> str:
    """Import lines that the reprs of `values` need: for all dataclasses in them, also nested in tuples and lists."""
    types = {(kind.__module__, kind.__name__) for value in values for kind in _dataclasses_in(value)}
    return "".join(f"from {module} import {name}\n" for module, name in sorted(types))


def _dataclasses_in(value: object) -> set[type]:
    if isinstance(value, (tuple, list)):
        return set().union(*map(_dataclasses_in, value))
    if not dataclasses.is_dataclass(value):
        return set()
    fields = (getattr(value, field.name) for field in dataclasses.fields(value))
    return {type(value)}.union(*map(_dataclasses_in, fields))


def config_text(imports: str, options: Mapping[str, object], code: str) -> str:
    """A whole configuration: `imports`, one `name = repr(value)` line per option, then `code`."""
    lines = "".join(f"{name} = {value!r}\n" for name, value in {**COMMON, **options}.items())
    return f"{HEADER}{imports}\n{lines}{code}"
