import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { writeConfig } from '../../main/core/agents/config/write.ts';
import { llmKinds } from '../../pipeline/engines/llm/kinds.ts';
import { settingsSchema } from '../../preload/contract/settings.ts';
import { projectRoot } from '../fakes/cli.ts';
import { labKey, labSdkAppId, type TrtcRig, trtcRig } from '../fakes/trtc.ts';

const run = promisify(execFile);
const openai = llmKinds.find(({ kind }) => kind === 'openai');
if (openai === undefined) throw new Error('there is no such kind');
/** A prompt with everything that a shell or a literal could take for its own. */
const prompt = 'Say "$HOME", `date`, \\n, \'x\' and ${y} — 你好';
const settings = settingsSchema.parse({ agent: { systemPrompt: prompt, greetingZh: '你好！' }, engines: { llm: 'lab' } });
const profile = {
  id: 'lab',
  stage: 'llm',
  kind: 'openai',
  name: 'lab',
  config: { apiUrl: 'http://127.0.0.1:9/v1', model: 'm' },
  secrets: ['apiKey'],
} as const;
const source = {
  ...({ productId: 'P', deviceName: 'd', language: 'zh', name: 'lab', settings, atS: 0 } as const),
  engine: (id: string) => (id === 'lab' ? { profile: { ...profile, secrets: [...profile.secrets] }, kind: openai } : null),
};

function environment(rig: TrtcRig): NodeJS.ProcessEnv {
  return {
    PATH: process.env.PATH,
    NODE_PATH: join(projectRoot, 'node_modules'),
    TRTC_ENDPOINT: rig.endpoint,
    TRTC_PROTOCOL: 'http://',
    TENCENTCLOUD_SECRET_ID: labKey.secretId,
    TENCENTCLOUD_SECRET_KEY: labKey.secretKey,
    SDK_APP_ID: String(labSdkAppId),
    ROOM_ID: '77',
    ROBOT_USER_ID: 'robot',
    ROBOT_USER_SIG: 'sig',
    TARGET_USER_ID: 'user',
    LLM_APIKEY: 'sk-from-the-environment',
  };
}

const missing = await Promise.all(
  ['curl', 'openssl', 'bash'].map((tool) =>
    run(tool, [tool === 'openssl' ? 'version' : '--version']).then(
      () => '',
      () => tool,
    ),
  ),
);

test.each([
  ['node', 'trtc-node', process.execPath, 'start.cjs'],
  ['curl', 'trtc-curl', 'bash', 'start.sh'],
] as const)('an agent’s %s program starts its conversation', async (_what, format, program, file) => {
  const lacking = format === 'trtc-curl' ? missing.find((tool) => tool !== '') : undefined;
  if (lacking !== undefined) {
    console.warn(`skipped: ${lacking} is not installed`);
    return;
  }
  await using rig = await trtcRig();
  const folder = await mkdtemp(join(tmpdir(), 'talkbench-test-'));
  try {
    await writeFile(join(folder, file), writeConfig(source, format));
    const { stdout } = await run(program, [join(folder, file)], { env: environment(rig) });
    expect(stdout).toContain('TaskId');
  } finally {
    await rm(folder, { recursive: true });
  }
  const [request] = rig.configured;
  expect(request).toMatchObject({
    room: { sdkAppId: labSdkAppId, roomId: '77', roomIdType: 0 },
    robot: { userId: 'robot' },
    targetUserId: 'user',
  });
  expect(request?.parameters.AgentConfig).toMatchObject({ WelcomeMessage: '你好！' });
  expect(JSON.parse(String(request?.parameters.LLMConfig))).toMatchObject({
    LLMType: 'openai',
    APIKey: 'sk-from-the-environment',
    SystemPrompt: prompt,
  });
});

test('no program holds a key, and each says what it wants', () => {
  for (const format of ['trtc-node', 'trtc-curl'] as const) {
    const program = writeConfig(source, format);
    expect(program).not.toContain('******');
    for (const name of ['TENCENTCLOUD_SECRET_KEY', 'LLM_APIKEY', 'ROBOT_USER_SIG']) expect(program).toContain(name);
  }
});
