"""The RETURNN training job, its config and its train step."""
