"""Has models judged: the executor of evaluations, and what its child process does."""
