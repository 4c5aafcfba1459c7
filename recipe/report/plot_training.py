"""Learning curves of all trainings in one picture. Loads matplotlib: import in job runs only."""

from collections.abc import Mapping

from recipe.formats.learning_curve import read_curve
from recipe.report.plot_style import STYLE, label_lines, pyplot, save, shades


def plot_learning_curves(curves: Mapping[str, str], setup_name: str, paths: Mapping[str, str]) -> None:
    """Loss per epoch on train and dev, one line per training, with the learning rate below.

    :param curves: csv file by the training's name
    """
    read = {name: read_curve(path) for name, path in curves.items()}
    colours = shades(list(read))
    with pyplot.rc_context(STYLE):
        figure, axes = pyplot.subplots(1, 3, figsize=(10, 4), width_ratios=(4, 4, 3), layout="constrained")
        axes[1].sharey(axes[0])
        panels = {"train_loss": "CTC loss per label, train", "dev_loss": "dev", "learning_rate": "learning rate"}
        for panel, (quantity, title) in zip(axes, panels.items(), strict=True):
            for name, curve in read.items():
                values = [getattr(epoch, quantity) for epoch in curve]
                panel.plot([epoch.number for epoch in curve], values, color=colours[name], linewidth=1.5, label=name)
            panel.set_title(title, fontsize=11, loc="left")
            panel.set_xlabel("sub-epoch")
            panel.xaxis.get_major_locator().set_params(integer=True)
        axes[0].set_ylabel("loss")
        label_lines(figure, axes[1])
        save(figure, paths, f"Setup {setup_name}: one training per model, one seed each. Devices are not trained.")
