// A small article server, which takes its time; ends when its parent lets go of it, or is gone.
const http = require('node:http');

const articles = { 1: 'On waiting', 2: 'On not waiting', 3: 'On both' };
const server = http.createServer((request, response) => {
  const id = request.url.slice(1);
  setTimeout(() => {
    response.statusCode = articles[id] ? 200 : 404;
    response.end(
      JSON.stringify(articles[id] ? { id: Number(id), title: articles[id] } : { error: 'unknown' }),
    );
  }, 20);
});

server.listen(0, '127.0.0.1', () => process.send(server.address().port));
process.on('disconnect', () => process.exit(0));
