import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../support/run-script';

/** JavaScript as the TypeScript compiler writes a decorated class. */
const classSource = (index: number): string => `
const __decorate = (decorators, target, key) => {
  let descriptor = Object.getOwnPropertyDescriptor(target, key);
  for (const decorator of decorators.reverse()) descriptor = decorator(target, key, descriptor) || descriptor;
  Object.defineProperty(target, key, descriptor);
};
class Service {
  constructor() { this.index = ${index}; }
  who() { return 'service ' + this.index; }
}
__decorate([RunInExecutor('thread')], Service.prototype, 'who');
class Other {
  static who() { return 'other ${index}'; }
}
__decorate([RunInExecutor('process')], Other, 'who');
`;

/** Writes twenty modules, each with classes of the same names: half ESM, half of all classes not exported. */
export function generateModules(): string {
  const folder = mkdtempSync(join(root, 'tmp-modules-'));
  const isEsm = (index: number): boolean => index % 2 === 0;
  const isExported = (index: number): boolean => index % 4 < 2;
  for (let index = 0; index < 20; index++) {
    const make = `() => [new Service().who(), Other.who()]`;
    if (isEsm(index)) {
      const wait = index % 8 === 0 ? 'await null;\n' : '';
      const exported = isExported(index) ? 'export { Service };\nexport default Other;\n' : '';
      writeFileSync(
        join(folder, `service-${index}.mjs`),
        `import { RunInExecutor } from 'offloop';\n${wait}${classSource(index)}${exported}export const make = ${make};\n`,
      );
    } else {
      const exported = isExported(index) ? 'exports.Service = Service;\n' : '';
      writeFileSync(
        join(folder, `service-${index}.cjs`),
        `const { RunInExecutor } = require('offloop');\n${classSource(index)}${exported}exports.make = ${make};\n`,
      );
    }
  }
  writeFileSync(
    join(folder, 'main.mjs'),
    `const found = [];
for (let index = 0; index < 20; index++) {
  const { make } = await import('./service-' + index + (index % 2 === 0 ? '.mjs' : '.cjs'));
  found.push(...(await Promise.all(make())));
}
console.log(JSON.stringify(found));
`,
  );
  return folder;
}
