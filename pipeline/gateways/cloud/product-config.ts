import type { DeviceName } from '../devices.ts';
import { type ApiAction, ApiError } from './action.ts';

/** The lab's products and what their boards are configured with. */
export interface ProductConfigs {
  isProduct(productId: string): boolean;
  /** Devices of the product that have a configuration of their own. */
  devices(productId: string): readonly string[];
  /** An item of `Data`, credentials masked or, where the lab lets them out, as they are. An empty device name: the product's. */
  config(device: DeviceName, language: 'zh' | 'en', withCredentials: boolean): Promise<Record<string, unknown>>;
  /** Tencent Cloud's numbers of the account. */
  appId(): string;
  offsetCounts(): 'items' | 'pages';
}

/** iotexplorer 2019-04-23 GetTWeTalkProductConfigListV2 (seed 001). Devices' own configurations come first, as in its example. */
export function productConfigAction(configs: ProductConfigs): ApiAction {
  return {
    version: '2019-04-23',
    name: 'GetTWeTalkProductConfigListV2',
    parameters: {
      ProductId: { type: 'string', isRequired: true, max: 64 },
      DeviceName: { type: 'string', max: 64 },
      TargetLanguage: { type: 'string', oneOf: ['zh', 'en', ''] },
      IncludeCredentials: { type: 'boolean' },
      Offset: { type: 'integer', min: 0 },
      Limit: { type: 'integer', min: 10, max: 100 },
    },
    async run(parameters) {
      const { ProductId: productId, DeviceName: deviceName = '' } = parameters as { ProductId: string; DeviceName?: string };
      if (!configs.isProduct(productId)) throw new ApiError('ResourceNotFound.StudioProductNotExist', 'The product does not exist.');
      const language = parameters.TargetLanguage === 'en' ? 'en' : 'zh';
      const { Offset: offset = 0, Limit: limit = 10 } = parameters as { Offset?: number; Limit?: number };
      const names = deviceName === '' ? [...configs.devices(productId), ''] : [deviceName];
      const first = configs.offsetCounts() === 'pages' ? offset * limit : offset;
      const appId = Number(configs.appId());
      const page = names.slice(first, first + limit).map(async (name) => ({
        ...{ Uin: appId, AppId: appId },
        ...(await configs.config({ productId, deviceName: name }, language, parameters.IncludeCredentials === true)),
      }));
      return { Data: await Promise.all(page), Total: names.length };
    },
  };
}
