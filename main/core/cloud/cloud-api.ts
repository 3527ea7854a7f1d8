import { type ApiAction, ApiError } from '../../../pipeline/gateways/cloud/action.ts';
import { activationActions } from '../../../pipeline/gateways/cloud/activations.ts';
import { startCloudApiGateway } from '../../../pipeline/gateways/cloud/gateway.ts';
import { productConfigAction } from '../../../pipeline/gateways/cloud/product-config.ts';
import type { ApiRequest } from '../../../preload/contract/cloud/cloud-api.ts';
import { Topic } from '../endpoint/topic.ts';
import { openActivations } from './cloud-api/activations.ts';
import { labConfigs } from './cloud-api/product-configs.ts';
import type { CloudService, CloudServiceDeps } from './service.ts';

/** What the screen can look back on. */
const KEPT = 200;
type CallName = 'cloudapi.failNext' | 'cloudapi.actions';

/** The core's part of Tencent Cloud API v3. `others`: actions of other gateways. */
export async function createCloudApiService(
  deps: CloudServiceDeps,
  others: readonly ApiAction[],
): Promise<CloudService<CallName, 'cloudapi.requests' | 'cloudapi.activations'>> {
  const requests: ApiRequest[] = [];
  const requestTopic = new Topic<ApiRequest[], ApiRequest>({ snapshot: () => [...requests], retain: KEPT });
  const activations = await openActivations(deps);
  const actions = [productConfigAction(labConfigs(deps)), ...activationActions(activations), ...others];
  const failures = new Map<string, string>();

  return {
    calls: {
      'cloudapi.failNext': async ({ action, code }) => {
        if (code === null) failures.delete(action);
        else failures.set(action, code);
        return {};
      },
      'cloudapi.actions': async () => ({ actions: actions.map(({ name, version }) => ({ name, version })) }),
    },
    streams: {
      'cloudapi.requests': () => ({ topic: requestTopic }),
      'cloudapi.activations': () => ({ topic: activations.topic, isState: true }),
    },
    start: async (common) =>
      startCloudApiGateway({
        ...common,
        actions,
        failureFor(action) {
          const code = failures.get(action);
          failures.delete(action);
          return code === undefined ? null : new ApiError(code, 'As the bench was asked to answer.');
        },
        onRequest(request) {
          requests.push(request);
          if (requests.length > KEPT) requests.shift();
          requestTopic.publish(request);
        },
      }),
  };
}
