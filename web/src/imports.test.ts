/** The imports of the page go one way: base → api → state → flame, graph → timeline, widgets → views → app. */
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = import.meta.dirname;
const LAYERS: readonly (readonly string[])[] = [['base'], ['api'], ['state'], ['flame', 'graph'], ['timeline', 'widgets'], ['views'], ['app']];

const rank = (folder: string): number => LAYERS.findIndex((layer) => layer.includes(folder));

const files = readdirSync(ROOT, { recursive: true, encoding: 'utf8' }).filter((file) => /\.tsx?$/.test(file) && !file.includes('.test.'));

/** The folder of `src/` that an import leads to, or null for a package. */
function target(file: string, name: string): string | null {
  if (!name.startsWith('.')) return null;
  return relative(ROOT, resolve(dirname(join(ROOT, file)), name)).split('/')[0] ?? null;
}

function wrongImports(file: string, source: string): string[] {
  const folder = file.split('/')[0] ?? '';
  if (!file.includes('/')) return [];
  const names = [...source.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map((match) => match[1] ?? '');
  return names.flatMap((name) => {
    const to = target(file, name);
    if (to === null || to === folder) return [];
    if (rank(to) < 0) return [`${file}: ${name} is in no layer`];
    return rank(to) < rank(folder) ? [] : [`${file}: ${name} points up or sideways`];
  });
}

test('every folder is a layer', () => {
  const folders = new Set(files.filter((file) => file.includes('/')).map((file) => file.split('/')[0] ?? ''));
  expect([...folders].filter((folder) => rank(folder) < 0)).toEqual([]);
});

test('imports go one way', () => {
  expect(files.flatMap((file) => wrongImports(file, readFileSync(join(ROOT, file), 'utf8')))).toEqual([]);
});

test('a wrong import would be seen', () => {
  expect(wrongImports('base/x.ts', "import { a } from '../state/view';")).toHaveLength(1);
  expect(wrongImports('timeline/x.ts', "import '../widgets/y';")).toHaveLength(1);
  expect(wrongImports('views/x.ts', "import { h } from 'preact'; const y = import('../api/client');")).toEqual([]);
});
