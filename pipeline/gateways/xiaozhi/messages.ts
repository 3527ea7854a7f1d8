import { withoutParameters } from '../../secret-words.ts';
import { parseObject } from '../twetalk/board-text.ts';

export type ListenMode = 'auto' | 'manual' | 'realtime';

/** What a board says in JSON once its channel is open (reference/voice.md §4.3). */
export type BoardMessage =
  | { kind: 'hello'; body: Record<string, unknown> }
  | { kind: 'listen-start'; mode: ListenMode }
  | { kind: 'listen-stop' }
  | { kind: 'listen-detect'; text: string }
  | { kind: 'abort'; reason: string }
  | { kind: 'mcp'; payload: unknown }
  | { kind: 'goodbye'; sessionId: string }
  /** Older firmware's description of its things; newer boards have MCP. */
  | { kind: 'iot' }
  | { kind: 'unknown'; type: string };

/** Longer than anybody types. */
const LONGEST_TEXT = 4096;

/** Null for what is no JSON object. Firmware writes text without escaping it: a quote in a wake word makes it one. */
export function readBoardMessage(text: string): BoardMessage | null {
  const body = parseObject(text);
  if (body === null) return null;
  const type = typeof body.type === 'string' ? body.type : '';
  switch (type) {
    case 'hello':
      return { kind: 'hello', body };
    case 'listen':
      return readListen(body);
    case 'abort':
      return { kind: 'abort', reason: typeof body.reason === 'string' ? body.reason.slice(0, 100) : '' };
    case 'mcp':
      return { kind: 'mcp', payload: body.payload };
    case 'goodbye':
      return { kind: 'goodbye', sessionId: typeof body.session_id === 'string' ? body.session_id : '' };
    case 'iot':
      return { kind: 'iot' };
    default:
      return { kind: 'unknown', type: type.slice(0, 60) };
  }
}

function readListen(body: Record<string, unknown>): BoardMessage {
  switch (body.state) {
    case 'start':
      // A mode nobody knows is what boards do without one.
      return { kind: 'listen-start', mode: body.mode === 'manual' || body.mode === 'realtime' ? body.mode : 'auto' };
    case 'stop':
      return { kind: 'listen-stop' };
    case 'detect':
      return { kind: 'listen-detect', text: typeof body.text === 'string' ? body.text.slice(0, LONGEST_TEXT) : '' };
    default:
      return { kind: 'unknown', type: 'listen' };
  }
}

/** Takes tokens, keys and passwords out of a message before it is recorded or shown. */
export function withoutTokens(text: string): string {
  return withoutParameters(text, /^(?:token|authorization)$/iu).replace(
    /("(?:token|password|username|key|nonce|hmac|challenge|psk|secret|authorization)"\s*:\s*")[^"]*/giu,
    '$1[redacted]',
  );
}

/** Whether the text is one of the wake words, however it is punctuated. */
export function isWakeWord(text: string, wakeWords: readonly string[]): boolean {
  const plain = (words: string) => words.toLowerCase().replaceAll(/[\p{P}\p{Z}\s]/gu, '');
  return plain(text) === '' || wakeWords.some((word) => plain(word) === plain(text));
}
