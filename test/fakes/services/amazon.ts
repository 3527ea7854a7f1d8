import { constants, createServer, type Http2Session, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';
import type { Behaviour } from '../../contract/engines/guarder.ts';
import { decodeEvents, encodeEvent } from './aws-event-stream.ts';
import type { Recognise } from './stt-socket.ts';
import { createWaiting } from './waiting.ts';

/** Amazon Transcribe on cleartext HTTP/2: signed frames within frames up, transcript events down, an empty frame for the end. */
export async function fakeAmazonStt(accessKeyId: string, recognise: Recognise) {
  let behaviour: Behaviour = 'normal';
  let requests = 0;
  const sessions = new Set<Http2Session>();
  const streams = new Set<ServerHttp2Stream>();
  const { until, changed } = createWaiting();
  const server = createServer();
  server.on('session', (session) => {
    sessions.add(session);
    session.on('close', () => sessions.delete(session));
    session.on('error', () => undefined);
  });

  server.on('stream', (stream, headers) => {
    requests += 1;
    const present = behaviour;
    streams.add(stream);
    stream.on('close', () => {
      streams.delete(stream);
      changed();
    });
    stream.on('error', () => undefined);
    changed();
    const refuse = (status: number, name: string) => {
      stream.respond({ ':status': status, 'x-amzn-errortype': name, 'content-type': 'application/json' });
      stream.end(JSON.stringify({ __type: name, Message: `the key ${accessKeyId.slice(0, 4)}… is not known` }));
    };
    if (present === 'wrong-key' || !String(headers.authorization).includes(`Credential=${accessKeyId}/`))
      return refuse(403, 'UnrecognizedClientException');
    if (present === 'rate-limited') return refuse(429, 'LimitExceededException');
    const isRight =
      headers[':path'] === '/stream-transcription' &&
      headers['content-type'] === 'application/vnd.amazon.eventstream' &&
      headers['x-amzn-transcribe-sample-rate'] === '16000' &&
      headers['x-amzn-transcribe-media-encoding'] === 'pcm' &&
      Boolean(headers['x-amzn-transcribe-language-code'] ?? headers['x-amzn-transcribe-identify-language']);
    if (!isRight) return refuse(400, 'BadRequestException');
    if (present !== 'silent')
      stream.respond({ ':status': 200, 'content-type': 'application/vnd.amazon.eventstream', 'x-amzn-request-id': 'r' });

    let rest = Buffer.alloc(0);
    let bytes = 0;
    let isOver = false;
    stream.on('data', (data: Buffer) => {
      const outer = decodeEvents(Buffer.concat([rest, data]));
      rest = Buffer.from(outer.rest);
      for (const body of outer.bodies) {
        if (body.length > 0) for (const audio of decodeEvents(body).bodies) bytes += audio.length;
        else if (!isOver) {
          isOver = true;
          if (present !== 'silent') void answer(stream, bytes / 2, present);
        }
      }
    });
  });

  async function answer(stream: ServerHttp2Stream, samples: number, how: Behaviour): Promise<void> {
    const event = (type: 'event' | 'exception', name: string, value: unknown) =>
      encodeEvent({
        headers: {
          ':message-type': type,
          [type === 'event' ? ':event-type' : ':exception-type']: name,
          ':content-type': 'application/json',
        },
        body: Buffer.from(JSON.stringify(value)),
      });
    const result = (text: string, isPartial: boolean) =>
      event('event', 'TranscriptEvent', {
        Transcript: {
          Results: [{ ResultId: '1', StartTime: 0, EndTime: 1, IsPartial: isPartial, Alternatives: [{ Transcript: text, Items: [] }] }],
        },
      });
    const text = recognise(samples);
    const pieces =
      how === 'in-band-error'
        ? [event('exception', 'InternalFailureException', { Message: 'no' })]
        : [result(text.slice(0, 1), true), result(text, true), result(text, false)];
    const chunks = how === 'odd-chunks' ? pieces.flatMap((piece) => Array.from(piece, (byte) => Uint8Array.of(byte))) : pieces;
    const shown = how === 'hang' || how === 'cut' ? Math.ceil(chunks.length / 2) : chunks.length;
    for (const chunk of chunks.slice(0, shown)) {
      if (stream.destroyed) return;
      stream.write(chunk);
      await new Promise((resolve) => (how === 'slow' ? setTimeout(resolve, 3) : setImmediate(resolve)));
    }
    if (how === 'cut') stream.session?.destroy(undefined, constants.NGHTTP2_INTERNAL_ERROR);
    else if (how !== 'hang') stream.end();
  }

  async function vanish(): Promise<void> {
    for (const session of sessions) session.destroy();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    behave: (next: Behaviour) => {
      behaviour = next;
    },
    requests: () => requests,
    seen: (count: number) => until(() => requests >= count),
    idle: () => until(() => streams.size === 0),
    vanish,
    close: vanish,
  };
}
