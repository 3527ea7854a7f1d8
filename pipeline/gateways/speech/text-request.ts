import { isSpeechLanguage } from '../../../preload/contract/cloud/speech-languages.ts';
import { asObject } from '../../json-object.ts';

export type TextAction = 'IotTextSummary' | 'IotTranslate';

/** The body of a summary or translation (seed 003). */
export interface TextRequest {
  text: string;
  isStream: boolean;
  requestId: string;
  /** Summaries: counts only when streamed. */
  prompt: string;
  /** Translations. */
  source: string;
  target: string;
  notes: string[];
}

/** A text is what the client is told with code 4001. */
export function readTextRequest(body: string, action: TextAction, limits: { maxTextCharacters: number }): TextRequest | string {
  const notes: string[] = [];
  const message = parsed(body, notes);
  if (message === null) return 'the body is no JSON object';
  const { text } = message;
  if (typeof text !== 'string' || text.trim() === '') return 'text is missing';
  if (text.length > limits.maxTextCharacters) return `text is longer than ${limits.maxTextCharacters} characters`;
  const word = (key: string): string => {
    const value = message[key];
    if (value !== undefined && typeof value !== 'string') notes.push(`${key}: no text, left out`);
    return typeof value === 'string' ? value.slice(0, 4000) : '';
  };
  const source = word('source') || 'zh';
  const target = word('target') || 'en';
  if (action === 'IotTranslate') {
    for (const [key, language] of [
      ['source', source],
      ['target', target],
    ] as const)
      if (!isSpeechLanguage(language)) return `unsupported ${key} ${language.slice(0, 20)}`;
  }
  return {
    text,
    isStream: message.stream === true || message.stream === 'true',
    requestId: word('request_id').slice(0, 200),
    prompt: word('prompt'),
    source,
    target,
    notes,
  };
}

/** The document's own example of a summary lacks the comma behind its prompt: one between two lines is filled in, and noted. */
function parsed(body: string, notes: string[]): Record<string, unknown> | null {
  const given = objectOf(body);
  if (given !== null) return given;
  const repaired = objectOf(body.replaceAll(/("|\d|true|false|null)([ \t]*\r?\n[ \t]*")/gu, '$1,$2'));
  if (repaired !== null) notes.push('commas between lines were missing');
  return repaired;
}

function objectOf(text: string): Record<string, unknown> | null {
  try {
    return asObject(JSON.parse(text));
  } catch {
    return null;
  }
}
