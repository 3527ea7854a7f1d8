import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { listUsbPorts, type UsbPort } from './usb-ports.ts';

/** What it takes to be let into a device file. */
export interface PermissionHelp {
  /** The group that may open it. */
  group: string;
  /** Joins that group. */
  command: string;
  /** A udev rule that lets every user of the machine in. */
  rule: string;
}

/** Debian's group for serial ports; Arch and Fedora have others, which the device tells. */
const USUAL_GROUP = 'dialout';

export async function permissionHelp(
  path: string,
  sources: { groups?: string; list?: () => Promise<UsbPort[]> } = {},
): Promise<PermissionHelp> {
  const gid = await stat(path).then(
    (facts) => facts.gid,
    () => 0,
  );
  const groups = await readFile(sources.groups ?? '/etc/group', 'utf8').catch(() => '');
  // Whoever is in root's group may do more than open a port.
  const group = gid === 0 ? USUAL_GROUP : (groupName(groups, gid) ?? USUAL_GROUP);
  const usb = (await (sources.list ?? listUsbPorts)()).find((port) => port.path === path);
  const match =
    usb === undefined
      ? `KERNEL=="${basename(path)}"`
      : `SUBSYSTEM=="tty", ATTRS{idVendor}=="${usb.vendorId}", ATTRS{idProduct}=="${usb.productId}"`;
  return { group, command: `sudo usermod -aG ${group} $USER`, rule: `${match}, GROUP="${group}", MODE="0660", TAG+="uaccess"` };
}

function groupName(groups: string, gid: number): string | undefined {
  return groups
    .split('\n')
    .map((line) => line.split(':'))
    .find(([, , id]) => id === String(gid))?.[0];
}
