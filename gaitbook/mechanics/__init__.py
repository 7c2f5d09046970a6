"""The body as a mechanical system."""
