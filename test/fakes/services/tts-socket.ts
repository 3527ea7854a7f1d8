import { createHmac } from 'node:crypto';
import { type Connection, type FakeSocketService, fakeSocketService } from './socket-service.ts';
import { fakeSpeech, piecesOf } from './tts-audio.ts';

/** Tencent's stream_wsv2: the signature over its own host, `ready` before any text, audio when the text is complete. */
export function fakeTencentTts(account: { appId: string; secretId: string; secretKey: string }): Promise<FakeSocketService> {
  function problem({ path, query }: Connection): object | null {
    if (path !== '/stream_wsv2') return { code: 10_001, message: 'no such path' };
    const parameters = [...query].filter(([key]) => key !== 'Signature').toSorted(([a], [b]) => (a < b ? -1 : 1));
    const source = `GETtts.cloud.tencent.com/stream_wsv2?${parameters.map(([key, value]) => `${key}=${value}`).join('&')}`;
    const signature = createHmac('sha1', account.secretKey).update(source).digest('base64');
    if (query.get('Signature') !== signature || query.get('SecretId') !== account.secretId) return { code: 10_003, message: '鉴权失败' };
    if (query.get('Action') !== 'TextToStreamAudioWSv2' || query.get('AppId') !== account.appId || query.get('Codec') !== 'pcm')
      return { code: 10_001, message: 'params' };
    if (Number(query.get('Expired')) <= Number(query.get('Timestamp')) || !/^\d+$/u.test(query.get('VoiceType') ?? ''))
      return { code: 10_001, message: 'params' };
    const isWithin = (name: string, least: number, most: number) => Number(query.get(name)) >= least && Number(query.get(name)) <= most;
    if (!['8000', '16000', '24000'].includes(query.get('SampleRate') ?? '') || !query.get('SessionId') || query.get('ModelType') !== '1')
      return { code: 10_001, message: 'params' };
    if (!isWithin('Speed', -2, 6) || !isWithin('Volume', -10, 10)) return { code: 10_001, message: 'params' };
    return null;
  }
  return fakeSocketService({
    greet(connection, behaviour) {
      if (behaviour === 'wrong-key') return [JSON.stringify({ code: 10_003, message: `鉴权失败 ${account.secretKey}` })];
      if (behaviour === 'rate-limited') return [JSON.stringify({ code: 10_010, message: 'concurrency limit exceeded' })];
      const wrong = problem(connection);
      return [JSON.stringify(wrong ?? { code: 0, message: 'success', ready: 1 })];
    },
    answer(message, connection, behaviour) {
      const said = JSON.parse(String(message)) as { action?: string; data?: string; session_id?: string; message_id?: string };
      if (said.session_id !== connection.query.get('SessionId') || !said.message_id)
        return [JSON.stringify({ code: 10_001, message: 'ids' })];
      if (said.action !== 'ACTION_COMPLETE') return [];
      const text = connection.heard
        .slice(0, -1)
        .map((heard) => (JSON.parse(String(heard)) as { data: string }).data)
        .join('');
      if (behaviour === 'in-band-error') return [JSON.stringify({ code: 10_100, message: 'synthesis failed' })];
      const subtitles = Array.from({ length: text.length }, (_, at) => ({
        Text: text[at],
        BeginIndex: at,
        EndIndex: at + 1,
        BeginTime: at * 10,
        EndTime: at * 10 + 10,
      }));
      return [
        JSON.stringify({ code: 0, heartbeat: 1 }),
        ...piecesOf(fakeSpeech(text)),
        JSON.stringify({ code: 0, result: { subtitles } }),
        JSON.stringify({ code: 0, final: 1 }),
      ];
    },
  });
}

/** Cartesia: contexts on one socket, audio as base64, errors as messages; a cancelled context may still say something. */
export function fakeCartesia(key: string): Promise<FakeSocketService> {
  const read = (message: string | Uint8Array) =>
    JSON.parse(String(message)) as { context_id?: string; transcript?: string; cancel?: boolean; type?: string };
  return fakeSocketService({
    shared: {
      begun(message) {
        const { context_id: context = '', cancel } = read(message);
        return cancel === true ? null : context;
      },
      ended(message) {
        const { context_id: context = '', cancel, type } = read(message);
        return cancel === true || type === 'done' || type === 'error' ? context : null;
      },
    },
    refuse({ headers, query, path }, behaviour) {
      if (behaviour === 'wrong-key' || headers['x-api-key'] !== key)
        return { status: 401, body: JSON.stringify({ message: `invalid API key ${key}` }) };
      if (path !== '/tts/websocket') return { status: 404, body: 'no such path' };
      return query.get('cartesia_version') ? null : { status: 400, body: 'version' };
    },
    answer(message, _connection, behaviour) {
      const asked = JSON.parse(String(message)) as {
        context_id?: string;
        cancel?: boolean;
        transcript?: string;
        model_id?: string;
        voice?: { mode?: string; id?: string };
        continue?: boolean;
        output_format?: { container?: string; encoding?: string; sample_rate?: number };
      };
      if (asked.cancel === true) return [];
      const error = (status_code: number, error_code: string) =>
        JSON.stringify({ type: 'error', context_id: asked.context_id, status_code, error_code, title: error_code, message: 'no' });
      if (behaviour === 'in-band-error') return [error(500, 'internal')];
      if (behaviour === 'rate-limited') return [error(429, 'concurrency_limited')];
      const { container, encoding, sample_rate: rate = 0 } = asked.output_format ?? {};
      const isFormat = container === 'raw' && encoding === 'pcm_s16le' && [8000, 16_000, 22_050, 24_000, 44_100, 48_000].includes(rate);
      if (!asked.transcript || !asked.model_id || !asked.voice?.id || asked.voice.mode !== 'id' || !asked.context_id || !isFormat)
        return [error(400, 'invalid')];
      const chunk = (bytes: Uint8Array, context = asked.context_id) =>
        JSON.stringify({ type: 'chunk', data: Buffer.from(bytes).toString('base64'), done: false, status_code: 206, context_id: context });
      return [
        chunk(Uint8Array.of(1, 2, 3, 4), 'a-context-of-before'),
        ...piecesOf(fakeSpeech(asked.transcript)).map((bytes) => chunk(bytes)),
        JSON.stringify({ type: 'done', done: true, status_code: 200, context_id: asked.context_id }),
      ];
    },
    split(message) {
      const event = JSON.parse(String(message)) as { type: string; data?: string };
      if (event.type !== 'chunk' || event.data === undefined) return [message];
      const bytes = Buffer.from(event.data, 'base64');
      return Array.from({ length: Math.ceil(bytes.length / 3) }, (_, at) =>
        JSON.stringify({ ...event, data: bytes.subarray(at * 3, at * 3 + 3).toString('base64') }),
      );
    },
  });
}
