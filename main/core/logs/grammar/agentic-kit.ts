import type { LogLevel } from '../../../../preload/contract/logs.ts';
import { alone, continuing, factsWith, type Grammar, type LineFacts, newFacts, opening, parseJson } from './grammar.ts';
import { JsonLines, jsonAtEnd } from './json-text.ts';

/**
 * Tuya's agentic-kit (reference/tuya.md §8.1): `HH:MM:SS [L] [tag] text`. Packets are printed as JSON, cut at 1024 bytes. Its
 * demos print `[Text] {…}`, over several lines when the author folded them, and `[main] …`.
 */
const line = /^(\d\d:\d\d:\d\d) \[([A-Z])\] \[([^\]]{1,40})\] ?(.*)$/s;
const demoLine = /^\[(Text|main|pkt|tai)\] (.*)$/s;
const packet = /^(send|receive)(?:-(audio|video|image))?: +(\{.*)$/s;
const packetType = /"packet-type":"([^"]{1,40})"/;

const levels: Readonly<Record<string, LogLevel>> = { E: 'error', W: 'warn', N: 'info', I: 'info', D: 'debug', V: 'verbose', T: 'verbose' };

/** Names and numbers of the stream flag that begins and ends an audio (reference/tuya.md §3.4). */
const isStart = (flag: unknown) => flag === 1 || flag === 'start';
const isEnd = (flag: unknown) => flag === 3 || flag === 'end';

export const agenticKit: Grammar = {
  name: 'agentic-kit',
  begins: [line, demoLine],
  match(text, block) {
    const found = line.exec(text);
    if (found !== null) {
      const [, time, letter = '', tag, message = ''] = found;
      const facts = messageFacts(message);
      facts.level = levels[letter];
      facts.deviceTime = time;
      facts.tag = tag;
      return alone(facts);
    }
    const demo = demoLine.exec(text);
    if (demo !== null) {
      const [, tag = '', message = ''] = demo;
      const facts = messageFacts(message);
      facts.tag = tag;
      const json = message.startsWith('{') ? new JsonLines(message) : null;
      return json?.isOpen ? opening('json', facts, json) : alone(facts);
    }
    const json = block?.state;
    if (!(json instanceof JsonLines) || !json.add(text)) return null;
    const value = json.value();
    return continuing(value === undefined ? newFacts(text) : factsWith(text, { payload: value, ...textFacts(value) }));
  },
};

function messageFacts(message: string): LineFacts {
  const found = packet.exec(message);
  if (found !== null) return factsWith(message, packetFacts(found));
  const value = jsonAtEnd(message);
  return value === undefined ? newFacts(message) : factsWith(message, { payload: value, ...textFacts(value) });
}

function packetFacts([, verb, media, text = '']: RegExpExecArray): Partial<LineFacts> {
  const value = parseJson(text);
  const direction = verb === 'send' ? 'sent' : 'received';
  const type = packetType.exec(text)?.[1] ?? media;
  const payload = { direction, ...(type === undefined ? {} : { type }), isCut: value === undefined };
  if (!isRecord(value)) return { event: 'tuya.packet', payload };
  const body = isRecord(value.payload) ? value.payload : {};
  if (type === 'audio') {
    const event = audioEvent(direction, body['stream-flag']);
    if (event !== undefined) return { event, payload: { ...payload, packet: value } };
  }
  // The words of a text packet are JSON inside a string.
  const words = typeof body.data === 'string' && direction === 'received' ? textFacts(parseJson(body.data)) : {};
  return { event: 'tuya.packet', payload: { ...payload, packet: value }, ...words };
}

function audioEvent(direction: string, flag: unknown) {
  if (direction === 'sent') return isStart(flag) ? 'turn.user-started' : isEnd(flag) ? 'turn.user-ended' : undefined;
  return isStart(flag) ? 'turn.bot-started' : isEnd(flag) ? 'turn.bot-ended' : undefined;
}

/** `{bizType, eof, data}`: what was recognised, answered or asked for (reference/tuya.md §6.5). */
function textFacts(value: unknown): Partial<LineFacts> {
  if (!isRecord(value) || !isRecord(value.data)) return {};
  const { bizType, data } = value;
  const isFinal = value.eof === 1;
  if (bizType === 'ASR' && typeof data.text === 'string') {
    if (data.text === '' && isFinal) return { event: 'tuya.asr-empty', payload: value };
    return { event: 'turn.user-text', payload: { text: data.text, isFinal } };
  }
  if (bizType === 'NLG' && typeof data.content === 'string' && data.content !== '')
    return { event: 'turn.bot-text', payload: { text: data.content, isFinal } };
  if (bizType === 'SKILL' && typeof data.code === 'string') return { event: 'tuya.skill', payload: { ...data, code: data.code } };
  return {};
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
