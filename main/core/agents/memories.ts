import { randomUUID } from 'node:crypto';
import { type DeviceMemory, deviceMemory } from '../../../preload/contract/agents.ts';
import { TalkError } from '../../../preload/contract/talk-error.ts';
import type { Log } from '../log.ts';
import type { Store } from '../store/store.ts';
import type { ConversationDevice } from './layers.ts';

export interface MemoriesDeps {
  store: Store;
  log: Log;
  wallMs: () => number;
  /** Facts kept of the device; the oldest go first. */
  factLimit: (device: ConversationDevice) => number;
}

/** What agents remember of each device beyond its conversations. */
export class Memories {
  readonly #deps: MemoriesDeps;
  readonly #memories = new Map<string, DeviceMemory>();
  #changes: Promise<unknown> = Promise.resolve();

  private constructor(deps: MemoriesDeps) {
    this.#deps = deps;
  }

  static async open(deps: MemoriesDeps): Promise<Memories> {
    const memories = new Memories(deps);
    for (const { id, body } of await deps.store.read('document.list', { kind: 'memory' })) {
      const parsed = deviceMemory.safeParse(body);
      if (parsed.success) memories.#memories.set(id, parsed.data);
      else deps.log.error({ id }, 'a stored memory cannot be read');
    }
    return memories;
  }

  of({ productId, deviceName }: ConversationDevice): DeviceMemory {
    return this.#memories.get(idOf({ productId, deviceName })) ?? { productId, deviceName, summary: '', facts: [], updatedWallMs: 0 };
  }

  remember(device: ConversationDevice, news: { summary?: string; fact?: string }): Promise<void> {
    return this.#inTurn(async () => {
      const before = this.of(device);
      const atWallMs = this.#deps.wallMs();
      const { fact } = news;
      const isNew = fact !== undefined && before.facts.every(({ text }) => text !== fact);
      const facts = isNew ? [...before.facts, { id: randomUUID(), text: fact, atWallMs }] : before.facts;
      const limit = this.#deps.factLimit(device);
      await this.#save({
        ...before,
        summary: news.summary ?? before.summary,
        facts: facts.slice(Math.max(0, facts.length - limit)),
        updatedWallMs: atWallMs,
      });
    });
  }

  /** All of it, or one fact. Throws TalkError 'not-found' for a fact that is not there. */
  erase(device: ConversationDevice, factId?: string): Promise<DeviceMemory> {
    return this.#inTurn(async () => {
      if (factId === undefined) {
        await this.#deps.store.write('document.remove', { kind: 'memory', id: idOf(device) });
        this.#memories.delete(idOf(device));
      } else {
        const before = this.of(device);
        const facts = before.facts.filter(({ id }) => id !== factId);
        if (facts.length === before.facts.length) throw new TalkError('not-found', { what: 'fact', id: factId });
        await this.#save({ ...before, facts, updatedWallMs: this.#deps.wallMs() });
      }
      return this.of(device);
    });
  }

  async #save(memory: DeviceMemory): Promise<void> {
    await this.#deps.store.write('document.save', { kind: 'memory', id: idOf(memory), body: memory, wallMs: memory.updatedWallMs });
    this.#memories.set(idOf(memory), memory);
  }

  #inTurn<Result>(change: () => Promise<Result>): Promise<Result> {
    const changed = this.#changes.then(change);
    this.#changes = changed.catch(() => {});
    return changed;
  }
}

/** A product's id has no slash. */
function idOf({ productId, deviceName }: ConversationDevice): string {
  return `${productId}/${deviceName}`;
}
