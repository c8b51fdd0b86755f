/** The walls of the house: which room may import which. */
const mayImport = {
  calls: [],
  executors: ['calls'],
  cooperative: ['calls'],
  di: ['executors', 'calls', 'cooperative'],
  decorators: ['calls', 'cooperative', 'di'],
  worker: ['calls', 'di', 'cooperative'],
  bridge: ['calls', 'di', 'executors'],
  primitives: ['calls'],
  testing: ['di', 'executors', 'cooperative', 'calls'],
};

/** Of two rooms within one, the one that stands on its own, and the one that it does not know. */
const doesNotKnow = { 'calls/values': 'calls/wire', 'executors/links': 'executors/pool' };

module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'nobody-imports-the-worker',
      comment: 'Executors name its entries by path: it runs on the other side.',
      severity: 'error',
      from: { pathNot: '^src/worker/' },
      to: { path: '^src/worker/' },
    },
    {
      name: 'only-di-names-tsyringe',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/di/' },
      to: { path: 'node_modules/tsyringe', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'nothing-inside-imports-the-index',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(index|sync|testing)\\.ts$' },
      to: { path: '^src/index\\.ts$' },
    },
    ...Object.entries(mayImport).map(([room, allowed]) => ({
      name: `${room}-walls`,
      severity: 'error',
      from: { path: `^src/${room}/` },
      to: { path: '^src/[^/]+/', pathNot: `^src/(${[room, ...allowed].join('|')})/` },
    })),
    ...Object.entries(doesNotKnow).map(([room, other]) => ({
      name: `${room}-does-not-know-${other}`,
      severity: 'error',
      from: { path: `^src/${room}/` },
      to: { path: `^src/${other}/` },
    })),
    {
      name: 'tests-use-the-public-api',
      severity: 'error',
      from: { path: '^(test|samples|bench)/' },
      to: { path: '^(src|dist)/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
  },
};
