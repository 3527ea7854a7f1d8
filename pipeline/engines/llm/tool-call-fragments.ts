import { randomUUID } from 'node:crypto';
import type { LlmToolCall } from './engine.ts';

interface Fragment {
  index?: number | undefined;
  id?: string | undefined;
  function?: { name?: string | undefined; arguments?: string | undefined } | undefined;
}

/**
 * Tool calls arrive in pieces keyed by their index: the id and the name in the first, the arguments' text spread over all. Some servers
 * leave the index or the id out.
 */
export class ToolCallFragments {
  readonly #calls = new Map<number, { id: string; name: string; text: string }>();

  add({ index, id, function: part }: Fragment): void {
    const key = index ?? this.#keyOf(id);
    const call = this.#calls.get(key) ?? { id: '', name: '', text: '' };
    call.id ||= id ?? '';
    call.name ||= part?.name ?? '';
    call.text += part?.arguments ?? '';
    this.#calls.set(key, call);
  }

  /** Whole, in order. Of an answer that was cut short (by the limit of tokens) the last one may lack its arguments: it is malformed then. */
  calls({ isCutShort }: { isCutShort: boolean }): LlmToolCall[] {
    return [...this.#calls.entries()]
      .toSorted(([a], [b]) => a - b)
      .filter(([, { name }]) => name !== '')
      .map(([, { id, name, text }], at, { length }) => ({
        id: id || `call-${randomUUID()}`,
        name,
        ...readArguments(text),
        ...(isCutShort && at === length - 1 && text.trim() === '' && { malformed: '' }),
      }));
  }

  /** Without an index a piece with a new id begins the next call, one without an id goes on with the last. */
  #keyOf(id: string | undefined): number {
    const last = this.#calls.size - 1;
    if (last < 0) return 0;
    return id !== undefined && id !== '' && this.#calls.get(last)?.id !== id ? last + 1 : last;
  }
}

/** A model may leave the arguments out; what is no JSON object is kept as text, for the answer to the call to say so. */
export function readArguments(text: string): Pick<LlmToolCall, 'arguments' | 'malformed'> {
  if (text.trim() === '') return { arguments: {} };
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { arguments: value as Record<string, unknown> };
  } catch {
    // Below.
  }
  return { arguments: {}, malformed: text.slice(0, 1000) };
}
