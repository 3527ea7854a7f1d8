import {
  factWords,
  groupWords,
  limitText,
  reasonWords,
  runStateWords,
  stateWords,
  valueText,
} from '../../../../preload/contract/check-words/common.ts';
import { errorText } from '../../../../preload/contract/check-words/errors.ts';
import { checkWords } from '../../../../preload/contract/check-words/index.ts';
import { isTold } from '../../../../preload/contract/check-words/values.ts';
import { filled, type InBoth } from '../../../../preload/contract/check-words/words.ts';
import type { CheckResult, CheckRun, CheckState, CheckValue } from '../../../../preload/contract/checks.ts';
import { html, type Markup } from '../../sessions/export/html.ts';
import { evidenceMarkup, type ReportSound } from './evidence.ts';
import { checkReportStyle } from './style.ts';
import { type ReportWords, reportWords } from './words.ts';

export interface PageOptions {
  language: 'en' | 'zh';
  sound: (runId: string, id: string) => ReportSound;
  soundLimitBytes: number;
  appVersion: string;
  madeWallMs: number;
  /** On paper nothing can be folded away. */
  isPrinted: boolean;
}

interface Page extends PageOptions {
  words: ReportWords;
}

/**
 * One HTML file that needs nothing else: no script, nothing fetched (its own policy forbids both), curves drawn, sounds inside. Whatever a
 * board, an operator or a list said is text. Several runs have an overview before them.
 */
export function htmlOfRuns(runs: readonly CheckRun[], options: PageOptions): string {
  const words = reportWords[options.language];
  const page: Page = { ...options, words };
  const [only] = runs;
  const isOnly = runs.length === 1 && only !== undefined;
  const title = isOnly ? `${words.title}: ${nameOf(only, words)}` : words.title;
  const body = html`<html lang="${options.language === 'zh' ? 'zh-CN' : 'en'}"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; media-src data:; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width"><title>${title}</title><style>${{ html: checkReportStyle }}</style></head><body>
<main>${isOnly ? '' : overview(runs, page)}${runs.map((run, i) => runMarkup(run, `run-${i + 1}`, isOnly, page))}</main><footer class="quiet">${words.identities}<br>${words.made(options.appVersion, localTime(options.madeWallMs))}</footer></body></html>
`;
  return `<!doctype html>\n${body.html}`;
}

function overview(runs: readonly CheckRun[], { words, language }: Page): Markup {
  const passed = runs.filter(({ state }) => state === 'passed').length;
  const times = runs.map(({ startedWallMs }) => startedWallMs);
  const row = (run: CheckRun, i: number) =>
    html`<tr><td><a href="#run-${i + 1}">${nameOf(run, words)}</a></td><td class="state ${run.state}">${runStateWords[run.state][language]}</td><td>${run.boardKind}</td><td class="list">${run.listName} ${run.listVersion}</td><td>${run.operator}</td><td class="time">${localTime(run.startedWallMs)}</td><td class="text">${failedIn(run, language)}</td></tr>
`;
  return html`<section><h1>${words.title}</h1><p>${words.yields(passed, runs.length)}</p>
<p class="quiet">${times.length === 0 ? '' : words.range(localTime(Math.min(...times)), localTime(Math.max(...times)))}</p>
<h2>${words.overview}</h2><table class="overview"><thead><tr><th>${words.serialNumber}</th><th>${words.verdict}</th><th>${words.boardKind}</th><th>${words.list}</th><th>${words.operator}</th><th>${words.started}</th><th>${words.failedChecks}</th></tr></thead><tbody>
${runs.map(row)}</tbody></table>${signatures(words)}</section>
`;
}

/** A question is its own title and ends with its mark: what stands between two of them is no comma. */
function failedIn({ results }: CheckRun, language: 'en' | 'zh'): string {
  return results
    .filter(({ state }) => state === 'failed')
    .map((result) => nameOfResult(result, language))
    .join(' · ');
}

function runMarkup(run: CheckRun, anchor: string, isOnly: boolean, page: Page): Markup {
  const { words, language } = page;
  const told = run.results.filter(hasDetails);
  return html`<section class="run${isOnly ? ' only' : ''}" id="${anchor}"><h1>${words.title} <small>${nameOf(run, words)}</small></h1>
<p><span class="verdict ${run.state}">${runStateWords[run.state][language]}</span>${words.counts(run.counts)}</p>
<div class="facts">${descriptions(runFacts(run, words))}${descriptions(boardFacts(run, language))}</div>
${resultTable(run.results, page)}
${
  told.length === 0
    ? ''
    : html`<h2>${words.details}</h2>
`
}${told.map((result) => detailMarkup(run, result, page))}${signatures(words)}</section>
`;
}

/** Of what passed or was skipped the table says it all, unless there is something to show for it. */
function hasDetails({ state, evidence, note, values }: CheckResult): boolean {
  const isPlain = state === 'passed' || state === 'skipped' || state === 'waiting';
  return !isPlain || evidence.length > 0 || note !== '' || values.some((value) => value.limit === null && isTold(value));
}

function runFacts(run: CheckRun, words: ReportWords): [string, string][] {
  return [
    [words.serialNumber, run.serialNumber || words.noSerialNumber],
    [words.boardKind, run.boardKind],
    [words.device, [run.productId, run.deviceName].filter((part) => part !== null && part !== '').join(' / ')],
    [words.firmware, run.firmwareVersion ?? ''],
    [words.list, `${run.listName} ${run.listVersion}`.trim()],
    [words.operator, run.operator],
    [words.started, localTime(run.startedWallMs)],
    [words.duration, seconds(run.durationMs)],
    [words.port, run.port ?? ''],
    [words.session, run.sessionId ?? ''],
    [words.run, run.id],
  ];
}

function boardFacts({ facts }: CheckRun, language: 'en' | 'zh'): [string, string][] {
  return Object.entries(facts).map(([name, value]) => [
    (Object.hasOwn(factWords, name) ? factWords[name]?.[language] : undefined) ?? name,
    // A number here is a size or an identity as often as a quantity: as it stands.
    typeof value === 'number' ? String(value) : valueText({ name, value }, language),
  ]);
}

function descriptions(facts: readonly (readonly [string, string])[]): Markup {
  return html`<dl>${facts.filter(([, value]) => value !== '').map(([label, value]) => html`<dt>${label}</dt><dd dir="auto">${value}</dd>`)}</dl>`;
}

/** Groups in the order in which they first come, each with its heading once, however a list mixes them. */
function resultTable(results: readonly CheckResult[], page: Page): Markup {
  const { words, language } = page;
  const groups = [...Map.groupBy(results, ({ group }) => group)].map(
    ([group, of]) => html`<tbody><tr class="group"><th colspan="5" scope="rowgroup">${groupWords[group][language]}</th></tr>
${of.map((result) => resultRows(result, page))}</tbody>
`,
  );
  return html`<table class="results"><thead><tr><th>${words.check}</th><th>${words.result}</th><th>${words.measured}</th><th>${words.limit}</th><th class="number">${words.took}</th></tr></thead>
${groups}</table>
`;
}

/** A row for the check, below it a row for each value that something was asked of; the rest stands in the details. */
function resultRows(result: CheckResult, { language }: Page): Markup {
  const asked = result.values.filter(({ limit }) => limit !== null);
  const reason = reasonOf(result, language);
  return html`<tr class="check${asked.length > 0 ? ' value' : ''}"><td><span dir="auto">${nameOfResult(result, language)}</span>${result.title === null ? '' : html`<br><small class="quiet">${titleOf(result.check, language)}</small>`}</td><td class="state ${result.state}">${mark(result.state)} ${stateWords[result.state][language]}</td><td class="text" colspan="2">${reason === '' ? '' : html`<small>${reason}</small>`}</td><td class="number">${result.durationMs === null ? '' : (result.durationMs / 1000).toFixed(1)}</td></tr>
${asked.map((value) => valueRow(result.check, value, language))}`;
}

function valueRow(check: string, value: CheckValue, language: 'en' | 'zh'): Markup {
  const met = value.isMet === null ? '' : value.isMet ? '✓' : '✗';
  return html`<tr class="value${value.isMet === false ? ' bad' : ''}"><td><small>${valueName(check, value.name, language)}</small></td><td>${met}</td><td class="text" dir="auto">${valueText(value, language)}</td><td class="text">${limitText(value, language)}</td><td></td></tr>
`;
}

function detailMarkup(run: CheckRun, result: CheckResult, page: Page): Markup {
  const { words, language, soundLimitBytes } = page;
  const known = Object.hasOwn(checkWords, result.check) ? checkWords[result.check] : undefined;
  const isOpen = page.isPrinted || result.state === 'failed' || result.state === 'person' || result.state === 'error';
  const told = result.values.filter((value) => value.limit === null && isTold(value));
  const next = nextOf(result, language);
  const sound = (id: string) => page.sound(run.id, id);
  const reason = reasonOf(result, language);
  return html`<details class="${result.state}"${{ html: isOpen ? ' open' : '' }}><summary><span class="${result.state}">${mark(result.state)}</span> <span dir="auto">${nameOfResult(result, language)}</span> <small>${result.check} · ${stateWords[result.state][language]}${reason === '' ? '' : ` · ${reason}`}</small></summary>
${known === undefined ? '' : html`<p class="quiet">${known.what[language]}</p>`}${result.error === null ? '' : html`<p class="bad">${words.couldNot(errorText(result.error, language))}</p>`}
${result.values.filter(({ isMet }) => isMet === false).map((value) => html`<p class="bad">${valueName(result.check, value.name, language)}: <span dir="auto">${valueText(value, language)}</span> (${words.limit}: ${limitText(value, language)})</p>`)}
${next === '' ? '' : html`<p class="next"><b>${words.next}</b> ${next}</p>`}${result.note === '' ? '' : html`<p><b>${words.note}</b> <span dir="auto">${result.note}</span></p>`}
${descriptions(told.map((value) => [valueName(result.check, value.name, language), valueText(value, language)]))}
${result.evidence.map((evidence) => evidenceMarkup(evidence, { language, words, sound, soundLimitBytes }))}</details>
`;
}

function signatures(words: ReportWords): Markup {
  const box = (by: string) =>
    html`<div><b>${by}</b>${[words.name, words.signature, words.date].map((line) => html`<p class="quiet">${line}</p>`)}</div>`;
  return html`<section><h2>${words.signOff}</h2><div class="sign">${[words.testedBy, words.approvedBy].map(box)}</div></section>`;
}

/** A board that has no number is known by its device, on the bench at least. */
function nameOf({ serialNumber, deviceName }: CheckRun, words: ReportWords): string {
  return serialNumber || deviceName || words.noSerialNumber;
}

/** As the list calls it, where it has words of its own: of its questions they are all that tells one from another. */
function nameOfResult({ check, title }: CheckResult, language: 'en' | 'zh'): string {
  return title ?? titleOf(check, language);
}

/** Also of checks that this version does not know: a list may have been written for another. */
function titleOf(check: string, language: 'en' | 'zh'): string {
  return (Object.hasOwn(checkWords, check) ? checkWords[check]?.title[language] : undefined) ?? check;
}

function valueName(check: string, name: string, language: 'en' | 'zh'): string {
  return named(Object.hasOwn(checkWords, check) ? checkWords[check]?.values : undefined, name, language) ?? name;
}

function nextOf(result: CheckResult, language: 'en' | 'zh'): string {
  if (result.next === null) return '';
  const words = Object.hasOwn(checkWords, result.check) ? checkWords[result.check]?.nexts : undefined;
  const sentence = named(words, result.next, language) ?? result.next;
  return filled(sentence, Object.fromEntries(result.values.map(({ name, value }) => [name, value])));
}

function reasonOf({ reason }: CheckResult, language: 'en' | 'zh'): string {
  return reason === null ? '' : (named(reasonWords, reason, language) ?? reason);
}

function named(words: Readonly<Record<string, InBoth>> | undefined, name: string, language: 'en' | 'zh'): string | undefined {
  return words !== undefined && Object.hasOwn(words, name) ? words[name]?.[language] : undefined;
}

function mark(state: CheckState): string {
  return { passed: '✓', failed: '✗', error: '!', person: '?', skipped: '–', waiting: '…', running: '…', asking: '?' }[state];
}

function seconds(ms: number): string {
  return ms < 60_000 ? `${(ms / 1000).toFixed(1)} s` : `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1000)} s`;
}

/** The factory's own time, with what it is ahead of UTC. */
export function localTime(wallMs: number): string {
  const minutes = -new Date(wallMs).getTimezoneOffset();
  const shifted = new Date(wallMs + minutes * 60_000).toISOString();
  const two = (value: number) => String(Math.floor(value)).padStart(2, '0');
  return `${shifted.slice(0, 10)} ${shifted.slice(11, 19)} ${minutes < 0 ? '-' : '+'}${two(Math.abs(minutes) / 60)}:${two(Math.abs(minutes) % 60)}`;
}
