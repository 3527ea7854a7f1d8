/**
 * The catalogue of docs/checks.md: every check with its needs, parameters, values and the limits it has of its own. `node
 * scripts/check-table.ts` writes it into the document; `--print` leaves the document as it is.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { infoOf } from '../main/core/checks/catalogue.ts';
import { allChecks } from '../main/core/checks/kinds/index.ts';
import { limitText } from '../preload/contract/check-words/common.ts';
import { checkWords } from '../preload/contract/check-words/index.ts';
import type { CheckInfo } from '../preload/contract/checks.ts';

const document = join(import.meta.dirname, '../docs/checks.md');
const marks = ['<!-- catalogue: node scripts/check-table.ts -->', '<!-- end of the catalogue -->'] as const;

const catalogue = allChecks.map((check) => sectionOf(infoOf(check))).join('\n\n');
if (process.argv.includes('--print')) process.stdout.write(`${catalogue}\n`);
else writeInto(catalogue);

function sectionOf({ name, needs, parameters, values }: CheckInfo): string {
  const words = checkWords[name];
  const told = values.map(({ name: value, unit, limit }) => {
    const asked = limitText({ limit, ...(unit !== null && { unit }) }, 'en');
    return `| \`${value}\` | ${words?.values[value]?.en ?? ''} | ${unit ?? ''} | ${asked.replaceAll('|', '\\|')} |`;
  });
  const presets = parameters.map((parameter) => `\`${parameter.name}\` ${JSON.stringify(parameter.preset)}`);
  return [
    `### ${name}`,
    '',
    `${words === undefined ? '' : `**${words.title.en} (${words.title.zh}).** ${words.what.en}`}`,
    '',
    [needs.length === 0 ? '' : `Needs: ${needs.join(', ')}.`, presets.length === 0 ? '' : `Parameters: ${presets.join(', ')}.`]
      .join(' ')
      .trim(),
    '',
    '| value | | unit | limit |',
    '| ----- | --- | ---- | ----- |',
    ...told,
  ]
    .join('\n')
    .replaceAll('\n\n\n', '\n');
}

function writeInto(text: string): void {
  const now = readFileSync(document, 'utf8');
  const [from, to] = [now.indexOf(marks[0]), now.indexOf(marks[1])];
  if (from < 0 || to < from) throw new Error(`${document} has no place for the catalogue`);
  writeFileSync(document, `${now.slice(0, from + marks[0].length)}\n\n${text}\n\n${now.slice(to)}`);
}
