"""The module of the SLURM engine, which is not part of the bundled engine."""


class SimpleLinuxUtilityForResourceManagementEngine:
    """Raises an error that names what to install."""

    def __init__(self, *args, **kwargs):
        raise RuntimeError(
            "SLURM needs the real Sisyphus: `.venv/bin/pip install git+https://github.com/rwth-i6/sisyphus` (or of a "
            "clone's directory; PyPI's package of that name is another project), since the bundled engine that runs "
            "here knows this machine only."
        )
