"""The place of the SLURM engine, which the bundled engine does not have."""


class SimpleLinuxUtilityForResourceManagementEngine:
    """Says what to install instead of submitting anything."""

    def __init__(self, *args, **kwargs):
        raise RuntimeError(
            "SLURM needs the real Sisyphus (repository rwth-i6/sisyphus; the PyPI package of that name is another "
            "project), but the bundled engine runs, which knows this machine only: install it or use LocalEngine."
        )
