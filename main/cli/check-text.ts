import {
  factWords,
  limitText,
  needWords,
  questionWords,
  reasonWords,
  runStateWords,
  stateWords,
  valueText,
} from '../../preload/contract/check-words/common.ts';
import { errorText } from '../../preload/contract/check-words/errors.ts';
import { checkWords } from '../../preload/contract/check-words/index.ts';
import { isTold } from '../../preload/contract/check-words/values.ts';
import { filled } from '../../preload/contract/check-words/words.ts';
import type {
  CheckInfo,
  CheckListDocument,
  CheckQuestion,
  CheckReason,
  CheckResult,
  CheckRun,
  CheckRunSummary,
  CheckValue,
  CheckYield,
} from '../../preload/contract/checks.ts';

export type Language = 'en' | 'zh';

const marks: Readonly<Record<CheckResult['state'], string>> = {
  waiting: '…',
  running: '…',
  asking: '…',
  passed: '✓',
  failed: '✗',
  skipped: '–',
  person: '?',
  error: '!',
};
const headings = {
  en: { next: 'next', note: 'note', session: 'session', serial: 'serial', noSerial: 'none', device: 'device', facts: 'board' },
  zh: { next: '下一步', note: '备注', session: '会话', serial: '序列号', noSerial: '无', device: '设备', facts: '板子' },
};
const noHistory = {
  en: 'No runs are on record that fit. Begin one: talkbench check --virtual --list quick, or --port ADDRESS for a board of yours.',
  zh: '没有符合条件的检查记录。可先做一次：talkbench check --virtual --list quick；检查自己的板子用 --port 地址。',
};

const separator = { en: ', ', zh: '、' };
const library = {
  en: {
    ...{ own: 'own', needs: 'needs', parameter: 'parameter', value: 'value', firstPass: 'first pass', inTheEnd: 'in the end' },
    checks: (count: number) => `${count} ${count === 1 ? 'check' : 'checks'}`,
    boards: (count: number) => `${count} ${count === 1 ? 'board' : 'boards'}`,
    runs: (count: number) => `${count} ${count === 1 ? 'run' : 'runs'}`,
    of: (part: number, whole: number) => `${part} of ${whole}`,
  },
  zh: {
    ...{ own: '自有', needs: '需要', parameter: '参数', value: '测量值', firstPass: '一次通过', inTheEnd: '最终通过' },
    checks: (count: number) => `${count} 项检查`,
    boards: (count: number) => `${count} 块板`,
    runs: (count: number) => `${count} 次检查`,
    of: (part: number, whole: number) => `${whole} 块中 ${part} 块`,
  },
};

/** A check's result: a line, under it what was measured, then what to do. */
export function resultText(result: CheckResult, language: Language): string {
  const { state, values, reason, error, note, durationMs } = result;
  const took = durationMs === null ? '' : `  (${(durationMs / 1000).toFixed(1)} s)`;
  const why = [
    state === 'passed' || state === 'failed' ? '' : stateWords[state][language],
    reason === null ? '' : (reasonWords[reason as CheckReason]?.[language] ?? reason),
    error === null ? '' : errorText(error, language),
  ].filter((part) => part !== '');
  const next = nextText(result, language);
  return [
    `${marks[state]} ${titleOf(result, language)}${took}${why.length === 0 ? '' : `  ${why.join(': ')}`}`,
    ...valueLines(values, (name) => checkWords[result.check]?.values[name]?.[language], language).map((line) => `    ${line}`),
    ...(next === null ? [] : [`    → ${headings[language].next}: ${next}`]),
    ...(note === '' ? [] : [`    ${headings[language].note}: ${note.replaceAll('\n', ' · ')}`]),
  ].join('\n');
}

/** What was measured beside what it had to be. */
export function valueLines(values: readonly CheckValue[], wordsOf: (name: string) => string | undefined, language: Language): string[] {
  return table(
    values.filter(isTold).map((value) => {
      const mark = value.isMet === null ? (value.limit === null ? ' ' : '?') : value.isMet ? '✓' : '✗';
      return [mark, wordsOf(value.name) ?? value.name, valueText(value, language), limitText(value, language)];
    }),
  );
}

export function titleOf({ check, title, id }: CheckResult, language: Language): string {
  const words = title ?? checkWords[check]?.title[language] ?? check;
  return words === check ? id : `${words} (${id})`;
}

/** What to do about a failure, filled from what was measured. */
export function nextText({ check, next, values }: CheckResult, language: Language): string | null {
  if (next === null) return null;
  const words = checkWords[check]?.nexts[next]?.[language];
  return words === undefined ? next : filled(words, Object.fromEntries(values.map(({ name, value }) => [name, value])));
}

export function questionText({ ask, data }: CheckQuestion, language: Language): string {
  return filled(questionWords[ask][language], data);
}

export function checkRunText(run: CheckRun, language: Language): string {
  const { counts, facts, sessionId, serialNumber, deviceName } = run;
  const told = (['passed', 'failed', 'skipped', 'person', 'error'] as const)
    .filter((state) => counts[state] > 0)
    .map((state) => `${counts[state]} ${stateWords[state][language]}`);
  const learnt = Object.entries(facts).map(
    ([name, fact]) =>
      `${factWords[name]?.[language] ?? name} ${typeof fact === 'number' ? fact : valueText({ name, value: fact }, language)}`,
  );
  return [
    `${run.listName} ${run.listVersion}`.trim(),
    ...run.results.map((result) => resultText(result, language)),
    ...(learnt.length === 0 ? [] : [`${headings[language].facts}: ${learnt.join(', ')}`]),
    `${headings[language].serial}: ${serialNumber || headings[language].noSerial}`,
    ...(serialNumber !== '' || deviceName === null ? [] : [`${headings[language].device}: ${deviceName}`]),
    ...(sessionId === null ? [] : [`${headings[language].session}: ${sessionId}`]),
    `${runStateWords[run.state][language]}: ${told.join(', ')} (${(run.durationMs / 1000).toFixed(1)} s)`,
  ].join('\n');
}

export function listsText(lists: readonly CheckListDocument[], language: Language): string {
  return lists
    .map(({ id, names, version, checkCount, boardKinds, isBuiltIn }) =>
      [
        id,
        names[language],
        version,
        checkCountText(checkCount, language),
        boardKinds.join(',') || '*',
        isBuiltIn ? '' : library[language].own,
      ].join('\t'),
    )
    .join('\n');
}

export function catalogueText(checks: readonly CheckInfo[], language: Language): string {
  return checks
    .flatMap(({ name, needs, parameters, values }) => [
      `${name}\t${checkWords[name]?.title[language] ?? ''}${needs.length === 0 ? '' : `\t${library[language].needs} ${needs.map((need) => needWords[need][language]).join(separator[language])}`}`,
      ...parameters.map((parameter) => `  ${library[language].parameter} ${parameter.name}\t${JSON.stringify(parameter.preset)}`),
      ...values.map(
        ({ name: value, unit, limit }) =>
          `  ${library[language].value} ${value}\t${checkWords[name]?.values[value]?.[language] ?? ''}\t${limit === null ? '' : limitText({ name: value, limit, ...(unit !== null && { unit }) }, language)}`,
      ),
    ])
    .join('\n');
}

export function historyText(runs: readonly CheckRunSummary[], language: Language): string {
  const line = (run: CheckRunSummary) => [
    new Date(run.startedWallMs).toISOString().slice(0, 19).replace('T', ' '),
    run.serialNumber || run.deviceName || run.port || '—',
    runStateWords[run.state][language],
    run.listName,
    (run.failedItems ?? run.failed.map((check) => ({ check, title: null })))
      .map(({ check, title }) => title ?? checkWords[check]?.title[language] ?? check)
      .join(separator[language]),
    run.id,
  ];
  return runs.length === 0 ? noHistory[language] : table(runs.map(line)).join('\n');
}

export function checkCountText(count: number, language: Language): string {
  return library[language].checks(count);
}

export function yieldText({ boards, passedFirst, passedLast, runs, pareto, days }: CheckYield, language: Language): string {
  const words = library[language];
  const share = (part: number) => (boards === 0 ? '—' : `${((100 * part) / boards).toFixed(1)} %`);
  return [
    `${words.boards(boards)}, ${words.runs(runs)}`,
    `${words.firstPass} ${passedFirst} (${share(passedFirst)}), ${words.inTheEnd} ${passedLast} (${share(passedLast)})`,
    ...table(
      pareto.map((each) => [
        each.question === undefined
          ? `${checkWords[each.check]?.title[language] ?? each.check} (${each.check})`
          : `${each.question.title} (${each.question.list} ${each.question.id})`,
        words.boards(each.boards),
        words.runs(each.runs),
        `${(100 * each.cumulative).toFixed(0)} %`,
      ]),
    ),
    ...table(days.map((day) => [day.day, words.of(day.passedFirst, day.boards)])),
  ].join('\n');
}

/** Columns side by side, Chinese characters two wide. */
export function table(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows) for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, widthOf(cell));
  return rows.map((row) =>
    row
      .map((cell, i) => cell + ' '.repeat((widths[i] ?? 0) - widthOf(cell)))
      .join('  ')
      .trimEnd(),
  );
}

function widthOf(text: string): number {
  return Array.from(text).reduce(
    (sum, character) =>
      sum + (/[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/u.test(character) ? 2 : 1),
    0,
  );
}
