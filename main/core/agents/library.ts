import {
  type AgentAssignment,
  type AgentDocument,
  agentAssignment,
  agentDocument,
  type LayerOrigin,
} from '../../../preload/contract/agents.ts';
import type { ConversationSettings } from '../../../preload/contract/settings.ts';
import { TalkError } from '../../../preload/contract/talk-error.ts';
import type { Log } from '../log.ts';
import type { Store } from '../store/store.ts';
import { agentFor, type ConversationDevice, checkedLayer, layersFor, resolved, validLayer } from './layers.ts';

export interface AgentLibraryDeps {
  store: Store;
  log: Log;
  wallMs: () => number;
  bench: () => ConversationSettings;
  onChange: () => void;
}

export interface Effective {
  settings: ConversationSettings;
  origins: Record<string, LayerOrigin>;
}

/** More devices than talk at once; anybody may invent names. */
const MOST_REMEMBERED = 1000;

/** The lab's agents and what products and devices have of them: documents of the library, all of them in memory. */
export class AgentLibrary {
  readonly #deps: AgentLibraryDeps;
  readonly #agents = new Map<string, AgentDocument>();
  readonly #assignments = new Map<string, AgentAssignment>();
  /** By product, device and language; emptied by every change. Conversations ask at each turn. */
  readonly #effective = new Map<string, Effective>();
  #changes: Promise<unknown> = Promise.resolve();

  private constructor(deps: AgentLibraryDeps) {
    this.#deps = deps;
  }

  /** A document or leaf that is not valid any more is left out of what is used, stays in the library, and is said in the log. */
  static async open(deps: AgentLibraryDeps): Promise<AgentLibrary> {
    const library = new AgentLibrary(deps);
    for (const { id, body } of await deps.store.read('document.list', { kind: 'agent' })) {
      const parsed = agentDocument.safeParse(body);
      if (parsed.success) library.#agents.set(id, { ...parsed.data, layer: library.#readLayer('agent', id, parsed.data.layer) });
      else deps.log.error({ id }, 'a stored agent cannot be read');
    }
    for (const { id, body } of await deps.store.read('document.list', { kind: 'agent-layer' })) {
      const parsed = agentAssignment.safeParse(body);
      if (parsed.success) library.#assignments.set(id, { ...parsed.data, layer: library.#readLayer('agent-layer', id, parsed.data.layer) });
      else deps.log.error({ id }, 'a stored assignment cannot be read');
    }
    return library;
  }

  #readLayer(kind: string, id: string, layer: AgentDocument['layer']): AgentDocument['layer'] {
    const checked = checkedLayer(layer);
    if (checked.problems.length > 0) this.#deps.log.warn({ kind, id, problems: checked.problems }, 'parts of a stored layer are not used');
    return checked.layer;
  }

  agents(): AgentDocument[] {
    return [...this.#agents.values()].sort((one, other) => one.name.localeCompare(other.name));
  }

  assignments(): AgentAssignment[] {
    return [...this.#assignments].sort(([one], [other]) => one.localeCompare(other)).map(([, assignment]) => assignment);
  }

  /** The same object until something changes. */
  effective(device: ConversationDevice, language: 'zh' | 'en'): Effective {
    const key = JSON.stringify([device.productId, device.deviceName, language]);
    const known = this.#effective.get(key);
    if (known) return known;
    const layers = layersFor(device, language, { agents: this.#agents, assignments: [...this.#assignments.values()] });
    const effective = resolved(this.#deps.bench(), layers);
    if (this.#effective.size >= MOST_REMEMBERED) this.#effective.clear();
    this.#effective.set(key, effective);
    return effective;
  }

  /** The agent a conversation of the device is with; undefined: the bench's own settings make one. */
  agentOf(device: ConversationDevice, language: 'zh' | 'en'): AgentDocument | undefined {
    return agentFor(device, language, { agents: this.#agents, assignments: [...this.#assignments.values()] });
  }

  /** The bench's settings are others now. */
  benchChanged(): void {
    this.#effective.clear();
  }

  /** Throws TalkError 'settings/invalid'. */
  put(agent: AgentDocument): Promise<AgentDocument> {
    return this.#inTurn(async () => {
      const document = { ...agent, layer: validLayer(agent.layer) };
      await this.#save('agent', document.id, document);
      this.#agents.set(document.id, document);
      this.#changed();
      return document;
    });
  }

  /** Throws TalkError 'not-found' | 'agent/in-use'. */
  remove(id: string): Promise<void> {
    return this.#inTurn(async () => {
      if (!this.#agents.has(id)) throw new TalkError('not-found', { what: 'agent', id });
      const by = this.assignments().filter((assignment) => assignment.agentId === id);
      if (by.length > 0) throw new TalkError('agent/in-use', { id, by: by.map(scopeName).join(', ') });
      await this.#deps.store.write('document.remove', { kind: 'agent', id });
      this.#agents.delete(id);
      this.#changed();
    });
  }

  /** Throws TalkError 'settings/invalid' | 'not-found' for an agent that is not there. */
  assign(given: AgentAssignment): Promise<void> {
    return this.#inTurn(async () => {
      const assignment = { ...given, layer: validLayer(given.layer) };
      const id = scopeName(assignment);
      if (assignment.agentId === null && Object.keys(assignment.layer).length === 0) {
        await this.#deps.store.write('document.remove', { kind: 'agent-layer', id });
        this.#assignments.delete(id);
      } else {
        const { agentId } = assignment;
        if (agentId !== null && !this.#agents.has(agentId)) throw new TalkError('not-found', { what: 'agent', id: agentId });
        await this.#save('agent-layer', id, assignment);
        this.#assignments.set(id, assignment);
      }
      this.#changed();
    });
  }

  #changed(): void {
    this.#effective.clear();
    this.#deps.onChange();
  }

  async #save(kind: 'agent' | 'agent-layer', id: string, body: unknown): Promise<void> {
    await this.#deps.store.write('document.save', { kind, id, body, wallMs: this.#deps.wallMs() });
  }

  #inTurn<Result>(change: () => Promise<Result>): Promise<Result> {
    const changed = this.#changes.then(change);
    this.#changes = changed.catch(() => {});
    return changed;
  }
}

/** 'PRODUCT', 'PRODUCT/device', 'PRODUCT (zh)': also the document's id. */
function scopeName({ productId, deviceName, language }: AgentAssignment): string {
  return [productId, deviceName].filter((part) => part !== null).join('/') + (language === null ? '' : ` (${language})`);
}
