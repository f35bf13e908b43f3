"""Where long work runs: queues, workers, reconcilers."""
