import type { ProductConfigs } from '../../../../pipeline/gateways/cloud/product-config.ts';
import type { DeviceName } from '../../../../pipeline/gateways/devices.ts';
import type { RevealedSecrets } from '../../agents/agents.ts';
import type { CloudServiceDeps } from '../service.ts';

type Deps = Pick<CloudServiceDeps, 'devices' | 'agents' | 'accounts' | 'settings' | 'engines' | 'secrets'>;

/** The lab's products as GetTWeTalkProductConfigListV2 knows them: those with a device, or with an agent of their own. */
export function labConfigs({ devices, agents, accounts, settings, engines, secrets }: Deps): ProductConfigs {
  /** Of the engines that the device has. */
  async function revealed(device: DeviceName, language: 'zh' | 'en'): Promise<RevealedSecrets> {
    const { stt, llm, tts } = agents.conversationSettings(device, language)().engines;
    const all = new Map<string, Record<string, string>>();
    for (const id of [stt, llm, tts]) {
      const its: Record<string, string> = {};
      for (const field of engines.describe(id)?.profile.secrets ?? []) {
        const value = await secrets.get(`engine/${id}/${field}`);
        if (value !== null) its[field] = value;
      }
      all.set(id, its);
    }
    return all;
  }

  return {
    isProduct: (productId) =>
      devices.list().some((device) => device.productId === productId) || agents.assignments().some((each) => each.productId === productId),
    devices: (productId) => [
      ...new Set(
        agents.assignments().flatMap((each) => (each.productId === productId && each.deviceName !== null ? [each.deviceName] : [])),
      ),
    ],
    async config(device, language, withCredentials) {
      const { credentials, signature } = settings.get().cloudApi;
      // Whom nobody has asked for a signature could be anyone.
      const areGiven = withCredentials && credentials === 'given' && signature === 'checked';
      return agents.twetalkConfig(device, language, areGiven ? await revealed(device, language) : undefined);
    },
    appId: () => accounts.appId(),
    offsetCounts: () => settings.get().cloudApi.offset,
  };
}
