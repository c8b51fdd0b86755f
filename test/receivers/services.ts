import 'reflect-metadata';
import { appendFileSync } from 'node:fs';
import { container, inject, injectable, singleton } from 'tsyringe';
import { Portable, RunInExecutor, Transient } from 'offloop';
import { Base, EXECUTOR } from './base';

let built = 0;

@singleton()
export class Shared {
  readonly number = ++built;
  readonly used: string[] = [];
}

@injectable()
export class First {
  constructor(
    readonly shared: Shared,
    @inject('setting') readonly setting: string,
    @inject('factory') readonly made: { readonly kind: string },
  ) {}

  @RunInExecutor(EXECUTOR)
  async use(): Promise<unknown[]> {
    this.shared.used.push('first');
    return [this.shared.number, [...this.shared.used], this.setting, this.made.kind];
  }
}

@injectable()
export class Second {
  constructor(readonly shared: Shared) {}

  @RunInExecutor(EXECUTOR)
  async use(): Promise<unknown[]> {
    this.shared.used.push('second');
    return [this.shared.number, [...this.shared.used]];
  }
}

container.register('setting', { useValue: 'of the module' });
container.register('factory', { useFactory: () => ({ kind: 'made', secret: () => 1 }) });

/** Its dependency is registered by the setup module only. */
@injectable()
export class NeedsSetup {
  constructor(@inject('from setup') readonly dependency: { open(): string }) {}

  @RunInExecutor(EXECUTOR)
  async use(): Promise<string> {
    return this.dependency.open();
  }
}

/** Callers alone have it registered, and what it needs. */
export class RegisteredByCallers {
  constructor(readonly url: string) {}

  @RunInExecutor(EXECUTOR)
  async use(): Promise<string> {
    return this.url;
  }
}

@singleton()
export class Unbuildable {
  constructor() {
    throw new RangeError('the database is away');
  }
}

@injectable()
export class NeedsUnbuildable {
  constructor(@inject(Unbuildable) readonly dependency: { open(): string }) {}

  @RunInExecutor(EXECUTOR)
  async use(): Promise<string> {
    return this.dependency.open();
  }
}

/** What it holds, its calls change. */
export class Basket {
  readonly items: string[] = [];

  @RunInExecutor(EXECUTOR)
  async add(item: string): Promise<string> {
    this.items.push(item);
    return this.items.join();
  }
}

/** Hands its methods on, so that it binds them. */
export class Bound {
  constructor(readonly label: string) {
    this.show = this.show.bind(this);
    this.upper = this.upper.bind(this);
  }

  upper(): string {
    return this.label.toUpperCase();
  }

  @RunInExecutor(EXECUTOR)
  async show(): Promise<string> {
    return this.upper();
  }
}

/** Its fields show at a glance whether they have changed. */
@injectable()
export class Gauge {
  level = 0;
  unit: string | undefined = 'bar';
  @Transient() cache = 'at home';
  readonly connection = new Shared();

  @RunInExecutor(EXECUTOR)
  async show(): Promise<unknown[]> {
    return [this.level, this.unit, (this as { extra?: string }).extra, this.cache];
  }
}

/** What it holds can be moved, and not copied: each worker has its own. */
@injectable()
export class Ported {
  readonly channel = { name: 'events', port: new MessageChannel().port1 };
  readonly lines = new ReadableStream();
  label = 'default';

  @RunInExecutor(EXECUTOR)
  async show(): Promise<unknown[]> {
    return [this.label, this.channel.port instanceof MessagePort, this.lines instanceof ReadableStream];
  }
}

/** Injectable, without constructor parameters. */
@injectable()
export class Overlaid {
  label = 'default';
  tags: string[] = [];
  @Transient() cache = 'at home';
  readonly connection = { send: (): undefined => undefined };

  get upper(): string {
    return this.label.toUpperCase();
  }

  @RunInExecutor(EXECUTOR)
  async show(): Promise<unknown[]> {
    this.tags.push('from the worker');
    return [this.label, this.upper, this.tags, this.cache, typeof this.connection.send];
  }
}

/** Its settings may be behind a proxy, as what a library watches is. */
@injectable()
export class Proxied {
  label = 'default';
  settings: unknown = 'of the worker';

  @RunInExecutor(EXECUTOR)
  async show(): Promise<unknown[]> {
    return [this.label, this.settings];
  }
}

@injectable()
export class WithPrivate {
  #opened = 'opened';
  label = 'same';

  @RunInExecutor(EXECUTOR)
  async show(): Promise<string> {
    return `${this.#opened} ${this.label}`;
  }
}

@injectable()
export class WithPrivateAndList {
  #state = 1;
  readonly list = ['the same in the worker'];

  @RunInExecutor(EXECUTOR)
  async show(): Promise<number> {
    return this.#state + this.list.length;
  }
}

export class CopiedWithPrivate {
  #state = 1;

  @RunInExecutor(EXECUTOR)
  async show(): Promise<number> {
    return this.#state;
  }
}

@Portable()
export class Point {
  constructor(
    readonly x: number,
    readonly y: number,
  ) {}

  get length(): number {
    return Math.hypot(this.x, this.y);
  }
}

export class Shape {
  constructor(
    readonly corners: Point[],
    readonly socket?: unknown,
  ) {}

  @RunInExecutor(EXECUTOR)
  async lengths(): Promise<[number[], Point]> {
    return [this.corners.map((corner) => corner.length), this.corners[0]];
  }

  @RunInExecutor(EXECUTOR, { receiver: 'none' })
  async hasReceiver(): Promise<boolean> {
    return this !== undefined;
  }
}

export class Overriding extends Base {
  @RunInExecutor(EXECUTOR)
  override async name(): Promise<string> {
    return `overriding ${await super.name()}`;
  }
}

@Portable()
export class Inheriting extends Base {
  override readonly kind = 'inheriting';
}

export class Unmarked extends Base {
  override readonly kind = 'unmarked';
}

/** A ring: each refers to the next, the last one to the first. */
@Portable()
export class Link {
  next: Link = this;
  readonly others: Link[] = [];

  constructor(readonly name: string) {}

  @RunInExecutor(EXECUTOR)
  async around(): Promise<string[]> {
    const names = [this.name];
    for (let link = this.next; link !== this && names.length < 10; link = link.next) names.push(link.name);
    return names;
  }

  @RunInExecutor(EXECUTOR)
  async itself(): Promise<Link> {
    return this;
  }
}

/** Not portable, and refers to itself alone. */
export class Root {
  readonly root = this;
  readonly children = [{ parent: this }];

  @RunInExecutor(EXECUTOR)
  async isOne(): Promise<boolean> {
    return this.root === this && this.children[0].parent === this && this instanceof Root;
  }
}

/** Puts another class in the place of one, as `@autoInjectable()` does. */
const replacing = <C extends new (...args: any[]) => object>(base: C): C => class extends base {};

@replacing
export class Replaced extends Base {
  override readonly kind = 'replaced';
}

/** As decorators do that take care of the name. */
const replacingByName = <C extends new (...args: any[]) => object>(base: C): C =>
  Object.defineProperty(replacing(base), 'name', { value: base.name });

@replacingByName
export class ReplacedByName {
  @RunInExecutor(EXECUTOR)
  async name(): Promise<string> {
    return 'replaced';
  }
}

@Portable()
@replacing
export class ReplacedPortable extends Base {
  override readonly kind = 'replaced';
}

const Mixin = <C extends new (...args: any[]) => object>(base: C) => {
  class Mixed extends base {
    @RunInExecutor(EXECUTOR)
    async mixed(): Promise<string> {
      return `mixed into ${(this as unknown as { own: string }).own}`;
    }
  }
  return Mixed;
};

@Portable()
export class WithMixin extends Mixin(Object) {
  own = 'own';
}

@singleton()
export class Disposed {
  readonly log = process.env.DISPOSE_LOG;

  async dispose(): Promise<void> {
    appendFileSync(this.log as string, 'disposed\n');
    const { DISPOSE_FAILS: failure } = process.env;
    if (failure === 'throws') throw new Error('it cannot be closed');
    // Not by a promise alone: nothing would keep the worker.
    if (failure === 'hangs') await new Promise(() => setInterval(() => undefined, 1_000));
  }
}

@injectable()
export class UsesDisposed {
  constructor(readonly disposed: Disposed) {}

  @RunInExecutor(EXECUTOR)
  async touch(): Promise<number> {
    return process.pid;
  }
}

export class Nesting {
  constructor(readonly depth: number) {}

  @RunInExecutor(EXECUTOR)
  async descend(): Promise<number> {
    if (this.depth === 0) return 0;
    const below = new Nesting(this.depth - 1);
    const [left, right] = await Promise.all([below.descend(), below.descend()]);
    return 1 + Math.max(left, right);
  }
}

/** A list that writes itself, whose items hang on each other here. */
@Portable()
export class Chain {
  head: { readonly next: unknown } | null = null;

  constructor(readonly length: number) {
    for (let index = 0; index < length; index++) this.head = { next: this.head };
  }

  toPortable(): { length: number } {
    return { length: this.length };
  }

  static fromPortable({ length }: { length: number }): Chain {
    return new Chain(length);
  }
}

export class WithLargeFields {
  readonly shared = new Int32Array(new SharedArrayBuffer(1024 * 1024));
  readonly chain: Chain;

  constructor(length: number) {
    this.chain = new Chain(length);
  }

  @RunInExecutor(EXECUTOR)
  async show(): Promise<number[]> {
    return [this.shared.length, this.chain.length];
  }
}
