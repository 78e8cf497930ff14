// Bundles GraphiQL with everything it needs, compressed, and with the licences of what is in it.
// Usage: node build.mjs OUTPUT_FOLDER

import { build } from 'esbuild';
import { gzipSync } from 'node:zlib';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const output = process.argv[2];

const shared = {
  bundle: true,
  minify: true,
  write: false,
  metafile: true,
  outdir: '/',
  target: 'es2022',
  legalComments: 'linked',
  logLevel: 'warning',
  define: { 'process.env.NODE_ENV': '"production"' },
};

const page = await build({
  ...shared,
  entryPoints: { app: 'src/app.jsx' },
  format: 'esm',
  splitting: true,
  jsx: 'automatic',
  loader: { '.ttf': 'file', '.woff2': 'file' },
  entryNames: '[name]',
  chunkNames: '[name]-[hash]',
  assetNames: '[name]-[hash]',
});

const workers = await build({
  ...shared,
  entryPoints: {
    'editor.worker': 'monaco-editor/esm/vs/editor/editor.worker.js',
    'graphql.worker': 'monaco-graphql/esm/graphql.worker.js',
    'json.worker': 'monaco-editor/esm/vs/language/json/json.worker.js',
  },
  format: 'iife',
});

const names = new Set();
for (const { metafile } of [page, workers]) {
  for (const input of Object.keys(metafile.inputs)) {
    const found = input.match(/.*node_modules\/((?:@[^/]+\/)?[^/]+)\//);
    if (found) names.add(found[0]);
  }
}

const licences = [...names].sort().map((folder) => {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
  const text = file ? readFileSync(join(folder, file), 'utf8').trim() : '';
  return `${name} ${version} (${license ?? 'see below'})\n\n${text}\n`;
});

if (existsSync(output)) rmSync(output, { recursive: true });
mkdirSync(output, { recursive: true });
for (const { path, contents } of [...page.outputFiles, ...workers.outputFiles]) {
  writeFileSync(join(output, `${path.slice(1)}.gz`), gzipSync(contents, { level: 9 }));
}
writeFileSync(join(output, 'LICENSES.txt.gz'), gzipSync(licences.join(`\n${'-'.repeat(72)}\n\n`), { level: 9 }));
