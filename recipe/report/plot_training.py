"""Learning curves of all trainings in one figure. Loads matplotlib: import in job runs only."""

from collections.abc import Mapping

from matplotlib.figure import Figure

from recipe.formats.learning_curve import read_curve
from recipe.report.plot_style import add_caption, label_lines, shades, styled
from recipe.training.curve_plot import draw_curve

QUANTITIES = ("train_loss", "dev_loss", "learning_rate")


@styled
def learning_curves_figure(curves: Mapping[str, str], setup_name: str) -> Figure:
    """Loss per sub-epoch on train and dev, one line per training, with the learning rate beside it.

    :param curves: csv file by the training's name
    """
    read = {name: read_curve(path) for name, path in curves.items()}
    colours = shades(list(read))
    figure = Figure(figsize=(10, 4), layout="constrained")
    train, dev, _ = panels = figure.subplots(1, 3, width_ratios=(4, 4, 3))
    dev.sharey(train)
    for axes, quantity in zip(panels, QUANTITIES, strict=True):
        for name, epochs in read.items():
            draw_curve(axes, epochs, quantity, color=colours[name], linewidth=1.5, label=name)
        title = quantity.removesuffix("_loss").replace("_", " ")
        axes.set_title(f"CTC loss per label, {title}" if axes is train else title, fontsize=11, loc="left")
        axes.set_xlabel("sub-epoch")
        axes.locator_params(axis="x", integer=True)
    train.set_ylabel("loss")
    label_lines(figure, dev)
    add_caption(figure, f"Setup {setup_name}: one training per model, one seed each. Devices are not trained.")
    return figure
