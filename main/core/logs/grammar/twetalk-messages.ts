import { parseJson, type Rule, RuleTable } from './grammar.ts';

/** What the TWeTalk C SDK says after its prefix (reference/twetalk.md §10.5, 7, 8). Names, never the numbers in brackets. */
export const sdkMessages = new RuleTable([
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
    payload: ([, who, text = '']) => ({ who, text: decodeEscapes(text) }),
  },
  {
    pattern: /^(bot|usr) (start|stop) speaking/,
    event: 'twetalk.speaking',
    payload: ([, who, verb]) => ({ who, isSpeaking: verb === 'start' }),
  },
  {
    pattern: /^calling roomid:\s+(\S+)(?: caller id : (\S+))?/,
    event: 'twetalk.call-room',
    payload: ([, roomId, callerId]) => ({ roomId, ...(callerId === undefined ? {} : { callerId }) }),
  },
  {
    pattern: /^user answer called:\s+(\S(?:.*\S)?)\s+openid:\s+(\S+)/,
    event: 'twetalk.call-answered',
    payload: ([, called = '', openid]) => ({ called: decodeEscapes(called), openid }),
  },
  {
    pattern: /^user hangup(?:\((\w+)\))? called:\s+(\S(?:.*\S)?)\s+openid:\s+(\S+)/,
    event: 'twetalk.call-hangup',
    payload: ([, stream, called = '', openid]) => ({ called: decodeEscapes(called), openid, ...(stream === undefined ? {} : { stream }) }),
  },
  { pattern: /^usr cancel\. roomid:\s+(\S+)/, event: 'twetalk.call-cancelled', payload: ([, roomId]) => ({ roomId }) },
  {
    pattern: /^(user error code|recv error) ?: (-?\d+)/,
    event: 'twetalk.error',
    payload: ([, origin, code]) => ({ code: Number(code), who: origin === 'recv error' ? 'connection' : 'user' }),
  },
  {
    pattern: /^request image transcription: (.*)$/,
    event: 'twetalk.image-request',
    payload: ([, text = '']) => ({ text: decodeEscapes(text) }),
  },
  {
    pattern: /^play music: (.*?) by (.*?), genre:/,
    event: 'twetalk.music',
    payload: ([, song = '', artist = '']) => ({ song: decodeEscapes(song), artist: decodeEscapes(artist) }),
  },
  { pattern: /^idle detection event received/, event: 'twetalk.idle' },
  { pattern: /^PTT force stop/i, event: 'twetalk.ptt-stopped' },

  {
    pattern: /^publish qos=(\d)\|packet_id=(\d+)\|topic_name=([^|]*)\|payload=(.*)$/s,
    event: 'mqtt.publish',
    payload: ([, qos, packetId, topic, payload = '']) => ({
      qos: Number(qos),
      packetId: Number(packetId),
      topic,
      payload: parseJson(payload) ?? payload,
    }),
  },
  {
    pattern: /^subscribe topic_name=([^|]*)\|packet_id=(\d+)/,
    event: 'mqtt.subscribe',
    payload: ([, topic, packetId]) => ({ topic, packetId: Number(packetId) }),
  },
  {
    pattern: /^subscribe success, packet-id=(\d+)/,
    event: 'mqtt.subscribed',
    payload: ([, packetId]) => ({ packetId: Number(packetId) }),
  },
  {
    pattern: /^publish success, packet-id=(\d+)/,
    event: 'mqtt.published',
    payload: ([, packetId]) => ({ packetId: Number(packetId) }),
  },
  {
    pattern: /^(?:receive (\w+) message:|(twecall) message arrived:)\s*(.*)$/s,
    event: 'mqtt.message',
    payload: ([, kind, twecall, payload = '']) => ({ kind: kind ?? twecall, payload: parseJson(payload) ?? payload }),
  },
  { pattern: /^mqtt connect with id: (\S+) success/, event: 'mqtt.connected', payload: ([, id]) => ({ id }) },
  { pattern: /^attempt to reconnect/, event: 'mqtt.reconnecting' },
  { pattern: /^PING request \d+ has been sent/, event: 'mqtt.ping' },
  {
    pattern: /^MQTT Recv buffer not enough: (\d+) < (\d+)/,
    event: 'mqtt.buffer-too-small',
    payload: ([, buffer, needed]) => ({ bufferBytes: Number(buffer), neededBytes: Number(needed) }),
  },
  {
    pattern: /^connected with TCP server: (\S+):(\d+)/,
    event: 'net.connected',
    payload: ([, host, port]) => ({ host, port: Number(port) }),
  },

  {
    pattern: /^SDK_Ver:\s*(\S*?),\s+Product_ID:\s*(\S*?),\s+Device_Name:\s*(\S+)/,
    event: 'twetalk.sdk',
    payload: ([, version, productId, deviceName]) => ({ version, productId, deviceName }),
  },
  {
    pattern: /^ws url (.+):(\d+) connect : (-?\d+)/s,
    event: 'twetalk.ws-connected',
    payload: ([, url, port, result]) => ({ url, port: Number(port), result: Number(result) }),
  },
  { pattern: /^ai talk init \w+\((-?\d+)\)/, event: 'twetalk.ready', payload: ([, code]) => ({ code: Number(code) }) },
  {
    // The "payload len" before it is an uninitialised number.
    pattern: /^Received Ping.*data len : (\d+)/,
    event: 'twetalk.ws-ping',
    payload: ([, bytes]) => ({ bytes: Number(bytes) }),
  },
]);

/** `[INF] created task NAME thread_id 0x… stack_size : N Kbytes`: the one kind of SDK line without a time. */
export const taskMessage: Rule = {
  pattern: /^created task (\S+) thread_id \S+ stack_size\s+:\s+(\d+) Kbytes/,
  event: 'twetalk.task',
  payload: ([, task, size]) => ({ task, stackKbytes: Number(size) }),
};

const escapes: Record<string, string> = { n: '\n', r: '\r', t: '\t', '"': '"', '\\': '\\', '/': '/' };

/** The SDK prints JSON strings without unescaping them: `\u4f60\n` is four letters and a line end to a reader. */
export function decodeEscapes(text: string): string {
  let decoded = '';
  let from = 0;
  for (let at = text.indexOf('\\'); at >= 0; at = text.indexOf('\\', from)) {
    const letter = text.charAt(at + 1);
    const code = letter === 'u' || letter === 'U' ? text.slice(at + 2, at + 6) : '';
    const isCode = /^[0-9a-f]{4}$/i.test(code);
    const character = isCode ? String.fromCharCode(Number.parseInt(code, 16)) : escapes[letter];
    decoded += text.slice(from, at) + (character ?? `\\${letter}`);
    from = at + (isCode ? 6 : 1 + letter.length);
  }
  return from === 0 ? text : decoded + text.slice(from);
}
