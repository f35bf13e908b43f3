"""Trusted documents, as admins register them."""
