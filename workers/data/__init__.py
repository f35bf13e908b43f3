"""Long work on data: reading what people bring, preparing it, and fetching or making it."""
