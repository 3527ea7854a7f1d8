import { describe, expect, test } from 'vitest';
import { ApiError } from '../../../../../pipeline/gateways/cloud/action.ts';
import { productConfigAction } from '../../../../../pipeline/gateways/cloud/product-config.ts';
import { isTrusted } from '../../../../../pipeline/gateways/cloud/trust.ts';
import { callApi, labKey, signedHeaders, startBody, type TrtcRig, trtcRig } from '../../../../fakes/trtc.ts';
import { VirtualClock } from '../../../../fakes/virtual-clock.ts';

const products = {
  isProduct: (productId: string) => productId === 'PRODUCT001',
  devices: () => Array.from({ length: 12 }, (_, index) => `dev${index}`),
  config: async ({ deviceName }: { deviceName: string }, language: string) => ({ DeviceName: deviceName, TargetLanguage: language }),
  appId: () => '1250000000',
  offsetCounts: () => 'items' as const,
};
const configs = [productConfigAction(products)];
const iot = { version: '2019-04-23' };

describe('every answer', () => {
  test('has status 200 and the content type that SDKs compare, exactly', async () => {
    await using rig = await trtcRig();
    for (const reply of [
      await callApi(rig, 'DescribeAIConversation', { SdkAppId: 1, SessionId: 's' }),
      await callApi(rig, 'NoSuchThing', {}),
      await callApi(rig, 'DescribeAIConversation', {}, { secretKey: 'wrong' }),
    ]) {
      expect(reply).toMatchObject({ status: 200, contentType: 'application/json' });
      expect(reply.response.RequestId).toMatch(/^[0-9a-f-]{36}$/);
    }
  });

  test('another path is nobody’s', async () => {
    await using rig = await trtcRig();
    expect((await fetch(`http://${rig.endpoint}/etc/passwd`, { method: 'POST', body: '{}' })).status).toBe(404);
  });
});

describe('refusals in the API’s words', () => {
  test.each([
    ['an action of no version', 'StartAIConversation', {}, { version: '2017-01-01' }, 'NoSuchVersion'],
    ['an action of the other version', 'GetTWeTalkProductConfigListV2', {}, {}, 'InvalidAction'],
    ['a parameter that is missing', 'StartAIConversation', { SdkAppId: 1 }, {}, 'MissingParameter'],
    ['a nested parameter that is missing', 'StartAIConversation', startBody({}, { TargetUserId: undefined }), {}, 'MissingParameter'],
    ['a parameter nobody knows', 'StopAIConversation', { TaskId: 't', Nonsense: 1 }, {}, 'UnknownParameter'],
    ['a parameter of another type', 'StopAIConversation', { TaskId: 7 }, {}, 'InvalidParameter'],
    ['a value out of its range', 'StartAIConversation', startBody({}, { InterruptSpeechDuration: 299 }), {}, 'InvalidParameterValue'],
    ['a SecretId nobody has', 'StopAIConversation', { TaskId: 't' }, { secretId: 'AKIDother' }, 'AuthFailure.SecretIdNotFound'],
    ['another key', 'StopAIConversation', { TaskId: 't' }, { secretKey: 'wrong' }, 'AuthFailure.SignatureFailure'],
    ['no JSON', 'StopAIConversation', {}, { raw: 'not json' }, 'InvalidParameter'],
    ['a list', 'StopAIConversation', {}, { raw: '[]' }, 'InvalidParameter'],
  ])('%s', async (_what, action, body, more, code) => {
    await using rig = await trtcRig({ actions: configs });
    expect((await callApi(rig, action, body, more)).response.Error?.Code).toBe(code);
  });

  test('the sentence names the parameter by its path', async () => {
    await using rig = await trtcRig();
    const { response } = await callApi(rig, 'StartAIConversation', startBody({}, { TargetUserId: undefined }));
    expect(response.Error?.Message).toContain('AgentConfig.TargetUserId');
  });

  test('a request of more than 10 MB', async () => {
    await using rig = await trtcRig();
    const { response } = await callApi(rig, 'StopAIConversation', {}, { raw: JSON.stringify({ TaskId: 'x'.repeat(10 * 1024 * 1024) }) });
    expect(response.Error?.Code).toBe('RequestSizeLimitExceeded');
  });

  test('the 21st request of an action within a second, and none a second later', async () => {
    const clock = new VirtualClock();
    await using rig = await trtcRig({ clock });
    const ask = () => callApi(rig, 'DescribeAIConversation', { SdkAppId: 1, SessionId: 's' });
    const codes: (string | undefined)[] = [];
    for (let count = 0; count < 21; count++) codes.push((await ask()).response.Error?.Code);
    expect(codes.slice(0, 20).every((code) => code === undefined)).toBe(true);
    expect(codes[20]).toBe('RequestLimitExceeded');
    await clock.advance(1_000_001);
    expect((await ask()).response.Error).toBeUndefined();
  });

  test('what the operator asks for, once', async () => {
    let next: string | null = 'InternalError.DBOperationError';
    await using rig = await trtcRig({
      actions: configs,
      failureFor: () => {
        const code = next;
        next = null;
        return code === null ? null : new ApiError(code, 'asked for');
      },
    });
    const ask = () => callApi(rig, 'GetTWeTalkProductConfigListV2', { ProductId: 'PRODUCT001' }, iot);
    expect((await ask()).response.Error?.Code).toBe('InternalError.DBOperationError');
    expect((await ask()).response.Error).toBeUndefined();
  });

  test('an action that fails for a reason of its own is an internal error, and says nothing of it', async () => {
    const broken = { version: '2019-07-22', name: 'Broken', parameters: {}, run: () => Promise.reject(new Error('secret detail')) };
    await using rig = await trtcRig({ actions: [broken] });
    const { response } = await callApi(rig, 'Broken', {});
    expect(response.Error?.Code).toBe('InternalError');
    expect(JSON.stringify(response)).not.toContain('secret detail');
    expect(rig.faults).toHaveLength(1);
  });

  test('without a check of signatures an unsigned request is answered', async () => {
    await using rig = await trtcRig({ settings: { cloudApi: { signature: 'any' } } });
    const reply = await fetch(`http://${rig.endpoint}/`, {
      method: 'POST',
      headers: { 'x-tc-action': 'DescribeAIConversation', 'x-tc-version': '2019-07-22' },
      body: '{"SdkAppId":1,"SessionId":"s"}',
    });
    expect(await reply.json()).toMatchObject({ Response: { Status: 'Idle' } });
  });
});

describe('what is kept of requests', () => {
  test('a wrong signature: what was claimed beside what should have been signed, for both ways to write the host', async () => {
    await using rig = await trtcRig();
    await callApi(rig, 'StopAIConversation', { TaskId: 't' }, { secretKey: 'wrong' });
    const kept = rig.requests[0]?.signature;
    expect(rig.requests[0]).toMatchObject({ code: 'AuthFailure.SignatureFailure', secretId: labKey.secretId, service: 'trtc' });
    expect(kept?.received.signedHeaders.map(({ name }) => name)).toEqual(['content-type', 'host', 'x-tc-action']);
    expect(kept?.expected.map(({ canonicalRequest }) => /^host:(.*)$/m.exec(canonicalRequest)?.[1])).toEqual([rig.endpoint, '127.0.0.1']);
    expect(kept?.mistake).toBeNull();
    expect(JSON.stringify(rig.requests)).not.toContain(labKey.secretKey);
  });

  test('keys of the body never: neither in the log nor among the events', async () => {
    await using rig = await trtcRig();
    const LLMConfig = JSON.stringify({ LLMType: 'openai', APIKey: 'sk-very-secret', APIUrl: 'http://127.0.0.1:1/v1' });
    await callApi(rig, 'StartAIConversation', startBody({ LLMConfig }, { UserSig: 'eJw-very-secret' }));
    const everything = JSON.stringify([rig.requests, rig.observer.events]);
    expect(everything).toContain('LLMType');
    expect(everything).not.toContain('very-secret');
  });
});

describe('GetTWeTalkProductConfigListV2', () => {
  const ask = async (parameters: Record<string, unknown>) => {
    await using rig = await trtcRig({ actions: configs });
    return (await callApi(rig, 'GetTWeTalkProductConfigListV2', parameters, iot)).response;
  };

  test('devices with a configuration of their own come first, the product’s last', async () => {
    const { Data, Total } = await ask({ ProductId: 'PRODUCT001', Offset: 10, Limit: 10 });
    expect(Total).toBe(13);
    expect(Data).toMatchObject([
      { DeviceName: 'dev10' },
      { DeviceName: 'dev11' },
      { DeviceName: '', Uin: 1250000000, TargetLanguage: 'zh' },
    ]);
  });

  test('a device by name, in the language asked for', async () => {
    const { Data, Total } = await ask({ ProductId: 'PRODUCT001', DeviceName: 'dev7', TargetLanguage: 'en' });
    expect([Total, Data]).toEqual([1, [expect.objectContaining({ DeviceName: 'dev7', TargetLanguage: 'en' })]]);
  });

  test.each([
    ['no product of that id', { ProductId: 'OTHER' }, 'ResourceNotFound.StudioProductNotExist'],
    ['a page of 9', { ProductId: 'PRODUCT001', Limit: 9 }, 'InvalidParameterValue'],
    ['a page of 101', { ProductId: 'PRODUCT001', Limit: 101 }, 'InvalidParameterValue'],
    ['another language', { ProductId: 'PRODUCT001', TargetLanguage: 'fr' }, 'InvalidParameterValue'],
    ['no product', {}, 'MissingParameter'],
  ])('%s', async (_what, parameters, code) => {
    expect((await ask(parameters)).Error?.Code).toBe(code);
  });
});

describe('hostile requests', () => {
  const askWith = async (rig: TrtcRig, signedNames: string, headers: Record<string, string>, body = '{"TaskId":"t"}') => {
    const atS = Math.floor(rig.clock.wallMs() / 1000);
    const given = signedHeaders({ action: 'StopAIConversation', version: '2019-07-22', body, host: rig.endpoint, atS });
    const authorization = (given.authorization ?? '').replace(/SignedHeaders=[^,]*/u, `SignedHeaders=${signedNames}`);
    return callApi(rig, 'StopAIConversation', {}, { raw: body, headers: { ...headers, authorization } });
  };

  test('one header signed many times is no signature: what should have been signed would be thousands of times what came', async () => {
    await using rig = await trtcRig();
    const names = `content-type;host;${Array.from({ length: 400 }, () => 'a').join(';')}`;
    const { response } = await askWith(rig, names, { a: 'x'.repeat(10_000) });
    expect(response.Error?.Code).toBe('AuthFailure.InvalidAuthorization');
    expect(JSON.stringify(rig.requests).length).toBeLessThan(10_000);
  });

  test.each(['constructor', '__proto__', 'tostring'])('a signed header called %s is one that is not there', async (name) => {
    await using rig = await trtcRig();
    const { response } = await askWith(rig, `content-type;host;${name}`, {});
    expect(response.Error?.Code).toBe('AuthFailure.SignatureFailure');
    expect(rig.faults).toEqual([]);
  });

  test('a large body is read once its signature is known to be right', async () => {
    await using rig = await trtcRig();
    const body = { TaskId: 'no-such-task', Filler: 'x'.repeat(200_000) };
    expect((await callApi(rig, 'StopAIConversation', body)).response.Error?.Code).toBe('UnknownParameter');
    expect((await callApi(rig, 'StopAIConversation', body, { secretKey: 'wrong' })).response.Error?.Code).toBe(
      'AuthFailure.SignatureFailure',
    );
    expect(rig.requests.map(({ request }) => request.includes('no-such-task'))).toEqual([true, false]);
  });

  test('keys in the query of an address that a text holds are shown no more than others', async () => {
    await using rig = await trtcRig();
    const LLMConfig = JSON.stringify({ LLMType: 'openai', APIUrl: 'https://host/v1?a=1&api_key=very-secret&b=2#key=x' });
    await callApi(rig, 'StartAIConversation', startBody({ LLMConfig }));
    const everything = JSON.stringify([rig.requests, rig.observer.events]);
    expect(everything).toContain('https://host/v1?a=1');
    expect(everything).not.toContain('very-secret');
  });
});

describe('whose word counts', () => {
  const start = (rig: TrtcRig, more: Parameters<typeof callApi>[3] = {}) => callApi(rig, 'StartAIConversation', startBody(), more);

  test('a checked signature may name services for the bench to ask', async () => {
    await using rig = await trtcRig();
    await start(rig);
    expect(rig.configured.map(({ mayNameServices }) => mayNameServices)).toEqual([true]);
  });

  test('who asks from this machine may too, with signatures unchecked; a stranger may not', async () => {
    await using rig = await trtcRig({ settings: { cloudApi: { signature: 'any' } } });
    await start(rig, { secretKey: 'wrong' });
    expect(rig.configured.map(({ mayNameServices }) => mayNameServices)).toEqual([true]);
    expect(isTrusted('any', '192.168.1.5')).toBe(false);
    expect(isTrusted('any', undefined)).toBe(false);
    expect(isTrusted('checked', '192.168.1.5')).toBe(true);
    expect(['127.0.0.1', '127.8.8.8', '::1', '::ffff:127.0.0.1'].every((address) => isTrusted('any', address))).toBe(true);
  });
});
