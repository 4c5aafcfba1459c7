"""The text of RETURNN's configuration files, made from values."""

import dataclasses
from collections.abc import Iterable, Mapping

from recipe.features.config import FRAMES_PER_SECOND
from recipe.models.protocol import AcousticModel
from recipe.quantization.config import QuantizationConfig
from recipe.training.config import TrainingConfig

HEADER = "#!rnn.py\n"  # RETURNN takes the file for Python only when it begins with "#!"
COMMON = {
    "backend": "torch",
    "behavior_version": 24,
    "log_verbosity": 5,
    "log_batch_size": False,
    "rf_native_opt": False,  # compiled helpers that this model does not need
}


def extern_data(num_features: int, num_labels: int | None = None) -> dict:
    """RETURNN's description of a batch: "data" [B, T, F] and, with `num_labels`, "targets" [B, S]."""
    data = {"data": {"dim": num_features}}
    if num_labels is not None:
        data["targets"] = {"dim": num_labels, "sparse": True}
    return data


def hdf_dataset(files: list[str], **options) -> dict:
    """RETURNN dataset of HDF files."""
    return {"class": "HDFDataset", "files": files, "use_cache_manager": False, **options}


def labelled_dataset(
    features: list[str], targets: str, *, known: str, labelled: str, names: str | None = None, **options
) -> dict:
    """RETURNN dataset of features with their labels; the features, and `options`, decide the order.

    :param known: file of the names of all segments with features, in the order of the files; with it RETURNN does not
        ask for targets of them all
    :param labelled: file of the names of the segments to take
    :param names: file of the names of their targets, one for one with `known`; None when they are the same
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
) -> str:
    """The configuration of a training that writes models/epoch.NNN.pt below the current directory.

    :param distributed: for several processes, each of which takes its share of every sub-epoch
    """
    options = {
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
        # Not RETURNN's own way, which would spare norms and biases from weight decay; see param_groups below.
        "optimizer": {
            "class": "recipe.training.optimizer.FusedRAdam",
            "betas": training.optimizer.betas,
            "epsilon": training.optimizer.epsilon,
            "weight_decay": training.optimizer.weight_decay,
            "decoupled_weight_decay": True,
            "foreach": True,
        },
    }
    if training.precision != "float32":
        options["torch_amp"] = {"dtype": training.precision, "grad_scaler": None}
    if distributed:
        # Quantisers' ranges are buffers, which the train step shares: RETURNN evaluates in one process alone.
        ddp = {"broadcast_buffers": False}
        options["torch_distributed"] = {"reduce_type": "grad", "dataset_distribution": "shard", "options": ddp}
    code = f"""
acoustic_model = {model!r}
quantization = {quantization!r}
specaugment_config = {training.specaugment!r}
get_model = functools.partial(returnn_model, acoustic_model, quantization)
train_step = functools.partial(
    train_step,
    loss=acoustic_model.loss(),
    specaugment_config=specaugment_config,
    accumulate_batches=accum_grad_multiple_step,
)
optimizer["param_groups_custom"] = one_param_group
"""
    if distributed:
        code += """
if not torch.cuda.is_available():
    device = "cpu"
    torch_distributed["backend"] = "gloo"
"""
    imports = f"""import functools
import torch
{imports_of([model, quantization, training.specaugment])}\
from recipe.training.returnn_model import one_param_group, returnn_model
from recipe.training.train_step import train_step

torch_dataloader_opts = {{"num_workers": 1 if torch.cuda.is_available() else 0}}
"""
    return config_text(imports, options, code)


def imports_of(values: Iterable[object]) -> str:
    """Import lines for the reprs of values made of frozen dataclasses, tuples and literals."""
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
    """A configuration file: imports, `name = value` lines by repr, then code."""
    lines = "".join(f"{name} = {value!r}\n" for name, value in {**COMMON, **options}.items())
    return f"{HEADER}{imports}\n{lines}{code}"
