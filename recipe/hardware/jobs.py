"""The job that programs a device."""

from sisyphus import Task, tk

from recipe.hardware.spec import ModelSpec
from recipe.job import RecipeJob, ShortJob


class ProgramDeviceJob(RecipeJob):
    """Programs a quantised checkpoint onto the crossbars of one device; writes the states that came out."""

    def __init__(self, spec: ModelSpec, checkpoint: tk.Path, device_seed: int):
        """
        :param spec: model, quantisation and hardware
        :param checkpoint: of the quantised model, trained or calibrated
        :param device_seed: which device; the same seed gives the same device
        """
        self.spec = spec
        self.checkpoint = checkpoint
        self.device_seed = device_seed
        self.out_checkpoint = self.output_path("model.pt")

    def tasks(self):
        yield Task("run", resume="run", rqmt={"cpu": 1, "mem": 3, "time": 1})

    def estimated_hours(self, rates, audio_h):
        """Both cells of each weight in each plane are written."""
        cells = 2 * self.spec.quantization.planes * self.spec.model.quantizable_weights
        return cells / rates.programming_cells / 3600

    def run(self):
        from recipe.formats.checkpoint import save_checkpoint
        from recipe.hardware.program import programmed_model

        module = programmed_model(self.spec, self.checkpoint.get_path(), self.device_seed)
        save_checkpoint(module, self.out_checkpoint.get_path())


class CellTransferJob(ShortJob):
    """What single pairs of cells make of one input times one weight: the rows of the paper's table 1."""

    def __init__(self, num_cells: int, device_seed: int = 0):
        """:param num_cells: pairs measured per row (paper: 10,000)"""
        self.num_cells = num_cells
        self.device_seed = device_seed
        self.out_rows = self.output_path("rows.json")

    def tasks(self):
        yield Task("run", resume="run", rqmt={"cpu": 1, "mem": 2, "time": 0.1})

    def run(self):
        import json

        from recipe.files import open_text
        from recipe.hardware.transfer import cell_transfer

        with open_text(self.out_rows.get_path(), "wt") as file:
            json.dump(cell_transfer(self.num_cells, self.device_seed), file, indent=1)
