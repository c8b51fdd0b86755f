import { RunInExecutor } from 'offloop';

export interface Article {
  readonly id: number;
  readonly title: string;
}

/** An async client, as the rest of an application uses it. */
export class ArticleClient {
  constructor(private readonly url: string) {}

  @RunInExecutor('thread', { timeoutMs: 10_000 })
  async fetch(id: number): Promise<Article> {
    const response = await fetch(`${this.url}${id}`);
    if (!response.ok) throw new RangeError(`article ${id}: ${response.status}`);
    return (await response.json()) as Article;
  }
}
