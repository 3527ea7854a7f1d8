import { EventEmitter } from 'node:events';
import type { WebSocket } from 'ws';
import { systemClock } from '../../pipeline/clock.ts';
import type { Engines } from '../../pipeline/conversation.ts';
import type { CloudAccounts } from '../../pipeline/gateways/accounts.ts';
import { createGatewayServer } from '../../pipeline/gateways/http.ts';
import { Admission } from '../../pipeline/gateways/speech/admission.ts';
import { type SpeechTally, startSpeechGateway } from '../../pipeline/gateways/speech/gateway.ts';
import { StreamSocket } from '../../pipeline/gateways/speech/socket.ts';
import { StreamRecord } from '../../pipeline/gateways/speech/stream-record.ts';
import { type Settings, settingsSchema } from '../../preload/contract/settings.ts';
import type { Clock } from '../../preload/contract/time.ts';
import { FakeStt, FakeTts, FakeVad } from './engines.ts';
import { RecordingObserver } from './observer.ts';

export const lab = { token: 'sk-lab-token-1', appId: '1250000001', secretId: 'AKIDTEST', secretKey: 'SECRETTEST' };

export const labAccounts: CloudAccounts = {
  appId: () => '1250000000',
  sdkAppId: () => 1_400_000_000,
  secretKey: (secretId) => (secretId === lab.secretId ? lab.secretKey : undefined),
  isAppIdAllowed: (appId) => appId === lab.appId,
  isSpeechToken: (token) => token === lab.token,
};

export const own = { token: 'own-token-of-the-bench', appId: '9123' };

export function newTally(): SpeechTally {
  return { open: 0, streams: 0, requests: 0, refused: 0, failed: 0 };
}

/** The embedded choice of a language model: it is never asked. */
export const scriptedLlm: Engines['llm'] = {
  id: 'scripted',
  respond: () => {
    throw new Error('the scripted model translates nothing');
  },
};

export function fakeEngines(clock: Clock, more: Partial<Engines> = {}): Engines & { stt: FakeStt; tts: FakeTts } {
  return { vad: new FakeVad(), stt: new FakeStt(clock), llm: scriptedLlm, tts: new FakeTts(clock), ...more } as Engines & {
    stt: FakeStt;
    tts: FakeTts;
  };
}

/** The server's side of a WebSocket, in memory: what was sent through it, and the client's messages by hand. */
export class FakeWebSocket extends EventEmitter {
  readyState = 1;
  bufferedAmount = 0;
  readonly texts: string[] = [];
  readonly audio: Uint8Array[] = [];
  closed: { code: number; reason: string } | null = null;

  send(data: string | Uint8Array): void {
    if (typeof data === 'string') this.texts.push(data);
    else this.audio.push(new Uint8Array(data));
  }

  close(code: number, reason: string): void {
    this.#end(code, reason);
  }

  terminate(): void {
    this.#end(1006, '');
  }

  /** From the client. */
  text(message: object | string): void {
    this.emit('message', Buffer.from(typeof message === 'string' ? message : JSON.stringify(message)), false);
  }

  pcm(pcm: Int16Array): void {
    this.emit('message', Buffer.from(pcm.buffer, pcm.byteOffset, pcm.byteLength), true);
  }

  bytes(bytes: Uint8Array): void {
    this.emit('message', Buffer.from(bytes), true);
  }

  get messages(): Record<string, unknown>[] {
    return this.texts.map((text) => JSON.parse(text) as Record<string, unknown>);
  }

  #end(code: number, reason: string): void {
    if (this.readyState === 3) return;
    this.readyState = 3;
    this.closed = { code, reason };
    queueMicrotask(() => this.emit('close', code, Buffer.from(reason)));
  }
}

/** One stream's parts on a given clock, without a listener. */
export function speechBench(clock: Clock, options: { settings?: Record<string, unknown>; engines?: Partial<Engines> } = {}) {
  const observer = new RecordingObserver();
  const settings: Settings = settingsSchema.parse(options.settings ?? {});
  const engines = fakeEngines(clock, options.engines);
  const tally = newTally();
  const admission = new Admission({ accounts: labAccounts, own, limit: () => settings.speech.maxConcurrent });
  const deps = { clock, settings: () => settings, engines: () => engines, admission, tally };
  return {
    ...{ observer, settings, engines, tally, deps },
    connect() {
      const client = new FakeWebSocket();
      const socket = new StreamSocket(client as unknown as WebSocket, new StreamRecord({ clock, observer }, 'stream-1'), clock);
      return { client, socket };
    },
  };
}

/** The services on a free port of the loopback, with fake engines and the system's clock. */
export async function speechServer(options: { settings?: Record<string, unknown>; engines?: Partial<Engines>; clock?: Clock } = {}) {
  const clock = options.clock ?? systemClock;
  const observer = new RecordingObserver();
  const settings = settingsSchema.parse(options.settings ?? {});
  const engines = fakeEngines(clock, options.engines);
  const tally = newTally();
  const faults: object[] = [];
  const log = { error: (details: object) => void faults.push(details), warn: (details: object) => void faults.push(details) };
  const http = await createGatewayServer({ host: '127.0.0.1', port: 0 });
  const gateway = await startSpeechGateway({
    ...{ clock, observer, http, log, own, tally },
    accounts: labAccounts,
    settings: () => settings,
    engines: () => engines,
  });
  return {
    ...{ observer, engines, tally, faults, settings },
    url: `http://127.0.0.1:${http.listener.port}`,
    wsUrl: `ws://127.0.0.1:${http.listener.port}`,
    async close() {
      await gateway.close();
      await http.close();
    },
  };
}
