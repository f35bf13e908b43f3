"""One file for each way of learning."""
