import 'graphiql/style.css';
import './page.css';
import { createRoot } from 'react-dom/client';
import { GraphiQL } from 'graphiql';
import { createClient } from 'graphql-ws';
import { createGraphiQLFetcher } from '@graphiql/toolkit';
import { keepingTheLast, unanswered } from './endings.js';

const root = document.getElementById('graphiql');
const asked = new URLSearchParams(location.search);
const url = location.origin + location.pathname;

// What stands in the headers editor goes along with every request, and into connection_init of subscriptions.
// A lost socket is shown, not retried: only the person knows which event was the last one seen.
const fetcher = (params, options) =>
  createGraphiQLFetcher({
    url,
    enableIncrementalDelivery: false,
    wsClient: keepingTheLast(
      createClient({
        url: url.replace(/^http/, 'ws'),
        connectionParams: options?.headers,
        retryAttempts: 0,
      }),
    ),
  })(params, options).catch(unanswered);

createRoot(root).render(
  <GraphiQL
    fetcher={fetcher}
    defaultQuery={root.dataset.welcome}
    defaultEditorToolsVisibility="headers"
    initialQuery={asked.get('query') ?? undefined}
    initialVariables={asked.get('variables') ?? undefined}
    inputValueDeprecation
    isHeadersEditorEnabled
  >
    <GraphiQL.Logo>{document.title}</GraphiQL.Logo>
  </GraphiQL>,
);
