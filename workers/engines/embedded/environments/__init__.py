"""The four kinds of work, each on one market."""
