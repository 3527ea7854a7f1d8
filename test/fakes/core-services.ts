import { Observed } from '../../main/core/checks/bench/observed.ts';
import { Told } from '../../main/core/checks/bench/told.ts';
import type { CoreBenchDeps } from '../../main/core/checks/core-bench.ts';
import type { BenchSubject } from '../../main/core/checks/run-bench.ts';
import type { LogBookListener } from '../../main/core/logs/log-book.ts';
import type { LinkImpairment } from '../../preload/contract/checks.ts';
import type { PipelineEvent } from '../../preload/contract/events.ts';
import type { FlashJob } from '../../preload/contract/flash.ts';
import type { LogRow } from '../../preload/contract/logs.ts';
import type { PortState } from '../../preload/contract/ports.ts';
import { TalkError } from '../../preload/contract/talk-error.ts';
import { VirtualClock } from './virtual-clock.ts';

export const toy = { productId: 'P', deviceName: 'toy' };
export const slow: LinkImpairment = { delayMs: 100, jitterMs: 0, lossPercent: 0, rateKbitS: null, isStalled: false };

/** The core's services as far as a bench asks something of them, and what it asked. */
export function services(
  over: { isOpen?: boolean; canReset?: boolean; cards?: number; board?: boolean; mac?: string; imei?: string; deaf?: boolean } = {},
) {
  const clock = new VirtualClock();
  const did: string[] = [];
  const observed = new Observed();
  const listeners = new Set<LogBookListener>();
  const watchers = new Set<(port: PortState) => void>();
  const board = { ...toy, name: 'toy', kind: 'esp32s3', address: 'virtual://toy', ptyPath: null };
  const jobs: FlashJob[] = [];
  const devices: object[] = [];
  let impairment: LinkImpairment | null = slow;
  const book = {
    listen: (listener: LogBookListener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  const deps = {
    ...{ clock, observed },
    ports: {
      handlers: {
        'ports.open': async () => did.push('open'),
        'ports.close': async () => did.push('close'),
        'ports.reset': async () => {
          if (over.canReset === false) throw new TalkError('port/unsupported', {});
          did.push('reset');
        },
      },
      streams: {
        'ports.state': () => ({
          topic: {
            snapshot: () => (over.isOpen ? [{ address: '/dev/a', state: 'open' }] : []),
            listen: (listener: (port: PortState) => void) => {
              watchers.add(listener);
              return () => watchers.delete(listener);
            },
          },
        }),
      },
    },
    ...{ book, told: new Told(book), jobs: () => jobs },
    flash: {
      begin: (address: string) => {
        did.push('info');
        const error = over.deaf === true ? new TalkError('flash/sync-timeout').value : null;
        return { job: { jobId: 'i' }, ended: Promise.resolve({ address, error, chip: { mac: over.mac ?? null } }) };
      },
      cancel: () => {},
    },
    at: {
      calls: {
        'at.bringUp': async () => ({ steps: [{ values: [{ name: 'imei', value: over.imei }] }] }),
        'at.send': async ({ command }: { command: string }) => {
          did.push(command);
          return { lines: over.imei === undefined ? ['ERROR'] : [over.imei, 'OK'] };
        },
      },
    },
    boards: {
      list: () => (over.board === true ? [board] : []),
      voiceOf: () => ({
        speak: async (pcm: Int16Array) => {
          did.push(`speak ${pcm.length}`);
          observed.observer.event({ kind: 'conversation.opened', atUs: clock.nowUs(), conversationId: 'c1', ...toy } as PipelineEvent);
        },
        receivedAudio: () => ({ packets: [], pcm: new Int16Array(0), fromUs: null }),
      }),
    },
    devices: { list: () => devices },
    listPorts: async () => [],
    claims: { adjust: () => () => void did.push('taken back'), peerOf: () => undefined },
    links: {
      impair: (_device: object, next: LinkImpairment | null) => {
        const before = impairment;
        impairment = next;
        return before;
      },
      cut: () => did.push('cut'),
      readmit: () => did.push('readmitted'),
    },
    cloud: { live: () => [], callRecords: () => [], conversation: () => undefined },
    sound: {
      devices: async () => Array.from({ length: over.cards ?? 0 }, () => ({ inputChannels: 1, outputChannels: 2 })),
      open: async () => Promise.reject(new Error('nobody opens one here')),
    },
  } as unknown as CoreBenchDeps;
  let seq = 0;
  const row = (text: string, atUs: number, more: Partial<LogRow> = {}) => {
    const it = { seq: seq++, port: '/dev/a', direction: 'received', text, message: text, atUs, ...more } as unknown as LogRow;
    for (const { onRows } of listeners) onRows?.([it] as never, { startedUs: 1000 } as never);
  };
  const port = (state: PortState['state'], error?: TalkError) => {
    for (const watcher of watchers) watcher({ address: '/dev/a', state, ...(error && { error: error.value }) } as PortState);
  };
  /** Its log tells which device it is, now. */
  const names = (deviceName: string) => row('SDK', clock.nowUs() - 1000, { event: 'twetalk.sdk', payload: { productId: 'P', deviceName } });
  const notice = (event: string) => row(event, clock.nowUs() - 1000, { direction: 'notice', event });
  return { clock, did, deps, row, names, notice, port, jobs, devices, observed, listeners, watchers, impairment: () => impairment };
}

export const subject = (over: Partial<BenchSubject> = {}): BenchSubject => ({
  ...{
    runId: 'r',
    port: '/dev/a',
    device: null,
    boardKind: '',
    listKinds: [],
    language: 'zh',
    voice: 'auto',
    isUnattended: false,
    facts: new Map(),
    isClaimed: false,
    onStranger: () => {},
  },
  ...over,
});
