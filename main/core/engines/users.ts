import { z } from 'zod';
import type { Settings } from '../../../preload/contract/settings.ts';
import type { Store } from '../store/store.ts';

const stages = ['vad', 'stt', 'llm', 'tts'] as const;

/** Of an agent and of what a product or device has: as much as is looked at here. */
const layered = z.looseObject({
  name: z.string().optional(),
  productId: z.string().optional(),
  deviceName: z.string().nullish(),
  layer: z.looseObject({ engines: z.record(z.string(), z.unknown()).optional() }),
});

/** Who names the engine: the bench's own settings ('settings engines.tts'), agents by their names, products and devices by theirs. */
export async function usersOf(id: string, settings: Settings['engines'], store: Store): Promise<string[]> {
  const users = stages.filter((stage) => settings[stage] === id).map((stage) => `settings engines.${stage}`);
  for (const kind of ['agent', 'agent-layer'] as const) {
    for (const document of await store.read('document.list', { kind })) {
      const parsed = layered.safeParse(document.body);
      if (!parsed.success) continue;
      const { name, productId, deviceName, layer } = parsed.data;
      if (!stages.some((stage) => layer.engines?.[stage] === id)) continue;
      users.push(productId === undefined ? `${kind} ${name ?? document.id}` : [productId, deviceName].filter(Boolean).join('/'));
    }
  }
  return users;
}
