/** A command line tool without one `await`: it calls the async client of an application, and gets values. */
import 'reflect-metadata';
import { fork } from 'node:child_process';
import { join } from 'node:path';
import { asyncToSync } from 'offloop/sync';
import { ArticleClient } from './article-client';

function printArticles(url: string): void {
  const client = asyncToSync(new ArticleClient(url));
  const begin = performance.now();
  for (const id of [1, 2, 3]) {
    const { title } = client.fetch(id);
    console.log(`${id}: ${title}`);
  }
  try {
    client.fetch(4);
  } catch (error) {
    console.log(`4: ${String(error)}`);
  }
  console.log(`this thread stood still for ${Math.round(performance.now() - begin)} ms`);
}

const server = fork(join(__dirname, 'server-process.js'), [], { execArgv: [] });
server.once('message', (port) => {
  printArticles(`http://127.0.0.1:${Number(port)}/`);
  server.disconnect();
});
