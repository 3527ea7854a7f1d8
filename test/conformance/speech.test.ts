import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { systemClock } from '../../pipeline/clock.ts';
import { createTencentStt } from '../../pipeline/engines/stt/tencent.ts';
import { FakeStt, silencePcm, speechPcm } from '../fakes/engines.ts';
import { lab, speechServer } from '../fakes/speech.ts';

let server: Awaited<ReturnType<typeof speechServer>>;
beforeAll(async () => {
  // Clients that send a recording at once: what the pace rule is tested for elsewhere.
  server = await speechServer({ settings: { speech: { maxAheadMs: 0 } }, engines: { stt: new FakeStt(systemClock) } });
});
afterAll(() => server.close());

const hasCurl = spawnSync('curl', ['--version']).status === 0;
const run = promisify(execFile);

describe.skipIf(!hasCurl)('curl, with the command lines of the document (skipped where curl is not installed)', () => {
  const ask = async (action: string, contentType: string, data: string, token = lab.token) =>
    (
      await run('curl', [
        ...['--silent', '--show-error', '--noproxy', '*', '--location', `${server.url}/api`],
        ...['--header', `Authorization: Bearer ${token}`, '--header', `Action: ${action}`],
        ...['--header', `Content-Type: ${contentType}`, '--data', data],
      ])
    ).stdout;

  test('摘要接口: the example whose JSON lacks a comma', async () => {
    const answer = await ask(
      'IotTextSummary',
      'application/json',
      '{\n"prompt": ""\n"stream": false,\n"request_id":"4793e51c-b367-45cc-a992-18fd5dff7c32",\n"text":"这是一个测试摘要内容。"\n}',
    );
    expect(JSON.parse(answer)).toEqual({
      code: 0,
      err_msg: '',
      summary: '这是一个测试摘要内容。',
      is_finish: true,
      request_id: '4793e51c-b367-45cc-a992-18fd5dff7c32',
    });
  });

  test('摘要 SSE 流式示例', async () => {
    const answer = await ask(
      'IotTextSummary',
      'text/plain',
      '{\n"prompt": "根据输入生成简单的一句话摘要,50字以内",\n"stream": true,\n"request_id":"4793e51c-b367-45cc-a992-18fd5dff7c32",\n"text":"这是一个测试摘要内容。"\n}',
    );
    const events = answer.trim().split('\n\n');
    expect(events.every((event) => event.startsWith('data: {'))).toBe(true);
    const parsed = events.map((event) => JSON.parse(event.slice(6)) as { summary: string; is_finish: boolean });
    expect(parsed.map(({ summary }) => summary).join('')).toBe('这是一个测试摘要内容。');
    expect(parsed.at(-1)).toEqual({
      code: 0,
      err_msg: '',
      summary: '',
      is_finish: true,
      request_id: '4793e51c-b367-45cc-a992-18fd5dff7c32',
    });
  });

  test.each([false, true])('翻译接口, stream %s', async (stream) => {
    const answer = await ask(
      'IotTranslate',
      'application/json',
      `{\n"source": "zh",\n"target": "en",\n"text":"这是一个待翻译的文本",\n"request_id": "89971c46-79b2-44aa-bdc3-b4b944a48da3",\n"stream": ${stream}\n}`,
    );
    const parts = (
      stream
        ? answer
            .trim()
            .split('\n\n')
            .map((event) => event.slice(6))
        : [answer]
    ).map((text) => JSON.parse(text) as { data: string });
    expect(parts.map(({ data }) => data).join('')).toBe('This is a text to be translated');
  });

  test('异常返回示例', async () => {
    expect(JSON.parse(await ask('IotTranslate', 'application/json', '{}', 'xxxxxx'))).toEqual({ code: -1, err_msg: 'Invalid Token' });
    expect(JSON.parse(await ask('Other', 'application/json', '{}'))).toEqual({ code: -1, err_msg: 'Invalid Action header' });
  });
});

/** A plain client: what comes, in order, until it closes or enough has come. */
function talk(
  path: string,
  send: (socket: WebSocket) => void,
  isEnough: (messages: unknown[]) => boolean,
): Promise<{ messages: unknown[]; code: number }> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`${server.wsUrl}${path}`);
    const messages: unknown[] = [];
    socket.on('open', () => send(socket));
    socket.on('message', (data: Buffer, isBinary) => {
      messages.push(isBinary ? data.length : JSON.parse(data.toString('utf8')));
      if (isEnough(messages)) socket.close(1000);
    });
    socket.on('close', (code) => resolve({ messages, code }));
    socket.on('error', reject);
  });
}

const packets = function* (pcm: Int16Array) {
  for (let at = 0; at < pcm.length; at += 640) yield new Uint8Array(pcm.slice(at, at + 640).buffer);
};

describe('a WebSocket client that follows the document step by step', () => {
  test('同传翻译 V2: settings, audio, heartbeat, voice on in the middle', async () => {
    server.engines.stt.add({ text: 'Please tell a joke.' });
    const settings = {
      is_tts_stream: false,
      enable_tts: false,
      lang_source: 'en',
      lang_target: 'zh',
      request_id: '7dd31c36-b3e9-4f6c-8c10-92f5f4793cdb',
      token: lab.token,
    };
    const { messages } = await talk(
      '/v2/ws-voice-translate',
      (socket) => {
        socket.send(JSON.stringify(settings));
        socket.send('{"ping":"2025-07-07 15:33:49"}');
        socket.send('{"enable_tts": true}');
        for (const packet of packets(speechPcm(1000))) socket.send(packet);
        for (const packet of packets(silencePcm(1000))) socket.send(packet);
      },
      (seen) => seen.filter((message) => typeof message === 'number').length >= 3,
    );
    expect(messages[0]).toEqual({ pong: '2025-07-07 15:33:49' });
    expect(messages).toContainEqual({
      code: 0,
      msg: 'success',
      translation: '请讲个笑话。',
      original_detail: { slice_type: 2, index: 0, voice_text_str: 'Please tell a joke.' },
      engine: 'phrase-table',
    });
    expect(new Set(messages.filter((message) => typeof message === 'number'))).toEqual(new Set([1280]));
  });

  test('ASR: {"code":0,"message":"success"}, or {"code":-1,"message":"auth error"} and closed', async () => {
    const refused = await talk(
      '/asr/v2/1259999999?engine_model_type=iot_16k_zh&voice_format=1',
      () => {},
      () => false,
    );
    expect(refused).toEqual({ messages: [{ code: -1, message: 'auth error' }], code: 1008 });
    server.engines.stt.add({ text: '可以讲个笑话吗' });
    const { messages, code } = await talk(
      `/asr/v2/${lab.appId}?engine_model_type=iot_16k_zh&voice_format=1`,
      (socket) => {
        for (const packet of packets(speechPcm(1000))) socket.send(packet);
        for (const packet of packets(silencePcm(1000))) socket.send(packet);
        socket.send('{"type":"end"}');
      },
      () => false,
    );
    expect(messages[0]).toEqual({ code: 0, message: 'success' });
    expect(messages).toContainEqual(
      expect.objectContaining({ final: 0, result: expect.objectContaining({ slice_type: 2, voice_text_str: '可以讲个笑话吗' }) }),
    );
    expect(messages.at(-1)).toEqual({ code: 0, message: '', final: 1 });
    expect(code).toBe(1000);
  });
});

describe('our own client of Tencent’s recognition v2, which was written after another document', () => {
  const engine = (config: Record<string, unknown>) =>
    createTencentStt({
      id: 'tencent',
      clock: systemClock,
      config: { apiUrl: server.wsUrl, appId: lab.appId, secretId: lab.secretId, secretKey: lab.secretKey, engineType: '', ...config },
    });

  test('is understood: one utterance, signed, cut by itself', async () => {
    server.engines.stt.add({ text: '今天天气怎么样', partials: [{ atMs: 300, text: '今天' }] });
    const partial = Promise.withResolvers<string>();
    const stream = await engine({}).open({
      language: 'zh',
      hotWords: ['天气'],
      onPartial: partial.resolve,
      signal: new AbortController().signal,
    });
    stream.write(speechPcm(1000));
    expect(await partial.promise).toBe('今天');
    expect(await stream.finish()).toMatchObject({ text: '今天天气怎么样' });
    stream.close();
    expect(server.engines.stt.requests.at(-1)).toMatchObject({ language: 'zh', hotWords: ['天气'] });
  });

  test('with a wrong key is refused', async () => {
    await expect(
      engine({ secretKey: 'wrong' })
        .open({ language: 'zh', signal: new AbortController().signal })
        .then((stream) => stream.finish()),
    ).rejects.toMatchObject({ value: { code: 'engine/failed', data: { reason: '-1 auth error' } } });
  });
});
