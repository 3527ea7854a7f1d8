import { create } from 'zustand';
import type { NvsEntry } from '../../../../preload/contract/nvs.ts';
import type { Provisioning } from '../../../../preload/contract/provisioning.ts';
import { askedFor } from './variables.ts';

/** How a device is chosen, with what was typed for every way: going back and forth forgets nothing. */
export interface DeviceDraft {
  kind: 'none' | 'known' | 'list' | 'given';
  /** 'product/device' of one the lab knows. */
  known: string | null;
  listId: string | null;
  productId: string;
  deviceName: string;
  deviceSecret: string;
}

/** An entry being edited. `id` tells lines apart while their texts change. */
export interface DraftEntry extends NvsEntry {
  id: number;
}

export interface ProvisioningDraft {
  isOn: boolean;
  partition: string;
  entries: readonly DraftEntry[];
  csv: string;
  variables: Readonly<Record<string, string>>;
  device: DeviceDraft;
}

const noDevice: DeviceDraft = { kind: 'none', known: null, listId: null, productId: '', deviceName: '', deviceSecret: '' };

/** What boards get beside their firmware. In memory only: secrets are among it. */
export const useProvisioningDraft = create<ProvisioningDraft>(() => ({
  isOn: false,
  partition: 'nvs',
  entries: [],
  csv: '',
  variables: {},
  device: noDevice,
}));

export function changeDraft(change: Partial<ProvisioningDraft>): void {
  useProvisioningDraft.setState(change);
}

export function changeDevice(change: Partial<DeviceDraft>): void {
  useProvisioningDraft.setState({ device: { ...useProvisioningDraft.getState().device, ...change } });
}

let lastId = 0;

export function draftEntry(entry: NvsEntry): DraftEntry {
  lastId++;
  return { ...entry, id: lastId };
}

export function changeEntry(id: number, change: Partial<NvsEntry>): void {
  const { entries } = useProvisioningDraft.getState();
  changeDraft({ entries: entries.map((entry) => (entry.id === id ? { ...entry, ...change } : entry)) });
}

/** Template entries replace those of the same name and are put behind the others. */
export function putEntries(added: readonly NvsEntry[]): void {
  const { entries } = useProvisioningDraft.getState();
  const isAdded = ({ namespace, key }: NvsEntry): boolean => added.some((each) => each.namespace === namespace && each.key === key);
  changeDraft({ entries: [...entries.filter((entry) => !isAdded(entry)), ...added.map(draftEntry)] });
}

/** Puts back what a recipe kept; secrets are not among it. */
export function loadProvisioning(provisioning: Provisioning | undefined): void {
  if (provisioning === undefined) {
    changeDraft({ isOn: false });
    return;
  }
  const { partition, entries, csv, variables, device } = provisioning;
  changeDraft({
    isOn: true,
    partition,
    entries: entries.map(draftEntry),
    csv: csv ?? '',
    variables,
    device: {
      ...noDevice,
      ...(device === undefined ? {} : { kind: device.kind }),
      ...(device?.kind === 'known' ? { known: `${device.productId}/${device.deviceName}` } : {}),
      ...(device?.kind === 'list' ? { listId: device.listId } : {}),
      ...(device?.kind === 'given' ? { productId: device.productId, deviceName: device.deviceName } : {}),
    },
  });
}

/** What the core is asked for; null when nothing is to be burned. */
export function provisioningOf(draft: ProvisioningDraft): Provisioning | null {
  const device = deviceChoiceOf(draft.device);
  if (!draft.isOn || (draft.entries.length === 0 && draft.csv.trim() === '')) return null;
  return {
    partition: draft.partition.trim() === '' ? 'nvs' : draft.partition.trim(),
    entries: draft.entries.map(({ namespace, key, type, value }) => ({ namespace, key, type, value })),
    ...(draft.csv.trim() === '' ? {} : { csv: draft.csv }),
    variables: Object.fromEntries(Object.entries(draft.variables).filter(([, value]) => value !== '')),
    ...(device === null ? {} : { device }),
  };
}

/** What a draft still lacks before boards can be written with it; null when it is whole, or off. */
export function draftProblem(draft: ProvisioningDraft, boards: number): 'device' | 'variables' | 'oneDevice' | null {
  const provisioning = provisioningOf(draft);
  if (provisioning === null) return null;
  const { kind } = draft.device;
  if (kind !== 'none' && provisioning.device === undefined) return 'device';
  const asked = askedFor(provisioning.entries, provisioning.csv, kind !== 'none');
  if (asked.some((name) => provisioning.variables[name] === undefined)) return 'variables';
  return isForOneBoard(provisioning) && boards > 1 ? 'oneDevice' : null;
}

/** Two boards with one device throw each other out of the cloud. */
export function isForOneBoard(provisioning: Provisioning | undefined): boolean {
  return provisioning?.device !== undefined && provisioning.device.kind !== 'list';
}

function deviceChoiceOf({ kind, known, listId, productId, deviceName, deviceSecret }: DeviceDraft): Provisioning['device'] | null {
  if (kind === 'list') return listId === null ? null : { kind, listId };
  if (kind === 'known') {
    const [product = '', device = ''] = known?.split('/', 2) ?? [];
    return known === null ? null : { kind, productId: product, deviceName: device };
  }
  if (kind === 'given')
    return productId === '' || deviceName === '' || deviceSecret === '' ? null : { kind, productId, deviceName, deviceSecret };
  return null;
}
