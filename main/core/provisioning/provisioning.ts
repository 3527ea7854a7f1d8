import type { Provisioning } from '../../../preload/contract/provisioning.ts';
import { TalkError } from '../../../preload/contract/talk-error.ts';
import type { Clock } from '../../../preload/contract/time.ts';
import type { Devices } from '../devices/registry.ts';
import type { CallHandlers, StreamHandlers } from '../endpoint/handlers.ts';
import { requireNvs } from '../flash/nvs/likely.ts';
import { readNvs } from '../flash/nvs/read.ts';
import type { Provisioner } from '../flash/tool.ts';
import type { Log } from '../log.ts';
import { rememberedValuesOf } from '../recipes/without-secrets.ts';
import type { SecretStore } from '../settings/secrets.ts';
import type { Store } from '../store/store.ts';
import { findBenchHost } from './bench-host.ts';
import { provisioningWords } from './command-words.ts';
import { DeviceLists } from './device-lists.ts';
import { type DeviceTriple, provisioningImage } from './image.ts';
import { createProvisioner } from './provisioner.ts';
import { provisioningTemplates } from './templates.ts';

export interface ProvisioningDeps {
  store: Pick<Store, 'read' | 'write'>;
  secrets: SecretStore;
  devices: Pick<Devices, 'find' | 'put'>;
  clock: Clock;
  log: Log;
  /** Where boards find the bench, if not by this machine's first address. */
  benchHost?: () => string | null;
  /** Of the bench's broker. */
  mqttPort?: () => number;
  onSecret?: (secret: string) => void;
}

export interface ProvisioningService {
  calls: Pick<CallHandlers, Extract<keyof CallHandlers, `provisioning.${string}`>>;
  streams: Pick<StreamHandlers, 'provisioning.lists'>;
  /** What makes the board of this job itself. Never fails here, but when it is asked for the board. */
  provisioner(provisioning: Provisioning, jobId: string): Provisioner;
  /** The same as options of the command line, without secrets. */
  words(provisioning: Provisioning): string[];
  close(): Promise<void>;
}

const MQTT_PORT = 1883;

/** The provisioning service: images of values, and lists of devices each of which goes into one board. */
export async function createProvisioning(deps: ProvisioningDeps): Promise<ProvisioningService> {
  const { store, secrets, devices, clock, log, benchHost = findBenchHost, mqttPort = () => MQTT_PORT, onSecret = () => {} } = deps;
  const { lists, recovered } = await DeviceLists.open({ store, secrets, wallMs: () => clock.wallMs() });
  if (recovered > 0) log.warn({ devices: recovered }, 'devices that were being burned when the app ended count as used');

  /** Of one the lab knows or that was typed in: an image by itself is for no board, and so takes none of a list. */
  function deviceOf({ device }: Provisioning): DeviceTriple | null {
    if (device === undefined) return null;
    if (device.kind === 'list')
      throw new TalkError('unsupported', { feature: 'device list', why: 'a list gives its devices to boards that are flashed' });
    if (device.kind === 'given') return device;
    const { productId, deviceName } = device;
    const known = devices.find(productId, deviceName);
    if (known === undefined) throw new TalkError('device/unknown', { productId, deviceName });
    return { productId, deviceName, deviceSecret: known.secret };
  }

  return {
    calls: {
      'provisioning.templates': async () => ({ templates: provisioningTemplates(mqttPort()) }),
      async 'provisioning.image'({ provisioning, sizeBytes }) {
        const image = provisioningImage(provisioning, deviceOf(provisioning), benchHost(), sizeBytes);
        // Another tool flashes it, and the board prints what it was given as any other does.
        for (const secret of rememberedValuesOf(provisioning)) onSecret(secret);
        return image;
      },
      'provisioning.read': async ({ data }) => {
        requireNvs(data);
        return { contents: readNvs(data) };
      },
      'provisioning.importList': ({ name, csv, header }) => lists.import(name, csv, header),
      'provisioning.list': async ({ listId }) => ({ entries: await lists.entries(listId) }),
      'provisioning.removeList': async ({ listId }) => {
        await lists.remove(listId);
        return {};
      },
      'provisioning.release': async ({ listId, productId, deviceName }) => {
        await lists.release(listId, { productId, deviceName });
        return {};
      },
    },
    streams: { 'provisioning.lists': () => ({ topic: lists.topic, isState: true }) },
    provisioner: (provisioning, jobId) => createProvisioner({ lists, devices, benchHost, onSecret }, provisioning, jobId),
    words: (provisioning) => provisioningWords(provisioning, provisioningTemplates(mqttPort()), lists.all),
    close: () => lists.close(),
  };
}
