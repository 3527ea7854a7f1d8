import { TuyaDevice } from '../../../../../pipeline/boards/tuya/device.ts';
import type { TuyaDeviceSession } from '../../../../../pipeline/boards/tuya/device-session.ts';
import { attribute, attributeIds as ids } from '../../../../../pipeline/gateways/tuya/wire/attributes.ts';
import { audioCodecs, eventTypes, streamFlags } from '../../../../../pipeline/gateways/tuya/wire/numbers.ts';
import { asObject } from '../../../../../pipeline/json-object.ts';
import { type DeviceDeps, frameMsOf, parsed, type RerunDevice } from './device.ts';

export interface TuyaAccess {
  host: string;
  port: number;
  isTls: boolean;
  deviceId: string;
  localKey: Uint8Array;
}

const LOOK_MS = 60;

/** A Tuya device whose microphone is the recording; its events begin and end where the recorded ones did. Sound goes as linear samples. */
export function createTuyaDevice(access: TuyaAccess, deps: DeviceDeps): RerunDevice {
  const { clock, recorded } = deps;
  const frameMs = frameMsOf(recorded.uplink.frameMs);
  const session = asObject(parsed(recorded.query.userData ?? '').sessionAttributes) ?? {};
  const audio = recorded.downlink.codec;
  let device: TuyaDevice | null = null;
  let open: TuyaDeviceSession | null = null;
  let eventId: string | null = null;
  let isSpeaking = false;
  let isSounding = false;
  let told = { transcript: '', reply: '' };
  let cancelLook = () => {};

  /** Its turns are read, not told. */
  function look(): void {
    cancelLook = clock.at((clock.nowUs() + LOOK_MS * 1000) as ReturnType<typeof clock.nowUs>, look);
    const turn = open?.turns.all.at(-1);
    if (turn === undefined) return;
    const isNow = turn.pcm.length > 0 && open?.turns.isOver(turn.eventId) === false;
    if (isNow !== isSounding) {
      isSounding = isNow;
      deps.onSounding(isNow, clock.nowUs());
    }
    if (turn.transcript !== told.transcript && turn.transcript !== '') deps.onText('user', turn.transcript);
    if (turn.reply !== told.reply && turn.reply.startsWith(told.reply)) deps.onText('agent', turn.reply.slice(told.reply.length));
    else if (turn.reply !== told.reply) deps.onText('agent', turn.reply);
    told = { transcript: turn.transcript, reply: turn.reply };
  }

  return {
    format: { codec: 'pcm', frameMs },
    async start() {
      const { host, port, isTls, deviceId, localKey } = access;
      device = await TuyaDevice.connect({
        ...{ clock, host, port, deviceId, localKey },
        ...(isTls && { tls: {} }),
        onStep: ({ direction, name, text }) => deps.onMessage(direction, name, text),
      });
      device.onMcp = (message, of) => answerMcp(message, of);
      void device.ended.then((code) => deps.onClosed(code === null ? 'closed' : `closed with ${code}`));
      open = device.openSession({ audio, attributes: { ...session, language: deps.language } });
      look();
    },
    send(packet, isRecorded) {
      if (open === null || eventId === null || !isSpeaking || open.turns.isVadEnded(eventId)) return;
      // Silence is for a cloud that listens for the end; without one the event ends where it did.
      if (isRecorded || recorded.cues.every(({ name }) => name !== 'Audio END')) open.chunk('audio', streamFlags.ing, packet);
    },
    cue({ name, text }) {
      if (open === null) return;
      const attributes = asObject(parsed(text).attributes) ?? {};
      const chat = asObject(parsed(String(attributes.userData ?? '')).chatAttributes) ?? {};
      if (name === 'EventStart') eventId = open.startEvent(chat);
      if (eventId === null) return;
      if (name === 'Audio START') {
        open.chunk('audio', streamFlags.start, new Uint8Array(0), [attribute(ids.audioParams, `${audioCodecs.pcm} 1 16 16000`)]);
        isSpeaking = true;
      } else if (name === 'Audio END') {
        isSpeaking = false;
        open.chunk('audio', streamFlags.end, new Uint8Array(0));
      } else if (name === 'Text ONE') {
        const { data } = parsed(text);
        open.chunk('text', streamFlags.one, new TextEncoder().encode(typeof data === 'string' ? data : JSON.stringify(data ?? '')));
      } else if (name === 'EventPayloadsEnd') open.payloadsEnd(eventId, 'audio');
      else if (name === 'EventEnd') open.endEvent(eventId);
      else if (name === 'EventChatBreak') open.break(eventId);
    },
    async stop() {
      cancelLook();
      open?.close();
      device?.close();
    },
  };

  function answerMcp(message: Record<string, unknown>, of: TuyaDeviceSession | undefined): void {
    const { id, method } = message;
    if (id === undefined || of === undefined) return;
    const reply = (body: object) =>
      of.event(eventTypes.mcp, 'mcp', [], new TextEncoder().encode(JSON.stringify({ jsonrpc: '2.0', id, ...body })));
    if (method !== 'tools/call') {
      reply({ result: method === 'tools/list' ? { tools: listedTools() } : {} });
      return;
    }
    const { name = '', arguments: values } = asObject(message.params) ?? {};
    const answer = deps.tools.take(String(name));
    deps.onTool(String(name), values, answer);
    if (answer === null) {
      reply({ error: { code: -32601, message: `Unknown tool: ${String(name)}` } });
      return;
    }
    const text = typeof answer.result === 'string' ? answer.result : JSON.stringify(answer.result ?? null);
    reply(answer.isOk ? { result: { content: [{ type: 'text', text }] } } : { error: { code: -32000, message: text } });
  }

  function listedTools(): unknown[] {
    return recorded.cues
      .filter(({ name }) => name === 'MCP')
      .flatMap(({ text }) => {
        const said = parsed(text);
        const message = typeof said.data === 'string' ? parsed(said.data) : (asObject(said.data) ?? {});
        const tools = asObject(message.result)?.tools;
        return Array.isArray(tools) ? tools : [];
      });
  }
}
