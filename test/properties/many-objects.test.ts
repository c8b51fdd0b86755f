import { deepStrictEqual } from 'node:assert';
import * as fc from 'fast-check';
import { shutdownExecutors } from 'offloop';
import { echoInProcess, echoInThread } from './services';

afterAll(() => shutdownExecutors());

interface Part {
  readonly id: number;
  link?: Part;
  [field: string]: unknown;
}

/** Objects of several shapes, some of which refer to another: a later one, an earlier one or themselves. */
const parts = fc
  .record({
    count: fc.integer({ min: 1, max: 2_000 }),
    links: fc.array(fc.tuple(fc.nat(), fc.nat()), { maxLength: 30 }),
    shapes: fc.array(
      fc.constantFrom<(id: number) => object>(
        (id) => ({ id, name: `name of ${id}`, price: id / 3 }),
        (id) => ({ id, tags: ['a', 'b'], at: new Date(id) }),
        (id) => ({ id, of: { x: id, y: { z: [id] } } }),
        (id) => ({ id, [`key ${id}`]: 'ä€' }),
        (id) => ({ id, map: new Map([[id, { id }]]), none: undefined }),
        (id) => ({ id, text: 'x'.repeat(id % 300) }),
      ),
      { minLength: 1, maxLength: 4 },
    ),
  })
  .map(({ count, links, shapes }) => {
    const made = Array.from({ length: count }, (_, id) => shapes[id % shapes.length](id) as Part);
    for (const [from, to] of links) made[from % count].link = made[to % count];
    return made;
  });

/** One in another, with something beside each. */
const deep = fc
  .tuple(fc.integer({ min: 1, max: 300 }), fc.anything({ maxDepth: 1, withDate: true }))
  .map(([levels, beside]) => {
    let value: unknown = 0;
    for (let level = 0; level < levels; level++) value = level % 3 === 0 ? [value] : { level, value, beside };
    return value;
  });

/** Where each reference leads, as structured data alone does not tell. */
const linksOf = (value: unknown): unknown =>
  Array.isArray(value) &&
  (value as Part[]).map((part) => part.link && (value as unknown[]).indexOf(part.link));

it.each([
  ['threads', echoInThread],
  ['processes', echoInProcess],
])(
  'values of many objects, and deep ones, come back as they were, many at once, %s',
  async (_, echo) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(parts, deep, fc.string()), { minLength: 1, maxLength: 12 }),
        async (values) => {
          const results = await Promise.all(values.map((value) => echo([value])));
          for (const [index, [result]] of results.entries()) {
            deepStrictEqual(result, values[index]);
            deepStrictEqual(linksOf(result), linksOf(values[index]));
          }
        },
      ),
      { numRuns: 40 },
    );
  },
  60_000,
);
