import numpy as np
from matplotlib import pyplot as plt
from PIL import Image

from memristor_sim import __main__
from memristor_sim.characterise import transfer


def test_every_picture_shows_something(tmp_path):
    __main__.main(["characterise", "--out", str(tmp_path / "a b")])
    paths = list((tmp_path / "a b").iterdir())
    assert {path.name for path in paths} == {"iv_loops.png", "states.png", "transfer.png", "tiles_and_adc.png"}
    for path in paths:
        with Image.open(path) as image:
            assert len(np.unique(np.asarray(image.convert("RGB")).reshape(-1, 3), axis=0)) > 100  # not blank


def test_pictures_depend_on_the_seed_alone():
    lines = []
    for seed in (1, 1, 2):
        figure = transfer(seed)
        lines.append(figure.axes[0].lines[0].get_ydata())
        plt.close(figure)
    assert np.array_equal(lines[0], lines[1]) and not np.array_equal(lines[0], lines[2])
