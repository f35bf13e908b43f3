"""Reading the log, which is all that the service tells about a run."""
