"""Labeled to labeled: the contract of a trial, its store, cleaning and events."""
