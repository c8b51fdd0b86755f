// Answers each request after a while; ends when its parent does, or lets go of it.
const http = require('node:http');

const delayMs = Number(process.argv[2]);
const server = http.createServer((_request, response) => {
  setTimeout(() => response.end('hello'), delayMs);
});

server.listen(0, '127.0.0.1', () => process.send(server.address().port));
process.on('disconnect', () => process.exit(0));
