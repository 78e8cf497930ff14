// The editor's helpers, each a file beside this one: the policy of the page allows workers from here only.

const beside = (name) => new Worker(new URL(name, import.meta.url));

globalThis.MonacoEnvironment = {
  getWorker(_id, label) {
    if (label === 'json') return beside('./json.worker.js');
    if (label === 'graphql') return beside('./graphql.worker.js');
    return beside('./editor.worker.js');
  },
};
