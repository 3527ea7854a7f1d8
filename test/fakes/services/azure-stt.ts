import { type Connection, type FakeSocketService, fakeSocketService } from './socket-service.ts';
import type { Recognise } from './stt-socket.ts';

interface AzureMessage {
  path: string;
  requestId: string;
  body: Uint8Array;
}

/** Azure's framing: headers like HTTP's before the body; in a binary message their length first, in two bytes. */
function read(message: string | Uint8Array): AzureMessage {
  const bytes = Buffer.from(message as Uint8Array);
  const [head, body] =
    typeof message === 'string'
      ? [message.split('\r\n\r\n')[0] ?? '', Buffer.from(message.slice(message.indexOf('\r\n\r\n') + 4))]
      : [bytes.subarray(2, 2 + bytes.readUInt16BE(0)).toString(), bytes.subarray(2 + bytes.readUInt16BE(0))];
  const headers = new Map(
    head.split('\r\n').map((line): [string, string] => {
      const at = line.indexOf(':');
      return [line.slice(0, at).trim().toLowerCase(), line.slice(at + 1).trim()];
    }),
  );
  return { path: headers.get('path') ?? '', requestId: headers.get('x-requestid') ?? '', body };
}

/** Azure Speech's universal endpoint: configuration first, audio in binary messages whose last is empty, a turn of results. */
export function fakeAzureStt(key: string, recognise: Recognise): Promise<FakeSocketService> {
  const seconds = 10_000_000;
  return fakeSocketService({
    // Clients that cannot set headers (browsers, and Microsoft's own on Node's WebSocket) put the key into the address.
    refuse({ headers, query, path }, behaviour) {
      if (behaviour === 'rate-limited') return { status: 429 };
      if (behaviour === 'wrong-key' || (headers['ocp-apim-subscription-key'] ?? query.get('Ocp-Apim-Subscription-Key')) !== key)
        return { status: 401, body: `the key ${key} is not valid` };
      return path === '/stt/speech/universal/v2' && query.get('language') ? null : { status: 400 };
    },
    answer(message, connection, behaviour) {
      const { path, requestId, body } = read(message);
      if (path !== 'audio' || body.length > 0) return [];
      const said = connection.heard.map(read);
      if (said.every(({ path: one }) => one !== 'speech.config')) return [];
      // At this address the mode is only in here; without it the turn ends with the first pause.
      const context = said.find(({ path: one }) => one === 'speech.context')?.body ?? Buffer.from('{}');
      const { phraseDetection } = JSON.parse(Buffer.from(context).toString()) as { phraseDetection?: { mode?: string } };
      if (phraseDetection?.mode !== 'Conversation') return [`X-RequestId:${requestId}\r\nPath:turn.end\r\n\r\n{}`];
      const say = (name: string, value: unknown) =>
        `X-RequestId:${requestId}\r\nContent-Type:application/json; charset=utf-8\r\nPath:${name}\r\n\r\n${JSON.stringify(value)}`;
      const text = recognise(samplesOf(connection));
      if (behaviour === 'in-band-error')
        return [
          say('turn.start', { context: { serviceTag: 't' } }),
          say('speech.phrase', { RecognitionStatus: 'Error', Offset: 0, Duration: 0 }),
        ];
      return [
        say('turn.start', { context: { serviceTag: 't' } }),
        say('speech.startDetected', { Offset: 0 }),
        say('speech.hypothesis', { Id: '1', Text: text.slice(0, 2), Offset: 0, Duration: seconds }),
        say('speech.hypothesis', { Id: '2', Text: text, Offset: 0, Duration: seconds }),
        say('speech.phrase', { Id: '3', RecognitionStatus: 'Success', DisplayText: text, Offset: 0, Duration: seconds }),
        say('speech.endDetected', { Offset: seconds }),
        say('turn.end', {}),
      ];
    },
  });
}

/** The first audio message carries a WAV header of 44 bytes. */
function samplesOf({ heard }: Connection): number {
  const audio = heard.map(read).filter(({ path }) => path === 'audio');
  const bytes = audio.reduce((sum, { body }) => sum + body.length, 0);
  const hasHeader =
    Buffer.from(audio[0]?.body ?? [])
      .subarray(0, 4)
      .toString() === 'RIFF';
  return (bytes - (hasHeader ? 44 : 0)) / 2;
}
