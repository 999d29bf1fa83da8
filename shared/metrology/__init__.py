"""The trade's rules: the catalogue of kinds and limits, and the arithmetic of a spot check."""
