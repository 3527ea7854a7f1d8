import type { DeviceName } from '../../../pipeline/gateways/devices.ts';
import type { Provisioning } from '../../../preload/contract/provisioning.ts';
import { buildNvs, type NvsImage } from '../flash/nvs/build.ts';
import { entriesOf } from './entries.ts';
import { fillVariables } from './variables.ts';

/** A device with what only its board may know; one that was let in without being registered has no secret. */
export interface DeviceTriple extends DeviceName {
  deviceSecret: string | null;
}

/**
 * The image of a partition of `sizeBytes` for one device. Throws TalkError 'nvs/bad-csv', 'nvs/bad-value', 'nvs/missing-variable' and
 * 'nvs/too-big'.
 */
export function provisioningImage(
  provisioning: Pick<Provisioning, 'csv' | 'entries' | 'variables'>,
  device: DeviceTriple | null,
  benchHost: string | null,
  sizeBytes: number,
): NvsImage {
  return buildNvs(fillVariables(entriesOf(provisioning), withDevice(variablesGiven(provisioning, benchHost), device)), sizeBytes);
}

export function variablesGiven({ variables }: Pick<Provisioning, 'variables'>, benchHost: string | null): Map<string, string> {
  return new Map(Object.entries({ ...(benchHost === null ? {} : { bench_host: benchHost }), ...variables }));
}

export const deviceVariables: readonly string[] = ['product_id', 'device_name', 'device_secret'];

/** A device's own names stand before those of the same name that were typed in. */
export function withDevice(variables: ReadonlyMap<string, string>, device: DeviceTriple | null): Map<string, string> {
  const all = new Map(variables);
  if (device === null) return all;
  all.set('product_id', device.productId).set('device_name', device.deviceName);
  if (device.deviceSecret === null) all.delete('device_secret');
  else all.set('device_secret', device.deviceSecret);
  return all;
}
