"""A client of the GraphQL API like any other: what the command line shows, it got from there."""
