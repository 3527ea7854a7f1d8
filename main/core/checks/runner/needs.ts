import type { CheckInfo, CheckReason } from '../../../../preload/contract/checks.ts';
import { otherFamily } from '../bench/family.ts';
import type { Bench } from '../bench.ts';

/** A board that has just been started tells who it is within this. */
const DEVICE_WAIT_MS = 15_000;
const LOOK_EVERY_MS = 250;
/** Until a board has woken, greeted its cloud and opened its voice connection; a person wakes it within this. */
const CONNECT_MS = 30_000;

type Need = CheckInfo['needs'][number];
export type Unmet = { skipped: CheckReason } | { person: CheckReason };

/** Looks at what a check needs before it is begun, waiting for what comes by itself. Null when all is there. */
export class Needs {
  /** Once waited for in vain it is not waited for again: a run would never end. */
  #hasWaitedForDevice = false;

  async unmet(needs: readonly Need[], bench: Bench): Promise<Unmet | null> {
    for (const need of needs) {
      const found = await this.#unmet(need, bench);
      if (found !== null) return found;
    }
    return null;
  }

  async #unmet(need: Need, bench: Bench): Promise<Unmet | null> {
    const { port, voice, isUnattended } = bench;
    switch (need) {
      case 'port':
        return port === null ? { skipped: 'no-port' } : null;
      case 'esp':
      case 'cat1': {
        if (port === null) return { skipped: 'no-port' };
        const reason = otherFamily(port, need);
        return reason === null ? null : { skipped: reason };
      }
      case 'device':
        return (await this.#device(bench)) === null ? { skipped: 'no-device' } : null;
      case 'conversation': {
        const device = await this.#device(bench);
        if (device === null) return { skipped: 'no-device' };
        return (device.conversationId() ?? (await device.connected(CONNECT_MS))) === null ? { skipped: 'no-conversation' } : null;
      }
      case 'voice':
        if (voice.speaker === 'person' && isUnattended) return { person: 'nobody-there' };
        return voice.speaker === 'none' ? { skipped: 'no-speech-source' } : null;
      case 'ear':
        return voice.ear === 'none' ? { skipped: 'no-ear' } : null;
    }
  }

  async #device(bench: Bench): Promise<ReturnType<Bench['device']>> {
    for (let waitedMs = 0; waitedMs < DEVICE_WAIT_MS && !this.#hasWaitedForDevice; waitedMs += LOOK_EVERY_MS) {
      if (bench.device() !== null) break;
      await bench.sleep(LOOK_EVERY_MS);
    }
    this.#hasWaitedForDevice ||= bench.device() === null;
    return bench.device();
  }
}
