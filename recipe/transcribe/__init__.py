"""One recording through a digital model and one of its devices, from a finished graph."""
