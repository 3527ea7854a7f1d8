import type { LogEventName } from '../events.ts';
import { parseJson, type Rule, RuleTable } from './grammar.ts';

/** What the numbers of the AI stream's events mean (reference/tuya.md §2.3). */
export const streamEvents: Readonly<Record<number, string>> = {
  0: 'start',
  1: 'payloads-end',
  2: 'end',
  3: 'one-shot',
  4: 'chat-break',
  5: 'server-vad',
  6: 'clear-data-cache',
  1000: 'mcp',
  1001: 'server-timeout',
  1002: 'update-context',
  61440: 'chat-exit',
};

const nothing = (): undefined => undefined;
const detail = ([text]: RegExpExecArray) => ({ detail: text });
const detailAndCode = ([text, code]: RegExpExecArray) => ({ detail: text, ...(code === undefined ? {} : { code: Number(code) }) });
const reason = ([text]: RegExpExecArray) => ({ reason: text });
const change = ([, from, to]: RegExpExecArray) => ({ from: Number(from), to: Number(to) });

/** One rule for each beginning: a table is looked up by a text's first letter, which a rule of many beginnings has not. */
const each = (event: LogEventName, payload: (match: RegExpExecArray) => unknown, ...patterns: RegExp[]): Rule[] =>
  patterns.map((pattern) => ({ pattern, event, payload }));

/** The AI SDK's messages by stage: the catalogue of reference/tuya.md §8.2. */
const ai: readonly Rule[] = [
  // configuration
  { pattern: /^mq (?:ser cfg|token) ack timeout(?: (-?\d+))?/, event: 'tuya.config-failed', payload: detailAndCode },
  ...each('tuya.config-failed', detail, /^get agent token failed/, /^bizId is not match.*/),
  ...each('tuya.config-failed', detailAndCode, /^host num err ?(-?\d+)/, /^http post err, rt: ?(-?\d+)/),
  { pattern: /^errorCode: (\S+)/, event: 'tuya.config-failed', payload: ([text, code]) => ({ detail: text, code }) },
  // connection
  { pattern: /^\*{3,} ai client state (\d+) -> (\d+) \*/, event: 'tuya.client-state', payload: change },
  {
    pattern: /^connect to host ?:([^,\s]+), port: ?(\d+) failed, rt: ?(-?\d+)/,
    event: 'voice.failed',
    payload: ([, host, port, code]) => ({ detail: `${host}:${port}`, code: Number(code) }),
  },
  {
    pattern: /^connect to host ?:([^,\s]+), port: ?(\d+)/,
    event: 'voice.connecting',
    payload: ([, host, port]) => ({ host, port: Number(port) }),
  },
  {
    pattern: /^connect to cloud failed, (?:sleep (\d+) s|.*)/,
    event: 'voice.failed',
    payload: ([text, seconds]) => ({ detail: text, ...(seconds === undefined ? {} : { retrySeconds: Number(seconds) }) }),
  },
  {
    pattern: /^ai client running error (-?\d+), reconnect/,
    event: 'voice.disconnected',
    payload: ([, code]) => ({ reason: 'error', code: Number(code) }),
  },
  // authentication
  { pattern: /^auth success/, event: 'voice.connected' },
  { pattern: /^auth failed, status: ?(\d+)/, event: 'voice.failed', payload: detailAndCode },
  { pattern: /^auth resp attr num error: ?(-?\d+)/, event: 'voice.failed', payload: detailAndCode },
  { pattern: /^recv connect close when auth: ?(-?\d+)/, event: 'voice.failed', payload: detailAndCode },
  { pattern: /^connection id: ?(\S+)/, payload: ([, connectionId]) => ({ connectionId }) },
  // cryptography
  {
    pattern: /^ai proto init success, sl: ?(\d+)/,
    event: 'tuya.protocol-ready',
    payload: ([, level]) => ({ securityLevel: Number(level) }),
  },
  ...each('tuya.crypto-error', detail, /^packet sign error.*/, /^sequence error.*/, /^origin len error.*/, /^recv packet too long.*/),
  {
    pattern: /^aes\w*_gcm_decode error: ?([0-9a-fx]+)/i,
    event: 'tuya.crypto-error',
    payload: ([text, code = '']) => ({ detail: text, code: Number.parseInt(code, 16) }),
  },
  // keep-alive
  { pattern: /^ai ping/, event: 'tuya.ping' },
  { pattern: /^ai pong/, event: 'tuya.pong' },
  ...each('voice.disconnected', reason, /^alive timeout/, /^ping lost >= \d+.*/, /^recv conn close by server/),
  {
    pattern: /^connect refresh success, ?expire: ?(\d+) current: ?(\d+) next ?(\d+) s/,
    event: 'tuya.refreshed',
    payload: ([, expire, current, next]) => ({ expire: Number(expire), current: Number(current), nextSeconds: Number(next) }),
  },
  { pattern: /^recv delay disconnect pkt/, event: 'tuya.delay-disconnect' },
  {
    pattern: /^ai client init success(?:, version: ?(\d+))?/,
    event: 'tuya.client-ready',
    facts: ([, version]) => (version === undefined ? {} : { payload: { version: Number(version) } }),
  },
  // session
  { pattern: /^create session success, ?(\S+)/, event: 'tuya.session-created', payload: ([, sessionId]) => ({ sessionId }) },
  ...each(
    'tuya.session-error',
    detail,
    /^session num is full/,
    /^session not found/,
    /^event or session id was null/,
    /^agent token expired/,
  ),
  { pattern: /^close session err code: ?(-?\d+)/, event: 'tuya.session-error', payload: detailAndCode },
  ...each(
    'tuya.session-closed',
    ([, sessionId]) => ({ sessionId }),
    // The SDK's own spelling.
    /^del sesso?ion id: ?(\S+)/,
    /^close session id: ?(\S+)/,
  ),
  {
    pattern: /^session attrs: (.*)/s,
    event: 'tuya.session-attributes',
    payload: ([, text = '']) => ({ attributes: parseJson(text) ?? text }),
  },
  // turn
  { pattern: /^event id is (\S+)/, event: 'tuya.event-id', payload: ([, eventId]) => ({ eventId }) },
  {
    pattern: /^send event rt: ?(-?\d+), type: ?(\d+)/,
    event: 'tuya.event',
    payload: ([, result, type]) => ({ ...eventOf(type), result: Number(result) }),
  },
  { pattern: /^\[upload event\] type: ?(\d+)/, event: 'tuya.event', payload: ([, type]) => eventOf(type) },
  {
    pattern: /^\[ptype (\d+) upload stream\] len: ?(\d+) flag ?(\d+), total_len: ?(\d+), id: ?(\d+)/,
    event: 'tuya.upload',
    payload: ([, type, bytes, flag, total, id]) => ({
      packetType: Number(type),
      bytes: Number(bytes),
      flag: Number(flag),
      totalBytes: Number(total),
      id: Number(id),
    }),
  },
  {
    pattern: /^\[=+ai event cb=+\] type: ?(\d+), sid: ?([^,]*), eid: ?(\S*)/,
    facts: ([, type, sessionId, eventId]) => ({
      event: type === '4' ? 'turn.interrupted' : 'tuya.event',
      payload: { ...eventOf(type), sessionId, eventId, ...(type === '4' ? { source: 'cloud' } : {}) },
    }),
  },
  { pattern: /^ai input start, state: ?(\d+)/, event: 'turn.user-started', payload: ([, state]) => ({ state: Number(state) }) },
  { pattern: /^asr wakeup key: ?(-?\d+)/, event: 'turn.wakeup', payload: ([, key]) => ({ word: Number(key) }) },
  // result
  { pattern: /^ASR text: ?(.*)/s, event: 'turn.user-text', payload: ([, text]) => ({ text }) },
  { pattern: /^ASR empty/, event: 'tuya.asr-empty' },
  { pattern: /^NLG text: ?(.*)/s, event: 'turn.bot-text', payload: ([, text]) => ({ text }) },
  { pattern: /^Skill code: ?(\S+)/, event: 'tuya.skill', payload: ([, code]) => ({ code }) },
  { pattern: /^Emotion: ?(.*)/, event: 'tuya.emotion', payload: ([, emotion]) => ({ emotion }) },
  { pattern: /^mcp data: ?(.*)/s, event: 'tuya.mcp', payload: ([, text = '']) => ({ message: parseJson(text) ?? text }) },
  { pattern: /^server vad/, event: 'turn.user-ended', payload: () => ({ source: 'server-vad' }) },
  // playback
  { pattern: /^\[output\] start\. ?status: ?(-?\d+)/, event: 'turn.bot-started' },
  {
    pattern: /^\[output\] stop\. ?force: ?(\d+) status: ?(-?\d+)/,
    event: 'turn.bot-ended',
    payload: ([, force]) => ({ isForced: force !== '0' }),
  },
  { pattern: /^ai audio player stat changed: ?(\d+)->(\d+)/, event: 'tuya.player-state', payload: change },
  { pattern: /^ai audio event changed: ?(\d+)->(\d+)/, event: 'tuya.audio-event', payload: change },
];

/** What the rest of TuyaOpen says: memory, licence, cloud client, MQTT, network. From the SDK's examples and issues. */
const system: readonly Rule[] = [
  ...each(
    'out-of-memory',
    ([, bytes, free]) => ({ bytes: Number(bytes), freeBytes: Number(free) }),
    /^malloc failed: ?(0x[0-9a-f]+) free: ?(0x[0-9a-f]+)/i,
    /^0x[0-9a-f]+ malloc failed: ?(0x[0-9a-f]+) free: ?(0x[0-9a-f]+)/i,
  ),
  { pattern: /^Create Thrd Fail: ?(-?\d+)/, event: 'tuya.thread-failed', payload: ([, code]) => ({ code: Number(code) }) },
  ...each(
    'heap',
    ([, free]) => ({ freeBytes: Number(free) }),
    /^\[[^\]]{1,40}\] heap after app init: ?(\d+)/i,
    /^device free heap:? ?(\d+)/i,
    /^free heap(?: size)?: ?(\d+)/i,
    /^cur(?:rent)? free heap(?: size)?: ?(\d+)/i,
  ),
  ...each('licence', detail, /^Authorization read failure/, /^Replace the TUYA_OPENSDK_UUID and TUYA_OPENSDK_AUTHKEY contents/),
  { pattern: /^(STATE_[A-Z0-9_]+)/, event: 'tuya.state', payload: ([, state]) => ({ state }) },
  { pattern: /^Activation data read fail/, event: 'tuya.state', payload: () => ({ state: 'unactivated' }) },
  {
    pattern: /^Tuya Event ID: ?(\d+)\((\w+)\)/,
    facts: ([, number, name = '']) => ({ event: iotEvents.get(name) ?? 'tuya.iot-event', payload: { number: Number(number), name } }),
  },
  ...each(
    'boot.app-info',
    ([, key, value]) => ({ key, value }),
    // Not the authkey, which is a secret.
    /^(software_ver): ?(\S+)/,
    /^(productkey): ?(\S+)/,
    /^(uuid): ?(\S+)/,
  ),
  { pattern: /^Sync timestamp: ?(\d+)/, event: 'time.synced', payload: ([, seconds]) => ({ unixSeconds: Number(seconds) }) },
  ...each('mqtt.connected', nothing, /^Device MQTT Connected!/, /^mqtt client connected!/),
  {
    pattern: /^MQTT connect fail: ?(-?\d+)/,
    event: 'mqtt.disconnected',
    payload: ([, code]) => ({ reason: 'refused', code: Number(code) }),
  },
  { pattern: /^start mqtt client to (\S+)/, event: 'mqtt.connecting', payload: ([, host]) => ({ host }) },
  {
    pattern: /^Subscribe topic (\S+) ID: ?(\d+)/,
    event: 'mqtt.subscribe',
    payload: ([, topic, id]) => ({ topic, packetId: Number(id) }),
  },
  { pattern: /^Subscribe successed ID: ?(\d+)/, event: 'mqtt.subscribed', payload: ([, id]) => ({ packetId: Number(id) }) },
  { pattern: /^Publish msg ID: ?(\d+)/, event: 'mqtt.publish', payload: ([, id]) => ({ packetId: Number(id) }) },
  { pattern: /^PUBACK successed ID: ?(\d+)/, event: 'mqtt.published', payload: ([, id]) => ({ packetId: Number(id) }) },
  {
    pattern: /^recv message TopicName: ?([^,]+), payload len: ?(\d+)/,
    event: 'mqtt.message',
    payload: ([, topic, bytes]) => ({ kind: 'message', topic, bytes: Number(bytes) }),
  },
  {
    pattern: /^(wired|wifi|cellular|netmgr) status changed to (\d)/,
    facts: ([, link = '', status]) => ({
      event: status === '0' ? 'net.down' : 'net.up',
      payload: link === 'netmgr' ? {} : { bearer: link === 'wired' ? 'ethernet' : link },
    }),
  },
  {
    pattern: /^tcp transporter connect failed,? ?ret: ?(-?(?:0x[0-9a-f]+|\d+))/i,
    event: 'net.failed',
    payload: ([, code = '']) => ({ detail: 'tcp', code: signedNumber(code) }),
  },
  {
    pattern: /^Connect: (\S+) Port: (\d+) {2}-->>/,
    event: 'net.connecting',
    payload: ([, host, port]) => ({ host, port: Number(port) }),
  },
  {
    pattern: /^Connect: (\S+) Port: (\d+) {2}--<< ,r: ?(-?\d+)/,
    facts: ([, host, port, result]) =>
      result === '0'
        ? { event: 'net.connected', payload: { host, port: Number(port) } }
        : { event: 'net.failed', payload: { host, port: Number(port), code: Number(result) } },
  },
];

/**
 * Events of the device's cloud client that have a name common to all boards. `Device MQTT DisConnected!`, which applications print
 * for the same event, tells nothing more: a loss is to be counted once.
 */
const iotEvents: ReadonlyMap<string, 'mqtt.connected' | 'mqtt.disconnected'> = new Map([
  ['TUYA_EVENT_MQTT_CONNECTED', 'mqtt.connected'],
  ['TUYA_EVENT_MQTT_DISCONNECT', 'mqtt.disconnected'],
]);

export const tuyaMessages = new RuleTable([...ai, ...system]);

/** The number of a stream event, and its name where it has one. */
function eventOf(type: string | undefined): { type: number; name?: string } {
  const name = streamEvents[Number(type)];
  return { type: Number(type), ...(name === undefined ? {} : { name }) };
}

/** `-0x710a`, which Number does not read. */
function signedNumber(text: string): number {
  return text.startsWith('-') ? -Number(text.slice(1)) : Number(text);
}
