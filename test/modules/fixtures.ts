import { appendFileSync } from 'node:fs';
import { isWorker, RunInExecutor, runInExecutor } from 'offloop';

/** Two classes of one name in one module. */
function first(): new () => { who(): Promise<string> } {
  class Twin {
    @RunInExecutor()
    async who(): Promise<string> {
      return 'first';
    }
  }
  return Twin;
}

function second(): new () => { who(): Promise<string> } {
  class Twin {
    @RunInExecutor()
    async who(): Promise<string> {
      return 'second';
    }
  }
  return Twin;
}

export const twins = [new (first())(), new (second())()];

/** Classes of one name from one place. */
export const looped = ['a', 'b'].map((name) => {
  class Looped {
    @RunInExecutor()
    static async who(): Promise<string> {
      return name;
    }
  }
  return Looped;
});

/** Made by a call, not while the module is evaluated. */
export function makeLate(): { who(): Promise<string> } {
  class Late {
    @RunInExecutor()
    async who(): Promise<string> {
      return 'late';
    }
  }
  return new Late();
}

/** Decorated here, and not in a worker. */
export class Conditional {
  async who(): Promise<string> {
    return 'conditional';
  }
}
if (!isWorker) {
  const descriptor = Object.getOwnPropertyDescriptor(Conditional.prototype, 'who') as TypedPropertyDescriptor<
    () => Promise<string>
  >;
  Object.defineProperty(
    Conditional.prototype,
    'who',
    RunInExecutor()(Conditional.prototype, 'who', descriptor),
  );
}

/** A decorator made of others, and a function without a name. */
const Offloaded = (): ReturnType<typeof RunInExecutor> => RunInExecutor('thread', { timeoutMs: 60_000 });

export class Composed {
  @Offloaded()
  async who(): Promise<string> {
    return 'composed';
  }
}

export const anonymous = [runInExecutor('thread', () => 1), runInExecutor('thread', () => 2)];

/** More of them than most applications have. */
export const many = Array.from({ length: 300 }, (_, index) => {
  const { [`add${index}`]: add } = { [`add${index}`]: (number: number) => index + number };
  return runInExecutor(index % 2 === 0 ? 'thread' : 'process', add);
});

export const noteImport = (file: string): void => appendFileSync(file, 'x');

/** Has a static method in place of its name. */
export class Called {
  static ['na' + 'me'](): string {
    return 'called';
  }

  @RunInExecutor()
  async who(): Promise<string> {
    return (Called as unknown as { name(): string }).name();
  }
}
