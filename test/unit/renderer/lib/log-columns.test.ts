import { describe, expect, it } from 'vitest';
import { portLooksOf, shortAddress } from '../../../../renderer/lib/log-columns.ts';

describe('shortAddress', () => {
  it.each([
    ['/dev/ttyUSB0', 'ttyUSB0'],
    ['/dev/pts/3', 'pts/3'],
    ['/dev/serial/by-id/usb-Espressif-if00', 'usb-Espressif-if00'],
    ['/home/me/boards/demo', 'demo'],
    ['COM7', 'COM7'],
    ['virtual://demo', 'demo'],
    ['socket://10.0.0.2:5555', '10.0.0.2:5555'],
  ])('%s is called %s', (address, name) => {
    expect(shortAddress(address)).toBe(name);
  });
});

it('ports of a log differ in colour, and one that is not of it still has a name', () => {
  const looks = portLooksOf(['/dev/pts/0', '/dev/pts/1']);
  expect(looks('/dev/pts/0').colour).not.toBe(looks('/dev/pts/1').colour);
  expect(looks('/dev/pts/9').name).toBe('pts/9');
});
