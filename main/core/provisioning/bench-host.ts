import { networkInterfaces } from 'node:os';

/** Of containers, virtual machines and tunnels: no board on the bench's network reaches the machine by these. */
const virtualInterface = /^(docker|br-|veth|virbr|vmnet|vboxnet|vEthernet|tun|tap|utun|tailscale|zt|wg)/i;

/** This machine's address on the bench's network: the first IPv4 that is not its own loopback; null without a network. */
export function findBenchHost(interfaces: ReturnType<typeof networkInterfaces> = networkInterfaces()): string | null {
  const found = Object.entries(interfaces).flatMap(([name, addresses]) =>
    (addresses ?? []).filter(({ family, internal }) => family === 'IPv4' && !internal).map(({ address }) => ({ name, address })),
  );
  return (found.find(({ name }) => !virtualInterface.test(name)) ?? found[0])?.address ?? null;
}
