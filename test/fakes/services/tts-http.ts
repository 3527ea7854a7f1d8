import { type Exchange, type FakeHttpService, fakeHttpService, ServiceRefusal } from './http-service.ts';
import { fakeSpeech, piecesOf } from './tts-audio.ts';

const json = { 'content-type': 'application/json' };

/** MiniMax t2a_v2: hexadecimal audio, errors of status 200, and a last event that repeats everything unless asked not to. */
export function fakeMinimaxTts(key: string, options: { alwaysAggregates?: boolean } = {}): Promise<FakeHttpService> {
  const status = (code: number, message: string) => ({ base_resp: { status_code: code, status_msg: message } });
  const sse = (value: unknown) => `data: ${JSON.stringify(value)}\n\n`;
  const events = { 'content-type': 'text/event-stream' };
  const refusal = (code: number, message: string) => ({ headers: json, pieces: [JSON.stringify(status(code, message))] });
  function answer(exchange: Exchange) {
    const body = JSON.parse(exchange.body) as {
      text?: string;
      model?: string;
      stream?: boolean;
      stream_options?: { exclude_aggregated_audio?: boolean };
      voice_setting?: { voice_id?: string };
      audio_setting?: { format?: string; sample_rate?: number };
    };
    if (exchange.path !== '/v1/t2a_v2') throw new ServiceRefusal(404, {});
    if (exchange.headers.authorization !== `Bearer ${key}`) return refusal(1004, 'login fail');
    const { format, sample_rate: rate = 0 } = body.audio_setting ?? {};
    const isFormat = format === 'pcm' && [8000, 16_000, 22_050, 24_000, 32_000, 44_100].includes(rate);
    if (!body.text || !body.model || !body.stream || !body.voice_setting?.voice_id || !isFormat) return refusal(2013, 'invalid params');
    const pieces = piecesOf(fakeSpeech(body.text));
    const isRepeated = options.alwaysAggregates === true || body.stream_options?.exclude_aggregated_audio !== true;
    return {
      headers: events,
      pieces: [
        ...pieces.map((bytes) => sse({ data: { audio: Buffer.from(bytes).toString('hex'), status: 1 }, trace_id: 't', ...status(0, '') })),
        sse({
          data: { audio: isRepeated ? Buffer.concat(pieces).toString('hex') : '', status: 2 },
          extra_info: { audio_length: 50 },
          ...status(0, 'success'),
        }),
      ],
    };
  }
  return fakeHttpService({
    answer,
    inBandError: () => ({ headers: events, pieces: [sse({ data: null, ...status(1024, 'internal error') })] }),
    rateLimited: () => refusal(1002, 'rate limit'),
    wrongKey: () => refusal(2049, `invalid api key ${key}`),
  });
}

/** Azure: SSML in, raw audio out; needs a User-Agent and refuses what is no XML. */
export function fakeAzureTts(key: string): Promise<FakeHttpService> {
  function answer(exchange: Exchange) {
    if (exchange.path !== '/cognitiveservices/v1') throw new ServiceRefusal(404, {});
    const { headers, body } = exchange;
    if (headers['ocp-apim-subscription-key'] !== key) return { status: 401, pieces: [] };
    if (headers['content-type'] !== 'application/ssml+xml') return { status: 415, pieces: [] };
    if (!headers['user-agent'] || headers['x-microsoft-outputformat'] !== 'raw-16khz-16bit-mono-pcm')
      return { status: 400, pieces: ['bad format'] };
    const match = /^<speak version="1\.0" xmlns="[^"]+" xml:lang="[^"]+"><voice name="[^"<]+">(.*)<\/voice><\/speak>$/su.exec(body);
    const inner = match?.[1]?.replace(/^<prosody [^>]*>(.*)<\/prosody>$/su, '$1');
    if (inner === undefined || /[<>]|&(?!(?:lt|gt|amp|quot|apos);)/u.test(inner)) return { status: 400, pieces: ['bad SSML'] };
    const text = inner
      .replaceAll('&lt;', '<')
      .replaceAll('&gt;', '>')
      .replaceAll('&quot;', '"')
      .replaceAll('&apos;', "'")
      .replaceAll('&amp;', '&');
    return { headers: { 'content-type': 'audio/basic' }, pieces: piecesOf(fakeSpeech(text)) };
  }
  return fakeHttpService({
    answer,
    inBandError: () => ({ status: 502, pieces: ['bad gateway'] }),
    rateLimited: () => ({ status: 429, headers: { 'retry-after': '3' }, pieces: [] }),
    wrongKey: () => ({ status: 401, pieces: [`key ${key} refused`] }),
  });
}

/** ElevenLabs: the voice in the path, errors under `detail`. */
export function fakeElevenlabs(key: string): Promise<FakeHttpService> {
  const refusal = (status: number, code: string) => ({
    status,
    headers: json,
    pieces: [JSON.stringify({ detail: { status: code, message: code } })],
  });
  function answer(exchange: Exchange) {
    if (!/^\/v1\/text-to-speech\/[\w-]+\/stream$/u.test(exchange.path)) throw new ServiceRefusal(404, { detail: 'Not Found' });
    if (exchange.headers['xi-api-key'] !== key) return refusal(401, 'invalid_api_key');
    const body = JSON.parse(exchange.body) as { text?: string; model_id?: string; language_code?: string };
    if (!body.text || !body.model_id || exchange.query.get('output_format') !== 'pcm_16000') return refusal(422, 'validation');
    if (body.model_id.includes('multilingual_v2') && body.language_code !== undefined) return refusal(400, 'unsupported_language');
    return { headers: { 'content-type': 'audio/pcm' }, pieces: piecesOf(fakeSpeech(body.text)) };
  }
  return fakeHttpService({
    answer,
    inBandError: () => refusal(400, 'text_too_long'),
    rateLimited: () => refusal(429, 'too_many_concurrent_requests'),
    wrongKey: () => refusal(401, `invalid_api_key ${key}`),
  });
}

/** A service of the documents' custom protocol: chunked, its content type right, its errors in JSON whatever the status. */
export function fakeCustomTts(
  key: string,
  options: { type?: string; isChunked?: boolean; header?: Uint8Array } = {},
): Promise<FakeHttpService> {
  const failure = (code: string, message: string, status = 200) => ({
    status,
    headers: json,
    pieces: [JSON.stringify({ error: { code, message } })],
  });
  function answer(exchange: Exchange) {
    if (exchange.headers.authorization !== `Bearer ${key}`) return failure('AuthFailed', 'no such key', 401);
    const body = JSON.parse(exchange.body) as { Text?: string; Format?: string; SampleRate?: number; Channel?: number };
    if (!body.Text || !body.Format || body.SampleRate !== 16_000 || body.Channel !== 1) return failure('InvalidParameter', 'bad request');
    const type = options.type ?? (body.Format === 'wav' ? 'audio/wav' : 'audio/L16');
    const pieces = [...(options.header === undefined ? [] : [options.header]), ...piecesOf(fakeSpeech(body.Text))];
    const length = pieces.reduce((sum, { length }) => sum + length, 0);
    return { headers: { 'content-type': type, ...(options.isChunked === false && { 'content-length': String(length) }) }, pieces };
  }
  return fakeHttpService({
    answer,
    inBandError: () => failure('InternalError', 'the voice is out'),
    rateLimited: () => failure('RateLimit', 'slow down', 429),
    wrongKey: () => failure('AuthFailed', `no such key: ${key}`, 401),
  });
}
