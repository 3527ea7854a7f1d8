import { createSocket, type Socket } from 'node:dgram';
import type { Reason } from '../../../preload/contract/reasons.ts';
import { TalkError } from '../../../preload/contract/talk-error.ts';
import type { Clock } from '../../../preload/contract/time.ts';
import { awaitArrival } from './arrival.ts';
import type { HostNetwork } from './host-network.ts';
import type { Inbox } from './inbox.ts';
import { type Setup, type SetupEvent, secondsFrom } from './setup.ts';
import { credentialsMessage, logQuery, parseSoftApMessage, type SoftApMessage } from './softap-messages.ts';

/** As the vendor's document has it: sent again after two seconds without an answer, five times in all. */
const ATTEMPTS = 5;
const ATTEMPT_SECONDS = 2;
const noReason: Reason<'wifi/refused'> = 'no-reason';
/** For a person to find the board's network in a list, and to be given an address. */
const JOIN_SECONDS = 300;
/** The SDK's queue of errors that wait to be told. */
const TOLD_ERRORS = 16;

export interface SoftApOptions {
  address: string;
  port: number;
  isJoined: boolean;
  network: HostNetwork;
}

/**
 * The vendor's SoftAP setup, version 2: credentials as a UDP datagram to the board in its own network, then the board's way to
 * the bench. Fails with 'wifi/no-radio', 'wifi/no-answer', 'wifi/refused', 'wifi/not-seen'.
 */
export async function setUpOverSoftAp(setup: Setup, options: SoftApOptions): Promise<void> {
  const { progress } = setup;
  await awaitBoardNetwork(setup, options);
  progress.begin('reach');
  using link = await openLink(options, setup);
  progress.done('reach');
  await handOver(setup, link);
  progress.reach('accepted');
  progress.begin('leave');
  const wasNear = options.network.isNear(options.address);
  try {
    await awaitArrival(setup, {
      onEvent: (event) => heed(setup, event, 'online'),
      poll: () => {
        if (wasNear && isRunning(setup, 'leave') && !options.network.isNear(options.address)) progress.done('leave');
      },
    });
  } finally {
    // It is no failure of this step when the board is not seen.
    if (isRunning(setup, 'leave')) progress.unseen('leave');
  }
}

function isRunning({ progress }: Setup, name: string): boolean {
  return progress.run.steps.some((step) => step.name === name && step.state === 'running');
}

async function awaitBoardNetwork({ clock, progress, inbox }: Setup, { address, isJoined, network }: SoftApOptions): Promise<void> {
  progress.begin('join-board');
  if (!isJoined && !network.isNear(address)) {
    if ((await network.hasWifi()) === false) throw new TalkError('wifi/no-radio', { method: 'softap' });
    const untilUs = secondsFrom(clock, JOIN_SECONDS);
    for (;;) {
      const event = await inbox.next(secondsFrom(clock, 1));
      if (event?.kind === 'user-joined' || network.isNear(address)) break;
      if (clock.nowUs() >= untilUs)
        throw new TalkError('wifi/no-answer', { method: 'softap', step: 'join-board', address }, { retryable: true });
    }
  }
  progress.done('join-board');
}

/** Sends until the board says that it took them, or shows this bench the token. */
async function handOver(setup: Setup, link: Link): Promise<void> {
  const { clock, progress, inbox, credentials, arrivals } = setup;
  const message = credentialsMessage(credentials);
  let malformed = 0;
  progress.begin('send');
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    progress.sent(`${message}${attempt === 1 ? '' : ` (${attempt} of ${ATTEMPTS})`}`);
    await link.send(message);
    if (attempt === 1) {
      progress.done('send');
      progress.begin('reply');
    }
    const untilUs = secondsFrom(clock, ATTEMPT_SECONDS);
    for (let event = await inbox.next(untilUs); event !== null; event = await inbox.next(untilUs)) {
      if (arrivals.of(null) !== null) {
        progress.note('its answer was lost; its token arrived');
        progress.done('reply');
        return;
      }
      const accepted = heed(setup, event, 'reply');
      if (event.kind === 'message' && event.message.kind === 'unknown') malformed++;
      if (accepted === null) continue;
      const { productId, deviceName } = accepted;
      if (productId !== null || deviceName !== null) progress.device({ productId, deviceName });
      progress.done('reply');
      return;
    }
  }
  throw new TalkError(
    'wifi/no-answer',
    { method: 'softap', step: 'reply', address: link.name, attempts: ATTEMPTS, ...(malformed === 0 ? {} : { malformed }) },
    { retryable: true },
  );
}

type Accepted = Extract<SoftApMessage, { kind: 'accepted' }>;

/** Writes down what came. An error of this setup is thrown; one of an earlier setup is only told. */
function heed({ progress }: Setup, event: SetupEvent, step: string): Accepted | null {
  if (event.kind === 'socket-error') progress.note(event.reason);
  if (event.kind !== 'message') return null;
  const { message, text } = event;
  progress.received(text);
  if (message.kind === 'accepted') return message;
  if (message.kind === 'unknown') progress.note(`not understood: ${message.why}`);
  if (message.kind === 'error' && message.isOld) progress.note('an error of an earlier setup, told again by the board');
  if (message.kind === 'error' && !message.isOld) {
    const reason = message.reason === '' ? noReason : message.reason;
    throw new TalkError('wifi/refused', { method: 'softap', step, code: message.code ?? '—', reason }, { retryable: true });
  }
  return null;
}

interface Link extends Disposable {
  /** 'udp://192.168.4.1:8266' */
  name: string;
  send(text: string): Promise<void>;
}

interface Reader {
  clock: Clock;
  signal: AbortSignal;
  inbox: Inbox<SetupEvent>;
}

async function openLink({ address, port }: { address: string; port: number }, { inbox, signal }: Omit<Reader, 'clock'>): Promise<Link> {
  const name = `udp://${address.includes(':') ? `[${address}]` : address}:${port}`;
  const socket = await connectSocket(address, port, signal);
  socket.on('message', (datagram) => {
    inbox.offer({ kind: 'message', message: parseSoftApMessage(datagram), text: oneLine(datagram.toString('utf8')) });
  });
  // Of an earlier datagram: nobody listens on the port yet, or any more.
  socket.on('error', (error: NodeJS.ErrnoException) => inbox.offer({ kind: 'socket-error', reason: error.code ?? error.message }));
  return {
    name,
    send: (text) =>
      new Promise((resolve) => {
        // A datagram that cannot leave is a lost one: there is another attempt.
        socket.send(text, (error) => {
          if (error !== null) inbox.offer({ kind: 'socket-error', reason: (error as NodeJS.ErrnoException).code ?? error.message });
          resolve();
        });
      }),
    [Symbol.dispose]: () => void socket.close(),
  };
}

/** JSON on one line, whatever the board's printer made of it. */
function oneLine(text: string): string {
  const trimmed = text.replaceAll('\0', '').trim();
  if (!trimmed.startsWith('{')) return trimmed;
  const lines = trimmed.split('\n').map((line) => line.trim());
  return lines.filter((line) => line !== '').join(' ');
}

/** Connected, so that datagrams of others are not heard. A name may take its time to be looked up: `signal` does not wait for it. */
function connectSocket(address: string, port: number, signal: AbortSignal): Promise<Socket> {
  signal.throwIfAborted();
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
  return new Promise((resolve, reject) => {
    const onAbort = (): void => {
      socket.close();
      reject(signal.reason);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    const fail = (error: NodeJS.ErrnoException): void => {
      signal.removeEventListener('abort', onAbort);
      socket.close();
      reject(
        new TalkError(
          'wifi/no-answer',
          { method: 'softap', step: 'reach', address, reason: error.code ?? error.message },
          { retryable: true },
        ),
      );
    };
    socket.once('error', fail);
    socket.connect(port, address, () => {
      signal.removeEventListener('abort', onAbort);
      socket.off('error', fail);
      resolve(socket);
    });
  });
}

/**
 * A board's log of a setup that failed. The SDK answers on the setup's own port, where its setup ends with it, and afterwards in a
 * network it opens for this, on 9876. Errors it has not told yet come before, each in a message of its own; a board without a log
 * may have nothing else to say. Fails with 'wifi/no-answer', for an empty log too: the SDK does not answer then.
 */
export async function readBoardLog(reader: Reader, where: { address: string; port: number }): Promise<string[]> {
  const { clock, inbox } = reader;
  using link = await openLink(where, reader);
  const errors: string[] = [];
  for (let attempt = 1; attempt <= ATTEMPTS && errors.length === 0; attempt++) {
    await link.send(logQuery);
    const untilUs = secondsFrom(clock, ATTEMPT_SECONDS);
    for (let event = await inbox.next(untilUs); event !== null; event = await inbox.next(untilUs)) {
      if (event.kind !== 'message') continue;
      if (event.message.kind === 'log') return [...errors, ...event.message.lines];
      if (event.message.kind === 'error' && errors.length < TOLD_ERRORS) errors.push(event.message.log);
    }
  }
  if (errors.length > 0) return errors;
  throw new TalkError('wifi/no-answer', { method: 'softap', step: 'log', address: link.name, attempts: ATTEMPTS }, { retryable: true });
}
