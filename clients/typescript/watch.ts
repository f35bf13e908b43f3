// Follows a job of TradeMaster Web to its end and prints each event once, whatever becomes of the connection between.
import { setTimeout as pause } from "node:timers/promises";
import { type Client, createClient } from "graphql-ws";

const query = `
  subscription Watch($id: ID!, $after: Int) {
    jobEvents(id: $id, after: $after) {
      kind: __typename
      seq
      ... on JobLogEvent { level message }
      ... on JobMetricEvent { split values { name value } }
      ... on JobProgressEvent { percent }
      ... on JobStatusEvent { status errorMessage }
      ... on JobHistoryGone { oldestSeq }
    }
  }`;
type Item = { seq: number } & (
  | { kind: "JobLogEvent"; level: string; message: string }
  | { kind: "JobMetricEvent"; split: string; values: { name: string; value: number }[] }
  | { kind: "JobProgressEvent"; percent: number }
  | { kind: "JobStatusEvent"; status: string; errorMessage: string | null }
  | { kind: "JobHistoryGone"; oldestSeq: number }
  | { kind: "JobStreamOpened" | "JobCheckpointEvent" | "JobResultEvent" }
);
// With these it would not help to come back; whatever else happens is bad luck.
const FINAL = new Set<unknown>([4400, 4401, 4403, 4409, 4429]);
const REFUSED = /^(BAD_USER_INPUT|FORBIDDEN|UNAUTHENTICATED|GRAPHQL_\w+)$/;

async function* follow(client: Client, id: string, after = 0): AsyncGenerator<Item> {
  for (let failures = 0; ; failures++) {
    try {
      let gone = false;
      for await (const { data, errors } of client.iterate<{ jobEvents: Item }>({ query, variables: { id, after } })) {
        if (!data) throw errors;
        const item = data.jobEvents;
        gone = item.kind === "JobHistoryGone";
        after = item.kind === "JobHistoryGone" ? item.oldestSeq - 1 : item.seq;
        failures = 0;
        yield item;
      }
      if (!gone) return;
    } catch (problem: any) {
      const [error] = Array.isArray(problem) ? problem : [];
      if (REFUSED.test(error?.extensions?.code) || FINAL.has(problem.code)) throw error ?? new Error(problem.reason);
      console.error(`Broken off after ${after} (${error?.message ?? problem.code ?? problem.message}); coming back.`);
      await pause(Math.min(200 * 2 ** failures, 5_000));
    }
  }
}

function words(item: Item): string | undefined {
  switch (item.kind) {
    case "JobLogEvent": return `${item.level} ${item.message}`;
    case "JobMetricEvent":
      return `${item.split} ${item.values.map(({ name, value }) => `${name}=${value.toPrecision(4)}`).join(" ")}`;
    case "JobProgressEvent": return `${item.percent.toFixed()} %`;
    case "JobStatusEvent": return [item.status, item.errorMessage].filter(Boolean).join(": ");
    case "JobHistoryGone": return `what came before ${item.oldestSeq} is not kept any more`;
  }
}

const [id = "", url = "http://127.0.0.1:8000", after = "0"] = process.argv.slice(2);
let silence: NodeJS.Timeout | undefined;
const client = createClient({
  url: `${url.replace(/^http/, "ws")}/graphql`,
  connectionParams: { authorization: `Bearer ${process.env.TMW_TOKEN}` },
  retryAttempts: 0, // left to itself it would ask for the first `after` again
  keepAlive: 10_000,
  on: {
    // A network that is gone does not say so.
    message: () => { clearTimeout(silence); silence = setTimeout(() => client.terminate(), 25_000); },
    closed: () => clearTimeout(silence),
  },
});
try {
  for await (const item of follow(client, id, Number(after))) {
    if (item.kind === "JobStatusEvent") process.exitCode = item.status === "COMPLETED" ? 0 : 1;
    if (words(item)) console.log(item.seq, words(item));
  }
} catch (problem: any) {
  console.error(problem.message);
  process.exitCode = 1;
}
await client.dispose();
