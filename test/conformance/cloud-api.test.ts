import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { RoomClient } from '../../pipeline/boards/trtc/room-client.ts';
import { activationActions } from '../../pipeline/gateways/cloud/activations.ts';
import { productConfigAction } from '../../pipeline/gateways/cloud/product-config.ts';
import type { Activation } from '../../preload/contract/cloud/cloud-api.ts';
import { labKey, labSdkAppId, startBody, type TrtcRig, trtcRig } from '../fakes/trtc.ts';

/** The official SDK, as it is installed; nothing of it is changed but the endpoint. */
const sdk = createRequire(import.meta.url)('tencentcloud-sdk-nodejs');
const run = promisify(execFile);

function profileOf(rig: TrtcRig) {
  const { secretId, secretKey } = labKey;
  return {
    credential: { secretId, secretKey },
    region: 'ap-guangzhou',
    profile: { httpProfile: { endpoint: rig.endpoint, protocol: 'http://' } },
  };
}

const activated = new Map<string, Activation>();
const actions = [
  productConfigAction({
    isProduct: (productId) => productId === 'PRODUCT001',
    devices: () => ['dev1'],
    config: async ({ productId, deviceName }) => ({ ProductId: productId, DeviceName: deviceName, ConfigName: '小兵' }),
    appId: () => '1250000000',
    offsetCounts: () => 'items',
  }),
  ...activationActions({
    of: (sn) => activated.get(sn),
    put: async (given) => void activated.set(given.sn, given),
    obstacle: (productId) => (productId === 'PRODUCT001' ? undefined : 'no-product'),
    wallMs: () => 1_700_000_000_000,
  }),
];

describe('the official Tencent Cloud SDK, unchanged but for the endpoint', () => {
  test('trtc: a conversation is started, described, told to speak, updated and stopped', async () => {
    await using rig = await trtcRig();
    const client = new sdk.trtc.v20190722.Client(profileOf(rig));
    const user = await RoomClient.enter({
      clock: rig.clock,
      gateway: rig.gateway,
      sdkAppId: labSdkAppId,
      roomId: '1234',
      roomIdType: 0,
      userId: 'user',
    });
    const begun = rig.conversations.next();
    const { TaskId } = await client.StartAIConversation(startBody({ SessionId: 'session-1' }));
    const conversation = await begun;
    expect(conversation.options).toMatchObject({ conversationId: TaskId, gateway: 'trtc', deviceName: 'user' });
    expect(await client.DescribeAIConversation({ TaskId })).toMatchObject({ Status: 'InProgress', SessionId: 'session-1' });
    await client.ControlAIConversation({ TaskId, Command: 'ServerPushText', ServerPushText: { Text: '你好', Interrupt: true } });
    expect(conversation.said).toEqual(['你好']);
    await client.UpdateAIConversation({ TaskId, InterruptSpeechDuration: 800 });
    expect(rig.updates).toEqual([{ InterruptSpeechDuration: 800 }]);
    await client.StopAIConversation({ TaskId });
    expect(await client.DescribeAIConversation({ TaskId })).toMatchObject({ Status: 'Stopped' });
    expect(rig.callbacks.map(({ eventType }) => eventType)).toEqual([901, 909, 902]);
    await user.leave();
  });

  test('its errors have their code, message and request id', async () => {
    await using rig = await trtcRig();
    const client = new sdk.trtc.v20190722.Client(profileOf(rig));
    await expect(client.StopAIConversation({ TaskId: 'nobody' })).rejects.toMatchObject({
      code: 'InvalidParameter.TaskId',
      message: expect.stringContaining('TaskId'),
      requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
  });

  test('iotexplorer: configurations, and activation for calls and talks', async () => {
    await using rig = await trtcRig({ actions });
    const client = new sdk.iotexplorer.v20190423.Client(profileOf(rig));
    const configs = await client.GetTWeTalkProductConfigListV2({ ProductId: 'PRODUCT001', Offset: 0, Limit: 10 });
    expect(configs).toMatchObject({ Total: 2, Data: [{ DeviceName: 'dev1', ConfigName: '小兵' }, { DeviceName: '' }] });
    const activation = await client.ActivateTWeCallLicense({
      PkgType: 1,
      DeviceList: [{ Sn: 'PRODUCT001_dev1' }, { Sn: 'OTHER_dev1' }, { Sn: 'nonsense' }],
    });
    expect(activation.SuccessList).toMatchObject([{ Sn: 'PRODUCT001_dev1', ErrCode: 0, ExpireTime: 1_731_536_000 }]);
    expect(activation.FailureList.map(({ ErrCode }: { ErrCode: number }) => ErrCode)).toEqual([50012, 50016]);
    const status = await client.GetTWeCallActiveStatus({ DeviceList: [{ Sn: 'PRODUCT001_dev1' }] });
    expect(status.TWeCallActiveInfos).toMatchObject([{ Sn: 'PRODUCT001_dev1', PkgType: 1, ExpireTime: 1_731_536_000 }]);
    expect(await client.ActivateTWeTalk({ ServiceType: 3, DeviceIds: ['PRODUCT001_dev1'] })).toMatchObject({ FailureRecords: [] });
  });

  test('its CommonClient, and a wrong key', async () => {
    await using rig = await trtcRig();
    const { CommonClient } = createRequire(import.meta.url)('tencentcloud-sdk-nodejs/tencentcloud/common/common_client');
    const client = new CommonClient(rig.endpoint, '2019-07-22', profileOf(rig));
    expect(await client.request('DescribeAIConversation', { SdkAppId: 1, SessionId: 's' })).toMatchObject({ Status: 'Idle' });
    const wrong = new CommonClient(rig.endpoint, '2019-07-22', { ...profileOf(rig), credential: { ...labKey, secretKey: 'wrong' } });
    await expect(wrong.request('DescribeAIConversation', {})).rejects.toMatchObject({ code: 'AuthFailure.SignatureFailure' });
  });
});

/** TC3 as the document's shell does it: openssl makes every hash. */
const script = String.raw`
set -eu
timestamp=$(date +%s)
date=$(date -u -d "@$timestamp" +%Y-%m-%d)
payload='{"SdkAppId":1,"SessionId":"curl"}'
hash() { printf '%s' "$1" | openssl sha256 -hex | sed 's/^.* //'; }
canonical="POST
/

content-type:application/json; charset=utf-8
host:$HOST
x-tc-action:describeaiconversation

content-type;host;x-tc-action
$(hash "$payload")"
to_sign="TC3-HMAC-SHA256
$timestamp
$date/trtc/tc3_request
$(hash "$canonical")"
date_key=$(printf '%s' "$date" | openssl sha256 -hmac "TC3$SECRET_KEY" | sed 's/^.* //')
service_key=$(printf trtc | openssl dgst -sha256 -mac hmac -macopt hexkey:"$date_key" | sed 's/^.* //')
signing_key=$(printf tc3_request | openssl dgst -sha256 -mac hmac -macopt hexkey:"$service_key" | sed 's/^.* //')
signature=$(printf '%s' "$to_sign" | openssl dgst -sha256 -mac hmac -macopt hexkey:"$signing_key" | sed 's/^.* //')
curl -sS -XPOST "http://$HOST" -d "$payload" \
  -H "Authorization: TC3-HMAC-SHA256 Credential=$SECRET_ID/$date/trtc/tc3_request, SignedHeaders=content-type;host;x-tc-action, Signature=$signature" \
  -H "Content-Type: application/json; charset=utf-8" -H "Host: $HOST" -H "X-TC-Action: DescribeAIConversation" \
  -H "X-TC-Timestamp: $timestamp" -H "X-TC-Version: 2019-07-22" -H "X-TC-Region: ap-guangzhou"
`;
const tools = await Promise.all(
  ['curl', 'openssl', 'bash'].map((tool) =>
    run(tool, [tool === 'openssl' ? 'version' : '--version']).then(
      () => null,
      () => tool,
    ),
  ),
);
const missing = tools.find((tool) => tool !== null);

test.skipIf(missing !== undefined)(
  `curl, signed by hand with openssl as the document’s command line is${missing ? ` (${missing} is not installed)` : ''}`,
  async () => {
    await using rig = await trtcRig();
    const env = { ...process.env, HOST: rig.endpoint, SECRET_ID: labKey.secretId, SECRET_KEY: labKey.secretKey };
    const { stdout } = await run('bash', ['-c', script], { env });
    expect(JSON.parse(stdout)).toMatchObject({ Response: { Status: 'Idle', SessionId: 'curl' } });
  },
);
