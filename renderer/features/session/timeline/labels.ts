import { beginWork } from '../../../lib/idle.ts';
import type { Lab } from '../../../lib/lab.ts';

const KEPT = 20_000;
const ASKED = 400;
const WAIT_MS = 40;

/** Texts of what is in sight, asked for when they are first drawn and drawn again when they have come. */
export class Labels {
  readonly #lab: Lab;
  readonly #sessionId: string;
  readonly #onCame: () => void;
  readonly #texts = new Map<string, string>();
  readonly #wanted = { event: new Set<number>(), row: new Set<number>() };
  #timer: ReturnType<typeof setTimeout> | null = null;
  #abort = new AbortController();
  #done: (() => void) | null = null;

  constructor(lab: Lab, sessionId: string, onCame: () => void) {
    this.#lab = lab;
    this.#sessionId = sessionId;
    this.#onCame = onCame;
  }

  /** Undefined while it is on its way. */
  of(kind: 'event' | 'row', id: number): string | undefined {
    const known = this.#texts.get(`${kind} ${id}`);
    if (known !== undefined) return known;
    this.#wanted[kind].add(id);
    this.#done ??= beginWork();
    this.#timer ??= setTimeout(() => void this.#ask(), WAIT_MS);
    return undefined;
  }

  close(): void {
    this.#abort.abort();
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#done?.();
    this.#done = null;
    // A component that is mounted again goes on with the same labels.
    this.#abort = new AbortController();
  }

  async #ask(): Promise<void> {
    const events = [...this.#wanted.event].slice(-ASKED);
    const rows = [...this.#wanted.row].slice(-ASKED);
    // What was wanted earlier is out of sight by now, or is asked for again.
    this.#wanted.event.clear();
    this.#wanted.row.clear();
    try {
      const reply = await this.#lab.call('timeline.labels', { id: this.#sessionId, events, rows }, { signal: this.#abort.signal });
      for (const [i, id] of events.entries()) this.#keep(`event ${id}`, reply.events[i] ?? '');
      for (const [i, id] of rows.entries()) this.#keep(`row ${id}`, reply.rows[i] ?? '');
    } catch {
      // Boxes without their words: they are asked for again when they are drawn again.
    }
    this.#timer = null;
    this.#done?.();
    this.#done = null;
    this.#onCame();
  }

  #keep(key: string, text: string): void {
    if (this.#texts.size >= KEPT) for (const old of [...this.#texts.keys()].slice(0, KEPT / 4)) this.#texts.delete(old);
    this.#texts.set(key, text);
  }
}
