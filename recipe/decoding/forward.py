"""Running a model of any system over feature files with RETURNN's forward task."""

from collections.abc import Sequence
from pathlib import Path

from recipe.code_record import forget_records
from recipe.features.config import FRAMES_PER_SECOND
from recipe.files import open_text, write_progress
from recipe.hardware.spec import ModelSpec
from recipe.training.returnn_config import config_text, extern_data, hdf_dataset, imports_of
from recipe.training.returnn_process import run_returnn

_IMPORTS = """import functools
from recipe.decoding import emissions, prior
from recipe.decoding.forward_step import forward_step, returnn_model
"""


def forward(
    work_dir: Path,
    spec: ModelSpec,
    checkpoint: str,
    features: Sequence[str],
    *,
    batch_s: float,
    seed: int,
    callback: str,
) -> None:
    """Feed every utterance through the model, longest first, and its log posteriors to a callback.

    :param batch_s: limit on padded audio per batch
    :param seed: of the read noise
    :param callback: Python expression of a returnn ForwardCallbackIface, in terms of `emissions` and `prior`
    :raises RuntimeError: with RETURNN's own message
    """
    options = {
        "task": "forward",
        "extern_data": extern_data(spec.model.num_features),
        "forward_data": hdf_dataset(list(features)),
        "batch_size": {"data": round(batch_s * FRAMES_PER_SECOND)},
        "random_seed": seed,
        "torch_dataloader_opts": {"num_workers": 0},
    }
    code = f"""
get_model = functools.partial(returnn_model, {spec!r}, {checkpoint!r})
forward_callback = {callback}
"""
    config = work_dir / "returnn.config"
    with open_text(config, "wt") as file:
        file.write(config_text(_IMPORTS + imports_of([spec]), options, code))

    def on_step(_epoch, _dataset, _loss, fraction):
        write_progress(work_dir / "progress", fraction, "forward")

    forget_records(work_dir)  # of a run that was killed: it is done again
    run_returnn(config, work_dir / "returnn.log", on_step)
