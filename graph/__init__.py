"""What clients see: the GraphQL schema and the ways to reach it."""
