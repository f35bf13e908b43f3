"""System configuration, as admins see it."""
