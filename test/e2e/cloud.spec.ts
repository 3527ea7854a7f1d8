import { expect, test } from './fixtures.ts';
import { CloudServicesPage } from './pages/cloud-services-page.ts';

test('a conversation is started by hand, described and ended with a LeaveCode; nobody hears its robot before its user comes', async ({
  lab,
}) => {
  const cloud = new CloudServicesPage(lab);
  await cloud.open('TRTC');
  await lab.getByRole('textbox', { name: 'RoomId', exact: true }).fill('4711');
  await expect(lab.getByRole('textbox', { name: 'As JSON' })).toHaveValue(/"RoomId": "4711"/);
  await lab
    .getByRole('textbox', { name: 'As JSON' })
    .fill(
      JSON.stringify({ SdkAppId: 1400000000, RoomId: '4712', AgentConfig: { UserId: 'robot', UserSig: 'none', TargetUserId: 'tester' } }),
    );
  await expect(lab.getByRole('textbox', { name: 'RoomId', exact: true })).toHaveValue('4712');
  await lab.getByRole('button', { name: 'Start', exact: true }).click();

  const room = lab.getByRole('article', { name: 'Room 4712' });
  await expect(room).toContainText('robot');
  await lab.getByRole('button', { name: 'robot → tester' }).click();
  await lab.getByRole('textbox', { name: 'Text for the robot to say' }).fill('hello');
  await lab.getByRole('button', { name: 'Send', exact: true }).click();
  await expect(lab.getByText('The conversation has not begun')).toBeVisible();
  await lab.getByRole('button', { name: 'DescribeAIConversation' }).click();
  await expect(lab.getByText('"Status": "InProgress"')).toBeVisible();
  await lab.getByRole('button', { name: 'End it so' }).click();
  await expect(lab.getByText('98 · internal fault').first()).toBeVisible();
  await expect(room).toHaveCount(0);
});

test('a wrong signature is shown beside the right one, and the next answer fails as it is told to', async ({ lab }) => {
  const cloud = new CloudServicesPage(lab);
  const address = await cloud.address();
  const seconds = Math.floor(Date.now() / 1000);
  const scope = `${new Date(seconds * 1000).toISOString().slice(0, 10)}/trtc/tc3_request`;
  const ask = (): Promise<Response> =>
    fetch(`http://${address}/`, {
      method: 'POST',
      headers: {
        'Content-Type': 'application/json; charset=UTF-8',
        'X-TC-Action': 'DescribeAIConversation',
        'X-TC-Version': '2019-07-22',
        'X-TC-Timestamp': String(seconds),
        Authorization: `TC3-HMAC-SHA256 Credential=AKIDe2e/${scope}, SignedHeaders=content-type;host, Signature=${'0'.repeat(64)}`,
      },
      body: '{"SdkAppId":1400000000,"SessionId":"none"}',
    });
  await ask();
  await lab.getByRole('button', { name: 'DescribeAIConversation' }).click();
  await expect(cloud.signature).toContainText('Expected canonical request');
  await expect(cloud.signature.locator('[data-first]').first()).toContainText('content-type:application/json; charset=UTF-8');
  await expect(cloud.signature.locator('mark').first()).toHaveText('UTF');
  await cloud.signature.getByRole('textbox', { name: 'Canonical request of your client' }).fill('GET\n/');
  await expect(cloud.signature.locator('[data-first]').first()).toHaveText('GET');

  await cloud.choose('Signature', 'Not checked');
  await cloud.choose('Action', 'DescribeAIConversation', lab.getByRole('form', { name: 'Let the next answer fail' }));
  await lab.getByRole('button', { name: 'Fail once' }).click();
  await expect(lab.getByText('The next DescribeAIConversation is answered with')).toBeVisible();
  expect(JSON.stringify(await (await ask()).json())).toContain('InternalError.DBOperationError');
  expect(JSON.stringify(await (await ask()).json())).toContain('"Status":"Idle"');
});

test('a Tuya device is registered with a key that is shown once, and a virtual one is answered', async ({ lab }) => {
  const cloud = new CloudServicesPage(lab);
  await cloud.open('Tuya');
  const register = lab.getByRole('form', { name: 'Register a device' });
  await register.getByRole('textbox', { name: 'Device id' }).fill('6ctuya');
  await register.getByRole('button', { name: 'Register' }).click();
  await expect(register).toContainText('local_key');

  // By text alone: a voice would take its time.
  await lab.getByRole('checkbox', { name: 'needTts' }).click();
  await cloud.type('what time is it');
  await expect(cloud.reply).toContainText(/It is .+ in the (morning|afternoon)/);
  await expect(cloud.reply).toHaveAttribute('data-outcome', 'ok');
  await expect(lab.getByRole('region', { name: 'Packets' })).toContainText('EventEnd');
});

test('a xiaozhi board that asks its way here waits for its code, and is activated by it', async ({ lab }) => {
  const cloud = new CloudServicesPage(lab);
  const address = await cloud.address();
  await cloud.open('xiaozhi');
  const ota = `http://${address}/xiaozhi/ota/`;
  await expect(lab.getByRole('button', { name: `Copy ${ota}` })).toBeVisible();
  await cloud.choose('Activation', 'By a code, typed here');
  await expect(lab.getByText('None waits.')).toBeVisible();
  const asked = await fetch(ota, {
    method: 'POST',
    headers: { 'Device-Id': 'aa:bb:cc:00:11:22', 'Client-Id': 'e2e', 'Content-Type': 'application/json' },
    body: '{"version":2,"application":{"version":"2.0.3"}}',
  });
  const { activation } = (await asked.json()) as { activation: { code: string } };
  await expect(lab.getByRole('region', { name: 'Boards that wait for their code' })).toContainText('aa:bb:cc:00:11:22');
  await lab.getByRole('textbox', { name: '6 digits' }).fill(activation.code);
  await lab.getByRole('button', { name: 'Activate', exact: true }).click();
  await expect(lab.getByText('aa:bb:cc:00:11:22 is activated.')).toBeVisible();
});
