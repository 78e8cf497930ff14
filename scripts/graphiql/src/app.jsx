// vegraph's GraphiQL: whom to ask and where comes from the page's element, see vegraph/app/http/graphiql.py.

import './workers.js';

import { explorerPlugin } from '@graphiql/plugin-explorer';
import { HISTORY_PLUGIN } from '@graphiql/plugin-history';
import { GraphiQL } from 'graphiql';
import { useMemo, useRef, useState } from 'react';
import { createRoot } from 'react-dom/client';

import { ask } from './asking.js';
import { AskAs, usePeople } from './people.jsx';
import { fromAddress, intoAddress } from './sharing.js';

import 'graphiql/style.css';
import '@graphiql/plugin-explorer/style.css';
import './app.css';

const element = document.getElementById('graphiql');
const { endpoint, people: peopleUrl, query: defaultQuery } = element.dataset;
const plugins = [HISTORY_PLUGIN, explorerPlugin({ showAttribution: false })];
const shared = fromAddress();

function Page() {
  const { people, problem } = usePeople(peopleUrl);
  const [chosen, setChosen] = useState(null);
  const person = chosen ?? people?.[0] ?? { endpoint, token: null };
  const asking = useRef(person);
  asking.current = person;
  const fetcher = useMemo(
    () => (question, options) => ask(asking.current, question, options?.headers),
    [person.endpoint],
  );
  if (people === null) return null;
  return (
    <GraphiQL
      key={person.endpoint}
      fetcher={fetcher}
      plugins={plugins}
      defaultQuery={defaultQuery}
      initialQuery={shared.query}
      initialVariables={shared.variables}
      shouldPersistHeaders={false}
      showPersistHeadersSettings={false}
      isHeadersEditorEnabled
      onEditQuery={(query) => intoAddress({ query })}
      onEditVariables={(variables) => intoAddress({ variables })}
    >
      <GraphiQL.Logo>
        <AskAs people={people} person={person} onChange={setChosen} problem={problem} />
        <span className="vegraph-name">vegraph</span>
      </GraphiQL.Logo>
    </GraphiQL>
  );
}

createRoot(element).render(<Page />);
