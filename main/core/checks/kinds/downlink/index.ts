import type { Check } from '../../check.ts';
import { downlinkBuffer } from './buffer.ts';
import { downlinkPlayback } from './playback.ts';

export const downlinkChecks: readonly Check[] = [downlinkPlayback, downlinkBuffer];
