import { randomBytes, randomUUID } from 'node:crypto';
import type { CallBody } from '../../../preload/contract/index.ts';
import { isTalkError, TalkError, type TalkErrorValue } from '../../../preload/contract/talk-error.ts';
import type { Clock } from '../../../preload/contract/time.ts';
import type { WifiSetupRun } from '../../../preload/contract/wifi-setup.ts';
import type { CallHandlers, StreamHandlers } from '../endpoint/handlers.ts';
import { Topic } from '../endpoint/topic.ts';
import type { Log } from '../log.ts';
import { Arrivals, type Device } from './arrival.ts';
import { setUpOverBle } from './ble.ts';
import { createHide } from './hide.ts';
import { type HostNetwork, hostNetwork } from './host-network.ts';
import { Inbox } from './inbox.ts';
import { RunProgress } from './progress.ts';
import { type BleRadio, createWindowRadios } from './radio.ts';
import type { Setup, SetupEvent } from './setup.ts';
import { readBoardLog, setUpOverSoftAp } from './softap.ts';
import type { VirtualWifiBoards } from './virtual.ts';

const KEPT_RUNS = 30;
/** As hexadecimal digits it fills the 32 characters that the SDK has room for. */
const TOKEN_BYTES = 16;

export interface WifiSetupDeps {
  clock: Clock;
  log: Log;
  virtualBoards: VirtualWifiBoards;
  /** Whether this bench's broker is there for boards to come to. */
  isListening: () => boolean;
  /** Boards print what they are given: it is to be taken out of what leaves the machine. */
  onSecret?: (secret: string) => void;
  /** Those of other runs and days that the log of a board may repeat. */
  secrets?: () => Promise<readonly string[]>;
  network?: HostNetwork;
}

export interface WifiSetup {
  calls: Pick<CallHandlers, Extract<keyof CallHandlers, `wifi.${string}`>>;
  streams: Pick<StreamHandlers, 'wifi.runs' | 'wifi.radio'>;
  /** A device came to the broker. */
  online(device: Device): void;
  /** A device published app_bind_token. */
  bindToken(device: Device, token: string): void;
  close(): Promise<void>;
}

interface Running {
  abort: AbortController;
  setup: Setup;
  ended: Promise<void>;
}

type StartBody = CallBody<'wifi.start'>;

/** Wi-Fi setup (配网) of boards that are flashed already: one run for each board, step by step, seen by every client. */
export function createWifiSetup({
  clock,
  log,
  virtualBoards,
  isListening,
  onSecret = () => {},
  secrets = async () => [],
  network = hostNetwork,
}: WifiSetupDeps): WifiSetup {
  const runs = new Map<string, WifiSetupRun>();
  const running = new Map<string, Running>();
  /** What boards were told: one may repeat it, in whatever form, when it is asked for its log. */
  const given = new Set<string>();
  const topic = new Topic<WifiSetupRun[], WifiSetupRun>({ snapshot: () => [...runs.values()] });
  const radios = createWindowRadios(clock);
  const closing = new AbortController();

  function publish(run: WifiSetupRun): void {
    runs.set(run.runId, run);
    for (const [id, { state }] of runs) if (runs.size > KEPT_RUNS && state !== 'running') runs.delete(id);
    topic.publish(run);
  }

  function start(body: StartBody): string {
    if (closing.signal.aborted) throw new TalkError('cancelled');
    const radio = body.radioId === undefined ? undefined : radios.find(body.radioId);
    if (body.method === 'ble' && body.virtual === undefined && radio === undefined) throw new TalkError('wifi/no-radio', { method: 'ble' });
    for (const { setup } of running.values()) {
      if (setup.progress.run.method === body.method) throw new TalkError('wifi/busy', { method: body.method });
    }
    const runId = randomUUID();
    const abort = new AbortController();
    const token = body.token ?? randomBytes(TOKEN_BYTES).toString('hex');
    for (const secret of [body.password, token]) {
      given.add(secret);
      onSecret(secret);
    }
    const target = body.virtual !== undefined ? 'virtual' : (radio?.name ?? `udp://${body.address}:${body.port}`);
    const setup: Setup = {
      clock,
      signal: abort.signal,
      inbox: new Inbox<SetupEvent>(clock, abort.signal),
      arrivals: new Arrivals(),
      credentials: { ssid: body.ssid, password: body.password, token },
      waitForBoard: body.waitForBoard && isListening(),
      progress: new RunProgress({
        run: { runId, method: body.method, ssid: body.ssid, target },
        clock,
        hide: createHide([body.password, token]),
        publish,
      }),
    };
    const ended = execute(body, radio, setup).finally(() => running.delete(runId));
    running.set(runId, { abort, setup, ended });
    return runId;
  }

  /** Never rejects. */
  async function execute(body: StartBody, radio: BleRadio | undefined, setup: Setup): Promise<void> {
    const { progress } = setup;
    if (body.waitForBoard && !setup.waitForBoard) progress.note('this bench does not listen for boards: whether it comes is not seen');
    try {
      await setUp(body, radio, setup);
      progress.finish('done', null);
    } catch (error) {
      if (setup.signal.aborted) progress.finish('cancelled', null);
      else progress.finish('failed', asValue(error));
    }
  }

  async function setUp(body: StartBody, radio: BleRadio | undefined, setup: Setup): Promise<void> {
    const { virtual, address, port, isJoined } = body;
    const air = { ssid: body.ssid, password: body.password };
    if (body.method === 'ble') {
      if (radio !== undefined && virtual === undefined) return setUpOverBle(setup, radio);
      using board = await virtualBoards.ble(virtual?.fault, air);
      return await setUpOverBle(setup, board);
    }
    if (virtual === undefined) return setUpOverSoftAp(setup, { address, port, isJoined, network });
    await using board = await virtualBoards.softAp(virtual.fault, air);
    await setUpOverSoftAp(setup, { address: board.address, port: board.port, isJoined: true, network });
  }

  function asValue(error: unknown): TalkErrorValue {
    if (isTalkError(error)) return error.value;
    const id = randomUUID();
    log.error({ err: error, id }, 'a Wi-Fi setup failed unexpectedly');
    return { code: 'internal', data: { id }, retryable: false };
  }

  function requireRun(runId: string): Running | undefined {
    if (!runs.has(runId)) throw new TalkError('not-found', { what: 'Wi-Fi setup', id: runId });
    return running.get(runId);
  }

  return {
    calls: {
      ...radios.calls,
      'wifi.start': async (body) => ({ runId: start(body) }),
      'wifi.joined': async ({ runId }) => {
        requireRun(runId)?.setup.inbox.push({ kind: 'user-joined' });
        return {};
      },
      'wifi.cancel': async ({ runId }) => {
        const found = requireRun(runId);
        found?.abort.abort();
        await found?.ended;
        return {};
      },
      'wifi.readLog': async (where, { signal }) => {
        const until = AbortSignal.any([signal, closing.signal]);
        const lines = await readBoardLog({ clock, signal: until, inbox: new Inbox<SetupEvent>(clock, until) }, where);
        const hide = createHide([...given, ...(await secrets())]);
        // All at once: a board may send thousands of lines, and there may be a thousand secrets.
        return { lines: lines.length === 0 ? [] : hide(lines.join('\n')).split('\n') };
      },
    },
    streams: { ...radios.streams, 'wifi.runs': () => ({ topic }) },
    online: ({ productId, deviceName }) => {
      for (const { setup } of running.values()) {
        // Before it has what it needs to come, whoever comes is not coming because of this run.
        if (setup.progress.run.reached === 'nothing') continue;
        setup.arrivals.online({ productId, deviceName });
        setup.inbox.offer({ kind: 'arrival' });
      }
    },
    bindToken: ({ productId, deviceName }, token) => {
      for (const { setup } of running.values()) {
        if (token !== setup.credentials.token) continue;
        setup.arrivals.bound({ productId, deviceName });
        setup.inbox.offer({ kind: 'arrival' });
      }
    },
    async close() {
      closing.abort();
      for (const { abort } of running.values()) abort.abort();
      await Promise.all([...running.values()].map(({ ended }) => ended));
    },
  };
}
