"""Predictions to numbers with uncertainty."""
