"""Two recognitions of one part that the page of utterances sets beside each other."""

from dataclasses import dataclass

from sisyphus import tk


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """A device and its digital model on one part, with search scales set alike."""

    title: str
    """`3 bit, physical, device 1, tuned scales`."""
    part: str
    """Of the corpus."""
    digital: tk.Path
    """hypotheses.json of the digital model."""
    device: tk.Path
    """hypotheses.json of the device."""
