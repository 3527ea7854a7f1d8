import type { FirmwareOptions, TwetalkFirmware } from '../../../pipeline/boards/twetalk/firmware-options.ts';
import type { CallBody } from '../../../preload/contract/index.ts';
import { TalkError } from '../../../preload/contract/talk-error.ts';

/** What a virtual board's application calls of its C SDK. Rejects with TalkError 'call/over' when there is no call to answer or end. */
export async function callSdk(firmware: TwetalkFirmware, call: CallBody<'boards.sdk'>['call']): Promise<void> {
  switch (call.kind) {
    case 'call': {
      const { phone } = firmware;
      const acts = { answer: () => phone.answer(), reject: () => phone.reject(), 'hang-up': () => phone.hangUp() };
      const { state } = phone;
      if (!acts[call.response]()) throw new TalkError('call/over', { callId: '', state });
      return;
    }
    case 'push-to-talk':
      return firmware.pushToTalk(call.action);
    case 'idle-detect':
      return firmware.enableIdleDetect(call.isOn);
    case 'image':
      return firmware.sendImage(call.image);
  }
}

/** How its application behaves, as far as the request says. */
export function mannerOf(request: CallBody<'boards.start'>): Partial<FirmwareOptions> {
  const { phone, isPushToTalk, isMultimodal, isOtaPortFixed, customParams } = request;
  return {
    ...(phone === undefined ? {} : { phone }),
    ...(isPushToTalk === undefined ? {} : { isPushToTalk }),
    ...(isMultimodal === undefined ? {} : { isMultimodal }),
    ...(isOtaPortFixed === undefined ? {} : { isOtaPortFixed }),
    ...(customParams === undefined ? {} : { customParams }),
  };
}
