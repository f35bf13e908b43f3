"""Long work: who asked for it, where it stands, how it ended."""
