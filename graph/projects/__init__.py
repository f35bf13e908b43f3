"""Projects and their members, as clients see them."""
