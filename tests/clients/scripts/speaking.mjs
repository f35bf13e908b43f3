// One thing that a graphql-ws client does, and what comes of it, as JSON lines: node speaking.mjs URL CASE
import { createClient } from "graphql-ws";
import WebSocket from "ws";

const [url, name] = process.argv.slice(2);
const GOOD = { authorization: "Bearer user:ada" };
const COUNT = "subscription { count }";
const QUIET = "subscription { quiet }";
let sockets = 0;

const say = (what) => console.log(JSON.stringify(what));
const to_say = (message) => JSON.stringify(message);

function client({ on = {}, ...options } = {}) {
  return createClient({
    url,
    webSocketImpl: WebSocket,
    connectionParams: GOOD,
    retryAttempts: 2,
    retryWait: async () => {},
    on: { ...on, connecting: () => sockets++ },
    ...options,
  });
}

const codes = (errors) => errors.map((error) => error.extensions?.code ?? error.message);

function ending(problem) {
  if (Array.isArray(problem)) return { errors: codes(problem) };
  return problem.code ? { closed: problem.code, reason: problem.reason } : { failed: problem.message };
}

// What one operation gives, and how it ends.
async function outcome(client, payload) {
  const items = [];
  try {
    for await (const item of client.iterate(typeof payload === "string" ? { query: payload } : payload))
      items.push(item.errors ? { ...item, errors: codes(item.errors) } : item.data);
    return { items, end: "complete" };
  } catch (problem) {
    return { items, end: ending(problem) };
  }
}

const ended = async (options, payload = QUIET) => ({ ...(await outcome(client(options), payload)), sockets });
const when_connected = (words) => ended({ on: { connected: (socket) => socket.send(words) } });
const when_opened = (words) => ended({ on: { opened: (socket) => socket.send(words) } });

// An operation that is refused, and one after it on the same socket.
async function unharmed(payload) {
  const one = client({ lazyCloseTimeout: 100 });
  const results = [await outcome(one, payload), await outcome(one, "{ hello }")];
  await one.dispose();
  return { results, sockets };
}

// The same, with what the client would not send by itself.
async function smuggled(payload) {
  let refused;
  const on = {
    connected: (socket) => socket.send(to_say({ type: "subscribe", id: "odd", payload })),
    message: (message) => { if (message.id === "odd") refused = { items: [], end: ending(message.payload) }; },
  };
  const after = await outcome(client({ on }), "{ hello }");
  return { results: [refused, after], sockets };
}

const cases = {
  "a query": () => ended({}, { query: "query($name: String!) { hello(name: $name) }", variables: { name: "Bob" } }),
  "a mutation": () => ended({}, "mutation { bump }"),
  "a subscription": () => ended({}, COUNT),
  "one that breaks": () => ended({}, "subscription { broken }"),
  "no json": () => when_connected("nonsense"),
  "no object": () => when_connected("[]"),
  "an unknown type": () => when_connected(to_say({ type: "start", id: "1" })),
  "binary": () => when_connected(Buffer.from(to_say({ type: "ping" }))),
  "too early": () => when_opened(to_say({ type: "subscribe", id: "1", payload: { query: COUNT } })),
  "init twice": () => when_connected(to_say({ type: "connection_init", payload: GOOD })),
  "a bad token": () => ended({ connectionParams: { authorization: "Bearer nonsense" } }),
  "another scheme": () => ended({ connectionParams: { authorization: "Basic user:ada" } }),
  "a new token helps": () =>
    ended({ connectionParams: () => (sockets === 1 ? { authorization: "Bearer old" } : GOOD) }, COUNT),
  "a token that ends": () => ended({ retryAttempts: 0 }),
  "never init": () => ended({ connectionParams: () => new Promise(() => {}) }),
  "no pong": () => ended({ disablePong: true, retryAttempts: 0 }),
  "our own bug": () => ended({ connectionParams: { authorization: "Bearer bug" } }),
  "who are you": () => ended({ connectionParams: { authorization: "Bearer down" } }),
  "20 MB": () =>
    ended({}, { query: "query($name: String!) { hello(name: $name) }", variables: { name: "x".repeat(20_000_000) } }),
  "another protocol": () =>
    ended({ webSocketImpl: class extends WebSocket { constructor(url) { super(url, "graphql-ws"); } } }),
  "one id twice": async () => {
    const one = client({ generateID: () => "same" });
    return { results: await Promise.all([outcome(one, QUIET), outcome(one, QUIET)]), sockets };
  },
  "one id again": async () => {
    const one = client({ generateID: () => "same", lazyCloseTimeout: 100 });
    const results = [await outcome(one, COUNT), await outcome(one, COUNT)];
    await one.dispose();
    return { results, sockets };
  },
  "ping before init": async () => {
    const pongs = [];
    const on = {
      opened: (socket) => socket.send(to_say({ type: "ping", payload: { early: true } })),
      pong: (received, payload) => pongs.push({ received, payload }),
    };
    return { ...(await ended({ on }, COUNT)), pongs };
  },
  "a syntax error": () => unharmed("subscription { count"),
  "an unknown field": () => unharmed("{ nonsense }"),
  "no operation": () => unharmed("fragment F on Query { hello }"),
  "variables that are text": () => smuggled({ query: COUNT, variables: "text" }),
  "variables that are a list": () => smuggled({ query: COUNT, variables: [1] }),
  "variables that do not fit": () =>
    unharmed({ query: "subscription($to: Int!) { count(to: $to) }", variables: { to: "many" } }),
  "150 at once": async () => {
    const one = client({ lazyCloseTimeout: 100 });
    let asked = 0;
    const outcomes = Array.from({ length: 150 }, () => outcome(one, QUIET).then((result) => {
      if (++asked === 50) say("50 are over");
      return result;
    }));
    const results = await Promise.all(outcomes);
    const after = await outcome(one, "{ hello }");
    await one.dispose();
    return { results, after, sockets };
  },
  "completed by the client": async () => {
    const one = client();
    for await (const _ of one.iterate({ query: "subscription { forever }" })) break;
    return { sockets };
  },
  "not lazy": async () => {
    const opened = new Promise((resolve) => {
      const one = client({ lazy: false, on: { connected: () => resolve(one) } });
    });
    say("connected");
    await (await opened).dispose();
    return { sockets };
  },
  "comes back": async () => {
    const told = { connected: (_socket, _payload, again) => say(again ? "again" : "connected") };
    return ended({ on: told, retryAttempts: 1_000, retryWait: () => new Promise((go) => setTimeout(go, 20)) });
  },
};

say(await cases[name]());
