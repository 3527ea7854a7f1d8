import type { MonoUs } from '../../../preload/contract/time.ts';

/** Ten minutes of 20 ms packets: enough for any test, and a bound for a board left talking. */
const MAX_PACKETS = 30_000;
const SAMPLES_PER_US = 16_000 / 1_000_000;

export interface ReceivedAudio {
  packets: { packet: Uint8Array; receivedUs: MonoUs }[];
  /** 16 kHz mono from `fromUs` on, each sample where it was played, silence between replies. */
  pcm: Int16Array;
  /** Null when nothing was played. */
  fromUs: MonoUs | null;
}

/** What the board received and played, newest kept. */
export class Recording {
  #packets: ReceivedAudio['packets'] = [];
  #played: { pcm: Int16Array; atUs: MonoUs }[] = [];

  received(packet: Uint8Array, receivedUs: MonoUs): void {
    this.#packets.push({ packet, receivedUs });
    if (this.#packets.length > MAX_PACKETS) this.#packets = this.#packets.slice(-MAX_PACKETS / 2);
  }

  played(pcm: Int16Array, atUs: MonoUs): void {
    this.#played.push({ pcm, atUs });
    if (this.#played.length > MAX_PACKETS) this.#played = this.#played.slice(-MAX_PACKETS / 2);
  }

  clear(): void {
    this.#packets = [];
    this.#played = [];
  }

  /** What was played from about `sinceUs` on, all of it without. */
  snapshot(sinceUs = Number.NEGATIVE_INFINITY): ReceivedAudio {
    const played = this.#played.filter(({ pcm, atUs }) => atUs + pcm.length / SAMPLES_PER_US > sinceUs);
    const first = played[0];
    const last = played.at(-1);
    if (first === undefined || last === undefined) return { packets: [...this.#packets], pcm: new Int16Array(0), fromUs: null };
    const place = (atUs: MonoUs) => Math.round((atUs - first.atUs) * SAMPLES_PER_US);
    const pcm = new Int16Array(place(last.atUs) + last.pcm.length);
    for (const frame of played) pcm.set(frame.pcm, place(frame.atUs));
    return { packets: [...this.#packets], pcm, fromUs: first.atUs };
  }
}
