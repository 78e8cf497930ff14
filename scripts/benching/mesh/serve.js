// GraphQL Mesh's OData handler behind its own HTTP handler, as `mesh start` puts them together: node serve.js ENDPOINT
// OPTIONS (the handler's, as JSON). Says where it serves, as one JSON line; ends with its standard input.
const http = require('node:http')
const { DefaultLogger, PubSub, defaultImportFn } = require('@graphql-mesh/utils')
const { InMemoryStoreStorageAdapter, MeshStore } = require('@graphql-mesh/store')
const { createMeshHTTPHandler } = require('@graphql-mesh/http')
const { getMesh } = require('@graphql-mesh/runtime')
const LocalforageCache = require('@graphql-mesh/cache-localforage').default
const BareMerger = require('@graphql-mesh/merger-bare').default
const ODataHandler = require('@graphql-mesh/odata').default

const [endpoint, options] = process.argv.slice(2)
const baseDir = __dirname
const logger = new DefaultLogger('Mesh')
const pubsub = new PubSub()
const cache = new LocalforageCache({ pubsub, importFn: defaultImportFn })
const store = new MeshStore('.mesh', new InMemoryStoreStorageAdapter(), { readonly: false, validate: false })
const shared = { baseDir, cache, importFn: defaultImportFn, logger, pubsub }
const config = { endpoint, ...JSON.parse(options) }
const handler = new ODataHandler({ ...shared, name: 'shop', config, store: store.child('shop') })
const merger = new BareMerger({ ...shared, store: store.child('merger') })
const mesh = getMesh({ ...shared, merger, sources: [{ name: 'shop', handler, transforms: [] }] })
const serve = createMeshHTTPHandler({ baseDir, getBuiltMesh: () => mesh, rawServeConfig: { playground: false } })

process.stdin.on('end', () => process.exit(0)).resume()
mesh.then(() => {
  const server = http.createServer(serve).listen(0, '127.0.0.1', () => {
    process.stdout.write(JSON.stringify({ url: `http://127.0.0.1:${server.address().port}` }) + '\n')
  })
})
