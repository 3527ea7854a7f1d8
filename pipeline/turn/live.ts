import type { ConversationSettings } from '../../preload/contract/settings.ts';
import { recordableSetting } from '../agent/recordable.ts';
import type { Engines } from '../conversation.ts';
import type { Telling } from './telling.ts';

/** What one turn runs with, from its beginning to its end. */
export interface Configuration {
  readonly settings: ConversationSettings;
  readonly engines: Engines;
}

/** Taken once, when the conversation opens: the far end's codec state, and what is over when somebody could change it. */
const fixedKeys = /^(?:downlink\.|engines\.|agent\.greeting|conversation\.sessionTimeoutS)/u;

/**
 * The settings and engines as they stand, read at each turn's and utterance's beginning. A change is told then, once, as
 * 'conversation.changed'; whoever runs keeps what it began with.
 */
export class LiveConfiguration {
  readonly #read: () => Configuration;
  readonly #telling: Pick<Telling, 'event'>;
  #current: Configuration;

  constructor(options: { read: () => Configuration; telling: Pick<Telling, 'event'> }) {
    this.#read = options.read;
    this.#telling = options.telling;
    this.#current = this.#read();
  }

  /** As last read. */
  get current(): Configuration {
    return this.#current;
  }

  /** As they stand now. */
  read(): Configuration {
    const next = this.#read();
    const changes = changesBetween(this.#current, next);
    this.#current = next;
    if (Object.keys(changes).length > 0) this.#telling.event({ kind: 'conversation.changed', changes });
    return next;
  }
}

function changesBetween(before: Configuration, after: Configuration): Record<string, unknown> {
  const changes: Record<string, unknown> = {};
  for (const stage of ['stt', 'llm', 'tts'] as const) {
    if (before.engines[stage].id !== after.engines[stage].id) changes[`engines.${stage}`] = after.engines[stage].id;
  }
  if (before.settings === after.settings) return changes;
  for (const [section, leaves] of Object.entries(after.settings)) {
    const old: Record<string, unknown> = before.settings[section as keyof ConversationSettings];
    if (old === leaves) continue;
    for (const [leaf, value] of Object.entries(leaves)) {
      const key = `${section}.${leaf}`;
      if (!fixedKeys.test(key) && !isSame(old[leaf], value)) changes[key] = recordableSetting(key, value);
    }
  }
  return changes;
}

/** Leaves are JSON; most are no objects. */
function isSame(a: unknown, b: unknown): boolean {
  return a === b || (typeof a === 'object' && typeof b === 'object' && JSON.stringify(a) === JSON.stringify(b));
}
