import { z } from 'zod';
import type { Clock } from '../../../../preload/contract/time.ts';
import type { Store } from '../../store/store.ts';
import type { BootBaseline } from '../baseline/boot-log.ts';
import type { BoardBaselines } from '../bench.ts';

const storedBaseline = z.object({
  firmwareVersion: z.string(),
  lines: z.array(z.object({ template: z.string(), count: z.number() })),
});

/** Boot logs of good boards, one a kind of board and firmware version, in the library. */
export class Baselines {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #kept = new Map<string, BootBaseline>();

  private constructor(store: Store, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  static async open({ store, clock }: { store: Store; clock: Clock }): Promise<Baselines> {
    const shelf = new Baselines(store, clock);
    for (const { id, body } of await store.read('document.list', { kind: 'boot-baseline' })) {
      const baseline = storedBaseline.safeParse(body);
      if (baseline.success) shelf.#kept.set(id, baseline.data);
    }
    return shelf;
  }

  /** What a run on a board of this kind sees, and what it has to keep once it has passed. */
  of(boardKind: string): { seen: BoardBaselines; keep(redact: (text: string) => string): Promise<void> } {
    const proposed = new Map<string, BootBaseline>();
    return {
      seen: {
        find: async (firmwareVersion) => this.#kept.get(idOf(boardKind, firmwareVersion)) ?? null,
        propose: (baseline) => proposed.set(baseline.firmwareVersion, baseline),
      },
      keep: async (redact) => {
        for (const [firmwareVersion, { lines }] of proposed) {
          const id = idOf(boardKind, firmwareVersion);
          if (this.#kept.has(id)) continue;
          const body: BootBaseline = {
            firmwareVersion,
            lines: lines.map(({ template, count }) => ({ template: redact(template), count })),
          };
          await this.#store.write('document.save', { kind: 'boot-baseline', id, body, wallMs: this.#clock.wallMs() });
          this.#kept.set(id, body);
        }
      },
    };
  }
}

function idOf(boardKind: string, firmwareVersion: string): string {
  return JSON.stringify([boardKind, firmwareVersion]);
}
