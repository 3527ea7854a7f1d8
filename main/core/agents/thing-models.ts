import { builtInThingModel } from '../../../pipeline/agent/thing-model/built-in.ts';
import { readThingModel } from '../../../pipeline/agent/thing-model/read.ts';
import { type ThingModel, thingModel } from '../../../preload/contract/agents.ts';
import type { Log } from '../log.ts';
import type { Store } from '../store/store.ts';

/** What the boards of each product can do, as its console says it; the built-in model for a product without one. */
export class ThingModels {
  readonly #store: Store;
  readonly #wallMs: () => number;
  readonly #models = new Map<string, ThingModel>();

  private constructor(store: Store, wallMs: () => number) {
    this.#store = store;
    this.#wallMs = wallMs;
  }

  static async open({ store, log, wallMs }: { store: Store; log: Log; wallMs: () => number }): Promise<ThingModels> {
    const models = new ThingModels(store, wallMs);
    for (const { id, body } of await store.read('document.list', { kind: 'thing-model' })) {
      const parsed = thingModel.safeParse(body);
      if (parsed.success) models.#models.set(id, parsed.data);
      else log.error({ id }, 'a stored thing model cannot be read');
    }
    return models;
  }

  of(productId: string): ThingModel {
    return this.#models.get(productId) ?? builtInThingModel;
  }

  isBuiltIn(productId: string): boolean {
    return !this.#models.has(productId);
  }

  /** `json` null: the built-in model again. Throws TalkError 'agent/bad-thing-model'. */
  async put(productId: string, json: string | null): Promise<ThingModel> {
    if (json === null) {
      await this.#store.write('document.remove', { kind: 'thing-model', id: productId });
      this.#models.delete(productId);
    } else {
      const model = readThingModel(json);
      await this.#store.write('document.save', { kind: 'thing-model', id: productId, body: model, wallMs: this.#wallMs() });
      this.#models.set(productId, model);
    }
    return this.of(productId);
  }
}
