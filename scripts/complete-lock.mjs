// After `npm install`: notes in package-lock.json the optional packages of platforms that the registry at hand
// does not carry. npm leaves them out, and `npm ci` then refuses the lock file.
import { readFileSync, writeFileSync } from 'node:fs';

const path = new URL('../package-lock.json', import.meta.url);
const lock = JSON.parse(readFileSync(path, 'utf8'));
const { packages } = lock;
const added = [];

for (const [owner, { dev, optionalDependencies = {} }] of Object.entries({ ...packages })) {
  for (const [name, range] of Object.entries(optionalDependencies)) {
    const key = `node_modules/${name}`;
    if (packages[key] || packages[`${owner}/${key}`]) continue;
    const os = /(darwin|win32|linux|android|freebsd|netbsd|openbsd|sunos|aix|openharmony)/.exec(name)?.[1];
    const cpu = /(arm64|x64|ia32|arm(?=-|eabi|v|$)|ppc64|s390x|riscv64|loong64|mips64el)/.exec(name)?.[1];
    packages[key] = {
      version: range.replace(/^[\^~]/, ''),
      ...(cpu && { cpu: [cpu] }),
      ...(dev && { dev }),
      optional: true,
      ...(os && { os: [os] }),
    };
    added.push(name);
  }
}

lock.packages = Object.fromEntries(Object.entries(packages).sort(([left], [right]) => (left < right ? -1 : 1)));
writeFileSync(path, `${JSON.stringify(lock, null, 2)}\n`);
console.log(`${added.length} added`, ...added);
