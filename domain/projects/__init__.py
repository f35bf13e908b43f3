"""Projects: where people work together."""
