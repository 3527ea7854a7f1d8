import { encodeWav } from '../../../../pipeline/audio/wav.ts';
import { DebugMonitor } from '../../../../pipeline/gateways/tuya/monitor.ts';
import type { Observer } from '../../../../pipeline/observer.ts';
import type { TuyaMonitor } from '../../../../preload/contract/cloud/tuya.ts';
import { TalkError } from '../../../../preload/contract/errors.ts';
import type { Clock } from '../../../../preload/contract/time.ts';

/** One window's worth; each holds up to ten minutes of sound of a few channels. */
const MOST_MONITORS = 8;

/** The debug ports that are being listened to. One that its device closed stays until it is stopped: its sound is still to be had. */
export class Monitors {
  readonly #deps: { clock: Clock; observer: Observer; onChange: () => void };
  readonly #monitors = new Map<string, DebugMonitor>();
  #connecting = 0;
  #isClosed = false;

  constructor(deps: { clock: Clock; observer: Observer; onChange: () => void }) {
    this.#deps = deps;
  }

  list(): TuyaMonitor[] {
    return [...this.#monitors.values()].map(({ record }) => record);
  }

  /** Rejects with TalkError 'tuya/no-debug-port' | 'bad-request' | 'unsupported'. */
  async start(address: string): Promise<string> {
    if (this.#monitors.size + this.#connecting >= MOST_MONITORS)
      throw new TalkError('unsupported', { feature: `more than ${MOST_MONITORS} monitors`, why: 'one has to be stopped first' });
    this.#connecting += 1;
    const monitor = await DebugMonitor.connect({ ...this.#deps, address }).finally(() => {
      this.#connecting -= 1;
    });
    if (this.#isClosed) {
      monitor.close();
      throw new TalkError('cancelled');
    }
    this.#monitors.set(monitor.id, monitor);
    this.#deps.onChange();
    return monitor.id;
  }

  /** Throws TalkError 'not-found'. */
  stop(id: string): { packets: number; recordings: { channel: string; wav: Uint8Array<ArrayBuffer> }[] } {
    const monitor = this.#monitors.get(id);
    if (monitor === undefined) throw new TalkError('not-found', { what: 'monitor', id });
    monitor.close();
    this.#monitors.delete(id);
    this.#deps.onChange();
    const recordings = monitor.recordings().map(({ channel, pcm }) => ({
      channel,
      wav: Uint8Array.from(encodeWav({ sampleRate: 16_000, channels: [pcm] })),
    }));
    return { packets: monitor.packets, recordings };
  }

  close(): void {
    this.#isClosed = true;
    for (const monitor of this.#monitors.values()) monitor.close();
    this.#monitors.clear();
  }
}
