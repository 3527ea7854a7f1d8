import type { BrokerAccess } from '../../../../preload/contract/cloud/broker.ts';
import type { ListenerState } from '../../../../preload/contract/core.ts';

/** EMQX 5, authentication and authorization over HTTP, POST: the address and the body of each. */
export function emqxAnswers({ paths }: BrokerAccess, host: string, port: number): string {
  const base = `http://${host}:${port}`;
  return [
    `authentication  ${base}${paths.emqxAuthentication}`,
    '{"clientid":"${clientid}","username":"${username}","password":"${password}","peerhost":"${peerhost}"}',
    `authorization   ${base}${paths.emqxAuthorization}`,
    '{"clientid":"${clientid}","username":"${username}","topic":"${topic}","action":"${action}"}',
  ].join('\n');
}

/** Lines for mosquitto.conf with the plugin mosquitto-go-auth. */
export function mosquittoConfiguration({ paths }: BrokerAccess, host: string, port: number): string {
  return [
    'auth_opt_backends http',
    `auth_opt_http_host ${host}`,
    `auth_opt_http_port ${port}`,
    'auth_opt_http_params_mode form',
    'auth_opt_http_response_mode status',
    `auth_opt_http_getuser_uri ${paths.user}`,
    `auth_opt_http_superuser_uri ${paths.superuser}`,
    `auth_opt_http_aclcheck_uri ${paths.acl}`,
  ].join('\n');
}

/** The connection to that broker among the listeners; undefined while they were opened for another. */
export function connectionTo(url: string, listeners: readonly ListenerState[]): ListenerState | undefined {
  const found = /^(mqtts?):\/\/(.+?)(?::(\d+))?$/.exec(url);
  if (found === null) return undefined;
  const [, scheme, host, port] = found;
  const isTls = scheme === 'mqtts';
  return listeners.find(
    (each) => each.name === (isTls ? 'mqtt-tls' : 'mqtt') && each.host === host && each.port === Number(port ?? (isTls ? 8883 : 1883)),
  );
}
