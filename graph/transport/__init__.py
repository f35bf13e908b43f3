"""How requests reach the schema: GraphQL over HTTP, graphql-transport-ws, trusted documents, GraphiQL."""
