/**
 * The tsyringe token of the executor registered under `name`: names are kept apart from the tokens of the
 * application by this prefix. `container.register(executorToken('images'), { useClass: ImagesExecutor })`
 * does what `registerExecutor('images', { useClass: ImagesExecutor })` does, but for those who inject it: its provider says
 * whether they get the same one.
 */
export function executorToken(name: string): symbol {
  return Symbol.for(`offloop.executor:${name}`);
}

/** The name behind a token made by {@link executorToken}, or undefined for any other token. */
export function executorName(token: symbol): string | undefined {
  const prefix = 'offloop.executor:';
  const key = Symbol.keyFor(token);
  return key?.startsWith(prefix) ? key.slice(prefix.length) : undefined;
}
