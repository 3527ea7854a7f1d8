import { create } from 'zustand';
import type { RequestedFlashOptions } from '../../../preload/contract/flash.ts';
import type { CallRequest } from '../../../preload/contract/index.ts';
import type { Provisioning } from '../../../preload/contract/provisioning.ts';
import { parseOffset } from './offset.ts';

/** A file to flash: its bytes are read once and stay here, or it is a path on the core's host. */
export interface ChosenFile {
  /** As it was dropped, folders included: 'bootloader/bootloader.bin'. There is one of a name. */
  name: string;
  /** What was typed; empty: where it belongs. */
  offsetText: string;
  source: { data: Uint8Array<ArrayBuffer> } | { path: string };
}

export type ChosenOptions = Omit<RequestedFlashOptions, 'agentboot'>;

export interface ChosenFirmware {
  files: readonly ChosenFile[];
  /** On the core's host; empty for none. */
  buildFolder: string;
  options: ChosenOptions;
  /** The second-stage loader of an LTE module. */
  agentboot: ChosenFile | null;
  /** Without a firmware: boards keep theirs, and get the values of the provisioning alone. Said by a person, so that no firmware is forgotten. */
  isProvisionOnly: boolean;
}

const nothing: ChosenFirmware = { files: [], buildFolder: '', options: {}, agentboot: null, isProvisionOnly: false };

/** What was chosen to flash outlives the screen: flash, look at the log, flash again is the loop of a day. */
export const useChosenFirmware = create<ChosenFirmware>(() => nothing);

export function chooseFirmware(change: Partial<ChosenFirmware>): void {
  const isFirmware = change.buildFolder !== undefined && change.buildFolder !== '';
  useChosenFirmware.setState({ ...(isFirmware ? { isProvisionOnly: false } : {}), ...change });
}

/** As vendors' tools name it, and as the core knows it beside a package. */
const agentbootName = /agentboot/i;

/** `isWhole`: they are a build or a package by themselves, and what was there before goes. */
export function addFiles(added: readonly ChosenFile[], isWhole: boolean): void {
  const { files, buildFolder, options, agentboot } = useChosenFirmware.getState();
  const loader = added.find(({ name }) => agentbootName.test(name));
  const firmware = added.filter((file) => file !== loader);
  const kept = isWhole ? [] : files.filter((file) => firmware.every(({ name }) => name !== file.name));
  const { parts: _, ...rest } = options; // they are names in the package before
  useChosenFirmware.setState({
    files: [...kept, ...firmware],
    buildFolder: isWhole ? '' : buildFolder,
    options: isWhole ? rest : options,
    agentboot: loader ?? agentboot,
    isProvisionOnly: false,
  });
}

export function changeFile(name: string, change: Partial<ChosenFile>): void {
  const { files } = useChosenFirmware.getState();
  useChosenFirmware.setState({ files: files.map((file) => (file.name === name ? { ...file, ...change } : file)) });
}

export function removeFile(name: string): void {
  useChosenFirmware.setState({ files: useChosenFirmware.getState().files.filter((file) => file.name !== name) });
}

/** Has a build folder planned anew: somebody may have built in it meanwhile. */
export function readFolderAgain(): void {
  if (useChosenFirmware.getState().buildFolder !== '') planAgain();
}

/** The same choice, as its files are now. */
export function planAgain(): void {
  useChosenFirmware.setState({});
}

/** Options stay: they are of the bench more than of the firmware. */
export function clearFirmware(): void {
  useChosenFirmware.setState({ files: [], buildFolder: '', agentboot: null });
}

export function isEmpty({ files, buildFolder }: Pick<ChosenFirmware, 'files' | 'buildFolder'>): boolean {
  return files.length === 0 && buildFolder === '';
}

/** Whether boards get their values and nothing else. */
export function isProvisioningAlone(chosen: ChosenFirmware, provisioning: Provisioning | null): provisioning is Provisioning {
  return isEmpty(chosen) && chosen.isProvisionOnly && provisioning !== null;
}

/** What to ask the core to flash, or null while there is nothing or an offset is malformed. */
export function firmwareRequest(chosen: ChosenFirmware, provisioning: Provisioning | null): CallRequest<'flash.plan'> | null {
  const isAlone = isProvisioningAlone(chosen, provisioning);
  if (isEmpty(chosen) && !isAlone) return null;
  const isBad = ({ offsetText }: ChosenFile): boolean => offsetText.trim() !== '' && parseOffset(offsetText) === null;
  if (chosen.files.some(isBad)) return null;
  return {
    files: chosen.files.map(({ name, offsetText, source }) => {
      const offset = parseOffset(offsetText);
      return { name, source, ...(offset === null ? {} : { offset }) };
    }),
    ...(chosen.buildFolder === '' ? {} : { buildFolder: chosen.buildFolder }),
    options: {
      ...chosen.options,
      ...(chosen.agentboot === null ? {} : { agentboot: chosen.agentboot.source }),
      // Erased as a whole, a board has no firmware left that could read its values.
      ...(isAlone ? { eraseAll: false } : {}),
    },
    ...(provisioning === null ? {} : { provisioning }),
  };
}
