"""Other simulators beside ours; none of them is a dependency."""
