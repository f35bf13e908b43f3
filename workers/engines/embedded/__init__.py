"""The engine in this house: trains for real, with PyTorch, in a process of its own.

Nothing here is imported by the API or by a worker's own process: torch costs seconds and hundreds of megabytes.
"""
