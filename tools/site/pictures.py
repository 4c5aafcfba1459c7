"""`.venv/bin/python tools/site/pictures.py`: the pictures of docs/physics.md, drawn by the simulator."""

import sys
import tempfile
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).resolve().parents[2]
COLOURS = 64


def main() -> None:
    """Draw all pictures again."""
    sys.path.insert(0, str(ROOT))
    from memristor_sim.characterise import draw_all

    with tempfile.TemporaryDirectory() as folder:
        for path in draw_all(Path(folder)):
            reduce(path, ROOT / "docs" / "pictures" / path.name)


def reduce(source: Path, target: Path) -> None:
    """Write a picture with a palette, which a third of the bytes hold."""
    with Image.open(source) as picture:
        picture.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(target, optimize=True)


if __name__ == "__main__":
    main()
