/**
 * The table of docs/grammars.md: how many rows of each file each grammar has. `node scripts/grammar-table.ts [FILE…]`; without
 * files, the project's own fixtures. With `--plain`, the lines no grammar knows, for a look at what was missed.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseFile } from '../main/core/logs/parser.ts';
import type { LogRow } from '../preload/contract/logs.ts';

const fixtures = join(import.meta.dirname, '../test/fixtures/logs');
const given = process.argv.slice(2);
const showsPlain = given.includes('--plain');
const named = given.filter((argument) => argument !== '--plain');
const files = named.length > 0 ? named : readdirSync(fixtures).map((name) => join(fixtures, name));

/** Kinds of lines that no grammar claims, and need none. The first that fits. */
const plainKinds: readonly [RegExp, string][] = [
  [/^\s*$/, 'blank'],
  [/^\s*(?:#|\/\*|\/\/|=+ \d|```|\.{3,}|-{2,}\s*$)/, 'remarks of the collection'],
  [/^\s*(?:[❯$>]|\d\. |Select serial port|\S+\/bin\/)/, 'shell and menus'],
  [/^\s*\S+[\d,]*B?,? +?\S+\.nvm|^\d+B\s/, 'listings'],
];

const rows: string[] = ['| sample | lines | rows by grammar | plain |', '| --- | --: | --- | --- |'];
for (const file of files) {
  const parsed = [...parseFile(readFileSync(file))];
  const plain = parsed.filter(({ grammar }) => grammar === 'plain');
  const known = countBy(parsed.filter(({ grammar }) => grammar !== 'plain').map(({ grammar }) => grammar));
  rows.push(`| ${basename(file)} | ${parsed.length} | ${listed(known)} | ${listed(countBy(plain.map(kindOf)))} |`);
  if (showsPlain)
    for (const row of plain) if (row.text.trim() !== '') process.stderr.write(`${basename(file)}:${row.seq + 1}: ${row.text}\n`);
}
process.stdout.write(`${rows.join('\n')}\n`);

function kindOf({ text }: LogRow): string {
  return plainKinds.find(([pattern]) => pattern.test(text))?.[1] ?? 'prose or application text';
}

function countBy(names: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

function listed(counts: Map<string, number>): string {
  return [...counts]
    .sort((a, b) => b[1] - a[1])
    .map(([name, count]) => `${name} ${count}`)
    .join(', ');
}
