import type { AudioDevice } from '../../../preload/contract/audio.ts';
import { TalkError } from '../../../preload/contract/talk-error.ts';

/**
 * The device of a choice: an index, a name, or a part of a name that only one has; the default for an empty one. Throws TalkError
 * 'audio/no-device' {direction, wanted}.
 */
export function chooseDevice(devices: readonly AudioDevice[], direction: 'input' | 'output', wanted: string): AudioDevice {
  const able = devices.filter((device) => (direction === 'input' ? device.inputChannels : device.outputChannels) > 0);
  const chosen = wanted === '' ? defaultOf(able, direction) : named(able, wanted);
  if (chosen === undefined) throw new TalkError('audio/no-device', { direction, wanted });
  return chosen;
}

function defaultOf(able: readonly AudioDevice[], direction: 'input' | 'output'): AudioDevice | undefined {
  return able.find((device) => (direction === 'input' ? device.isDefaultInput : device.isDefaultOutput)) ?? able[0];
}

function named(able: readonly AudioDevice[], wanted: string): AudioDevice | undefined {
  if (/^\d+$/u.test(wanted)) return able.find(({ index }) => index === Number(wanted));
  const exact = able.find(({ name }) => name === wanted);
  const parts = able.filter(({ name }) => name.toLowerCase().includes(wanted.toLowerCase()));
  return exact ?? (parts.length === 1 ? parts[0] : undefined);
}
