"""The paper's tables, plots and one HTML report."""
