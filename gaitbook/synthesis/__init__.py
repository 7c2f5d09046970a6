"""Simulated trials, whose truth is known."""
