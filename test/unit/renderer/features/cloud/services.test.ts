import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { activationActions } from '../../../../../pipeline/gateways/cloud/activations.ts';
import { checkParameters } from '../../../../../pipeline/gateways/cloud/parameters.ts';
import { productConfigAction } from '../../../../../pipeline/gateways/cloud/product-config.ts';
import { expectedOf, parseAuthorization, sign } from '../../../../../pipeline/gateways/cloud/tc3.ts';
import { trtcActions } from '../../../../../pipeline/gateways/trtc/actions.ts';
import { startParameters } from '../../../../../pipeline/gateways/trtc/task-request.ts';
import { curlExample, exampleOf } from '../../../../../renderer/features/cloud/api/curl-example.ts';
import { differingPart, lineDiff } from '../../../../../renderer/features/cloud/api/line-diff.ts';
import { saidOf } from '../../../../../renderer/features/cloud/saying.ts';
import { firstParameters, parameterFields, valueAt, withAgent, withValue } from '../../../../../renderer/features/cloud/trtc/parameters.ts';
import { argumentFields, firstArguments } from '../../../../../renderer/features/cloud/xiaozhi/tool-arguments.ts';

describe('line by line', () => {
  const texts = fc
    .array(fc.constantFrom('POST', '/', '', 'host:a', 'host:b', 'content-type'), { maxLength: 12 })
    .map((lines) => lines.join('\n'));

  test('each side has all its lines in their order, and same lines stand together', () => {
    fc.assert(
      fc.property(texts, texts, (left, right) => {
        const rows = lineDiff(left, right);
        expect(rows.flatMap((row) => row.left ?? []).join('\n')).toBe(left);
        expect(rows.flatMap((row) => row.right ?? []).join('\n')).toBe(right);
        expect(rows.every((row) => row.differs || row.left === row.right)).toBe(true);
        expect(rows.some((row) => row.differs)).toBe(left !== right);
      }),
    );
  });

  test('a header in capitals, and a line that is missing', () => {
    expect(
      lineDiff('POST\n/\n\nhost:Bench\n\nhost', 'POST\n/\n\ncontent-type:a\nhost:bench\n\nhost').filter(({ differs }) => differs),
    ).toEqual([
      { left: 'host:Bench', right: 'content-type:a', differs: true },
      { left: null, right: 'host:bench', differs: true },
    ]);
  });

  test('what differs in a line, between its same beginning and end', () => {
    expect(differingPart('host:Bench:8787', 'host:bench:8787')).toEqual(['host:', 'B', 'ench:8787']);
    expect(differingPart('abc', 'abc')).toEqual(['abc', '', '']);
    fc.assert(
      fc.property(fc.string(), fc.string(), (line, other) => {
        expect(differingPart(line, other).join('')).toBe(line);
      }),
    );
  });
});

const none = () => {
  throw new Error('not asked');
};
const actions = [
  productConfigAction({ isProduct: none, devices: none, config: none, appId: none, offsetCounts: none }),
  ...activationActions({ obstacle: none, put: none, of: none, wallMs: none }),
  ...trtcActions(none),
];

describe('the curl example', () => {
  test('of each action has parameters that the action takes', () => {
    for (const { name, parameters } of actions) expect(() => checkParameters(parameters, exampleOf(name)), name).not.toThrow();
  });

  const hasTools = ['bash', 'openssl'].every((tool) => spawnSync(tool, ['--version']).error === undefined);
  test.skipIf(!hasTools)('signs as the gateway checks it', () => {
    const directory = mkdtempSync(join(tmpdir(), 'talkbench-curl-example-'));
    try {
      // In place of curl: what it was given, an argument a line.
      writeFileSync(join(directory, 'curl'), '#!/bin/sh\nprintf "%s\\n" "$@"\n', { mode: 0o755 });
      const program = curlExample({ name: 'ControlAIConversation', version: '2019-07-22', address: '127.0.0.1:8787' });
      const env = { PATH: `${directory}:${process.env.PATH}`, TENCENTCLOUD_SECRET_ID: 'AKID', TENCENTCLOUD_SECRET_KEY: 'key' };
      const given = execFileSync('bash', ['-c', program], { env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }).split('\n');
      const header = (name: string): string => given.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2) ?? '';
      const claimed = parseAuthorization(header('Authorization'));
      if (claimed === null) throw new Error('no authorization');
      const timestamp = header('X-TC-Timestamp');
      const headers = { host: '127.0.0.1:8787', 'content-type': header('Content-Type') };
      const body = new TextEncoder().encode(given[given.indexOf('-d') + 1]);
      const { stringToSign } = expectedOf({ method: 'POST', query: '', headers, body, timestamp }, claimed);
      expect(sign(stringToSign, { secretKey: 'key', date: claimed.date, service: claimed.service })).toBe(claimed.signature);
      expect(claimed.service).toBe('trtc');
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});

describe('StartAIConversation by hand', () => {
  test('every field is a parameter of it, within its limits', () => {
    const first = withValue(firstParameters(1_400_000_000), ['AgentConfig', 'UserSig'], 'none');
    expect(() => checkParameters(startParameters, first)).not.toThrow();
    for (const field of parameterFields) {
      const values =
        field.kind === 'choice' ? field.values : field.kind === 'number' ? [field.min, field.max] : ['1'.repeat(field.maxLength)];
      for (const value of values)
        expect(() => checkParameters(startParameters, withValue(first, field.path, value)), String(field.path)).not.toThrow();
    }
  });

  test('what is taken out leaves no empty group behind', () => {
    const typed = withValue(firstParameters(1), ['STTConfig', 'Language'], 'en');
    expect(valueAt(typed, ['STTConfig', 'Language'])).toBe('en');
    expect(withValue(typed, ['STTConfig', 'Language'], undefined)).toEqual(firstParameters(1));
  });

  test('an agent fills in all but the room and who is in it', () => {
    const filled = withAgent(firstParameters(1), { AgentConfig: { WelcomeMessage: 'hello', UserId: 'other' }, LLMConfig: '{}' });
    expect(filled).toEqual({
      ...firstParameters(1),
      LLMConfig: '{}',
      AgentConfig: { WelcomeMessage: 'hello', UserId: 'talkbench-robot', UserSig: '', TargetUserId: 'talkbench-user' },
    });
  });
});

describe('arguments of a board’s tool', () => {
  const tool = (properties: Record<string, unknown>, required: string[] = []) => ({
    ...{ name: 'self.audio.set_volume', description: '', isUserOnly: false },
    parameters: { type: 'object', properties, required },
  });

  test('have a field each, with limits and defaults', () => {
    const fields = argumentFields(
      tool({ volume: { type: 'integer', minimum: 0, maximum: 100, default: 50 }, theme: { type: 'string' }, on: { type: 'boolean' } }, [
        'volume',
      ]),
    );
    expect(fields).toEqual([
      { name: 'volume', kind: 'number', isRequired: true, min: 0, max: 100, first: 50 },
      { name: 'theme', kind: 'text', isRequired: false, first: undefined },
      { name: 'on', kind: 'switch', isRequired: false, first: false },
    ]);
    expect(firstArguments(fields ?? [])).toEqual({ volume: 50, on: false });
  });

  test('of another kind are typed as JSON', () => {
    expect(argumentFields(tool({ points: { type: 'array' } }))).toBeNull();
    expect(argumentFields({ ...tool({}), parameters: { properties: 'none' } })).toEqual([]);
  });
});

test('nothing to say is not said', () => {
  expect(saidOf({ kind: 'typed', text: '  ', wav: null })).toBeNull();
  expect(saidOf({ kind: 'wav', text: 'left over', wav: null })).toBeNull();
  expect(saidOf({ kind: 'speech', text: ' 你好 ', wav: null })).toEqual({ kind: 'speech', text: '你好' });
});
