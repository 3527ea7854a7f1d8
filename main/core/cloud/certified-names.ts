import { hostname, networkInterfaces } from 'node:os';

/** Names under which boards and programs look for the clouds that the bench is; what is led here by DNS asks for them. */
const vendors = [
  '*.iotcloud.tencentdevices.com',
  '*.gateway.tencentdevices.com',
  '*.tencentiotcloud.com',
  '*.tencentcloudapi.com',
  '*.ap-guangzhou.tencentcloudapi.com',
  '*.cloud.tencent.com',
  '*.tuyacn.com',
  '*.tuyaus.com',
  '*.tuyaeu.com',
  '*.xiaozhi.me',
  '*.tenclass.net',
];

const isName = /^(\*\.)?[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$/;

/** What the server's certificate says the bench is: each once, in an order that does not depend on the machine's. */
export function certifiedNames(
  listeners: { host: string; advertisedHost: string },
  typed: readonly string[],
  interfaces: ReturnType<typeof networkInterfaces> = networkInterfaces(),
): string[] {
  const addresses = Object.values(interfaces)
    .flatMap((all) => all ?? [])
    // A link-local address says nothing without its interface, which a certificate cannot name.
    .filter(({ address }) => !address.toLowerCase().startsWith('fe80:'))
    .map(({ address }) => address);
  const { host, advertisedHost } = listeners;
  const own = ['localhost', hostname(), '127.0.0.1', '::1', ...addresses, host, advertisedHost, ...typed];
  const usable = own.filter((name) => name !== '' && name !== '0.0.0.0' && name !== '::');
  const certifiable = usable.filter((name) => /^[\d.]+$/.test(name) || /^[0-9a-f:.]*:[0-9a-f:.]*$/i.test(name) || isName.test(name));
  return [...new Set([...certifiable, ...vendors])].sort();
}
