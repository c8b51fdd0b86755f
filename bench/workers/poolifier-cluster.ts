import { tasks } from './tasks';

// Required: an imported one would miss the first message of its pool.
// eslint-disable-next-line @typescript-eslint/no-require-imports
const { ClusterWorker } = require('poolifier') as typeof import('poolifier', {
  with: { 'resolution-mode': 'import' },
});

module.exports = new ClusterWorker(tasks as never);
