import type { Reason } from '../../../preload/contract/reasons.ts';
import { TalkError } from '../../../preload/contract/talk-error.ts';
import type { MonoUs } from '../../../preload/contract/time.ts';
import { awaitArrival } from './arrival.ts';
import { createHideRest } from './hide.ts';
import { encodeRequest, type LlsyncEvent, LlsyncReader, type LlsyncRequest } from './llsync.ts';
import type { BleLink, BleRadio } from './radio.ts';
import { type Setup, type SetupEvent, secondsFrom } from './setup.ts';
import { splitCode } from './softap-messages.ts';

/** What the vendor's own app waits for an answer. */
const ANSWER_SECONDS = 10;
const LOG_SECONDS = 4;
/** Scan, association, address: the vendor's C SDK tries for 60 s before it says that it could not. */
const WIFI_SECONDS = 65;
/** After a report of 'not connected': firmware that tries again reports each attempt. */
const ANOTHER_ATTEMPT_SECONDS = 5;
/** The board tells what its cloud said of the token, so its connection to the broker is in it. */
const TOKEN_SECONDS = 60;
/** Once this bench has seen the token, what the board still has to say of it is no news. */
const AFTER_BOUND_SECONDS = 3;

type Kind = LlsyncEvent['kind'];
type EventOf<K extends Kind> = Extract<LlsyncEvent, { kind: K }>;
type Step = 'identify' | 'mode' | 'send' | 'wifi' | 'token';

/**
 * LLSync's setup of a board with Wi-Fi and Bluetooth: who are you, station mode, network, connect, token. Fails with
 * 'wifi/radio-lost', 'wifi/no-answer', 'wifi/refused', 'wifi/not-seen'.
 */
export async function setUpOverBle(setup: Setup, radio: BleRadio): Promise<void> {
  const { progress, credentials, inbox } = setup;
  progress.begin('find');
  progress.note(`Bluetooth: ${radio.name}`);
  progress.done('find');
  progress.begin('link');
  const link = await radio.open(
    {
      onNotify: (data) => inbox.offer({ kind: 'notified', data }),
      onLost: () => inbox.push({ kind: 'radio-lost' }),
    },
    setup.signal,
  );
  try {
    progress.done('link');
    const talk = new Talk(setup, link);
    progress.begin('identify');
    const { deviceName, wantsMtu } = await talk.ask('identify', { kind: 'get-info' }, 'info', ANSWER_SECONDS, 2);
    if (deviceName !== '') progress.device({ productId: null, deviceName });
    // The board must not send more than fits, and a page cannot know what would.
    if (wantsMtu) await talk.tell({ kind: 'mtu-unchanged' });
    progress.done('identify');
    progress.begin('mode');
    await talk.succeed('mode', { kind: 'set-mode' }, 'mode-result');
    progress.done('mode');
    progress.begin('send');
    const { ssid, password } = credentials;
    await talk.succeed('send', { kind: 'set-network', ssid, password }, 'network-result');
    progress.done('send');
    progress.reach('accepted');
    progress.begin('wifi');
    const wifi = await talk.join();
    if (!wifi.isConnected) throw await talk.refusal('wifi', wifi.state);
    progress.done('wifi');
    progress.reach('joined');
    progress.begin('token');
    await talk.handToken();
    await awaitArrival(setup, { onEvent: (event) => void talk.hear(event) });
  } finally {
    await link.close();
  }
}

const names: Record<LlsyncRequest['kind'], string> = {
  'get-info': 'GET_DEV_INFO',
  'set-mode': 'SET_WIFI_MODE station',
  'set-network': 'SET_WIFI_INFO',
  connect: 'SET_WIFI_CONNECT',
  'set-token': 'SET_WIFI_TOKEN •••',
  'get-log': 'GET_DEV_LOG',
  'mtu-unchanged': 'SET_MTU_RESULT not set',
};

/** Requests and their answers over one link. */
class Talk {
  readonly #setup: Setup;
  readonly #link: BleLink;
  readonly #reader = new LlsyncReader();
  readonly #hideRest: (text: string) => string;
  #isLost = false;

  constructor(setup: Setup, link: BleLink) {
    this.#setup = setup;
    this.#link = link;
    const { password, token } = setup.credentials;
    this.#hideRest = createHideRest([password, token]);
  }

  async tell(request: LlsyncRequest): Promise<void> {
    const writes = encodeRequest(request);
    const what = request.kind === 'set-network' ? `${names[request.kind]} ${JSON.stringify(request.ssid)} •••` : names[request.kind];
    this.#setup.progress.sent(writes.length === 1 ? what : `${what} (${writes.length} pieces)`);
    for (const data of writes) await this.#link.write(data);
  }

  /** The answer of this kind. A request that may be repeated is, when its answer is lost. */
  async ask<K extends Kind>(step: Step, request: LlsyncRequest, kind: K, seconds: number, attempts = 1): Promise<EventOf<K>> {
    for (let attempt = 1; attempt <= attempts; attempt++) {
      await this.tell(request);
      const answer = await this.#answer(step, kind, secondsFrom(this.#setup.clock, seconds / attempts));
      if (answer !== null) return answer;
    }
    throw new TalkError('wifi/no-answer', { method: 'ble', step }, { retryable: true });
  }

  async #answer<K extends Kind>(step: Step, kind: K, untilUs: MonoUs): Promise<EventOf<K> | null> {
    const { inbox } = this.#setup;
    for (let event = await inbox.next(untilUs); event !== null; event = await inbox.next(untilUs)) {
      const heard = this.hear(event);
      if (this.#isLost) throw new TalkError('wifi/radio-lost', { step, reason: 'disconnected' }, { retryable: true });
      if (heard?.kind === kind) return heard as EventOf<K>;
    }
    return null;
  }

  /** What the station came to: connected, or not connected and no news of another attempt. */
  async join(): Promise<EventOf<'wifi'>> {
    const { clock, credentials, progress } = this.#setup;
    const untilUs = secondsFrom(clock, WIFI_SECONDS);
    // Not every firmware says of which network it speaks.
    const isElsewhere = ({ isConnected, ssid }: EventOf<'wifi'>) => isConnected && ssid !== '' && ssid !== credentials.ssid;
    let wifi = await this.ask('wifi', { kind: 'connect' }, 'wifi', WIFI_SECONDS);
    while (!wifi.isConnected || isElsewhere(wifi)) {
      // One that had a network is in it until it leaves it for this one.
      if (isElsewhere(wifi)) progress.note('it is in another network still');
      const nextUs = isElsewhere(wifi) ? untilUs : Math.min(untilUs, secondsFrom(clock, ANOTHER_ATTEMPT_SECONDS));
      const next = await this.#answer('wifi', 'wifi', nextUs as MonoUs);
      if (next === null) break;
      wifi = next;
    }
    if (isElsewhere(wifi)) throw new TalkError('wifi/no-answer', { method: 'ble', step: 'wifi' }, { retryable: true });
    return wifi;
  }

  async succeed(step: Step, request: LlsyncRequest, kind: 'mode-result' | 'network-result'): Promise<void> {
    const { code } = await this.ask(step, request, kind, ANSWER_SECONDS, 2);
    if (code !== 0) throw await this.refusal(step, code);
  }

  /**
   * Gives the token and waits for what the cloud said of it. When this bench is the cloud it usually sees the board first; the board
   * may also drop the link as soon as it is done.
   */
  async handToken(): Promise<void> {
    const { clock, inbox, progress, arrivals, credentials, waitForBoard } = this.#setup;
    await this.tell({ kind: 'set-token', token: credentials.token });
    const seen = () => arrivals.of(progress.run.device);
    let untilUs = secondsFrom(clock, TOKEN_SECONDS);
    for (let event = await inbox.next(untilUs); event !== null; event = await inbox.next(untilUs)) {
      if (event.kind === 'arrival' && seen()?.isBound === true) {
        untilUs = Math.min(untilUs, secondsFrom(clock, AFTER_BOUND_SECONDS)) as MonoUs;
      }
      const heard = this.hear(event);
      if (heard?.kind === 'token-result') {
        if (heard.code !== 0) throw await this.refusal('token', heard.code);
        progress.done('token');
        return;
      }
      if (this.#isLost) {
        if (!waitForBoard) throw new TalkError('wifi/radio-lost', { step: 'token', reason: 'disconnected' }, { retryable: true });
        progress.unseen('token');
        return;
      }
    }
    if (seen() === null) throw new TalkError('wifi/no-answer', { method: 'ble', step: 'token' }, { retryable: true });
    progress.unseen('token');
  }

  /** What the board said no to, with its own log as the reason where it gives one. */
  async refusal(step: Step, code: number): Promise<TalkError> {
    const log = await this.ask(step, { kind: 'get-log' }, 'log', LOG_SECONDS).catch(() => null);
    this.#setup.signal.throwIfAborted();
    const line = log?.text.split(/\r?\n/).findLast((each) => each !== '');
    // Without the SDK's milliseconds, function and line number.
    const told = splitCode(line?.replace(/^\d+\|[^:]*: /, '') ?? '');
    const reason = told.reason === '' ? defaultReasons[step] : told.reason;
    return new TalkError('wifi/refused', { method: 'ble', step, code: told.code ?? code, reason }, { retryable: true });
  }

  /** Writes down what came; the event it makes, if it makes one. */
  hear(event: SetupEvent): LlsyncEvent | null {
    const { progress } = this.#setup;
    if (event.kind === 'radio-lost') {
      this.#isLost = true;
      progress.note('disconnected');
    }
    if (event.kind !== 'notified') return null;
    const heard = this.#reader.read(event.data);
    if (heard?.kind === 'log') for (const line of this.#hideRest(heard.text).split(/\r?\n/)) progress.received(`log ${line}`);
    else if (heard !== null) progress.received(wordsOf(heard));
    return heard;
  }
}

const defaultReasons: Record<Step, Reason<'wifi/refused'>> = {
  identify: 'no-reason',
  mode: 'no-station-mode',
  send: 'network-not-taken',
  wifi: 'not-connected',
  token: 'token-not-taken',
};

function wordsOf(event: LlsyncEvent): string {
  const { kind, ...facts } = event;
  return `${kind} ${Object.entries(facts)
    .map(([name, fact]) => `${name}=${JSON.stringify(fact)}`)
    .join(' ')}`;
}
