// A query in the address: behind the '#', so that no server sees it.

const KEYS = ['query', 'variables', 'operationName'];

export function fromAddress() {
  const given = new URLSearchParams(location.hash.slice(1));
  return Object.fromEntries(KEYS.filter((key) => given.get(key)).map((key) => [key, given.get(key)]));
}

export function intoAddress(changes) {
  const all = { ...fromAddress(), ...changes };
  const kept = KEYS.filter((key) => all[key]).map((key) => [key, all[key]]);
  history.replaceState(null, '', `${location.pathname}#${new URLSearchParams(kept)}`);
}
