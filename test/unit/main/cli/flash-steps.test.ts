import { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { withFirmwareOptions } from '../../../../main/cli/firmware-options.ts';
import { flashStep } from '../../../../main/cli/flash-steps.ts';

const step = (code: 'flash/secured' | 'flash/sync-timeout' | 'nvs/missing-variable', data: Record<string, unknown>) =>
  flashStep({ code, data, retryable: false });

describe('the next step of a flash that failed', () => {
  test('names --force for a secured chip only where there is one: of a write', () => {
    expect(step('flash/secured', { secureBoot: true, kind: 'write' })).toBeUndefined();
    expect(step('flash/secured', { secureDownload: true, kind: 'read' })).not.toContain('--force');
    expect(step('flash/secured', { secureDownload: true, kind: 'erase' })).not.toContain('--force');
    expect(step('flash/secured', { secureBoot: true, kind: 'erase' })).toContain('talkbench flash … --force');
  });

  test('tells an LTE module from an ESP32', () => {
    expect(step('flash/sync-timeout', { seen: 'nothing' })).toBeUndefined();
    expect(step('flash/sync-timeout', { seen: 'nothing', family: 'cat1' })).toContain('power key');
    expect(step('flash/sync-timeout', { how: 'RESET' })).toContain('RESET');
  });

  test('asks for a device where one is missing, and not for its name as a variable', () => {
    expect(step('nvs/missing-variable', { name: 'device_secret' })).toContain('--device');
    expect(step('nvs/missing-variable', { name: 'wifi_ssid' })).toBeUndefined();
  });
});

describe('an option of a flash', () => {
  const parse = (...args: string[]) => {
    const command = withFirmwareOptions(new Command('flash'))
      .exitOverride()
      .configureOutput({ writeErr: () => {} });
    command.parse(args, { from: 'user' });
    return command.opts();
  };
  test.each([
    [['--chip', 'esp32c9'], /want one of esp32, .*esp32s3.*ec718.*bk7258/],
    [['--before', 'foo'], /want default-reset, usb-reset, no-reset, or a sequence/],
    [['--baud', '300'], /from 9600 to 12000000/],
    [['--flash-mode', 'x'], /keep, qio, qout, dio, dout/],
  ])('%j is refused with what it takes', (args, message) => expect(() => parse(...args)).toThrow(message));

  test('is taken as any of the tools spells it', () => {
    const taken = ['--chip', 'EC718PM', '--before', 'D0|R1|W0.1|D1|R0', '--baud', '921600', '--flash-mode', 'dio'];
    expect(parse(...taken)).toMatchObject({ chip: 'EC718PM', before: 'D0|R1|W0.1|D1|R0', baud: 921_600, flashMode: 'dio' });
    expect(parse('--chip', 'bk7258').chip).toBe('bk7258');
  });
});
