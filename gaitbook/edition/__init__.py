"""Notebooks to an edition of the book for one cohort."""
