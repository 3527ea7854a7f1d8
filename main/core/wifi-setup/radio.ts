import type { CallBody } from '../../../preload/contract/index.ts';
import { TalkError } from '../../../preload/contract/talk-error.ts';
import type { Clock, MonoUs } from '../../../preload/contract/time.ts';
import type { RadioCommand } from '../../../preload/contract/wifi-setup.ts';
import type { CallHandlers, StreamHandlers } from '../endpoint/handlers.ts';
import { Topic } from '../endpoint/topic.ts';

/** A Bluetooth LE radio with a board already chosen: by its user in a list, or because it is the only one. */
export interface BleRadio {
  /** As the board advertises itself. */
  readonly name: string;
  /**
   * Connects and listens to the board's notifications. Fails with 'wifi/radio-lost'. `signal` ends it, and every write of the link,
   * at once: a radio may hang. What was not opened is closed again.
   */
  open(events: BleEvents, signal: AbortSignal): Promise<BleLink>;
}

export interface BleEvents {
  onNotify(data: Uint8Array): void;
  /** It is gone without having been closed. */
  onLost(): void;
}

export interface BleLink {
  /** Resolves when the board acknowledged it. At most 20 bytes: nothing larger is known to fit. */
  write(data: Uint8Array): Promise<void>;
  close(): Promise<void>;
}

/** For a page to connect to a board, find its service, and turn notifications on. */
const COMMAND_TIMEOUT_US = 30_000_000;
/** A page does it at once, or not at all. */
const DISCONNECT_TIMEOUT_US = 5_000_000;

type CommandBody = { kind: 'connect' } | { kind: 'write'; data: Uint8Array<ArrayBuffer> } | { kind: 'disconnect' };

interface Pending {
  done(): void;
  fail(error: TalkError): void;
}

/** The radio of a window (Web Bluetooth), worked from here by commands over the contract. */
class WindowRadio implements BleRadio {
  readonly name: string;
  readonly topic = new Topic<Record<string, never>, RadioCommand>({ snapshot: () => ({}) });
  readonly #clock: Clock;
  readonly #pending = new Map<number, Pending>();
  #events: BleEvents | null = null;
  #nextId = 1;
  #isGone = false;

  constructor(name: string, clock: Clock) {
    this.name = name;
    this.#clock = clock;
  }

  async open(events: BleEvents, signal: AbortSignal): Promise<BleLink> {
    signal.throwIfAborted();
    this.#events = events;
    try {
      await this.#command({ kind: 'connect' }, { signal });
    } catch (error) {
      // It may be connecting still, or connected without the service: a board is one central's at a time.
      await this.#close();
      throw error;
    }
    return {
      write: (data) => this.#command({ kind: 'write', data: new Uint8Array(data) }, { signal }),
      close: () => this.#close(),
    };
  }

  async #close(): Promise<void> {
    this.#events = null;
    await this.#command({ kind: 'disconnect' }, { timeoutUs: DISCONNECT_TIMEOUT_US }).catch(() => {}); // of no use any more either way
  }

  report(report: CallBody<'wifi.radioReport'>['report']): void {
    if (report.kind === 'done') this.#pending.get(report.id)?.done();
    else if (report.kind === 'failed') this.#pending.get(report.id)?.fail(lost(report.reason));
    else if (report.kind === 'notified') this.#events?.onNotify(report.data);
    else this.lose('disconnected');
  }

  /** The board, or the window, went away. */
  lose(reason: string): void {
    for (const { fail } of this.#pending.values()) fail(lost(reason));
    this.#events?.onLost();
  }

  gone(): void {
    this.#isGone = true;
    this.lose('window-closed');
  }

  #command(command: CommandBody, { timeoutUs = COMMAND_TIMEOUT_US, signal }: { timeoutUs?: number; signal?: AbortSignal }): Promise<void> {
    if (this.#isGone) return Promise.reject(lost('window-closed'));
    if (signal?.aborted === true) return Promise.reject(signal.reason);
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      const end = (settle: () => void) => () => {
        cancel();
        signal?.removeEventListener('abort', onAbort);
        this.#pending.delete(id);
        settle();
      };
      const cancel = this.#clock.at(
        (this.#clock.nowUs() + timeoutUs) as MonoUs,
        end(() => reject(lost('window-silent'))),
      );
      const onAbort = end(() => reject(signal?.reason));
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#pending.set(id, { done: end(resolve), fail: (error) => end(() => reject(error))() });
      this.topic.publish({ id, ...command });
    });
  }
}

export const lost = (reason: string): TalkError => new TalkError('wifi/radio-lost', { reason }, { retryable: true });

export interface WindowRadios {
  calls: Pick<CallHandlers, 'wifi.radioReport'>;
  streams: Pick<StreamHandlers, 'wifi.radio'>;
  find(radioId: string): BleRadio | undefined;
}

/** The radios that windows lend for as long as they are subscribed. */
export function createWindowRadios(clock: Clock): WindowRadios {
  const radios = new Map<string, WindowRadio>();
  return {
    calls: {
      'wifi.radioReport': async ({ radioId, report }) => {
        const radio = radios.get(radioId);
        if (radio === undefined) throw new TalkError('not-found', { what: 'radio', id: radioId });
        radio.report(report);
        return {};
      },
    },
    streams: {
      'wifi.radio': ({ radioId, deviceName }) => {
        if (radios.has(radioId)) throw new TalkError('bad-request', { issues: [{ path: 'radioId', message: 'in use' }] });
        const radio = new WindowRadio(deviceName, clock);
        radios.set(radioId, radio);
        return {
          topic: radio.topic,
          close: () => {
            radios.delete(radioId);
            radio.gone();
          },
        };
      },
    },
    find: (radioId) => radios.get(radioId),
  };
}
