import type { Activation } from '../../../preload/contract/cloud/cloud-api.ts';
import type { ApiAction } from './action.ts';

/** Which devices have been activated for what. */
export interface Activations {
  of(sn: string, service: Activation['service']): Activation | undefined;
  /** Kept until it is asked again; the same device anew replaces. */
  put(activation: Activation): Promise<void>;
  /** Why a device cannot be: undefined when it can. */
  obstacle(productId: string, deviceName: string): 'no-product' | 'no-device' | undefined;
  wallMs(): number;
}

/** The numbers of DeviceActiveResult (TWeCall) and TalkActivationInfo (TWeTalk), and their words. */
const results = {
  ok: { twecall: 0, twetalk: 0, message: '激活成功' },
  'no-product': { twecall: 50012, twetalk: 60004, message: '产品不存在' },
  'no-device': { twecall: 50013, twetalk: 60003, message: '设备不存在' },
  'bad-sn': { twecall: 50016, twetalk: 60007, message: 'SN格式错误' },
} as const;

/** A package's length is the lab's own: a trial of 30 days, the others a year. */
const DAY_MS = 86_400_000;
const lengthMs = (type: number) => (type === 0 ? 30 * DAY_MS : 365 * DAY_MS);

const MOST_DEVICES = 100;
const snParameter = {
  type: 'object',
  fields: { Sn: { type: 'string', isRequired: true }, ModelId: { type: 'string' }, ActiveNum: { type: 'integer' } },
} as const;

/**
 * iotexplorer 2019-04-23: what activates devices for calls (TWeCall) and talks (TWeTalk), and asks whether they are. The parameters are
 * those of the official SDK's types.
 */
export function activationActions(activations: Activations): ApiAction[] {
  const version = '2019-04-23';

  async function activate(sn: string, service: Activation['service'], type: number) {
    const split = /^([A-Za-z0-9]{1,10})_(.{1,48})$/u.exec(sn);
    const outcome = split === null ? 'bad-sn' : (activations.obstacle(split[1] ?? '', split[2] ?? '') ?? 'ok');
    const activatedWallMs = activations.wallMs();
    const expiresWallMs = activatedWallMs + lengthMs(type);
    if (outcome === 'ok') await activations.put({ sn, service, type, activatedWallMs, expiresWallMs });
    const expiresS = outcome === 'ok' ? Math.floor(expiresWallMs / 1000) : 0;
    return { ErrCode: results[outcome][service], ErrMessage: results[outcome].message, ExpireTime: expiresS };
  }

  return [
    {
      version,
      name: 'ActivateTWeCallLicense',
      parameters: {
        PkgType: { type: 'integer', isRequired: true, oneOf: [0, 1, 3] },
        MiniProgramAppId: { type: 'string' },
        DeviceList: { type: 'array', min: 1, max: MOST_DEVICES, item: snParameter },
      },
      async run({ PkgType, DeviceList = [] }) {
        const told: Record<string, unknown>[] = [];
        for (const { Sn } of DeviceList as { Sn: string }[]) {
          told.push({ Sn, ...(await activate(Sn, 'twecall', PkgType as number)) });
        }
        return { DeviceList: told, SuccessList: told.filter(isOk), FailureList: told.filter((each) => !isOk(each)) };
      },
    },
    {
      version,
      name: 'GetTWeCallActiveStatus',
      parameters: { MiniProgramAppId: { type: 'string' }, DeviceList: { type: 'array', max: MOST_DEVICES, item: snParameter } },
      run: ({ DeviceList = [] }) => ({
        TWeCallActiveInfos: (DeviceList as { Sn: string }[]).map(({ Sn }) => {
          const known = activations.of(Sn, 'twecall');
          return { Sn, ModelId: null, ExpireTime: expiryS(known), PkgType: known?.type ?? null };
        }),
      }),
    },
    {
      version,
      name: 'ActivateTWeTalk',
      parameters: {
        ServiceType: { type: 'integer', isRequired: true, oneOf: [1, 2, 3] },
        DeviceIds: { type: 'array', min: 1, max: MOST_DEVICES, item: { type: 'string' } },
      },
      async run({ ServiceType, DeviceIds = [] }) {
        const told: Record<string, unknown>[] = [];
        for (const DeviceId of DeviceIds as string[]) {
          told.push({ DeviceId, ...(await activate(DeviceId, 'twetalk', ServiceType as number)) });
        }
        return { SuccessRecords: told.filter(isOk), FailureRecords: told.filter((each) => !isOk(each)) };
      },
    },
    {
      version,
      name: 'GetTWeTalkActiveStatus',
      parameters: { DeviceIds: { type: 'array', max: MOST_DEVICES, item: { type: 'string' } } },
      run: ({ DeviceIds = [] }) => ({
        TalkActivationRecords: (DeviceIds as string[]).map((DeviceId) => {
          const known = activations.of(DeviceId, 'twetalk');
          return { DeviceId, ServiceType: known?.type ?? 0, ExpireTime: expiryS(known) };
        }),
      }),
    },
  ];
}

/** 0: it is not active. */
function expiryS(activation: Activation | undefined): number {
  return activation === undefined ? 0 : Math.floor(activation.expiresWallMs / 1000);
}

function isOk(result: Record<string, unknown>): boolean {
  return result.ErrCode === 0;
}
