import { TalkError } from '../../../preload/contract/errors.ts';
import type { PortOptions } from '../../../preload/contract/ports.ts';
import type { Clock, MonoUs } from '../../../preload/contract/time.ts';
import type { BytePort } from './port.ts';
import { PortListeners } from './port-listeners.ts';
import { closeSocket, connectTo, type HostPort, watchSocket, writeSocket } from './socket.ts';
import { escapeTelnet, negotiation, subnegotiation, TelnetDecoder, telnet } from './telnet.ts';

const ANSWER_TIMEOUT_MS = 3000;

const option = { binary: 0, suppressGoAhead: 3, comPort: 44 } as const;
/** COM-PORT-OPTION commands as the client sends them; the server answers with 100 more (RFC 2217 §3). */
const command = { baudRate: 1, dataSize: 2, parity: 3, stopSize: 4, control: 5, purge: 12 } as const;
const ANSWER_OFFSET = 100;
const parityCodes = { none: 1, odd: 2, even: 3, mark: 4, space: 5 } as const;
const control = { xonxoff: 2, rtscts: 3, dtrOn: 8, dtrOff: 9, rtsOn: 11, rtsOff: 12 } as const;
const PURGE_RECEIVED = 1;

interface Waiting {
  command: number;
  resolve(value: Uint8Array): void;
}

/**
 * `rfc2217://host:port`: a serial line behind telnet COM-PORT-OPTION (RFC 2217), with baud rate, framing and DTR/RTS.
 * Fails with `port/refused` {reason 'no-com-port-option'} when the peer is not such a server. Sends nothing about DTR and
 * RTS until asked.
 */
export async function openRfc2217(address: string, peer: HostPort, options: PortOptions, clock: Clock): Promise<BytePort> {
  const socket = await connectTo(address, peer);
  const listeners = new PortListeners(() => socket.resume());
  const decoder = new TelnetDecoder();
  const waiting = new Set<Waiting>();
  /** Options already answered for, so that two polite ends do not answer each other for ever. */
  const agreed = new Set<string>();
  let onComPort: (isServed: boolean) => void = () => {};
  let acknowledgesControl = true;

  watchSocket(address, socket, listeners);
  socket.on('data', (chunk) => {
    const atUs = clock.nowUs();
    for (const item of decoder.push(chunk)) {
      if (item.kind === 'data') listeners.deliver(item.bytes, atUs);
      else if (item.kind === 'negotiate') negotiate(item.verb, item.option);
      else if (item.bytes[0] === option.comPort) answered(item.bytes);
    }
  });
  socket.on('close', () => onComPort(false));

  function send(bytes: readonly number[]): Promise<void> {
    return writeSocket(address, socket, Uint8Array.from(bytes));
  }

  /** For answers to the peer: if they cannot be sent the socket's close says so. */
  function sendQuietly(bytes: readonly number[]): void {
    send(bytes).catch(() => {});
  }

  function negotiate(verb: number, about: number): void {
    const isOurs = about === option.binary || about === option.suppressGoAhead || about === option.comPort;
    if (about === option.comPort && verb === telnet.do) onComPort(true);
    if (about === option.comPort && verb === telnet.dont) onComPort(false);
    if (verb !== telnet.do && verb !== telnet.will) return;
    const key = `${verb} ${about}`;
    if (agreed.has(key)) return;
    agreed.add(key);
    if (verb === telnet.do) sendQuietly(negotiation(isOurs ? telnet.will : telnet.wont, about));
    else sendQuietly(negotiation(isOurs ? telnet.do : telnet.dont, about));
  }

  function answered(bytes: Uint8Array): void {
    for (const one of waiting)
      if (bytes[1] === one.command + ANSWER_OFFSET) {
        one.resolve(bytes.subarray(2));
        return;
      }
  }

  /** Data that nobody listens for stays at the peer, unless an answer is awaited behind it. */
  function readWhileHeard(): void {
    if (listeners.isHeard || waiting.size > 0) socket.resume();
    else socket.pause();
  }

  /** The server's answer, or null when it gives none in time. */
  function answerTo(commandCode: number): Promise<Uint8Array | null> {
    return new Promise((resolve) => {
      const end = (value: Uint8Array | null) => {
        cancel();
        waiting.delete(one);
        readWhileHeard();
        resolve(value);
      };
      const one: Waiting = { command: commandCode, resolve: end };
      const cancel = clock.at((clock.nowUs() + ANSWER_TIMEOUT_MS * 1000) as MonoUs, () => end(null));
      waiting.add(one);
      readWhileHeard();
    });
  }

  /** The server answers with the value in force, which may not be the one asked for. */
  async function set(commandCode: number, value: readonly number[], feature: string): Promise<void> {
    const answer = answerTo(commandCode);
    await send(subnegotiation(option.comPort, [commandCode, ...value]));
    const inForce = await answer;
    if (inForce === null)
      throw new TalkError('timeout', { operation: `rfc2217 ${feature}`, timeoutMs: ANSWER_TIMEOUT_MS }, { retryable: true });
    if (value.some((byte, index) => inForce[index] !== byte)) throw new TalkError('port/unsupported', { address, feature });
  }

  function setBaudRate(baudRate: number): Promise<void> {
    return set(command.baudRate, uint32(baudRate), `baudRate ${baudRate}`);
  }

  async function agreeOnComPort(): Promise<void> {
    const isServed = await new Promise<boolean>((resolve) => {
      const cancel = clock.at((clock.nowUs() + ANSWER_TIMEOUT_MS * 1000) as MonoUs, () => resolve(false));
      onComPort = (answer) => {
        cancel();
        resolve(answer);
      };
      for (const about of [option.comPort, option.binary, option.suppressGoAhead]) agreed.add(`${telnet.do} ${about}`);
      for (const about of [option.binary, option.suppressGoAhead]) agreed.add(`${telnet.will} ${about}`);
      sendQuietly([
        ...negotiation(telnet.will, option.comPort),
        ...negotiation(telnet.will, option.binary),
        ...negotiation(telnet.do, option.binary),
        ...negotiation(telnet.will, option.suppressGoAhead),
        ...negotiation(telnet.do, option.suppressGoAhead),
      ]);
    });
    if (!isServed) throw new TalkError('port/refused', { address, reason: 'no-com-port-option' });
  }

  try {
    await agreeOnComPort();
    await setBaudRate(options.baudRate);
    await set(command.dataSize, [options.dataBits], `dataBits ${options.dataBits}`);
    await set(command.parity, [parityCodes[options.parity]], `parity ${options.parity}`);
    if (options.flowControl !== 'none') await set(command.control, [control[options.flowControl]], `flowControl ${options.flowControl}`);
    await set(command.stopSize, [options.stopBits === 1.5 ? 3 : options.stopBits], `stopBits ${options.stopBits}`);
  } catch (error) {
    await closeSocket(socket, listeners);
    throw error;
  }
  readWhileHeard();

  return {
    address,
    write: (data) => writeSocket(address, socket, escapeTelnet(data)),
    async setSignals({ dtr, rts }) {
      // Together, and only then the wait: a pause between the two would let the board out of reset in the wrong mode.
      const answers = acknowledgesControl ? [answerTo(command.control), answerTo(command.control)] : [];
      await send([
        ...subnegotiation(option.comPort, [command.control, dtr ? control.dtrOn : control.dtrOff]),
        ...subnegotiation(option.comPort, [command.control, rts ? control.rtsOn : control.rtsOff]),
      ]);
      // Some servers move the lines and never say so; they are not waited for twice.
      if ((await Promise.all(answers)).includes(null)) acknowledgesControl = false;
      return true;
    },
    async setBaudRate(baudRate) {
      // As a local driver does: what came at the old rate and was not read yet is dropped by the far end.
      await send(subnegotiation(option.comPort, [command.purge, PURGE_RECEIVED]));
      await setBaudRate(baudRate);
    },
    onData: (listener) => listeners.onData(listener),
    onClose: (listener) => listeners.onClose(listener),
    close: () => closeSocket(socket, listeners),
  };
}

function uint32(value: number): number[] {
  return [(value >>> 24) & 255, (value >>> 16) & 255, (value >>> 8) & 255, value & 255];
}
