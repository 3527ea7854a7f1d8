import { accountCalls, accountStreams } from './accounts.ts';
import { brokerCalls, brokerSettings } from './broker.ts';
import { callbackCalls, callbackSettings, callbackStreams } from './callbacks.ts';
import { certificateCalls, certificateSettings, certificateStreams } from './certificates.ts';
import { cloudApiCalls, cloudApiSettings, cloudApiStreams } from './cloud-api.ts';
import { productCalls, productStreams } from './products.ts';
import { reachCalls, reachSettings, reachStreams } from './reach.ts';
import { speechCalls, speechSettings, speechStreams } from './speech.ts';
import { trtcCalls, trtcSettings, trtcStreams } from './trtc.ts';
import { tuyaCalls, tuyaSettings, tuyaStreams } from './tuya.ts';
import { twetalkCalls, twetalkSettings, twetalkStreams } from './twetalk.ts';
import { wireCalls, wireStreams } from './wire-log.ts';
import { xiaozhiCalls, xiaozhiSettings, xiaozhiStreams } from './xiaozhi.ts';

/** The cloud on the bench: one file a protocol, each with its settings, calls and streams. */
export const cloudSettings = {
  twetalk: twetalkSettings,
  callbacks: callbackSettings,
  trtc: trtcSettings,
  cloudApi: cloudApiSettings,
  speech: speechSettings,
  tuya: tuyaSettings,
  xiaozhi: xiaozhiSettings,
  reach: reachSettings,
  broker: brokerSettings,
  certificates: certificateSettings,
} as const;

export const cloudCalls = {
  ...accountCalls,
  ...productCalls,
  ...certificateCalls,
  ...brokerCalls,
  ...twetalkCalls,
  ...callbackCalls,
  ...trtcCalls,
  ...cloudApiCalls,
  ...speechCalls,
  ...tuyaCalls,
  ...xiaozhiCalls,
  ...reachCalls,
  ...wireCalls,
} as const;

export const cloudStreams = {
  ...accountStreams,
  ...productStreams,
  ...certificateStreams,
  ...twetalkStreams,
  ...callbackStreams,
  ...trtcStreams,
  ...cloudApiStreams,
  ...speechStreams,
  ...tuyaStreams,
  ...xiaozhiStreams,
  ...reachStreams,
  ...wireStreams,
} as const;
