"""Programming a quantised checkpoint onto simulated memristor devices."""
