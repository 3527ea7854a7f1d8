import { expect, test } from 'vitest';
import { accessAt, withoutCredentials } from '../../../../../../main/core/replay/rerun/access.ts';
import { recordedConversation } from './recorded.ts';

test('an address is written down without its user, password and query', () => {
  expect(withoutCredentials('mqtt://user:hunter2@far:1883')).toBe('mqtt://far:1883');
  expect(withoutCredentials('wss://far/xiaozhi/v1/?token=hunter2#hunter2')).toBe('wss://far/xiaozhi/v1/');
  for (const wrong of ['mqtt://user:hunter2@not an address', 'mqtt//user:hunter2@far', 'user:hunter2@far?token=hunter2'])
    expect(withoutCredentials(wrong)).not.toContain('hunter2');
});

test('a board of TWeTalk goes to its broker with TLS or without', () => {
  for (const address of ['mqtt://far', 'mqtts://far', 'mqtts://[::1]:8884'])
    expect(accessAt({ address, secret: 'c2VjcmV0' }, recordedConversation()).device).toEqual({ productId: 'P', deviceName: 'd' });
});

test('an address that cannot be reached is refused without telling its password', () => {
  for (const address of ['no address', 'http://user:hunter2@far', 'mqtt://']) {
    const refused = () => accessAt({ address, secret: 'c2VjcmV0' }, recordedConversation());
    expect(refused, address).toThrow(expect.objectContaining({ code: 'replay/bad-address' }));
    expect(refused, address).not.toThrow('hunter2');
  }
});
