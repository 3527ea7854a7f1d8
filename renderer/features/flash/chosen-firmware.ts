import { create } from 'zustand';
import type { FlashOptions } from '../../../preload/contract/flash.ts';
import type { Firmware } from './firmware-form.tsx';

interface ChosenFirmware {
  firmware: Firmware;
  options: Partial<FlashOptions>;
  choose(firmware: Firmware, options: Partial<FlashOptions>): void;
}

/** What was chosen to flash outlives the screen: flash, look at the log, flash again is the loop of a day. */
export const useChosenFirmware = create<ChosenFirmware>((set) => ({
  firmware: { kind: 'files', files: [], buildFolder: '' },
  options: {},
  choose: (firmware, options) => set({ firmware, options }),
}));
