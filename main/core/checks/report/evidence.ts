import { labelWords } from '../../../../preload/contract/check-words/common.ts';
import type { CheckEvidence } from '../../../../preload/contract/checks.ts';
import { html, type Markup } from '../../sessions/export/html.ts';
import { curvePlot } from './curve.ts';
import type { ReportWords } from './words.ts';

/** What became of a sound: a WAV, no longer there, larger than what is left of the room, or on paper. */
export type ReportSound = Uint8Array | 'gone' | 'too-large' | 'printed';

export interface EvidenceOptions {
  language: 'en' | 'zh';
  words: ReportWords;
  sound: (id: string) => ReportSound;
  soundLimitBytes: number;
}

/** What a verdict rests on, as far as it can be shown outside the bench. */
export function evidenceMarkup(evidence: CheckEvidence, options: EvidenceOptions): Markup {
  const { words, language } = options;
  switch (evidence.kind) {
    case 'rows': {
      const { port, fromSeq, toSeq, lines } = evidence;
      const more = Math.max(0, toSeq - fromSeq + 1 - lines.length);
      return captioned(words.rows(port, fromSeq, toSeq, more), lines);
    }
    case 'lines':
      return captioned(labelText(evidence.label, language), evidence.lines);
    case 'packets': {
      const { track, fromIndex, toIndex, conversationId } = evidence;
      return html`<p class="quiet">${words.packets(track, fromIndex, toIndex, conversationId)}</p>\n`;
    }
    case 'turn':
      return html`<figure><figcaption class="quiet">${words.turn(evidence.turnId, evidence.conversationId)}</figcaption><blockquote>${said(words.user, evidence.userText)}${said(words.agent, evidence.replyText)}</blockquote></figure>\n`;
    case 'sound':
      return html`<figure><figcaption class="quiet">${words.sound(labelText(evidence.label, language), (evidence.durationMs / 1000).toFixed(1))}</figcaption>${soundMarkup(evidence.id, options)}</figure>\n`;
    case 'curve': {
      const label = labelText(evidence.label, language);
      const axes = { label, x: labelText(evidence.x, language), y: labelText(evidence.y, language) };
      return html`<figure><figcaption class="quiet">${label}</figcaption>${curvePlot(evidence.points, axes)}</figure>\n`;
    }
  }
}

function said(who: string, text: string): Markup {
  return text === '' ? html`` : html`<p dir="auto"><small>${who}</small> ${text}</p>`;
}

function captioned(caption: string, lines: readonly string[]): Markup {
  const text =
    lines.length === 0 ? html`` : html`<pre dir="auto"${{ html: isNarrow(lines) ? ' class="narrow"' : '' }}>${lines.join('\n')}</pre>`;
  return html`<figure class="lines"><figcaption class="quiet">${caption}</figcaption>${text}</figure>\n`;
}

/** Short answers of a module, say: on paper two columns of them are a page instead of two. */
function isNarrow(lines: readonly string[]): boolean {
  return lines.length > 16 && lines.every((line) => line.length <= 52);
}

function soundMarkup(id: string, { sound, words, soundLimitBytes }: EvidenceOptions): Markup {
  const found = sound(id);
  if (found === 'gone') return html`<p class="quiet">${words.soundGone}</p>`;
  if (found === 'printed') return html`<p class="quiet">${words.soundNotPrinted}</p>`;
  if (found === 'too-large') return html`<p class="quiet">${words.soundLeftOut(Math.round(soundLimitBytes / (1 << 20)))}</p>`;
  const base64 = Buffer.from(found.buffer, found.byteOffset, found.byteLength).toString('base64');
  return html`<audio controls preload="metadata" src="data:audio/wav;base64,${{ html: base64 }}"></audio>`;
}

function labelText(label: string, language: 'en' | 'zh'): string {
  return Object.hasOwn(labelWords, label) ? (labelWords[label]?.[language] ?? label) : label;
}
