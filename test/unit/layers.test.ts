import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { describe, expect, test } from 'vitest';

/**
 * docs/architecture.md as a table: what each layer may import. The most specific layer of a path counts. `packages` are
 * packages only these layers may use; every other package is free to all but the contract.
 */
const layers: Record<string, { imports: readonly string[]; packages?: readonly string[] | 'any' }> = {
  'preload/contract': { imports: [], packages: ['zod'] },
  preload: { imports: ['preload/contract'], packages: ['electron'] },
  'pipeline/gateways': {
    imports: ['preload/contract', 'pipeline', 'pipeline/audio', 'pipeline/agent/thing-model', 'pipeline/speech'],
    packages: 'any',
  },
  // What the speech services do with engines, whatever the wire.
  'pipeline/speech': { imports: ['preload/contract', 'pipeline', 'pipeline/audio', 'pipeline/engines', 'pipeline/turn'], packages: 'any' },
  'pipeline/boards': { imports: ['preload/contract', 'pipeline', 'pipeline/audio', 'pipeline/gateways'], packages: 'any' },
  'pipeline/turn': { imports: ['preload/contract', 'pipeline', 'pipeline/audio', 'pipeline/engines', 'pipeline/agent'], packages: 'any' },
  'pipeline/agent': { imports: ['preload/contract', 'pipeline', 'pipeline/engines', 'pipeline/agent/thing-model'], packages: 'any' },
  // What a product's boards can do, as data and as tools: gateways say it in their words.
  'pipeline/agent/thing-model': { imports: ['preload/contract', 'pipeline', 'pipeline/engines'], packages: 'any' },
  'pipeline/engines': { imports: ['preload/contract', 'pipeline', 'pipeline/audio', 'pipeline/threads'], packages: 'any' },
  'pipeline/audio': { imports: ['preload/contract', 'pipeline', 'pipeline/threads'], packages: 'any' },
  // Worker threads: calls to them, and their end.
  'pipeline/threads': { imports: ['preload/contract'], packages: 'any' },
  pipeline: { imports: ['preload/contract', 'pipeline/engines', 'pipeline/audio'], packages: 'any' },
  'main/core': {
    imports: [
      'preload/contract',
      'pipeline',
      'pipeline/gateways',
      'pipeline/boards',
      'pipeline/speech',
      'pipeline/turn',
      'pipeline/agent',
      'pipeline/agent/thing-model',
      'pipeline/engines',
      'pipeline/audio',
      'pipeline/threads',
    ],
    packages: 'any',
  },
  'main/loopback': { imports: ['preload/contract', 'main/core'], packages: 'any' },
  'main/electron': { imports: ['preload/contract', 'main/core', 'main/loopback'], packages: 'any' },
  'main/cli': {
    imports: ['preload/contract', 'main/core', 'main/loopback', 'pipeline', 'pipeline/audio', 'pipeline/boards', 'pipeline/engines'],
    packages: 'any',
  },
  renderer: { imports: ['preload/contract'], packages: 'any' },
};

const reservedPackages: Record<string, readonly string[]> = {
  electron: ['main/electron', 'preload'],
  'better-sqlite3': ['main/core'],
  serialport: ['main/core'],
  naudiodon: ['main/core'],
  react: ['renderer'],
  'react-dom': ['renderer'],
  aedes: ['pipeline/gateways'],
};

/** `import`, `export … from`, `import()` and worker URLs; comments removed first. */
function importsOf(source: string): string[] {
  const code = source.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
  const found: string[] = [];
  for (const pattern of [
    /^\s*(?:import|export)\b[^'"`;]*?\bfrom\s*['"]([^'"]+)['"]/gm,
    /^\s*import\s*['"]([^'"]+)['"]/gm,
    /\b(?:import|require)\s*\(\s*['"]([^'"]+)['"]/g,
    /new URL\(\s*['"](\.[^'"]+)['"]\s*,\s*import\.meta\.url/g,
  ])
    for (const match of code.matchAll(pattern)) if (match[1] !== undefined) found.push(match[1]);
  return found;
}

const root = resolve(import.meta.dirname, '../..');

function modulesUnder(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(ts|tsx|mts)$/.test(entry.name))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join('/'));
}

function layerOf(path: string): string | undefined {
  return Object.keys(layers)
    .filter((layer) => path.startsWith(`${layer}/`))
    .sort((a, b) => b.length - a.length)[0];
}

function packageOf(specifier: string): string {
  return specifier.startsWith('@') ? specifier.split('/').slice(0, 2).join('/') : (specifier.split('/')[0] ?? specifier);
}

function undeclaredEdges(path: string, source: string): string[] {
  const layer = layerOf(path);
  const rules = layer === undefined ? undefined : layers[layer];
  if (layer === undefined || rules === undefined) return [`${path}: in no layer`];
  const wrong: string[] = [];
  for (const specifier of importsOf(source)) {
    if (specifier.startsWith('node:')) {
      if (layer === 'preload/contract' || layer === 'renderer') wrong.push(`${path}: ${layer} may not import ${specifier}`);
    } else if (specifier.startsWith('.')) {
      const target = relative(root, resolve(root, dirname(path), specifier))
        .split(sep)
        .join('/');
      if (!/\.(ts|tsx|mts)$/.test(target)) continue;
      const targetLayer = layerOf(target);
      if (targetLayer !== layer && !rules.imports.includes(targetLayer ?? '')) wrong.push(`${path}: ${layer} may not import ${target}`);
    } else {
      const name = packageOf(specifier);
      const isOwn = rules.packages === 'any' || rules.packages?.includes(name) === true;
      const reservedFor = reservedPackages[name];
      if (!isOwn || (reservedFor !== undefined && !reservedFor.includes(layer)))
        wrong.push(`${path}: ${layer} may not import the package ${name}`);
    }
  }
  return wrong;
}

describe('layers', () => {
  const modules = ['main', 'preload', 'pipeline', 'renderer'].flatMap(modulesUnder);

  test('every layer has modules, so that an empty listing cannot pass', () => {
    const seen = new Set(modules.map(layerOf));
    expect(Object.keys(layers).filter((layer) => !seen.has(layer))).toEqual([]);
    expect(modules.length).toBeGreaterThan(50);
  });

  test('no module imports what its layer may not', () => {
    expect(modules.flatMap((path) => undeclaredEdges(path, readFileSync(join(root, path), 'utf8')))).toEqual([]);
  });

  test('an undeclared edge of each kind is found', () => {
    expect(undeclaredEdges('pipeline/turn/sample.ts', `import { a } from '../gateways/http.ts';`)).toHaveLength(1);
    expect(undeclaredEdges('main/core/sample.ts', `const e = await import('electron');`)).toHaveLength(1);
    expect(undeclaredEdges('renderer/app/sample.ts', `export {\n  x,\n} from '../../main/core/core.ts';`)).toHaveLength(1);
    expect(undeclaredEdges('preload/contract/sample.ts', `import 'node:fs';`)).toHaveLength(1);
    expect(undeclaredEdges('main/core/sample.ts', `// import 'electron'\nimport { z } from 'zod';`)).toEqual([]);
  });
});
