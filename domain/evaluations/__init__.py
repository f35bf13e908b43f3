"""Evaluations: a trained model is judged on data, beside others and beside what needs no model."""
