// Serves the model on a free port of this machine; says where, and then what was asked of it, one JSON line each.
const cds = require('@sap/cds')
const express = require('express')

const app = express()
const listen = app.listen.bind(app)
app.listen = port => listen(port, '127.0.0.1')
const say = line => process.stdout.write(JSON.stringify(line) + '\n')
let asked = []
app.get('/-/asked', (_, response) => { response.json(asked); asked = [] })
app.use((request, _, next) => { asked.push(`${request.method} ${request.url}`); next() })
process.stdin.on('end', () => process.exit(0)).resume()
cds.server({ app, port: 0, in_memory: true, service: 'all', from: '*' }).then(server => {
  const told = () => say({ url: `http://127.0.0.1:${server.address().port}` })
  server.listening ? told() : server.once('listening', told)
})
