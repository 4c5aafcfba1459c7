"""Transcribes one recording with a digital model of a finished graph and with one of its devices."""
