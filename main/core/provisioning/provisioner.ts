import type { DeviceChoice, Provisioning } from '../../../preload/contract/provisioning.ts';
import { TalkError } from '../../../preload/contract/talk-error.ts';
import type { Devices } from '../devices/registry.ts';
import { buildNvs } from '../flash/nvs/build.ts';
import type { Provisioner } from '../flash/tool.ts';
import { rememberedValuesOf } from '../recipes/without-secrets.ts';
import type { DeviceLists } from './device-lists.ts';
import { entriesOf } from './entries.ts';
import { type DeviceTriple, deviceVariables, variablesGiven, withDevice } from './image.ts';
import { fillVariables, variablesOf } from './variables.ts';

export interface ProvisionerDeps {
  lists: DeviceLists;
  devices: Pick<Devices, 'find' | 'put'>;
  /** This machine's address on the bench's network; null without a network. */
  benchHost: () => string | null;
  /** Told each secret that the board is given and nobody stores: it may print them. */
  onSecret: (secret: string) => void;
}

/** What makes the board of one job itself. Fails, when it is asked, before anything is reserved or burned. */
export function createProvisioner(deps: ProvisionerDeps, provisioning: Provisioning, jobId: string): Provisioner {
  const { lists } = deps;
  return {
    partition: provisioning.partition,
    async forBoard(mac) {
      const { device: choice } = provisioning;
      const entries = entriesOf(provisioning);
      const given = variablesGiven(provisioning, deps.benchHost());
      const missing = variablesOf(entries).find((name) => !given.has(name) && !(choice !== undefined && deviceVariables.includes(name)));
      if (missing !== undefined) throw new TalkError('nvs/missing-variable', { name: missing });

      for (const secret of rememberedValuesOf(provisioning)) deps.onSecret(secret);
      const device = choice === undefined ? null : await chooseDevice(deps, choice, { mac: mac?.toLowerCase() ?? null, jobId });
      const filled = fillVariables(entries, withDevice(given, device));
      if (device !== null) await letIn(deps.devices, device);
      return {
        device: device === null ? null : { productId: device.productId, deviceName: device.deviceName },
        image: (sizeBytes) => buildNvs(filled, sizeBytes).data,
      };
    },
    settle: (outcome) => lists.settle(jobId, outcome !== 'untouched'),
  };
}

async function chooseDevice(
  { lists, devices }: ProvisionerDeps,
  choice: DeviceChoice,
  board: { mac: string | null; jobId: string },
): Promise<DeviceTriple> {
  if (choice.kind === 'list') {
    const device = await lists.reserveNext(choice.listId, board);
    return { ...device, deviceSecret: await lists.secret(device) };
  }
  const { productId, deviceName } = choice;
  const listed = await lists.secret(choice);
  const known = devices.find(productId, deviceName);
  if (choice.kind === 'known' && known === undefined && listed === null) throw new TalkError('device/unknown', { productId, deviceName });
  await lists.reserve(choice, board);
  return { productId, deviceName, deviceSecret: choice.kind === 'given' ? choice.deviceSecret : (known?.secret ?? listed) };
}

/** The lab's own MQTT knows a device by a secret in base64; one that has another is another cloud's. */
async function letIn(devices: ProvisionerDeps['devices'], { productId, deviceName, deviceSecret }: DeviceTriple): Promise<void> {
  if (deviceSecret === null || !isBase64(deviceSecret) || devices.find(productId, deviceName)?.secret === deviceSecret) return;
  await devices.put(productId, deviceName, deviceSecret);
}

function isBase64(text: string): boolean {
  return Buffer.from(text, 'base64').toString('base64').replace(/=+$/, '') === text.replace(/=+$/, '');
}
