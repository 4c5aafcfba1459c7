from recipe.formats.learning_curve import Epoch
from recipe.training.curves import plot

EPOCHS = [
    Epoch(number=1, learning_rate=0.0003, train_loss=7.32, dev_loss=4.65),
    Epoch(number=2, learning_rate=0.002, train_loss=4.0, dev_loss=3.5),
]


def test_the_plot_is_a_png_and_the_same_each_time(tmp_path):
    for name in ("a.png", "b.png"):
        plot(EPOCHS, tmp_path / name)
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()
