"""The kinds of steps, one file per group."""
