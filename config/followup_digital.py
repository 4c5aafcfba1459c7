"""The grid of arXiv 2606.13379 on `mini`, encoding `digital` (config/followup_grid.py)."""

from config.followup_grid import grid


def py():
    return grid("digital")
