"""Trainings, as clients start them."""
