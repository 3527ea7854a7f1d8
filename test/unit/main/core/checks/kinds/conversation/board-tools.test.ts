import { describe, expect, it } from 'vitest';
import { argumentsFor, findTool, numberNamed, wishesFor } from '../../../../../../../main/core/checks/kinds/conversation/board-tools.ts';
import type { LlmTool } from '../../../../../../../pipeline/engines/llm/engine.ts';

const tool = (name: string, properties: Record<string, unknown> = {}, required: string[] = [], description = ''): LlmTool => ({
  name,
  description,
  parameters: { type: 'object', properties, required },
});

describe('findTool', () => {
  it.each([
    ['volume', 'control_volume'],
    ['volume', 'self_audio_speaker_set_volume'],
    ['volume', 'SetVol'],
    ['battery', 'get_battery'],
    ['battery', 'self_get_device_status'],
    ['alarm', 'set_alarm_clock'],
  ] as const)('takes for %s what is called %s', (wanted, name) => {
    expect(findTool([tool('take_photo'), tool('read_voltage'), tool(name)], wanted)?.name).toBe(name);
  });

  it('knows it by its description where its name says nothing', () => {
    expect(findTool([tool('fn_17', {}, [], '控制设备音量。')], 'volume')?.name).toBe('fn_17');
  });

  it('prefers what sets to what reads or takes away, and of the battery the other way round', () => {
    expect(findTool([tool('get_volume'), tool('set_volume')], 'volume')?.name).toBe('set_volume');
    expect(findTool([tool('delete_alarm'), tool('add_alarm')], 'alarm')?.name).toBe('add_alarm');
    expect(findTool([tool('set_battery_saver'), tool('get_battery')], 'battery')?.name).toBe('get_battery');
  });
});

describe('argumentsFor', () => {
  it('keeps to the schema: types, choices, bounds, and something for what is required', () => {
    const volume = tool(
      'v',
      {
        action: { type: 'string', enum: ['SET', 'mute'] },
        level: { type: 'integer', maximum: 30 },
        channel: { type: 'integer', minimum: 1 },
      },
      ['channel'],
    );
    expect(argumentsFor(volume, wishesFor('volume', 40))).toEqual({ action: 'SET', level: 30, channel: 1 });
    const alarm = tool('a', {
      hour: { type: 'string' },
      minute: { type: 'string' },
      frequency: { type: 'string', enum: ['daily', 'once'] },
      note: { type: 'string' },
    });
    expect(argumentsFor(alarm, wishesFor('alarm', 0))).toEqual({ hour: '7', minute: '30', frequency: 'once' });
    expect(argumentsFor(tool('b', { time: { type: 'string' } }), wishesFor('alarm', 0))).toEqual({ time: '07:30' });
  });
});

describe('numberNamed', () => {
  it('finds a number however deep and however it is written', () => {
    expect(numberNamed({ code: 0, battery: { level: '80' } }, /battery/)).toBe(80);
    expect(numberNamed('{"volume":40}', /volume/)).toBe(40);
    expect(numberNamed({ code: 0 }, /volume/)).toBeNull();
  });
});
