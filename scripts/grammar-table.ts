/**
 * The tables of docs/grammars.md: how many rows of each file each grammar has, and of what kind the rest is.
 * `node scripts/grammar-table.ts [--plain] [FILE…]`; without files, the project's own fixtures. `--plain` also lists the lines that
 * no grammar knows on standard error, for a look at what was missed.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { withoutHostPrefix } from '../main/core/logs/grammar/interpreter.ts';
import { parseFile } from '../main/core/logs/parser.ts';

/** Kinds of lines that no grammar need know; the first that fits. */
const plainKinds: readonly [RegExp, string][] = [
  [/^\s*$/, 'blank'],
  [/^(?:#|\/\*|\/\/|==? |={2,} |\.\. |```|\.{2,}$|-{2,}\s*$|\d(?:\.\d+)+ )/, 'document'],
  [/^(?:[❯$>]|\d\. \/dev|Select serial port|\/Users\/)/, 'shell'],
  [/^(?:\+-|\|)/, 'drawing'],
  [/\ufffd/, 'binary'],
];

const fixtures = join(import.meta.dirname, '../test/fixtures/logs');
const given = process.argv.slice(2);
const named = given.filter((argument) => argument !== '--plain');
const files = named.length > 0 ? named : readdirSync(fixtures).map((name) => join(fixtures, name));

process.stdout.write('| sample | lines | rows by grammar | plain |\n| --- | --: | --- | --- |\n');
for (const file of files) process.stdout.write(`${tableRow(file)}\n`);

function tableRow(file: string): string {
  const name = basename(file);
  const rows = [...parseFile(readFileSync(file))];
  const plain = rows.filter(({ grammar }) => grammar === 'plain').map(({ seq, text }) => ({ seq, text, kind: kindOf(text) }));
  if (given.includes('--plain'))
    for (const { seq, text, kind } of plain) if (kind !== 'blank') process.stderr.write(`${name}:${seq + 1}: (${kind}) ${text}\n`);
  const known = rows.flatMap(({ grammar }) => (grammar === 'plain' ? [] : [grammar]));
  return `| ${name} | ${rows.length} | ${counted(known)} | ${counted(plain.map(({ kind }) => kind))} |`;
}

function kindOf(text: string): string {
  const line = withoutHostPrefix(text);
  return plainKinds.find(([pattern]) => pattern.test(line))?.[1] ?? 'application or prose';
}

/** `at 12, blank 3`, most first. */
function counted(names: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  const parts = [...counts].sort((a, b) => b[1] - a[1]).map(([name, count]) => `${name} ${count}`);
  return parts.join(', ');
}
