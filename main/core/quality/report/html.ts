import type { SuiteCaseResult, SuiteCheck, SuiteRun, SuiteTurn } from '../../../../preload/contract/quality.ts';
import { type BreakdownPart, breakdownPart } from '../../../../preload/contract/sessions.ts';
import { html, type Markup } from '../../sessions/export/html.ts';
import { legend, waterfall } from '../../sessions/export/report-plots.ts';
import { reportStyle } from '../../sessions/export/report-style.ts';
import { type ReportWords, reportWords } from '../../sessions/export/report-words.ts';
import { partOwners } from '../run/simulated-facts.ts';
import { type SuiteWords, suiteWords } from './words.ts';

const suiteStyle = `
details{margin:.5rem 0;border-inline-start:3px solid var(--line);padding-inline-start:.8rem}details[open]>summary{margin-bottom:.4rem}
summary{cursor:pointer;font-weight:600}summary small{font-weight:400}.failed,.error{border-color:var(--bad)}
.mark{display:inline-block;width:1.2em}code{overflow-wrap:anywhere;white-space:pre-wrap}
`;

/** One HTML file that needs nothing else: no script, nothing fetched. What was recorded or written in the suite is text. */
export function htmlOfRun(run: SuiteRun, language: 'en' | 'zh'): string {
  const [words, sessionWords] = [suiteWords[language], reportWords[language]];
  const page = html`<html lang="${language}"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width"><title>${words.title}: ${run.name}</title><style>${{ html: reportStyle + suiteStyle }}</style></head><body>
<h1>${run.name}</h1>
<dl><dt>${words.result}</dt><dd class="${run.state === 'passed' ? '' : 'bad'}">${words.run[run.state]}: ${words.counts(run.counts)}</dd><dt>${words.started}</dt><dd>${new Date(run.startedWallMs).toISOString()}</dd><dt>${words.duration}</dt><dd>${(run.durationMs / 1000).toFixed(1)} s</dd></dl>
${run.budget.length === 0 ? '' : html`<section><h2>${words.budget}</h2>${checkTable(run.budget, words)}</section>`}
<section><h2>${words.cases}</h2>${legend(sessionWords)}
${run.cases.map((each) => caseMarkup(each, words, sessionWords))}</section></body></html>
`;
  return `<!doctype html>\n${page.html}`;
}

function caseMarkup(each: SuiteCaseResult, words: SuiteWords, sessionWords: ReportWords): Markup {
  const isOpen = each.state === 'failed' || each.state === 'error';
  const facts = [words.how[each.how], each.subject, each.sessionId === null ? '' : `${words.session} ${each.sessionId}`];
  const golden = each.goldenId === null ? '' : `${words.golden} ${each.goldenId}`;
  const error = each.error === null ? '' : html`<p class="bad">${words.couldNotRun(each.error.code, JSON.stringify(each.error.data))}</p>`;
  return html`<details class="${each.state}"${{ html: isOpen ? ' open' : '' }}><summary><span class="mark">${mark(each.state)}</span>${each.name} <small>${words.state[each.state]}${each.line === null ? '' : `, ${words.line(each.line)}`}</small></summary>
<p class="quiet">${[...facts, golden].filter((fact) => fact !== '').join(' · ')}</p>${error}
${each.checks.length === 0 ? '' : checkTable(each.checks, words)}
${each.turns.length === 0 ? '' : turnTable(each.turns, sessionWords)}</details>
`;
}

function mark(state: SuiteCaseResult['state']): string {
  return { passed: '✓', failed: '✗', error: '!', skipped: '–', waiting: '…', running: '…' }[state];
}

function checkTable(checks: readonly SuiteCheck[], words: SuiteWords): Markup {
  const row = ({
    text,
    line,
    isMet,
    found,
    reason,
    place,
  }: SuiteCheck) => html`<tr class="${isMet ? '' : 'bad'}"><td>${isMet ? '✓' : '✗'}</td><td class="text"><code>${text}</code>${line === null ? '' : html` <small>${words.line(line)}</small>`}</td><td class="text" dir="auto">${found}${place === null || isMet ? '' : html`<br><small>${words.at((place.atUs / 1e6).toFixed(3), place.turnId)}</small>`}${reason === null ? '' : html`<br><small>${words.reasons[reason]}</small>`}</td></tr>
`;
  return html`<table><thead><tr><th></th><th>${words.expected}</th><th>${words.found}</th></tr></thead><tbody>
${checks.map(row)}</tbody></table>`;
}

function turnTable(turns: readonly SuiteTurn[], words: ReportWords): Markup {
  const longestUs = turns.reduce((most, { totalMs }) => Math.max(most, (totalMs ?? 0) * 1000), 0);
  const row = (turn: SuiteTurn) => {
    const parts = partsOf(turn);
    return html`<tr class="${turn.outcome === 'failed' || turn.outcome === 'unanswered' ? 'bad' : ''}"><td>${turn.turnId}<br><small>${words.initiators[turn.initiator]}, ${words.outcomes[turn.outcome ?? 'open']}</small></td><td class="text" dir="auto">${turn.userText}</td><td class="text" dir="auto">${turn.replyText}</td><td class="number">${turn.totalMs === null ? '—' : Math.round(turn.totalMs)}</td><td>${parts.length > 0 ? waterfall(parts, longestUs, words) : ''}</td></tr>
`;
  };
  return html`<table><thead><tr><th>${words.turn}</th><th>${words.user}</th><th>${words.agent}</th><th>${words.total}, ms</th><th>${words.parts}</th></tr></thead><tbody>
${turns.map(row)}</tbody></table>`;
}

function partsOf({ parts }: SuiteTurn): BreakdownPart[] {
  let fromUs = 0;
  return breakdownPart.shape.key.options.flatMap((key) => {
    const ms = parts[key];
    if (ms === undefined) return [];
    const durationUs = Math.round(ms * 1000);
    const part = { key, owner: partOwners[key], fromUs, toUs: fromUs + durationUs, durationUs };
    fromUs += durationUs;
    return [part];
  });
}
