import { describe, expect, it } from 'vitest';
import { commandOf, onPort, withOptions } from '../../../../../main/core/flash/equivalents.ts';

describe('the equivalent command', () => {
  it('has the port of its job, whatever that is called', () => {
    const commands = [{ tool: 'esptool' as const, line: 'esptool --port PORT write-flash 0x0 PORT.bin' }];
    expect(onPort(commands, "/dev/it's $&")).toEqual([
      { tool: 'esptool', line: `esptool --port '/dev/it'\\''s $&' write-flash 0x0 PORT.bin` },
    ]);
  });

  it('has what makes the board itself behind everything else, where our own tool is meant', () => {
    const commands = [
      { tool: 'talkbench' as const, line: 'talkbench flash --port PORT 0x0=a.bin' },
      { tool: 'esptool' as const, line: 'esptool write-flash 0x0 a.bin' },
    ];
    expect(withOptions(commands, ['--device-list', 'line 7'])).toEqual([
      { tool: 'talkbench', line: "talkbench flash --port PORT 0x0=a.bin --device-list 'line 7'" },
      { tool: 'esptool', line: 'esptool write-flash 0x0 a.bin' },
    ]);
    expect(withOptions(commands, [])).toBe(commands);
  });

  it.each([
    [{ kind: 'info', family: 'esp', options: {} } as const, 'talkbench flash-info --port COM7'],
    [{ kind: 'nvs', partition: 'my nvs', options: {} } as const, "talkbench nvs read --partition 'my nvs' --port COM7"],
    [{ kind: 'read', what: 'all', options: {} } as const, 'talkbench read-flash flash.bin --all --port COM7'],
    [
      { kind: 'read', what: 'all', options: { baudRate: 115200, before: 'D0|R1', after: 'stay', useStub: false } } as const,
      "talkbench read-flash flash.bin --all --baud 115200 --before 'D0|R1' --after stay --no-stub --port COM7",
    ],
    [
      { kind: 'read', what: { partition: 'my/nvs' }, options: {} } as const,
      'talkbench read-flash flash-my_nvs.bin --partition my/nvs --port COM7',
    ],
    [
      { kind: 'erase', what: { offset: 0x9000, sizeBytes: 0x6000 }, confirm: 'erase', options: {} } as const,
      'talkbench erase --offset 0x9000 --size 0x6000 --yes --port COM7',
    ],
  ])('of a task is our own: %j', (task, line) => {
    expect(commandOf(task, 'COM7')).toEqual([{ tool: 'talkbench', line }]);
  });
});
