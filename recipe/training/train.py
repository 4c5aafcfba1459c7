"""A whole training: write the config, run RETURNN up to the last sub-epoch, collect the results."""

import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from recipe.code_record import forget_records
from recipe.features.config import FRAMES_PER_SECOND
from recipe.files import copy_file, open_text, require_whole_zip, write_progress
from recipe.formats.hdf import HdfReader
from recipe.formats.learning_curve import Epoch, read_learning_rates, write_curve
from recipe.models.protocol import AcousticModel
from recipe.quantization.config import QuantizationConfig
from recipe.training.config import TrainingConfig
from recipe.training.returnn_config import labelled_dataset, training_config
from recipe.training.returnn_process import run_returnn
from recipe.training.segments import segments_of


def train(
    work_dir: Path,
    *,
    model: AcousticModel,
    quantization: QuantizationConfig | None,
    training: TrainingConfig,
    features: Sequence[str],
    targets: str,
    dev_features: Sequence[str],
    dev_targets: str,
    num_processes: int = 1,
    **more: Any,
) -> Path:
    """Train in `work_dir`, continuing after the last sub-epoch that an earlier call finished there.

    On the CPU with one thread, the same arguments always give the same bytes, also when the run was interrupted.

    :param quantization: None for a float model
    :param features: HDF files of log-mel frames; only segments with targets are used
    :param targets: HDF file of label ids
    :param num_processes: processes that train together, one per GPU
    :param more: what the network starts and learns from, as `training_config` takes it
    :return: the checkpoint of the last sub-epoch
    :raises InputError: when targets have no features, there are none, or a batch would not fit into memory
    :raises RuntimeError: when RETURNN fails
    """
    with HdfReader(targets) as labels:
        lengths = [len(ids) for ids in labels.values()]
    model.check_batches(round(training.batch_s * FRAMES_PER_SECOND), lengths)
    order = {"seq_ordering": f"laplace:.{training.laplace_bin_segments}", "partition_epoch": training.partitions}
    train_data = _dataset(work_dir / "train", features, targets, **order)
    dev_data = _dataset(work_dir / "dev", dev_features, dev_targets, seq_ordering="sorted_reverse")
    distributed = num_processes > 1
    config = work_dir / "returnn.config"
    with open_text(config, "wt") as file:
        file.write(
            training_config(
                model,
                quantization,
                training,
                train=train_data,
                dev=dev_data,
                distributed=distributed,
                **more,
            )
        )
    if not _drop_half_saved(work_dir / "models"):
        forget_records(work_dir)
    progress = _Progress(work_dir, training.schedule.num_sub_epochs)
    run_returnn(config, work_dir / "returnn.log", progress, num_processes)
    return checkpoint_path(work_dir, training.schedule.num_sub_epochs)


def collect(
    work_dir: Path,
    checkpoint: Path,
    *,
    out_checkpoint: str,
    out_best: Sequence[str],
    out_rates: str,
    out_csv: str,
    out_plot: str,
) -> None:
    """Write the outputs of a finished training. Every file is renamed into place, so it is never incomplete.

    :param work_dir: where `train` ran
    :param checkpoint: the checkpoint to copy to `out_checkpoint`
    :param out_best: paths for the checkpoints with the lowest dev loss, best first; of equal ones the earlier
    :param out_rates: learning rates, one per line
    :param out_csv: learning rate and losses per sub-epoch
    :param out_plot: the same as a png
    """
    from recipe.figure_files import save_figure
    from recipe.training.curve_plot import learning_curve_figure

    epochs = read_learning_rates(work_dir / "learning_rates")
    with open_text(out_rates, "wt") as file:
        file.writelines(f"{epoch.learning_rate:.6g}\n" for epoch in epochs)
    write_curve(out_csv, epochs)
    save_figure(learning_curve_figure(epochs), out_plot)
    best = sorted(epochs, key=lambda epoch: (epoch.dev_loss, epoch.number))
    for epoch, path in zip(best, out_best, strict=False):
        copy_file(checkpoint_path(work_dir, epoch.number), path)
    copy_file(checkpoint, out_checkpoint)


def checkpoint_path(work_dir: Path, sub_epoch: int) -> Path:
    """Where RETURNN writes the model of a sub-epoch, counted from 1."""
    return work_dir / "models" / f"epoch.{sub_epoch:03d}.pt"


def _dataset(prefix: Path, features: Sequence[str], targets: str, **options) -> dict:
    segments = segments_of(features, targets)
    lists = {"known": segments.known, "labelled": segments.labelled}
    if segments.names != segments.known:
        lists["names"] = segments.names
    paths = {kind: f"{prefix}.{kind}.segments" for kind in lists}
    for kind, names in lists.items():
        with open_text(paths[kind], "wt") as file:
            file.writelines(f"{name}\n" for name in names)
    return labelled_dataset(list(features), targets, **paths, **options)


def _drop_half_saved(models: Path) -> bool:
    """Remove the latest checkpoints up to one that is complete; whether there is one.

    An incomplete one is left when the run is killed between writing the model and the optimiser state, or the machine
    fails during a write.
    """
    checkpoints = sorted(path for path in models.glob("epoch.*.pt") if not path.name.endswith(".opt.pt"))
    for path in reversed(checkpoints):
        pair = [path, path.with_suffix(".opt.pt")]
        if all(map(_is_whole, pair)):
            return True
        print(f"{path} or its optimiser state is not whole: training goes on from the one before", flush=True)
        for one in pair:
            one.unlink(missing_ok=True)
    return False


def _is_whole(path: Path) -> bool:
    try:
        require_whole_zip(path)
    except (OSError, zipfile.BadZipFile):
        return False
    return True


class _Progress:
    """Writes a line such as "0.3512 epoch 5/12 loss 1.23 dev 1.4" to the file `progress` while RETURNN trains."""

    def __init__(self, work_dir: Path, num_epochs: int):
        self.work_dir, self.num_epochs = work_dir, num_epochs

    def __call__(self, epoch: int, dataset: str, loss: str | None, fraction: float) -> None:
        done = epoch - 1 + (fraction if dataset == "train" else 1.0)
        text = f"epoch {epoch}/{self.num_epochs}"
        if dataset == "train" and loss is not None:
            text += f" loss {loss}"
        last = self._last_epoch()
        if last is not None:
            text += f" dev {last.dev_loss:.3g}"
        write_progress(self.work_dir / "progress", done / self.num_epochs, text)

    def _last_epoch(self) -> Epoch | None:
        try:
            return read_learning_rates(self.work_dir / "learning_rates")[-1]
        except (FileNotFoundError, IndexError):
            return None
