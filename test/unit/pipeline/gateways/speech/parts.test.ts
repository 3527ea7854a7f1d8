import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { recordedTarget } from '../../../../../pipeline/gateways/recorded-target.ts';
import { Admission } from '../../../../../pipeline/gateways/speech/admission.ts';
import { readAsrTarget, signatureOf } from '../../../../../pipeline/gateways/speech/asr-query.ts';
import { PaceRule } from '../../../../../pipeline/gateways/speech/pace.ts';
import { PcmInput } from '../../../../../pipeline/gateways/speech/pcm-input.ts';
import { recordedText } from '../../../../../pipeline/gateways/speech/recorded-text.ts';
import { readTextRequest } from '../../../../../pipeline/gateways/speech/text-request.ts';
import { readControls, readInit } from '../../../../../pipeline/gateways/speech/translate-messages.ts';
import { lab, labAccounts, own } from '../../../../fakes/speech.ts';
import { VirtualClock } from '../../../../fakes/virtual-clock.ts';

describe('audio of a socket', () => {
  test('is the same however its bytes are cut into messages', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 9 }), { maxLength: 30 }), (parts) => {
        const input = new PcmInput(16_000);
        const samples = parts.flatMap((part) => [...input.push(part)]);
        const whole = Buffer.concat(parts);
        expect(samples).toEqual(Array.from({ length: whole.length >> 1 }, (_, index) => whole.readInt16LE(index * 2)));
      }),
    );
  });

  test('at 8 kHz becomes twice as many samples', () => {
    const input = new PcmInput(8000);
    expect(input.push(new Uint8Array(16_000)).length + input.flush().length).toBe(16_000);
  });
});

describe('the pace rule', () => {
  function rule(clock: VirtualClock, options: { maxAheadMs?: number; maxGapMs?: number } = {}) {
    const broken: string[] = [];
    return { broken, pace: new PaceRule({ clock, maxAheadMs: 3000, maxGapMs: 6000, onBroken: (how) => broken.push(how), ...options }) };
  }

  test('real time is never too fast, whatever jitter packets have', async () => {
    const clock = new VirtualClock();
    const { broken, pace } = rule(clock);
    for (let second = 0; second < 30; second += 1) {
      for (let packet = 0; packet < 25; packet += 1) pace.heard(40);
      await clock.advance(1_000_000);
    }
    expect(broken).toEqual([]);
    pace.close();
    expect(clock.pendingTimers).toBe(0);
  });

  test('twice real time is, once it is 3 s ahead', async () => {
    const clock = new VirtualClock();
    const { broken, pace } = rule(clock);
    let heardMs = 0;
    while (broken.length === 0 && heardMs < 60_000) {
      pace.heard(80);
      heardMs += 80;
      await clock.advance(40_000);
    }
    expect(broken).toEqual(['too-fast']);
    expect(heardMs).toBeGreaterThan(5900);
    expect(heardMs).toBeLessThan(6200);
    expect(pace.heard(40)).toBe(false);
  });

  test('a gap of 6 s ends it, one of less does not, and the first audio may take longer', async () => {
    const clock = new VirtualClock();
    const { broken, pace } = rule(clock);
    await clock.advance(20_000_000);
    pace.heard(40);
    await clock.advance(5_900_000);
    pace.heard(40);
    expect(broken).toEqual([]);
    await clock.advance(6_000_000);
    expect(broken).toEqual(['no-audio']);
    expect(clock.pendingTimers).toBe(0);
  });
});

describe('the settings of a translation', () => {
  test('have the document’s defaults: V1 speaks, V2 does not', () => {
    expect(readInit('{"token":"t"}', 1)).toMatchObject({ source: 'zh', target: 'en', isTtsOn: true, isTtsStream: false, notes: [] });
    expect(readInit('{"token":"t"}', 2)).toMatchObject({ isTtsOn: false });
  });

  test('know both spellings in both versions', () => {
    expect(readInit('{"disable_tts":true}', 1)?.isTtsOn).toBe(false);
    expect(readInit('{"enable_tts":true}', 2)?.isTtsOn).toBe(true);
    expect(readInit('{"enable_tts":false}', 1)?.isTtsOn).toBe(false);
    expect(readInit('{"disable_tts":false}', 2)?.isTtsOn).toBe(true);
  });

  test('note what is not as documented', () => {
    expect(readInit('{"lang_source":7,"is_tts_stream":"maybe","enable_tts":1}', 2)).toMatchObject({
      source: 'zh',
      isTtsStream: false,
      isTtsOn: true,
      notes: ['is_tts_stream: no truth value, left out', 'lang_source: no short text, zh taken'].sort((a, b) => (a < b ? 1 : -1)),
    });
    expect(readInit('[1]', 2)).toBeNull();
    expect(readInit('no json', 2)).toBeNull();
  });

  test('later messages switch the voice and ping', () => {
    expect(readControls('{"ping":"2025-07-07 15:33:49"}')).toEqual([{ kind: 'ping', value: '2025-07-07 15:33:49' }]);
    expect(readControls('{"enable_tts":false}')).toEqual([{ kind: 'tts', isOn: false }]);
    expect(readControls('{"disable_tts":true,"ping":1}')).toEqual([
      { kind: 'ping', value: 1 },
      { kind: 'tts', isOn: false },
    ]);
    expect(readControls('{"other":1}')).toEqual([]);
  });
});

describe('the address of a recognition', () => {
  test.each([
    ['iot_16k_zh', 'zh', 16_000],
    ['iot_16k_en', 'en', 16_000],
    ['iot_16k_it', 'it', 16_000],
    ['iot_16k_ru', 'ru', 16_000],
    ['iot_16K_ja', 'ja', 16_000],
    ['IOT_16k_JA', 'ja', 16_000],
    ['iot_8k_zh', 'zh', 8000],
    ['16k_zh_large', 'zh', 16_000],
  ])('%s', (model, language, sampleRate) => {
    expect(readAsrTarget(`/asr/v2/1250000001?engine_model_type=${model}&voice_format=1`)).toMatchObject({
      appId: '1250000001',
      language,
      sampleRate,
    });
  });

  test('what is missing, unknown or no path', () => {
    expect(readAsrTarget('/asr/v2/1250000001')).toMatchObject({ language: 'zh', notes: ['no engine_model_type: iot_16k_zh taken'] });
    expect(readAsrTarget('/asr/v2/1?engine_model_type=iot_16k_xx')).toBe('unknown engine_model_type iot_16k_xx');
    expect(readAsrTarget('/asr/v2/1?voice_format=4')).toMatch(/voice_format/);
    expect(readAsrTarget('/asr/v2/')).toBeNull();
    expect(readAsrTarget('/asr/v2/../../etc/passwd')).toBeNull();
    expect(readAsrTarget('/asr/v2/1?input_sample_rate=8000&hotword_list=%E8%85%BE%E8%AE%AF%7C10,a%7C1&needvad=0')).toMatchObject({
      sampleRate: 8000,
      hotWords: ['腾讯', 'a'],
      isCutHere: false,
    });
  });

  test('the golden signature of the fact sheet is right, another is not', () => {
    const source =
      '/asr/v2/1250000000?engine_model_type=16k_zh&expired=1673494772&needvad=1&nonce=1673408372&secretid=AKIDTEST&timestamp=1673408372&voice_format=1&voice_id=c64385ee-3e5c-4fc5-bbfd-7c71addb35b0';
    const check = (target: string, nowS = 1_673_408_400, host = '127.0.0.1:8787') =>
      signatureOf(target, host, { secretKey: labAccounts.secretKey, nowS });
    const signed = `${source}&signature=${encodeURIComponent('rS3bqD6hzxtT1MvN0sHpN6wsaG0=')}`;
    expect(check(signed)).toBe('right');
    expect(check(signed.replace('nonce=1', 'nonce=2'))).toBe('wrong');
    expect(check(signed, 1_773_408_400)).toBe('expired');
    expect(check(source)).toBe('none');
    expect(check(signed.replace('AKIDTEST', 'AKIDELSE'))).toBe('none');
    const own = createHmac('sha1', lab.secretKey).update(`127.0.0.1:8787${source}`).digest('base64');
    expect(check(`${source}&signature=${encodeURIComponent(own)}`)).toBe('right');
  });
});

describe('what is recorded', () => {
  test.each(['{"token":"sk-abc","x":1}', '{"\\u0074oken":"sk-abc"}', '{"token":"sk-abc"', '{"a":1,"token" : "sk-\\"abc', 'token=sk-abc&x'])(
    'no token: %s',
    (text) => {
      expect(recordedText(text).text).not.toContain('abc');
    },
  );

  test('no signature, and no more than is worth reading', () => {
    expect(recordedTarget('/asr/v2/1?secretid=A&signature=abc%3D&x=1')).toBe('/asr/v2/1?secretid=A&signature=[redacted]&x=1');
    expect(recordedText('x'.repeat(50_000))).toEqual({ text: 'x'.repeat(16_384), note: 'cut: 50000 characters' });
  });
});

describe('the body of a summary or translation', () => {
  const limits = { maxTextCharacters: 50 };
  test('the document’s own example, which lacks a comma', () => {
    const body =
      '{\n"prompt": ""\n"stream": false,\n"request_id":"4793e51c-b367-45cc-a992-18fd5dff7c32",\n"text":"这是一个测试摘要内容。"\n}';
    expect(readTextRequest(body, 'IotTextSummary', limits)).toMatchObject({
      text: '这是一个测试摘要内容。',
      isStream: false,
      requestId: '4793e51c-b367-45cc-a992-18fd5dff7c32',
      notes: ['commas between lines were missing'],
    });
  });

  test.each([
    ['', 'IotTranslate', 'the body is no JSON object'],
    ['[]', 'IotTranslate', 'the body is no JSON object'],
    ['{}', 'IotTextSummary', 'text is missing'],
    ['{"text":" "}', 'IotTextSummary', 'text is missing'],
    [JSON.stringify({ text: 'x'.repeat(51) }), 'IotTextSummary', 'text is longer than 50 characters'],
    ['{"text":"x","source":"xx"}', 'IotTranslate', 'unsupported source xx'],
    ['{"text":"x","target":"klingon"}', 'IotTranslate', 'unsupported target klingon'],
  ] as const)('%s', (body, action, problem) => {
    expect(readTextRequest(body, action, limits)).toBe(problem);
  });
});

describe('admission', () => {
  test('the lab’s and the bench’s own credentials, and so many at once', () => {
    const admission = new Admission({ accounts: labAccounts, own, limit: () => 2 });
    expect([lab.token, own.token, '', `${lab.token}x`].map((token) => admission.isToken(token))).toEqual([true, true, false, false]);
    expect([lab.appId, own.appId, '1'].map((appId) => admission.isAppId(appId))).toEqual([true, true, false]);
    const leave = admission.enter('a');
    admission.enter('a');
    expect(admission.enter('a')).toBeNull();
    expect(admission.enter('b')).not.toBeNull();
    leave?.();
    leave?.();
    expect(admission.enter('a')).not.toBeNull();
    expect(admission.enter('a')).toBeNull();
  });
});
