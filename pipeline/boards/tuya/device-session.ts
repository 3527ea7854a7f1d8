import { randomBytes } from 'node:crypto';
import type { MonoUs } from '../../../preload/contract/time.ts';
import { createOpusEncoder } from '../../audio/opus.ts';
import type { ChannelName } from '../../gateways/tuya/channels.ts';
import { writeUserData } from '../../gateways/tuya/user-data.ts';
import { type Attribute, attribute, attributeIds as ids } from '../../gateways/tuya/wire/attributes.ts';
import { encodeChunk, encodeEvent } from '../../gateways/tuya/wire/heads.ts';
import { audioCodecs, eventTypes, packetTypes, type StreamFlag, statuses, streamFlags } from '../../gateways/tuya/wire/numbers.ts';
import { packet } from '../../gateways/tuya/wire/packet.ts';
import type { TuyaDevice } from './device.ts';
import type { HeardTurn, HeardTurns } from './heard-turns.ts';

const FRAME_MS = 20;
/** What the device sends on, in the order of its channels. */
export const sentChannels: readonly ChannelName[] = ['audio', 'text', 'image', 'file', 'video'];

/** A session of the device, open. */
export class TuyaDeviceSession {
  readonly sessionId: string;
  readonly turns: HeardTurns;
  readonly #device: TuyaDevice;
  readonly #ids: Record<ChannelName, number>;
  #sequence = 0;

  constructor(device: TuyaDevice, sessionId: string, sendIds: readonly number[], turns: HeardTurns) {
    this.sessionId = sessionId;
    this.turns = turns;
    this.#device = device;
    this.#ids = Object.fromEntries(sentChannels.map((name, index) => [name, sendIds[index] ?? 0])) as Record<ChannelName, number>;
  }

  startEvent(chat: Record<string, unknown> = {}): string {
    const eventId = this.#device.isApp
      ? `vcd-event-${randomBytes(16).toString('hex')}`
      : randomBytes(10)
          .toString('hex')
          .replace(/(.{8})(.{4})(.{4}).*/u, '$1-$2-$3');
    this.event(eventTypes.start, eventId, writeUserData(this.#device.version, { chat }));
    return eventId;
  }

  event(type: number, eventId: string, more: Attribute[] = [], data?: Uint8Array): void {
    const attributes = [attribute(ids.sessionId, this.sessionId), attribute(ids.eventId, eventId), ...more];
    this.#device.send(packet(packetTypes.event, attributes, encodeEvent(this.#device.eventHead, type, data)));
  }

  payloadsEnd(eventId: string, channel: ChannelName): void {
    // agentic-kit has the channel beside the user data, TuyaOpen's V1 within.
    const more =
      this.#device.version === 1
        ? writeUserData(1, { payloadsEndDataId: this.#ids[channel] })
        : [attribute(ids.payloadsEndDataId, this.#ids[channel])];
    this.event(eventTypes.payloadsEnd, eventId, more);
  }

  endEvent(eventId: string): void {
    this.event(eventTypes.end, eventId);
  }

  break(eventId: string): void {
    this.event(eventTypes.chatBreak, eventId);
    this.#device.check.leaving(eventId);
    // Its pong tells that the break has arrived.
    this.#device.ping();
  }

  chunk(channel: ChannelName, flag: StreamFlag, data: Uint8Array, attributes: Attribute[] = []): void {
    const type = packetTypes[channel];
    const head = { dataId: this.#ids[channel], flag, timestampMs: this.#device.wallMs(), sequence: ++this.#sequence, data };
    this.#device.send(packet(type, attributes, encodeChunk(this.#device.version, type, head)));
  }

  /** One written question, and its answer. */
  async ask(text: string, chat: Record<string, unknown> = {}): Promise<HeardTurn> {
    const eventId = this.startEvent(chat);
    this.chunk('text', streamFlags.one, new TextEncoder().encode(text));
    this.payloadsEnd(eventId, 'text');
    this.endEvent(eventId);
    return this.turns.until(eventId);
  }

  picture(data: Uint8Array, format: 1 | 2 = 1): void {
    this.chunk('image', streamFlags.one, data, [attribute(ids.imageParams, `0 ${format} 0 0`)]);
  }

  /**
   * Speaks 16 kHz mono at the pace of its samples and waits for the answer. With the cloud's voice activity detection it goes on with silence
   * until the cloud says ServerVAD, and never sends the sound's END (§6.4).
   */
  async speak(
    pcm: Int16Array,
    options: { codec?: 'pcm' | 'opus'; isServerVad?: boolean; chat?: Record<string, unknown> } = {},
  ): Promise<HeardTurn> {
    const { codec = 'pcm', isServerVad = false, chat = {} } = options;
    const encoder =
      codec === 'opus' ? createOpusEncoder({ sampleRate: 16000, channels: 1, bitrate: 16000, frameMs: FRAME_MS, isCbr: true }) : null;
    const frameSamples = FRAME_MS * 16;
    const eventId = this.startEvent({ ...chat, ...(isServerVad && { 'asr.enableVad': true }) });
    const parameters =
      codec === 'pcm' ? `${audioCodecs.pcm} 1 16 16000` : `${audioCodecs.opus} 1 16 16000 0 16000 ${FRAME_MS} ${(16000 * FRAME_MS) / 8000}`;
    this.chunk('audio', streamFlags.start, new Uint8Array(0), [attribute(ids.audioParams, parameters)]);
    let nextUs: MonoUs = this.#device.clock.nowUs();
    const isWanted = () => !this.#device.isClosed && !this.turns.isVadEnded(eventId) && !this.turns.isOver(eventId);
    for (let at = 0; isServerVad ? isWanted() : at < pcm.length && isWanted(); at += frameSamples) {
      const frame = new Int16Array(frameSamples);
      frame.set(pcm.subarray(at, at + frameSamples));
      this.chunk('audio', streamFlags.ing, encoder === null ? new Uint8Array(frame.buffer) : encoder.encode(frame));
      nextUs = (nextUs + FRAME_MS * 1000) as MonoUs;
      await new Promise<void>((resolve) => this.#device.clock.at(nextUs, resolve));
    }
    encoder?.close();
    if (!isServerVad) {
      this.chunk('audio', streamFlags.end, new Uint8Array(0));
      this.payloadsEnd(eventId, 'audio');
      this.endEvent(eventId);
    }
    return this.turns.until(eventId);
  }

  close(): void {
    this.#device.send(
      packet(packetTypes.sessionClose, [
        attribute(ids.sessionId, this.sessionId),
        attribute(ids.sessionCloseCode, statuses.closedByClient),
      ]),
    );
  }
}
