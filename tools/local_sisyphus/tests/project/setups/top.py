NAME = "top level"
