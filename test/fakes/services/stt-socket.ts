import { createHmac } from 'node:crypto';
import { type Connection, type FakeSocketService, fakeSocketService } from './socket-service.ts';

/** What a fake recogniser takes a recording for: told by its length. */
export type Recognise = (samples: number) => string;

const isAudio = (message: string | Uint8Array): message is Uint8Array => typeof message !== 'string';

function samplesOf({ heard }: Connection): number {
  return heard.filter(isAudio).reduce((sum, { length }) => sum + length, 0) / 2;
}

/** Tencent's ASR v2: signed over its own host, a voice id used once, PCM asked for by number, the end as text. */
export function fakeTencentStt(
  account: { appId: string; secretId: string; secretKey: string },
  recognise: Recognise,
): Promise<FakeSocketService> {
  const voices = new Set<string>();
  function problem({ path, query }: Connection): object | null {
    const parameters = [...query].filter(([key]) => key !== 'signature').toSorted(([a], [b]) => (a < b ? -1 : 1));
    const source = `asr.cloud.tencent.com${path}?${parameters.map(([key, value]) => `${key}=${value}`).join('&')}`;
    const signature = createHmac('sha1', account.secretKey).update(source).digest('base64');
    const voice = query.get('voice_id') ?? '';
    if (path !== `/asr/v2/${account.appId}` || query.get('signature') !== signature) return { code: 4002, message: '鉴权失败' };
    if (voice === '' || voices.has(voice) || query.get('voice_format') !== '1') return { code: 4001, message: '参数不合法' };
    const [from, to] = [Number(query.get('timestamp')), Number(query.get('expired'))];
    const isTime = to > from && to < from + 90 * 86_400;
    if (!isTime || !/^\d{1,10}$/u.test(query.get('nonce') ?? '') || !query.get('engine_model_type'))
      return { code: 4001, message: '参数不合法' };
    voices.add(voice);
    return null;
  }
  return fakeSocketService({
    greet(connection, behaviour) {
      if (behaviour === 'wrong-key') return [JSON.stringify({ code: 4002, message: `鉴权失败 ${account.secretKey}` })];
      if (behaviour === 'rate-limited') return [JSON.stringify({ code: 4006, message: '并发超限' })];
      return [JSON.stringify(problem(connection) ?? { code: 0, message: 'success', voice_id: connection.query.get('voice_id') })];
    },
    answer(message, connection, behaviour) {
      if (isAudio(message)) return [];
      if ((JSON.parse(message) as { type?: string }).type !== 'end') return [JSON.stringify({ code: 4010, message: '未知文本' })];
      if (behaviour === 'in-band-error') return [JSON.stringify({ code: 5000, message: '后台错误' })];
      const text = recognise(samplesOf(connection));
      const slice = (type: number, index: number, words: string) =>
        JSON.stringify({
          code: 0,
          message: 'success',
          result: { slice_type: type, index, voice_text_str: words, word_size: 0, word_list: [] },
        });
      const middle = Math.ceil(text.length / 2);
      return [
        slice(0, 0, ''),
        slice(1, 0, text.slice(0, 1)),
        slice(2, 0, text.slice(0, middle)),
        slice(1, 1, text.slice(middle)),
        slice(2, 1, text.slice(middle)),
        JSON.stringify({ code: 0, message: 'success', final: 1 }),
      ];
    },
  });
}

/** Deepgram: keys at the handshake, no empty message, parts that are final one after the other, Metadata at the close. */
export function fakeDeepgram(key: string, recognise: Recognise): Promise<FakeSocketService> {
  return fakeSocketService({
    refuse({ headers, query, path }, behaviour) {
      const refusal = (status: number, code: string) => ({
        status,
        headers: { 'dg-error': code },
        body: JSON.stringify({ err_code: code, err_msg: code }),
      });
      if (behaviour === 'rate-limited') return refusal(429, 'TOO_MANY_REQUESTS');
      if (behaviour === 'wrong-key' || headers.authorization !== `Token ${key}`) return refusal(401, `INVALID_AUTH ${key}`);
      const isRight = path === '/v1/listen' && query.get('encoding') === 'linear16' && query.get('sample_rate') === '16000';
      return isRight ? null : refusal(400, 'Bad Request');
    },
    answer(message, connection, behaviour) {
      if (isAudio(message)) {
        if (message.length === 0) connection.close(1011, 'an empty message');
        return [];
      }
      const { type } = JSON.parse(message) as { type?: string };
      const results = (transcript: string, more: object) =>
        JSON.stringify({
          type: 'Results',
          is_final: false,
          speech_final: false,
          channel: { alternatives: [{ transcript, confidence: 1, words: [] }] },
          ...more,
        });
      if (type === 'CloseStream') return [];
      if (type !== 'Finalize') return [JSON.stringify({ type: 'Error', description: 'unknown', message: String(type) })];
      if (behaviour === 'in-band-error') return [JSON.stringify({ type: 'Error', description: 'internal', message: 'no', variant: 'x' })];
      const words = recognise(samplesOf(connection)).split(' ');
      const middle = Math.ceil(words.length / 2);
      const [first, second] = [words.slice(0, middle).join(' '), words.slice(middle).join(' ')];
      return [
        JSON.stringify({ type: 'SpeechStarted', channel: [0], timestamp: 0 }),
        results(first.slice(0, 2), {}),
        results(first, { is_final: true }),
        results(second, {}),
        results(second, { is_final: true, from_finalize: true }),
        JSON.stringify({ type: 'Metadata', request_id: 'r', duration: 1 }),
      ];
    },
  });
}
