"""Jobs that program devices and measure single pairs of cells."""

from sisyphus import Task, tk

from memristor_sim.hardware import Hardware
from recipe.errors import InputError
from recipe.hardware.spec import ModelSpec
from recipe.hardware.weight_reads import Speech
from recipe.job import RecipeJob, ShortJob
from recipe.models.protocol import AcousticModel


class ProgramDeviceJob(RecipeJob):
    """Programs a quantised checkpoint onto the crossbars of one simulated device.

    Output: `out_checkpoint`, the states of all cells, as a checkpoint of `spec`.
    """

    waits_for = ("after",)
    starts_warm = True

    def __init__(self, spec: ModelSpec, checkpoint: tk.Path, device_seed: int, after: tk.Path | None = None):
        """
        :param spec: model, quantisation and hardware
        :param checkpoint: of the quantised model, trained or calibrated
        :param device_seed: selects the device; the same seed gives the same device
        :param after: must be there before the job starts, such as CheckWerJob.out_passed; it is not read
        """
        self.spec = spec
        self.checkpoint = checkpoint
        self.device_seed = device_seed
        self.after = after
        self.out_checkpoint = self.output_path("model.pt")

    def tasks(self):
        """One task, resumable: it starts again."""
        yield Task("run", resume="run", rqmt={"cpu": 1, "mem": 3, "time": 1})

    def estimated_hours(self, rates, audio_h):
        """Time to write all cells."""
        return rates.programming_hours(self.spec.num_cells, self.spec.hardware)

    def run(self):
        """Program the device and write its state."""
        from recipe.formats.checkpoint import save_checkpoint
        from recipe.hardware.program import programmed_model

        module = programmed_model(self.spec, self.checkpoint.get_path(), self.device_seed)
        save_checkpoint(module, self.out_checkpoint.get_path())


class CalibrateDeviceJob(ShortJob):
    """Calibrates a programmed device against its digital model on some seconds of training audio, without labels.

    Output: `out_checkpoint`, the same device with what was set, as a checkpoint of `spec`.
    """

    starts_warm = True

    def __init__(self, spec: ModelSpec, checkpoint: tk.Path, digital: tk.Path, features: list[tk.Path]):
        """
        :param spec: model, quantisation, hardware, and the calibration
        :param checkpoint: of the device as it was programmed
        :param digital: checkpoint of the quantised model that was programmed
        :param features: HDF files of log-mel frames of the training corpus
        :raises InputError: when `spec` has no calibration
        """
        if not spec.calibration:
            raise InputError(
                "CalibrateDeviceJob needs ModelSpec.calibration; give for example ColumnAffine(seconds=20)"
            )
        self.spec = spec
        self.checkpoint = checkpoint
        self.digital = digital
        self.features = features
        self.out_checkpoint = self.output_path("model.pt")

    def tasks(self):
        """One task, resumable: it starts again."""
        yield Task("run", resume="run", rqmt={"cpu": 1, "mem": 3, "time": 0.5})

    def run(self):
        """Calibrate and write the state."""
        from recipe.formats.checkpoint import save_checkpoint
        from recipe.hardware.calibrate_device import calibrated_device

        features = [path.get_path() for path in self.features]
        module = calibrated_device(self.spec, self.checkpoint.get_path(), self.digital.get_path(), features)
        save_checkpoint(module, self.out_checkpoint.get_path())


class CellTransferJob(ShortJob):
    """Multiplies one input by one weight on single pairs of cells (arXiv 2505.24721, Table 1).

    Output: `out_rows`, JSON rows as `cell_transfer` returns them.
    """

    starts_warm = True

    def __init__(self, num_cells: int, device_seed: int = 0):
        """
        :param num_cells: pairs of cells per row (paper: 10,000)
        :param device_seed: selects the cells
        """
        self.num_cells = num_cells
        self.device_seed = device_seed
        self.out_rows = self.output_path("rows.json")

    def tasks(self):
        """One task, resumable: it starts again."""
        yield Task("run", resume="run", rqmt={"cpu": 1, "mem": 2, "time": 0.1})

    def run(self):
        """Measure and write the rows."""
        import json

        from recipe.files import open_text
        from recipe.hardware.transfer import cell_transfer

        with open_text(self.out_rows.get_path(), "wt") as file:
            json.dump(cell_transfer(self.num_cells, self.device_seed), file, indent=1)


class EnergyJob(ShortJob):
    """What a device does while it hears a sample of speech: what joules, seconds and areas are made of.

    Output: `out_work`, vectors, conversions and power in the cells of each layer, a `recipe.hardware.device_work` file.
    """

    starts_warm = True

    def __init__(
        self,
        spec: ModelSpec,
        checkpoint: tk.Path,
        features: list[tk.Path],
        num_utterances: int = 10,
        sample_seed: int = 0,
        read_noise_seed: int = 0,
    ):
        """
        :param spec: the model on hardware
        :param checkpoint: of ProgramDeviceJob
        :param features: HDF files of log-mel frames
        :param num_utterances: how many are heard
        :param sample_seed: decides which
        :param read_noise_seed: of the device's read noise
        """
        self.spec = spec
        self.checkpoint = checkpoint
        self.features = features
        self.num_utterances = num_utterances
        self.sample_seed = sample_seed
        self.read_noise_seed = read_noise_seed
        self.out_work = self.output_path("work.json")

    def tasks(self):
        """One task, resumable: it starts again."""
        yield Task("run", resume="run", rqmt={"cpu": 1, "mem": 3, "time": 1})

    def run(self):
        """Hear the sample and write what was counted."""
        from recipe.hardware.device_work import write_work
        from recipe.hardware.measure_work import device_work

        work = device_work(
            self.spec,
            self.checkpoint.get_path(),
            [path.get_path() for path in self.features],
            num_utterances=self.num_utterances,
            sample_seed=self.sample_seed,
            read_noise_seed=self.read_noise_seed,
        )
        write_work(self.out_work.get_path(), work)


class WeightReadsJob(ShortJob):
    """Bytes of weights that models read from off-chip memory, by schedule and buffer, and what they take in memory.

    Outputs: `out_csv`, `out_table` (Markdown), `out_plot` (png).
    """

    def __init__(self, models: dict[str, AcousticModel], weight_bits: int, hardware: Hardware, speech: Speech):
        """
        :param models: by the name in the table
        :param weight_bits: width of all weights
        :param hardware: of the crossbars
        :param speech: rates of frames and labels
        """
        self.models = models
        self.weight_bits = weight_bits
        self.hardware = hardware
        self.speech = speech
        self.out_csv = self.output_path("weight_reads.csv")
        self.out_table = self.output_path("weight_reads.md")
        self.out_plot = self.output_path("weight_reads.png")

    def tasks(self):
        """One task, resumable: it starts again."""
        yield Task("run", resume="run", rqmt={"cpu": 1, "mem": 2, "time": 0.1})

    def run(self):
        """Count and write."""
        from recipe.figure_files import save_figure
        from recipe.hardware.weight_layers import in_memory_cost, parts, weight_layers
        from recipe.hardware.weight_reads import table
        from recipe.hardware.weight_reads_files import figure, write_csv, write_markdown

        layers = {name: weight_layers(model) for name, model in self.models.items()}
        rows = table(layers, self.weight_bits, self.speech)
        costs = {
            name: {
                part: in_memory_cost(some, self.weight_bits, self.hardware, self.speech)
                for part, some in parts(all_layers).items()
            }
            for name, all_layers in layers.items()
        }
        write_csv(self.out_csv.get_path(), rows)
        write_markdown(self.out_table.get_path(), rows, costs)
        save_figure(figure(rows), self.out_plot.get_path())
