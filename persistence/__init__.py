"""Where it is kept: tables, stores, unit of work, Redis."""
