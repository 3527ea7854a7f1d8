import { type LineFacts, parseJson, type Rule } from './grammar.ts';

/** What the TWeTalk C SDK says after its prefix (reference/twetalk.md §10.5, 7, 8). Names, never the numbers in brackets. */
export const sdkMessages: readonly Rule[] = [
  {
    // `🎤 [00] BOT_START_SPEAKING - …`, the emoji lost or not.
    pattern: /^(?:\S{1,4} )?\[(\d+)\]\s+([A-Z][A-Z0-9_]+)(?: - (.*))?/,
    facts: ([, number, name = '', label]) => ({
      event: `twetalk.${name}`,
      payload: { number: Number(number), ...(label === undefined ? {} : { label }) },
    }),
  },
  {
    pattern: /^(bot|usr): (.*)$/s,
    event: 'twetalk.caption',
    facts: ([, who, text = '']) => ({ payload: { who, text: decodeEscapes(text) } }),
  },
  {
    pattern: /^(bot|usr) (start|stop) speaking/,
    event: 'twetalk.speaking',
    facts: ([, who, verb]) => ({ payload: { who, isSpeaking: verb === 'start' } }),
  },
  {
    pattern: /^calling roomid:\s+(\S+)(?: caller id : (\S+))?/,
    event: 'twetalk.call-room',
    facts: ([, roomId, callerId]) => ({ payload: { roomId, ...(callerId === undefined ? {} : { callerId }) } }),
  },
  {
    pattern: /^user answer called:\s+(\S(?:.*\S)?)\s+openid:\s+(\S+)/,
    event: 'twetalk.call-answered',
    facts: ([, called = '', openid]) => ({ payload: { called: decodeEscapes(called), openid } }),
  },
  {
    pattern: /^user hangup(?:\((\w+)\))? called:\s+(\S(?:.*\S)?)\s+openid:\s+(\S+)/,
    event: 'twetalk.call-hangup',
    facts: ([, stream, called = '', openid]) => ({
      payload: { called: decodeEscapes(called), openid, ...(stream === undefined ? {} : { stream }) },
    }),
  },
  { pattern: /^usr cancel\. roomid:\s+(\S+)/, event: 'twetalk.call-cancelled', facts: ([, roomId]) => ({ payload: { roomId } }) },
  {
    pattern: /^(user error code|recv error) ?: (-?\d+)/,
    event: 'twetalk.error',
    facts: ([, origin, code]) => ({ payload: { code: Number(code), who: origin === 'recv error' ? 'connection' : 'user' } }),
  },
  {
    pattern: /^request image transcription: (.*)$/,
    event: 'twetalk.image-request',
    facts: ([, text = '']) => ({ payload: { text: decodeEscapes(text) } }),
  },
  {
    pattern: /^play music: (.*?) by (.*?), genre:/,
    event: 'twetalk.music',
    facts: ([, song = '', artist = '']) => ({ payload: { song: decodeEscapes(song), artist: decodeEscapes(artist) } }),
  },
  { pattern: /^idle detection event received/, event: 'twetalk.idle' },
  { pattern: /^PTT force stop/i, event: 'twetalk.ptt-stopped' },

  {
    pattern: /^publish qos=(\d)\|packet_id=(\d+)\|topic_name=([^|]*)\|payload=(.*)$/s,
    event: 'mqtt.publish',
    facts: ([, qos, packetId, topic, payload = '']) => ({
      payload: { qos: Number(qos), packetId: Number(packetId), topic, payload: parseJson(payload) ?? payload },
    }),
  },
  {
    pattern: /^subscribe topic_name=([^|]*)\|packet_id=(\d+)/,
    event: 'mqtt.subscribe',
    facts: ([, topic, packetId]) => ({ payload: { topic, packetId: Number(packetId) } }),
  },
  {
    pattern: /^subscribe success, packet-id=(\d+)/,
    event: 'mqtt.subscribed',
    facts: ([, packetId]) => ({ payload: { packetId: Number(packetId) } }),
  },
  {
    pattern: /^publish success, packet-id=(\d+)/,
    event: 'mqtt.published',
    facts: ([, packetId]) => ({ payload: { packetId: Number(packetId) } }),
  },
  {
    pattern: /^(?:receive (\w+) message:|(twecall) message arrived:)\s*(.*)$/s,
    event: 'mqtt.message',
    facts: ([, kind, twecall, payload = '']) => ({ payload: { kind: kind ?? twecall, payload: parseJson(payload) ?? payload } }),
  },
  { pattern: /^mqtt connect with id: (\S+) success/, event: 'mqtt.connected', facts: ([, id]) => ({ payload: { id } }) },
  { pattern: /^attempt to reconnect/, event: 'mqtt.reconnecting' },
  { pattern: /^PING request \d+ has been sent/, event: 'mqtt.ping' },
  {
    pattern: /^MQTT Recv buffer not enough: (\d+) < (\d+)/,
    event: 'mqtt.buffer-too-small',
    facts: ([, buffer, needed]) => ({ payload: { bufferBytes: Number(buffer), neededBytes: Number(needed) } }),
  },
  {
    pattern: /^connected with TCP server: (\S+):(\d+)/,
    event: 'net.connected',
    facts: ([, host, port]) => ({ payload: { host, port: Number(port) } }),
  },

  {
    pattern: /^SDK_Ver:\s*(\S*?),\s+Product_ID:\s*(\S*?),\s+Device_Name:\s*(\S+)/,
    event: 'twetalk.sdk',
    facts: ([, version, productId, deviceName]) => ({ payload: { version, productId, deviceName } }),
  },
  {
    pattern: /^ws url (.+):(\d+) connect : (-?\d+)/s,
    event: 'twetalk.ws-connected',
    facts: ([, url, port, result]) => ({ payload: { url, port: Number(port), result: Number(result) } }),
  },
  { pattern: /^ai talk init \w+\((-?\d+)\)/, event: 'twetalk.ready', facts: ([, code]) => ({ payload: { code: Number(code) } }) },
  {
    // The "payload len" before it is an uninitialised number.
    pattern: /^Received Ping.*data len : (\d+)/,
    event: 'twetalk.ws-ping',
    facts: ([, bytes]) => ({ payload: { bytes: Number(bytes) } }),
  },
];

/** `[INF] created task NAME thread_id 0x… stack_size : N Kbytes`: the one kind of SDK line without a time. */
export const taskMessage: Rule = {
  pattern: /^created task (\S+) thread_id \S+ stack_size\s+:\s+(\d+) Kbytes/,
  event: 'twetalk.task',
  facts: ([, task, size]): LineFacts => ({ payload: { task, stackKbytes: Number(size) } }),
};

const escapes: Record<string, string> = { n: '\n', r: '\r', t: '\t', '"': '"', '\\': '\\', '/': '/' };

/** The SDK prints JSON strings without unescaping them: `\u4f60\n` is four letters and a line end to a reader. */
export function decodeEscapes(text: string): string {
  if (!text.includes('\\')) return text;
  return text.replace(/\\(?:u([0-9a-f]{4})|([nrt"\\/]))/gi, (whole, code: string | undefined, letter: string | undefined) => {
    if (code !== undefined) return String.fromCharCode(Number.parseInt(code, 16));
    return escapes[letter ?? ''] ?? whole;
  });
}
