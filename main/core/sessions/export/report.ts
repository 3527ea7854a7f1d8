import { closeSync, openSync, readSync, rmSync, statSync } from 'node:fs';
import type { ConversationRecord, PercentileRow, TurnRecord } from '../../../../preload/contract/sessions.ts';
import { latencyPercentiles } from '../../analysis/percentiles.ts';
import { createFileWriter, type FileWriter } from './file-writer.ts';
import { html, type Markup } from './html.ts';
import { latencyCurve, legend, waterfall } from './report-plots.ts';
import { reportStyle } from './report-style.ts';
import { type ReportLanguage, type ReportWords, reportWords } from './report-words.ts';
import { STEREO_RATE, writeOgg, writeWav } from './sound.ts';
import type { Extent, SessionSource, Track } from './source.ts';

/** Sound of all conversations together; mail takes a third more in base64. */
export const REPORT_SOUND_LIMIT_BYTES = 24 << 20;
/** A multiple of three: base64 of the parts is that of the whole. */
const BASE64_STRETCH_BYTES = 3 << 16;

export interface ReportOptions {
  language: ReportLanguage;
  includeIdentities: boolean;
  scratch: string;
  soundLimitBytes?: number;
}

/**
 * One HTML file that needs nothing else: no script, nothing fetched (its own policy forbids both), the sound inside as far as there is
 * room. Whatever a device, a user or an engine said is text.
 */
export function writeReport(source: SessionSource, out: FileWriter, options: ReportOptions): { turns: number; soundBytes: number } {
  const words = reportWords[options.language];
  const write = (markup: Markup) => out.write(markup.html);
  const { summary } = source;
  const name = summary.title === '' ? summary.id : summary.title;
  const turns = [...source.turns()];
  out.write('<!doctype html>\n');
  write(html`<html lang="${options.language}"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; media-src data:; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width"><title>${words.title}: ${name}</title><style>${{ html: reportStyle }}</style></head><body>
<h1>${name}</h1>
`);
  write(summaryList(source, words, options.includeIdentities));
  write(notesSection(source, words));
  write(latencySection(turns, words));
  let soundBytes = 0;
  for (const conversation of source.conversations) {
    const { conversationId, deviceName, gateway } = conversation;
    write(html`<section><h2>${words.conversation} ${deviceName === '' ? conversationId : deviceName} <small>${gateway}</small></h2>\n`);
    soundBytes += writeSound(source, out, conversation, words, { ...options, usedBytes: soundBytes });
    writeTurns(
      turns.filter((turn) => turn.conversationId === conversationId),
      write,
      words,
    );
    write(html`</section>\n`);
  }
  write(html`</body></html>\n`);
  return { turns: turns.length, soundBytes };
}

function summaryList({ summary }: SessionSource, words: ReportWords, includeIdentities: boolean): Markup {
  const facts: [string, string][] = [
    [words.session, summary.id],
    [words.started, new Date(summary.startedWallMs).toISOString()],
    [words.duration, clock(summary.durationUs)],
    [words.boards, summary.boards.join(', ')],
    [words.version, summary.appVersion],
    [words.note, summary.note],
  ];
  const rows = facts.filter(([, value]) => value !== '').map(([label, value]) => html`<dt>${label}</dt><dd dir="auto">${value}</dd>`);
  const dropped = summary.droppedCount === 0 ? html`` : html`<p class="bad">${words.dropped(summary.droppedCount)}</p>`;
  return html`<dl>${rows}</dl>${dropped}<p class="quiet">${includeIdentities ? words.identities.included : words.identities.redacted}</p>\n`;
}

function notesSection(source: SessionSource, words: ReportWords): Markup {
  const notes = source.notes();
  if (notes.length === 0) return html``;
  const rows = notes.map(
    ({ atUs, toUs, text }) =>
      html`<tr><td class="number">${clock(atUs)}${toUs === null ? '' : ` – ${clock(toUs)}`}</td><td class="text" dir="auto">${text}</td></tr>\n`,
  );
  return html`<section><h2>${words.notes}</h2><table><tbody>\n${rows}</tbody></table></section>\n`;
}

function latencySection(turns: readonly TurnRecord[], words: ReportWords): Markup {
  const rows = latencyPercentiles(turns).filter(({ n, censored }) => n > 0 || censored > 0);
  if (rows.length === 0) return html``;
  const cell = (value: number | null) => html`<td class="number">${value === null ? '—' : Math.round(value)}</td>`;
  const line = (row: PercentileRow) =>
    html`<tr><td>${words.partNames[row.key as keyof ReportWords['partNames']] ?? row.key}</td><td class="number">${row.n}</td><td class="number">${row.censored}</td>${[row.p50, row.p90, row.p95, row.p99, row.max].map(cell)}</tr>\n`;
  return html`<section><h2>${words.latency}</h2><p class="quiet">${words.latencyNote}</p>
${latencyCurve(turns, words)}
<table><thead><tr><th>${words.measure}</th><th>n</th><th>${words.censored}</th><th>p50</th><th>p90</th><th>p95</th><th>p99</th><th>max</th></tr></thead><tbody>
${rows.map(line)}</tbody></table></section>\n`;
}

function writeTurns(turns: readonly TurnRecord[], write: (markup: Markup) => void, words: ReportWords): void {
  const longestUs = turns.reduce((most, { breakdown }) => Math.max(most, breakdown.totalUs ?? 0), 0);
  write(html`<h3>${words.turns}</h3>${legend(words)}<table><thead><tr><th>${words.turn}</th><th>${words.at}</th><th>${words.user}</th><th>${words.heard}</th><th>${words.tools}</th><th>${words.total}, ms</th><th>${words.parts}</th></tr></thead><tbody>
`);
  for (const turn of turns) {
    const { breakdown } = turn;
    write(html`<tr class="${turn.outcome === 'failed' || turn.outcome === 'unanswered' ? 'bad' : ''}"><td>${turn.turnId}<br><small>${words.initiators[turn.initiator]}, ${words.outcomes[turn.outcome ?? 'open']}</small></td><td class="number">${clock(turn.startedUs)}</td><td class="text" dir="auto">${turn.userText}</td><td class="text" dir="auto">${replyMarkup(turn, words)}</td><td class="text" dir="auto">${toolsMarkup(turn)}</td><td class="number">${breakdown.totalUs === null ? '—' : Math.round(breakdown.totalUs / 1000)}</td><td>${breakdown.parts.length > 0 ? waterfall(breakdown.parts, longestUs, words) : ''}${breakdown.missing.length > 0 ? html`<small>${words.unknown(breakdown.missing.join(', '))}</small>` : ''}</td></tr>
`);
  }
  write(html`</tbody></table>\n`);
}

/** What was heard, and crossed out what was generated but cut off. */
function replyMarkup({ replyText, heardText }: TurnRecord, words: ReportWords): Markup {
  if (!replyText.startsWith(heardText) || replyText === heardText) return html`${heardText}`;
  return html`${heardText}<del title="${words.notHeard}">${replyText.slice(heardText.length)}</del>`;
}

function toolsMarkup({ toolCalls }: TurnRecord): Markup {
  return html`${toolCalls.map(
    ({ name, arguments: given, isOk, result }) =>
      html`<div>${isOk === false ? '✗' : isOk === null ? '…' : '✓'} <code>${name}</code> <small>${JSON.stringify(given) ?? ''} → ${JSON.stringify(result) ?? ''}</small></div>`,
  )}`;
}

/** Players of a conversation's two tracks; gives how many bytes they took. */
function writeSound(
  source: SessionSource,
  out: FileWriter,
  { conversationId }: ConversationRecord,
  words: ReportWords,
  options: ReportOptions & { usedBytes: number },
): number {
  const { scratch, usedBytes, soundLimitBytes = REPORT_SOUND_LIMIT_BYTES } = options;
  const extent = source.extent(conversationId);
  const isSilent = (['uplink', 'downlink'] as const).every((track) => source.codecs(conversationId, track).length === 0);
  if (extent === null || isSilent) {
    out.write(html`<p class="quiet">${words.noSound}</p>\n`.html);
    return 0;
  }
  const sizeBytes = (['uplink', 'downlink'] as const).reduce((sum, track) => sum + expectedBytes(source, conversationId, track, extent), 0);
  if (usedBytes + sizeBytes > soundLimitBytes) {
    out.write(html`<p class="quiet">${words.soundTooLarge(Math.round(soundLimitBytes / (1 << 20)))}</p>\n`.html);
    return 0;
  }
  let written = 0;
  out.write(html`<h3>${words.sound}</h3>`.html);
  for (const track of ['uplink', 'downlink'] as const) {
    if (source.codecs(conversationId, track).length === 0) continue;
    const path = `${scratch}.sound`;
    try {
      const isOgg = isOpus(source, conversationId, track);
      {
        using file = createFileWriter(path);
        if (isOgg) writeOgg(source, file, { conversationId, extent, track });
        else writeWav(source, file, { conversationId, extent, tracks: [track], sampleRate: STEREO_RATE, scratch });
      }
      out.write(
        html`<figure><figcaption>${track === 'uplink' ? words.user : words.agent}</figcaption><audio controls preload="metadata" src="data:audio/${isOgg ? 'ogg' : 'wav'};base64,`
          .html,
      );
      copyBase64(path, out);
      out.write('"></audio></figure>\n');
      written += statSync(path).size;
    } finally {
      rmSync(path, { force: true });
    }
  }
  return written;
}

function isOpus(source: SessionSource, conversationId: string, track: Track): boolean {
  return source.codecs(conversationId, track).every(({ codec }) => codec === 'opus');
}

/** Before anything is written: pages and the packets that stand for gaps add a little, PCM is decoded over the whole length. */
function expectedBytes(source: SessionSource, conversationId: string, track: Track, { fromUs, toUs }: Extent): number {
  const seconds = (toUs - fromUs) / 1e6;
  if (!isOpus(source, conversationId, track)) return seconds * STEREO_RATE * 2;
  return source.codecs(conversationId, track).reduce((sum, { bytes, packets }) => sum + bytes + packets, seconds * 50);
}

function copyBase64(path: string, out: FileWriter): void {
  const file = openSync(path, 'r');
  try {
    const stretch = Buffer.alloc(BASE64_STRETCH_BYTES);
    for (let at = 0; ; ) {
      const count = readSync(file, stretch, 0, stretch.length, at);
      if (count === 0) return;
      out.write(stretch.toString('base64', 0, count));
      at += count;
    }
  } finally {
    closeSync(file);
  }
}

function clock(us: number): string {
  const seconds = Math.max(0, us) / 1e6;
  const part = (value: number) => String(Math.floor(value)).padStart(2, '0');
  return `${part(seconds / 3600)}:${part((seconds / 60) % 60)}:${part(seconds % 60)}.${Math.floor((seconds * 10) % 10)}`;
}
