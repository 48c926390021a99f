import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { root } from '@seatwise/testing';

interface Package {
  name: string;
  dependencies?: Record<string, string>;
}

const packageIn = (folder: string) => JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as Package;
const ours = '@seatwise/';

/**
 * Puts a service into an empty folder as the Dockerfile puts it into its image: its built output, that of the libs it names,
 * and the packages that it and they name, and no source. The packages are links to where they are installed.
 */
export function putBuilt(service: string, folder: string): void {
  take(join('apps', service), join(folder, 'service'));
  if (service === 'gateway')
    cpSync(join(root, 'apps/dashboard/dist'), join(folder, 'dashboard/dist'), { recursive: true });
  const seen = new Set<string>();
  const bring = (from: string) => {
    for (const name of Object.keys(packageIn(from).dependencies ?? {})) {
      if (seen.has(name)) continue;
      seen.add(name);
      if (!name.startsWith(ours)) {
        link(installed(from, name), join(folder, 'node_modules', name));
        continue;
      }
      const lib = join('libs', name.slice(ours.length));
      take(lib, join(folder, lib));
      link(join(folder, lib), join(folder, 'node_modules', name));
      bring(lib);
    }
  };
  bring(join('apps', service));
}

function take(from: string, to: string): void {
  cpSync(join(root, from, 'package.json'), join(to, 'package.json'));
  cpSync(join(root, from, 'dist'), join(to, 'dist'), {
    recursive: true,
    filter: (path) => !/\.(ts|map)$/.test(path),
  });
}

/** A package that another version of is wanted elsewhere lies beside who wants it. */
function installed(from: string, name: string): string {
  const beside = join(root, from, 'node_modules', name);
  return existsSync(beside) ? beside : join(root, 'node_modules', name);
}

function link(target: string, path: string): void {
  mkdirSync(dirname(path), { recursive: true });
  symlinkSync(target, path);
}
