import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { builtInThingModel } from '../../../../../pipeline/agent/thing-model/built-in.ts';
import { lint } from '../../../../../pipeline/agent/thing-model/lint.ts';
import { readThingModel, writeThingModel } from '../../../../../pipeline/agent/thing-model/read.ts';
import { schemaOfDefine, toolsOf } from '../../../../../pipeline/agent/thing-model/tools.ts';
import { agentTool } from '../../../../../preload/contract/agents.ts';

const model = (actions: unknown) => readThingModel(JSON.stringify({ actions }));
const tool = (given: unknown) => agentTool.parse(given);

describe('reading', () => {
  test('keeps keys it does not know, and takes numbers as text, types in any case and lists that are missing', () => {
    const read = model([
      {
        id: 'set_light',
        name: '灯',
        mystery: 7,
        input: [
          { id: 'on', define: { type: 'BOOL', mapping: { '0': '关', '1': 1 }, extra: {} } },
          { id: 'level', define: '{"type":"int","min":0}' },
        ],
        output: null,
      },
    ]);
    expect(read.properties).toEqual([]);
    expect(read.actions[0]).toMatchObject({
      mystery: 7,
      input: [
        { id: 'on', name: '', define: { type: 'bool', mapping: { '0': '关', '1': '1' }, extra: {} } },
        { id: 'level', define: { type: 'int', min: 0 } },
      ],
      output: [],
    });
    expect(readThingModel(writeThingModel(read))).toEqual(read);
  });

  test.each([[{ model: { actions: [] } }], [{ Response: { Data: { ModelDefine: '{"properties":[],"events":[],"actions":[]}' } } }]])(
    'finds it where replies have it: %j',
    (wrapped) => {
      expect(readThingModel(JSON.stringify(wrapped)).actions).toEqual([]);
    },
  );

  test.each([
    ['nonsense', '$'],
    ['{"a":1}', '$'],
    ['[]', '$'],
    ['{"actions":[{"id":3}]}', 'actions.0.id'],
    ['{"properties":[{"id":"a","define":{"type":"quaternion"}}]}', 'properties.0.define.type'],
  ])('%s is refused with its place', (json, path) => {
    expect(() => readThingModel(json)).toThrow(
      expect.objectContaining({ value: expect.objectContaining({ data: expect.objectContaining({ path }) }) }),
    );
  });
});

test('whatever JSON it is: read, or refused as no thing model; and what was read is made into tools and compared', () => {
  const text = fc.oneof(
    fc.json(),
    fc.dictionary(fc.constantFrom('properties', 'events', 'actions', 'model'), fc.jsonValue()).map((it) => JSON.stringify(it)),
  );
  fc.assert(
    fc.property(text, (json) => {
      try {
        const read = readThingModel(json);
        toolsOf(read);
        lint(read, []);
      } catch (error) {
        expect(error).toMatchObject({ code: 'agent/bad-thing-model' });
      }
    }),
  );
});

describe('actions as tools', () => {
  test('the built-in ones are those of seed 000', () => {
    expect(toolsOf(builtInThingModel)).toMatchObject([
      {
        name: 'control_volume',
        parameters: {
          properties: {
            action: {
              type: 'string',
              enum: ['set', 'increase', 'decrease'],
              description: '控制的操作; set = 设置, increase = 增大, decrease = 减小',
            },
            volume: { type: 'integer', minimum: 0, maximum: 100 },
          },
          required: ['action'],
        },
      },
      { name: 'get_battery', parameters: { type: 'object', properties: {} } },
      { name: 'set_alarm_clock', parameters: { required: ['hour', 'minute', 'frequency'] } },
    ]);
    expect(lint(builtInThingModel, [])).toEqual([]);
  });

  test.each([
    [{ type: 'bool' }, { type: 'integer', enum: [0, 1] }],
    [
      { type: 'enum', mapping: { '0': '红', '2': '绿' } },
      { type: 'integer', enum: [0, 2] },
    ],
    [
      { type: 'float', min: '-0.5', max: 1 },
      { type: 'number', minimum: -0.5, maximum: 1 },
    ],
    [
      { type: 'string', max: '64' },
      { type: 'string', maxLength: 64 },
    ],
    [{ type: 'timestamp' }, { type: 'integer', minimum: 0 }],
    [
      { type: 'array', arrayInfo: { type: 'int', min: '1' } },
      { type: 'array', items: { type: 'integer', minimum: 1 } },
    ],
    [
      { type: 'struct', specs: [{ id: 'r', name: 'red', dataType: { type: 'int' } }, { id: 3 }] },
      { type: 'object', properties: { r: { type: 'integer', description: 'red' } }, required: ['r'] },
    ],
  ])('%j', (define, schema) => {
    expect(schemaOfDefine(define as never)).toEqual(schema);
  });
});

describe('lint', () => {
  const codes = (actions: unknown, tools: readonly unknown[] = []) =>
    lint(model(actions), tools.map(tool)).map(({ severity, where, code }) => `${severity} ${where}: ${code}`);

  test('of the model: names, types, enums, ranges, returns', () => {
    expect(
      codes([
        { id: '音量', desc: '', input: [], output: [] },
        { id: 'a-b', desc: 'x', output: [{ id: 'r', name: 'r', define: { type: 'int', min: '9', max: '1' } }] },
        {
          id: 'c',
          desc: 'x',
          input: [
            { id: 'e', name: 'e', define: { type: 'enum', mapping: { one: '一' } } },
            { id: 'e', name: '', define: { type: 'stringenum', mapping: {} } },
          ],
          output: [{ id: 'r', name: 'r', define: { type: 'float', max: 'much' } }],
        },
        { id: 'c', desc: 'x', output: [{ id: 'r', name: 'r', define: { type: 'bool' } }] },
      ]),
    ).toEqual([
      'error action 音量: bad-name',
      'warning action 音量: missing-description',
      'warning action 音量: no-output',
      'warning action a-b: bad-name',
      'error action a-b › output r: bad-range',
      'error action c › input e: bad-enum',
      'warning action c › input e: missing-description',
      'error action c › input e: bad-enum',
      'error action c › input: duplicate-name',
      'error action c › output r: bad-range',
      'error actions: duplicate-name',
    ]);
  });

  const volume = {
    id: 'control_volume',
    desc: 'x',
    input: [
      { id: 'action', name: 'a', define: { type: 'stringenum', mapping: { set: '设置', increase: '增大' } } },
      { id: 'volume', name: 'v', define: { type: 'int', min: '0', max: '100' } },
    ],
    output: [{ id: 'volume', name: 'v', define: { type: 'int' } }],
  };

  test('of the console’s tools against it: 参数英文名和类型与物模型一致', () => {
    const properties = {
      action: { type: 'string', description: 'd', enum: ['set', 'mute'] },
      level: { type: 'number', description: 'd' },
    };
    expect(codes([volume], [{ source: 'action', name: 'control_volume', parameters: { type: 'object', properties } }])).toEqual([
      'error tool control_volume › action: bad-enum',
      'error tool control_volume › level: unknown-argument',
      'error tool control_volume: unknown-argument',
    ]);
    const typed = { action: { type: 'string', description: 'd' }, volume: { type: 'string', description: 'd' } };
    expect(
      codes(
        [volume],
        [
          { source: 'action', name: 'control_volume', parameters: { properties: typed } },
          { source: 'action', name: 'fly' },
        ],
      ),
    ).toEqual([
      'warning tool control_volume › action: bad-enum',
      'error tool control_volume › volume: wrong-type',
      'error tool fly: unknown-action',
    ]);
  });

  test('of web tools: their schema, the places of their address, and names that are taken', () => {
    const http = { source: 'http', description: 'd', url: 'http://a.example/{city}' };
    expect(
      codes(
        [volume],
        [
          { ...http, name: 'control_volume', parameters: { properties: { city: { type: 'string', description: 'd' } } } },
          { ...http, name: 'b', description: ' ', parameters: { type: 'array' } },
          {
            ...http,
            name: 'c',
            parameters: { properties: { city: {}, n: { type: 'text', enum: [] }, i: { type: 'integer', enum: ['1'] } }, required: ['x'] },
          },
        ],
      ),
    ).toEqual([
      'warning tool b: missing-description',
      'error tool b: bad-schema',
      'error tool b: unknown-argument',
      'warning tool c › city: missing-type',
      'warning tool c › city: missing-description',
      'error tool c › n: bad-schema',
      'warning tool c › n: missing-description',
      'error tool c › n: bad-enum',
      'warning tool c › i: missing-description',
      'error tool c › i: wrong-type',
      'error tool c: unknown-argument',
      'error tools: duplicate-name',
    ]);
  });

  test('of keys that somebody typed into a header: their names, not their values', () => {
    const headers = { Authorization: 'Bearer abc', 'X-Api-Key': '${secret:KEY}', Accept: 'text/plain' };
    const tools = [tool({ source: 'http', name: 'h', description: 'd', url: 'http://a.example/', parameters: {}, headers })];
    expect(lint(model([]), tools)).toEqual([
      { severity: 'warning', where: 'tool h', code: 'plain-secret', data: { headers: ['Authorization'] } },
    ]);
  });
});
