// One operation of a graphql-sse client, in distinct connections mode, as JSON lines.
// node streaming.mjs URL TOKEN REQUEST [ATTEMPTS]: the request is JSON; what breaks is resumed with Last-Event-ID.
import { createClient } from "graphql-sse";

const [url, token, request, attempts = "0"] = process.argv.slice(2);
const say = (what) => console.log(JSON.stringify(what));
let seen;

const client = createClient({
  url,
  headers: () => ({
    ...(token && { authorization: `Bearer ${token}` }),
    ...(seen !== undefined && { "last-event-id": String(seen) }),
  }),
  retryAttempts: Number(attempts),
  retry: () => new Promise((go) => setTimeout(go, 20)),
  on: { connected: (again) => say(again ? "again" : "connected") },
});
try {
  for await (const { data, errors } of client.iterate(JSON.parse(request))) {
    if (errors) say({ errors: errors.map((error) => error.extensions?.code ?? error.message) });
    else say(data);
    const item = Object.values(data ?? {})[0];
    seen = item?.seq ?? seen;
  }
  say("complete");
} catch (problem) {
  say({ failed: problem.response?.status ?? problem.message });
}
