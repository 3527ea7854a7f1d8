import type { Check } from '../../check.ts';
import { chip } from './chip.ts';
import { device } from './device.ts';
import { firmware } from './firmware.ts';
import { sim } from './sim.ts';

export const identityChecks: readonly Check[] = [chip, firmware, device, sim];
