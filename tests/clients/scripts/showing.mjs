// What GraphiQL shows of a subscription, as JSON lines: node showing.mjs URL TOKEN QUERY
import { createClient } from "graphql-ws";
import WebSocket from "ws";
import { keepingTheLast } from "../../../graph/transport/graphiql/recipe/endings.js";

const [url, token, query] = process.argv.slice(2);
const connectionParams = { authorization: `Bearer ${token}` };
const client = keepingTheLast(createClient({ url, webSocketImpl: WebSocket, connectionParams, retryAttempts: 0 }));
const say = (what) => console.log(JSON.stringify(what));

client.subscribe(
  { query },
  { next: say, error: (error) => say({ stack: String(error) }), complete: () => say("over") },
);
