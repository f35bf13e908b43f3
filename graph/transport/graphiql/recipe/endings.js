// What a person is told, in a sentence, when no answer comes or a stream ends before its time.

const WHY = { 1006: 'The connection was lost', 1012: 'The server restarts' };

// For a WebSocket client: the last item stays beside the error, for its `seq` is what to go on from.
export function keepingTheLast(client) {
  return {
    subscribe(params, sink) {
      let last = {};
      return client.subscribe(params, {
        next(item) {
          last = item;
          sink.next(item);
        },
        error(error) {
          sink.next({ ...last, errors: Array.isArray(error) ? error : [{ message: farewell(error, last) }] });
          sink.complete();
        },
        complete: () => sink.complete(),
      });
    },
  };
}

export function unanswered(error) {
  return { errors: [{ message: `No answer came (${error.message}). Run this again when the server is there.` }] };
}

function farewell({ code, reason }, last) {
  const why = code ? `${reason || WHY[code] || 'The connection was closed'} (${code}).` : 'The server cannot be reached.';
  const token = code === 4403 ? 'Log in again, and put the new token into Headers. ' : '';
  const [item] = Object.values(last.data ?? {});
  const place = item?.seq ?? item?.cursor;
  return `${why} ${token}Run this again${place === undefined ? '' : ` with after: ${JSON.stringify(place)}, and nothing is missing`}.`;
}
