import type { Result } from './report';
import { median } from './statistics';

const [WIDTH, LABEL, BAR, ROW] = [900, 260, 460, 20];
const escape = (text: string): string => text.replace(/&/g, '&amp;').replace(/</g, '&lt;');

/** A bar for each contender of each comparison, as long as its time is beside the slowest; shorter is better. */
export function drawChart(results: readonly Result[]): string {
  const parts: string[] = [];
  let y = 30;
  for (const { title, subject, figures } of results) {
    const [metric] = Object.keys(figures[subject][0]);
    const rows = Object.entries(figures)
      .map(([contender, rounds]) => ({ contender, value: median(rounds.map((metrics) => metrics[metric])) }))
      .sort((left, right) => left.value - right.value);
    const most = Math.max(...rows.map(({ value }) => value));
    parts.push(`<text x="10" y="${y}" font-weight="bold">${escape(title)}</text>`);
    for (const { contender, value } of rows) {
      y += ROW;
      const colour =
        contender === subject ? '#1f6feb' : contender.startsWith('floor') ? '#9aa4af' : '#d29922';
      const width = Math.max(1, (value / most) * BAR);
      parts.push(
        `<text x="${LABEL}" y="${y}" text-anchor="end">${escape(contender)}</text>` +
          `<rect x="${LABEL + 10}" y="${y - 11}" width="${width.toFixed(1)}" height="13" fill="${colour}"/>` +
          `<text x="${LABEL + 16 + width}" y="${y}">${value.toPrecision(3)} ${metric}</text>`,
      );
    }
    y += ROW * 2;
  }
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${y}" font-family="sans-serif" font-size="12">` +
    `<rect width="100%" height="100%" fill="white"/>${parts.join('')}</svg>\n`
  );
}
