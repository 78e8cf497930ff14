// "Ask as": the demo's list of people, each with an endpoint and, but for the anonymous visitor, a token.

import { useEffect, useState } from 'react';

export function usePeople(url) {
  const [people, setPeople] = useState(url ? null : []);
  const [problem, setProblem] = useState(null);
  useEffect(() => {
    if (!url) return;
    fetch(url, { credentials: 'omit' })
      .then((response) => response.json())
      .then(setPeople, () => {
        setProblem('The list of people could not be loaded.');
        setPeople([]);
      });
  }, [url]);
  return { people, problem };
}

export function AskAs({ people, person, onChange, problem }) {
  if (problem) return <span className="vegraph-ask-as">{problem}</span>;
  if (!people.length) return null;
  return (
    <label className="vegraph-ask-as" title={person.about}>
      <span>Ask as</span>
      <select value={person.name} onChange={(event) => onChange(people.find((p) => p.name === event.target.value))}>
        {people.map(({ name }) => (
          <option key={name}>{name}</option>
        ))}
      </select>
      <small>{person.about}</small>
    </label>
  );
}
