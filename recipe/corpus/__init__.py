"""TED-LIUM release 2 preparation and the generated mini corpus."""
