"""Files to recordings: the only place that knows a format."""
