import { ruleProblem } from '../../../preload/contract/redaction.ts';
import type { SessionExportFormat, SessionSummary } from '../../../preload/contract/sessions.ts';

export interface ExportChoices {
  format: SessionExportFormat;
  conversationId: string;
  track: 'uplink' | 'uplink-denoised' | 'downlink';
  content: 'turns' | 'events' | 'notes';
  language: 'en' | 'zh';
  includeIdentities: boolean;
  isSoundLeftOut: boolean;
  isSaidLeftOut: boolean;
  /** As typed: one rule a line. */
  rules: string;
}

export const formats: readonly SessionExportFormat[] = [
  'talkbench',
  'html',
  'wav',
  'ogg',
  'srt',
  'vtt',
  'csv',
  'jsonl',
  'perfetto',
  'otlp',
];

export const ofOneConversation: readonly SessionExportFormat[] = ['wav', 'ogg', 'srt', 'vtt'];
const ofSound: readonly SessionExportFormat[] = ['wav', 'ogg'];
const ofWords: readonly SessionExportFormat[] = ['srt', 'vtt'];

/** Why a format cannot be had with these choices; null when it can. */
export function formatProblem(
  format: SessionExportFormat,
  session: Pick<SessionSummary, 'state'>,
  { isSoundLeftOut, isSaidLeftOut }: Pick<ExportChoices, 'isSoundLeftOut' | 'isSaidLeftOut'>,
): 'needsClosed' | 'needsSound' | 'needsSaid' | null {
  if (format === 'talkbench' && session.state === 'recording') return 'needsClosed';
  if (isSoundLeftOut && ofSound.includes(format)) return 'needsSound';
  if (isSaidLeftOut && ofWords.includes(format)) return 'needsSaid';
  return null;
}

export function rulesOf(text: string): string[] {
  const lines = text.split('\n').map((line) => line.trim());
  return [...new Set(lines.filter((line) => line !== ''))];
}

/** The first rule that cannot be looked for, and why; `problem` null: it is too short. */
export function badRule(rules: readonly string[]): { rule: string; problem: string | null } | null {
  for (const rule of rules) {
    if (rule.length < 2) return { rule, problem: null };
    const problem = ruleProblem(rule);
    if (problem !== null) return { rule, problem };
  }
  return null;
}

export function redactionOf({ includeIdentities, isSoundLeftOut, isSaidLeftOut, rules }: ExportChoices) {
  return {
    includeIdentities,
    redactions: rulesOf(rules),
    leaveOut: [...(isSoundLeftOut ? (['sound'] as const) : []), ...(isSaidLeftOut ? (['transcripts'] as const) : [])],
  };
}
