"""The platform itself, as clients see it."""
