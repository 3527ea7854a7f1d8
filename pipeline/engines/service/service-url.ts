import { TalkError } from '../../../preload/contract/talk-error.ts';

/**
 * Where an operation of a service lies. TWeTalk's configurations give a base address and TRTC's the whole one
 * (reference/providers.md §2.4): an address whose path ends in an operation the service knows is taken as it is, else the first of
 * `operations` is appended. Throws TalkError 'engine/bad-config' for what is no http or https address.
 */
export function serviceUrl(address: string, operations: readonly [string, ...string[]]): URL {
  const url = parseAddress(address);
  const path = url.pathname.replace(/\/+$/u, '');
  if (!operations.some((operation) => path.endsWith(operation))) url.pathname = `${path}${operations[0]}`;
  return url;
}

/** For services on WebSockets: http and https mean ws and wss; an address of a host alone means `path` there. */
export function socketUrl(address: string, path = '/'): URL {
  const url = parseAddress(address);
  if (url.pathname === '/') url.pathname = path;
  url.protocol = url.protocol === 'https:' || url.protocol === 'wss:' ? 'wss:' : 'ws:';
  return url;
}

function parseAddress(address: string): URL {
  const url = URL.canParse(address.trim()) ? new URL(address.trim()) : null;
  if (url !== null && ['http:', 'https:', 'ws:', 'wss:'].includes(url.protocol)) return url;
  throw new TalkError('engine/bad-config', { field: 'apiUrl', reason: 'not-an-address', value: address.slice(0, 200) });
}
