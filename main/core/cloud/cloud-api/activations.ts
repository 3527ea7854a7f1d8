import type { Activations } from '../../../../pipeline/gateways/cloud/activations.ts';
import { type Activation, activation } from '../../../../preload/contract/cloud/cloud-api.ts';
import { Topic } from '../../endpoint/topic.ts';
import type { CloudServiceDeps } from '../service.ts';

/** What the lab's devices are activated for: documents of the library, all of them in memory. */
export async function openActivations({
  store,
  clock,
  devices,
  log,
}: Pick<CloudServiceDeps, 'store' | 'clock' | 'devices' | 'log'>): Promise<Activations & { topic: Topic<Activation[], Activation[]> }> {
  const known = new Map<string, Activation>();
  for (const { id, body } of await store.read('document.list', { kind: 'activation' })) {
    const parsed = activation.safeParse(body);
    if (parsed.success) known.set(id, parsed.data);
    else log.error({ id }, 'a stored activation cannot be read');
  }
  const topic = new Topic<Activation[], Activation[]>({ snapshot: () => [...known.values()], retain: 8 });
  const keyOf = ({ service, sn }: Pick<Activation, 'service' | 'sn'>) => `${service}/${sn}`;
  return {
    topic,
    of: (sn, service) => known.get(keyOf({ sn, service })),
    async put(given) {
      const id = keyOf(given);
      await store.write('document.save', { kind: 'activation', id, body: given, wallMs: clock.wallMs() });
      known.set(id, given);
      topic.publish([...known.values()]);
    },
    obstacle(productId, deviceName) {
      if (devices.find(productId, deviceName) !== undefined) return undefined;
      return devices.list().some((device) => device.productId === productId) ? 'no-device' : 'no-product';
    },
    wallMs: () => clock.wallMs(),
  };
}
