/** Which of the two streams. */
type Name = 'stdout' | 'stderr';

/**
 * Has what this worker writes to stdout and stderr go to `post`, at once and in order. The way that Node.js has for
 * it needs turns of the loop of the thread that started the worker, which waits in place, and may end before it has any.
 */
export function redirectOutput(post: (name: Name, chunk: unknown, encoding: BufferEncoding) => void): void {
  for (const name of ['stdout', 'stderr'] as const) {
    const write: NodeJS.WriteStream['_write'] = (chunk, encoding, done) => {
      post(name, chunk, encoding);
      done();
    };
    Object.assign(process[name], { _write: write, _writev: undefined });
  }
}
