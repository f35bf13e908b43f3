"""Trainings: a strategy and a dataset go in, a model comes out."""
