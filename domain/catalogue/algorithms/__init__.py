"""The algorithms, a file for each task."""
