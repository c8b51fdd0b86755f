/** What is compared with what, and the figures that offloop is to reach. */
export interface Target {
  readonly metric: string;
  /** `null`: the figure itself is the target, not a ratio. */
  readonly against: string | readonly string[] | null;
  readonly atMost: number;
}

export interface Comparison {
  readonly title: string;
  readonly workload: string;
  readonly subject: string;
  /** What runs in the short form; the first is the one that the table compares with. */
  readonly others: readonly string[];
  /** What the full form runs besides. */
  readonly more?: readonly string[];
  readonly targets: readonly Target[];
}

const threadPeers = [
  'tinypool, threads',
  'workerpool, threads',
  'poolifier, threads',
  'jest-worker, threads',
  'comlink',
];
const processPeers = [
  'tinypool, child_process',
  'workerpool, processes',
  'poolifier, cluster',
  'jest-worker, processes',
];
const threadFloors = ['floor: postMessage', 'floor: 100 calls a message'];
const fork = 'floor: fork (advanced)';
const [threads, processes] = ['offloop, threads', 'offloop, processes'];

const thread = (
  title: string,
  workload: string,
  targets: readonly Target[],
  extra: Partial<Comparison> = {},
): Comparison => ({
  title: `threads: ${title}`,
  workload,
  subject: threads,
  others: ['piscina'],
  targets,
  ...extra,
});
const process_ = (
  title: string,
  workload: string,
  targets: readonly Target[],
  extra: Partial<Comparison> = {},
): Comparison => ({
  title: `processes: ${title}`,
  workload,
  subject: processes,
  others: [fork],
  targets,
  ...extra,
});
const atMost = (metric: string, value: number, against: Target['against'] = 'piscina'): Target => ({
  metric,
  against,
  atMost: value,
});

export const suite: readonly Comparison[] = [
  thread('one no-op in flight', 'one in flight', [atMost('us', 0.75)], {
    others: ['piscina', ...threadPeers, 'floor: postMessage', 'floor: Atomics.wait'],
  }),
  thread('a burst of no-ops, 1,000 in flight', 'burst', [atMost('ms', 1 / 8), atMost('late', 0.5)], {
    others: ['piscina', ...threadPeers, ...threadFloors],
  }),
  thread('10 us of work a call', 'work of 10 us', [atMost('ms', 1 / 3.5)], { more: threadPeers }),
  thread('100 us of work a call', 'work of 100 us', [atMost('ms', 1 / 1.5)], { more: threadPeers }),
  thread('1 ms of work a call', 'work of 1 ms', [atMost('ms', 1)], { more: threadPeers }),
  thread('one call of 300 ms among 6,000 of 5 us', 'one long call among short ones', [
    atMost('longest', 200, null),
    atMost('p99', 0.25),
  ]),
  thread('a Buffer of 1 MB, there and back', 'Buffer of 1 MB', [atMost('ms', 1.1)], { more: threadPeers }),
  thread('a Buffer of 16 MB, there and back', 'Buffer of 16 MB', [atMost('ms', 1.1)]),
  thread('cold start', 'cold start', [atMost('ms', 1.3)], { more: threadPeers }),
  thread('memory per idle worker', 'memory per idle worker', [atMost('mb', 1.3)]),
  thread('8 calls that block for 300 ms, 2 workers', 'blocking calls', [
    atMost('ms', 1.05),
    atMost('late', 10, null),
  ]),
  process_('one no-op in flight', 'one in flight', [atMost('us', 1, fork), atMost('us', 1, processPeers)], {
    others: [fork, ...processPeers, 'floor: coalesced pipe'],
  }),
  process_(
    'a burst of no-ops, 1,000 in flight',
    'burst',
    [atMost('ms', 1 / 3.5, fork), atMost('ms', 1 / 5, processPeers)],
    {
      others: [fork, ...processPeers, 'floor: coalesced pipe'],
    },
  ),
  process_('one call of 300 ms among 6,000 of 5 us', 'one long call among short ones', [
    atMost('longest', 200, null),
  ]),
  process_('a Buffer of 1 MB, there and back', 'Buffer of 1 MB', [atMost('ms', 1.1, fork)], {
    more: processPeers,
  }),
  process_('a Buffer of 16 MB, there and back', 'Buffer of 16 MB', [atMost('ms', 1.1, fork)]),
  process_('a nested object of 2 MB, there and back', 'nested object of 2 MB', [atMost('ms', 1.1, fork)]),
  process_('cold start', 'cold start', [atMost('ms', 1.2, fork)], { more: processPeers }),
  process_('memory per idle worker', 'memory per idle worker', [atMost('mb', 1.2, fork)]),
  {
    title: 'inline: what the decorator adds to a call',
    workload: 'overhead of the decorator',
    subject: 'offloop, inline',
    others: [],
    targets: [atMost('us', 1, null)],
  },
];
