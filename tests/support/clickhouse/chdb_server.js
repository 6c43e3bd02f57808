// ClickHouse's engine (npm package chdb) behind so much of ClickHouse's HTTP interface as an exporter and a
// test need: a statement in the URL or in the body, settings in the URL, gzip, exceptions with their code.
//
//   node chdb_server.js DIRECTORY_OF_PACKAGES DATA_DIRECTORY
//
// Prints the port that it listens to, on the loopback interface. The bodies `LOSE THE NEXT ANSWER` and `HOW MANY ANSWERS WERE LOST`
// are for tests of what comes twice: an insert is done, and its answer never arrives.
'use strict';

const http = require('http');
const path = require('path');
const zlib = require('zlib');

const [packages, data] = process.argv.slice(2);
const {Session} = require(path.join(packages, 'node_modules', 'chdb'));
const session = new Session(data);

// The engine takes settings with the statement, the HTTP interface in the URL.
function withSettings(statement, parameters) {
  const settings = [...parameters]
    .filter(([name]) => name !== 'query')
    .map(([name, value]) => `${name} = '${value}'`);
  return settings.length === 0 ? statement : statement.replace(/ FORMAT /, ` SETTINGS ${settings.join(', ')} FORMAT `);
}

// As ClickHouse maps them: refused users, unknown tables, what cannot be read.
function statusOf(code) {
  if ([192, 193, 516].includes(code)) return 403;
  if ([60, 81].includes(code)) return 404;
  return [6, 26, 27, 38, 41, 62, 72, 117].includes(code) ? 400 : 500;
}

let losing = false;
let lost = 0;

function answer(request, body) {
  const parameters = new URL(request.url, 'http://localhost').searchParams;
  const text = request.headers['content-encoding'] === 'gzip' ? zlib.gunzipSync(body) : body;
  if (text.toString() === 'LOSE THE NEXT ANSWER') {
    losing = true;
    return '';
  }
  if (text.toString() === 'HOW MANY ANSWERS WERE LOST') return String(lost);
  const statement = withSettings(parameters.get('query') || '', parameters);
  return session.query(`${statement}\n${text}`.trim(), 'TabSeparated');
}

function respond(request, response, body) {
  try {
    const text = answer(request, body);
    if (losing && request.url.includes('INSERT')) {
      losing = false;
      ++lost;
      response.writeHead(200, {'Content-Length': 1});
      response.flushHeaders();
      setImmediate(() => request.socket.destroy());
      return;
    }
    response.end(text);
  } catch (error) {
    const message = error.message.replace(/^.*?(?=Code: )/, '');
    const code = Number((/^Code: (\d+)/.exec(message) || [])[1]);
    response.statusCode = statusOf(code);
    response.setHeader('X-ClickHouse-Exception-Code', code);
    response.end(message);
  }
}

const server = http.createServer((request, response) => {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => respond(request, response, Buffer.concat(chunks)));
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
