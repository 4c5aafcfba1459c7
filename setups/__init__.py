"""What a graph runs on: mini, tiny, tedlium2."""
