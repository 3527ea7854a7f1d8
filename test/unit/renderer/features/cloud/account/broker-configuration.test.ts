import { expect, test } from 'vitest';
import type { ListenerState } from '../../../../../../preload/contract/core.ts';
import {
  connectionTo,
  emqxAnswers,
  mosquittoConfiguration,
} from '../../../../../../renderer/features/cloud/account/broker-configuration.ts';

const access = {
  hasPassword: true,
  token: 'TOKEN',
  paths: {
    emqxAuthentication: '/broker/TOKEN/emqx/auth',
    emqxAuthorization: '/broker/TOKEN/emqx/acl',
    user: '/broker/TOKEN/user',
    superuser: '/broker/TOKEN/superuser',
    acl: '/broker/TOKEN/acl',
  },
};

test('what is copied into a broker has the bench’s address and keeps the broker’s own placeholders', () => {
  expect(emqxAnswers(access, '10.0.0.7', 8787)).toContain('http://10.0.0.7:8787/broker/TOKEN/emqx/auth\n{"clientid":"${clientid}"');
  expect(mosquittoConfiguration(access, 'bench.lab', 8787).split('\n')).toContain('auth_opt_http_aclcheck_uri /broker/TOKEN/acl');
});

test('the connection to a broker is told from listeners opened before it was chosen', () => {
  const listener = (name: string, host: string, port: number): ListenerState => ({ name, host, port, state: 'listening' });
  const own = [listener('mqtt', '127.0.0.1', 1883), listener('mqtt-tls', '127.0.0.1', 8883)];
  expect(connectionTo('mqtt://broker.lab', own)).toBeUndefined();
  expect(connectionTo('', own)).toBeUndefined();
  const there = listener('mqtt', 'broker.lab', 1883);
  expect(connectionTo('mqtt://broker.lab', [there])).toBe(there);
  expect(connectionTo('mqtts://broker.lab:1883', [there])).toBeUndefined();
});
