/** What a program of `offloop/sync` alone has loaded: with it, and once it is at work. */
const { Lock, Queue } = require('offloop/sync');

const loaded = () =>
  Object.keys(require.cache)
    .map((file) => file.replace(/.*[\\/](dist|node_modules)[\\/]/, '').replace(/\\/g, '/'))
    .filter((name) => name.startsWith('parts/') || name.includes('piscina'));

const atFirst = loaded();
const queue = new Queue({ maxItems: 1 });
new Lock().runSync(() => queue.putSync(new Map([['key', new Set([1])]])));
const item = queue.getSync();
console.log(JSON.stringify({ atFirst, atWork: loaded(), found: item.get('key').has(1) }));
