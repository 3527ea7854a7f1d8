import { readdir } from 'node:fs/promises';
import { BlockList, isIPv4 } from 'node:net';
import { networkInterfaces } from 'node:os';

/** What of this machine's network a setup must know. */
export interface HostNetwork {
  /** Whether an address of this machine is in the same network as `address`. Names count as far away. */
  isNear(address: string): boolean;
  /** Null where the system does not tell. */
  hasWifi(): Promise<boolean | null>;
}

export const hostNetwork: HostNetwork = {
  isNear(address) {
    if (!isIPv4(address)) return address === 'localhost' || address === '::1';
    return Object.values(networkInterfaces())
      .flatMap((addresses) => addresses ?? [])
      .some(({ family, cidr }) => family === 'IPv4' && cidr !== null && isWithin(address, cidr));
  },
  async hasWifi() {
    if (process.platform !== 'linux') return null;
    const names = await readdir('/sys/class/net').catch(() => null);
    if (names === null) return null;
    const isWireless = await Promise.all(
      names.map((name) =>
        readdir(`/sys/class/net/${name}`).then(
          (entries) => entries.includes('wireless') || entries.includes('phy80211'),
          () => false,
        ),
      ),
    );
    return isWireless.includes(true);
  },
};

function isWithin(address: string, cidr: string): boolean {
  const [network = '', bits = '32'] = cidr.split('/');
  const list = new BlockList();
  list.addSubnet(network, Number(bits), 'ipv4');
  // A default route is no network to be in.
  return Number(bits) > 0 && list.check(address, 'ipv4');
}
