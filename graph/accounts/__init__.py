"""People, sessions and API tokens, as clients see them."""
